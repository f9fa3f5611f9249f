-- Version 18: what changed since the kept groups were last mended. The groups themselves lie in a file of their own,
-- which is made anew on any doubt; triggers see to it that no change passes unnoticed, whoever makes it. They do without
-- OR IGNORE: what the statement that fires them says of conflicts would count instead.

CREATE TABLE changed_file (                                           -- whose row came, went or is another
    file_id  INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE changed_photo (                                          -- of which something else is known
    photo_id  INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE changed_companion (                                      -- that came, went or is another
    folder_id  INTEGER NOT NULL,
    path       BLOB NOT NULL,
    PRIMARY KEY (folder_id, path)
) STRICT, WITHOUT ROWID;

-- What had changed before another file of kept groups was begun, which knows of it: forgotten once that is in use.
CREATE TABLE earlier_file (
    file_id  INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE earlier_photo (
    photo_id  INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE earlier_companion (
    folder_id  INTEGER NOT NULL,
    path       BLOB NOT NULL,
    PRIMARY KEY (folder_id, path)
) STRICT, WITHOUT ROWID;

CREATE VIEW noted_file AS
    SELECT file_id FROM changed_file UNION SELECT file_id FROM earlier_file;
CREATE VIEW noted_photo AS
    SELECT photo_id FROM changed_photo UNION SELECT photo_id FROM earlier_photo;
CREATE VIEW noted_companion AS
    SELECT folder_id, path FROM changed_companion UNION SELECT folder_id, path FROM earlier_companion;

INSERT INTO counter VALUES ('groups_file', 0), ('groups_change', 0);

CREATE TRIGGER file_added AFTER INSERT ON file BEGIN
    INSERT INTO changed_file SELECT NEW.id WHERE NEW.id NOT IN (SELECT file_id FROM changed_file);
END;
CREATE TRIGGER file_changed
AFTER UPDATE OF folder_id, path, size_bytes, mtime_ns, inode, device, unmounted, state, photo_id ON file BEGIN
    INSERT INTO changed_file SELECT NEW.id WHERE NEW.id NOT IN (SELECT file_id FROM changed_file);
END;
CREATE TRIGGER file_removed AFTER DELETE ON file BEGIN
    INSERT INTO changed_file SELECT OLD.id WHERE OLD.id NOT IN (SELECT file_id FROM changed_file);
END;
CREATE TRIGGER photo_changed AFTER UPDATE ON photo BEGIN
    INSERT INTO changed_photo SELECT NEW.id WHERE NEW.id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER vector_added AFTER INSERT ON vector BEGIN
    INSERT INTO changed_photo SELECT NEW.photo_id WHERE NEW.photo_id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER vector_changed AFTER UPDATE OF value ON vector BEGIN
    INSERT INTO changed_photo SELECT NEW.photo_id WHERE NEW.photo_id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER vector_removed AFTER DELETE ON vector BEGIN
    INSERT INTO changed_photo SELECT OLD.photo_id WHERE OLD.photo_id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER quality_added AFTER INSERT ON quality BEGIN
    INSERT INTO changed_photo SELECT NEW.photo_id WHERE NEW.photo_id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER quality_changed AFTER UPDATE ON quality BEGIN
    INSERT INTO changed_photo SELECT NEW.photo_id WHERE NEW.photo_id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER quality_removed AFTER DELETE ON quality BEGIN
    INSERT INTO changed_photo SELECT OLD.photo_id WHERE OLD.photo_id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER verified_pair_added AFTER INSERT ON verified_pair BEGIN
    INSERT INTO changed_photo SELECT id FROM photo
        WHERE key = NEW.second_key AND id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER verified_pair_changed AFTER UPDATE ON verified_pair BEGIN
    INSERT INTO changed_photo SELECT id FROM photo
        WHERE key = NEW.second_key AND id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER verified_pair_removed AFTER DELETE ON verified_pair BEGIN
    INSERT INTO changed_photo SELECT id FROM photo
        WHERE key = OLD.second_key AND id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER registered_pair_added AFTER INSERT ON registered_pair BEGIN
    INSERT INTO changed_photo SELECT id FROM photo
        WHERE key = NEW.second_key AND id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER registered_pair_changed AFTER UPDATE ON registered_pair BEGIN
    INSERT INTO changed_photo SELECT id FROM photo
        WHERE key = NEW.second_key AND id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER registered_pair_removed AFTER DELETE ON registered_pair BEGIN
    INSERT INTO changed_photo SELECT id FROM photo
        WHERE key = OLD.second_key AND id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER distant_copy_added AFTER INSERT ON distant_copy BEGIN
    INSERT INTO changed_photo SELECT id FROM photo
        WHERE id IN (NEW.copy_id, NEW.original_id) AND id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER distant_copy_changed AFTER UPDATE ON distant_copy BEGIN
    INSERT INTO changed_photo SELECT id FROM photo
        WHERE id IN (NEW.copy_id, NEW.original_id) AND id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER distant_copy_removed AFTER DELETE ON distant_copy BEGIN
    INSERT INTO changed_photo SELECT id FROM photo
        WHERE id IN (OLD.copy_id, OLD.original_id) AND id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER decision_added AFTER INSERT ON decision BEGIN
    INSERT INTO changed_photo SELECT id FROM photo
        WHERE content IN (NEW.content, NEW.other) AND id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER decision_changed AFTER UPDATE ON decision BEGIN
    INSERT INTO changed_photo SELECT id FROM photo
        WHERE content IN (NEW.content, NEW.other) AND id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER decision_removed AFTER DELETE ON decision BEGIN
    INSERT INTO changed_photo SELECT id FROM photo
        WHERE content IN (OLD.content, OLD.other) AND id NOT IN (SELECT photo_id FROM changed_photo);
END;
CREATE TRIGGER companion_added AFTER INSERT ON companion BEGIN
    INSERT INTO changed_companion SELECT NEW.folder_id, NEW.path WHERE NOT EXISTS (
        SELECT 1 FROM changed_companion WHERE folder_id = NEW.folder_id AND path = NEW.path
    );
END;
CREATE TRIGGER companion_changed AFTER UPDATE OF size_bytes, mtime_ns, inode, device, live_id, made_us ON companion BEGIN
    INSERT INTO changed_companion SELECT NEW.folder_id, NEW.path WHERE NOT EXISTS (
        SELECT 1 FROM changed_companion WHERE folder_id = NEW.folder_id AND path = NEW.path
    );
END;
CREATE TRIGGER companion_removed AFTER DELETE ON companion BEGIN
    INSERT INTO changed_companion SELECT OLD.folder_id, OLD.path WHERE NOT EXISTS (
        SELECT 1 FROM changed_companion WHERE folder_id = OLD.folder_id AND path = OLD.path
    );
END;
