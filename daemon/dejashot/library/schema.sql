-- The library as it is today, generated from migrations/. To change it add a migration, then run in daemon/:
--     python -m dejashot.library.migrate > dejashot/library/schema.sql

CREATE VIEW arrival AS                                                -- of present files; a late companion counts as one
    SELECT id AS file_id, folder_id, photo_id, arrival_seq AS seq FROM file WHERE state = 'present'
    UNION ALL
    SELECT id, folder_id, photo_id, amended_seq FROM file WHERE state = 'present' AND amended_seq > 0;

CREATE TABLE changed_companion (                                      -- that came, went or is another
    folder_id  INTEGER NOT NULL,
    path       BLOB NOT NULL,
    PRIMARY KEY (folder_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE changed_file (                                           -- whose row came, went or is another
    file_id  INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE changed_photo (                                          -- of which something else is known
    photo_id  INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE companion (                                              -- films and sidecars beside photos
    folder_id      INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    path           BLOB NOT NULL,                                     -- below the folder
    size_bytes     INTEGER NOT NULL,
    mtime_ns       INTEGER NOT NULL,
    inode          INTEGER NOT NULL,
    device         INTEGER NOT NULL,
    metadata_read  INTEGER NOT NULL DEFAULT 0 CHECK (metadata_read IN (0, 1)),
    late           INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)), -- came after its photos, which are not amended yet
    live_id        TEXT NOT NULL DEFAULT '',                          -- of a film: what its photo has too
    made_us        INTEGER,                                           -- of a film: when it was made
    PRIMARY KEY (folder_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE copy_search (                                            -- which photos were looked for in the library
    photo_id  INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    model_id  INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
    method    INTEGER NOT NULL,                                       -- which way of comparing, 0 for not yet
    PRIMARY KEY (photo_id, model_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
    name   TEXT PRIMARY KEY,
    value  INTEGER NOT NULL
) STRICT;

CREATE TABLE decision (                                               -- a copy of the journal of decisions, which goes into backups
    content     BLOB NOT NULL,
    other       BLOB NOT NULL DEFAULT x'',                            -- the second of two contents that are not the same shot
    word        TEXT NOT NULL CHECK (word IN ('keep', 'keep_one', 'reject', 'different')),
    decided_us  INTEGER NOT NULL,
    PRIMARY KEY (content, other),
    CHECK ((word = 'different') = (length(other) = 32 AND content < other))
) STRICT;

CREATE TABLE delivery (                                               -- digests on their way out, where the owner asked for that
    slot_us  INTEGER PRIMARY KEY REFERENCES digest_run (slot_us) ON DELETE CASCADE,
    state    TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'given_up')),
    tries    INTEGER NOT NULL,
    next_us  INTEGER NOT NULL,
    detail   TEXT NOT NULL DEFAULT '',                                -- what kept the last try from succeeding
    reached  TEXT NOT NULL DEFAULT ''                                 -- hashes of the addresses that have it already
) STRICT;

CREATE TABLE digest_run (
    slot_us            INTEGER PRIMARY KEY,                           -- the slot of the schedule: at most one digest each
    state              TEXT NOT NULL CHECK (state IN ('running', 'done', 'empty', 'missed')),
    after_seq          INTEGER NOT NULL,
    until_seq          INTEGER NOT NULL,
    made_us            INTEGER NOT NULL,
    photos             INTEGER NOT NULL DEFAULT 0,
    groups             INTEGER NOT NULL DEFAULT 0,
    removable_photos   INTEGER NOT NULL DEFAULT 0,                    -- that could go; 0 in older digests
    reclaimable_bytes  INTEGER NOT NULL DEFAULT 0,
    file               BLOB NOT NULL DEFAULT x''                      -- the HTML file
) STRICT;

CREATE TABLE distant_copy (
    copy_id      INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    original_id  INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    method       INTEGER NOT NULL,                                    -- which way of comparing
    difference   REAL NOT NULL,                                       -- of the block that differs most: below 1
    PRIMARY KEY (copy_id, original_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE earlier_companion (
    folder_id  INTEGER NOT NULL,
    path       BLOB NOT NULL,
    PRIMARY KEY (folder_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE earlier_file (
    file_id  INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE earlier_photo (
    photo_id  INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE exclusion (                                              -- what the last walk of a folder left out on purpose
    folder_id  INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    why        TEXT NOT NULL,
    count      INTEGER NOT NULL CHECK (count > 0),
    paths      BLOB NOT NULL,                                         -- some of them, a zero byte between two
    PRIMARY KEY (folder_id, why)
) STRICT, WITHOUT ROWID;

CREATE TABLE file (
    id            INTEGER PRIMARY KEY,
    folder_id     INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    path          BLOB NOT NULL,                                      -- below the folder
    size_bytes    INTEGER NOT NULL,
    mtime_ns      INTEGER NOT NULL,
    inode         INTEGER NOT NULL,
    device        INTEGER NOT NULL,
    unmounted     INTEGER NOT NULL DEFAULT 0 CHECK (unmounted IN (0, 1)), -- it lies on a disk that is away
    stamp_device  INTEGER NOT NULL GENERATED ALWAYS AS (iif(unmounted, -1 - device, device)), -- below zero while its disk is away
    state         TEXT NOT NULL CHECK (state IN ('present', 'missing', 'skipped')),
    photo_id      INTEGER REFERENCES photo (id) CHECK ((photo_id IS NULL) = (state = 'skipped')),
    arrival_seq   INTEGER NOT NULL,                                   -- what a digest counts as new
    amended_seq   INTEGER NOT NULL DEFAULT 0,                         -- when its newest late companion came, 0 for never
    reason        TEXT NOT NULL DEFAULT '',
    detail        TEXT NOT NULL DEFAULT '',
    changed_us    INTEGER NOT NULL,                                   -- when this row last changed
    UNIQUE (folder_id, path)
) STRICT;

CREATE TABLE first_bytes (                                            -- files whose names do not say what they are, by their first bytes
    folder_id   INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    path        BLOB NOT NULL,
    size_bytes  INTEGER NOT NULL,
    mtime_ns    INTEGER NOT NULL,
    inode       INTEGER NOT NULL,
    device      INTEGER NOT NULL,
    content     TEXT NOT NULL CHECK (content IN ('picture', 'ordinary', 'unknown')),
    PRIMARY KEY (folder_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE folder (
    id                INTEGER PRIMARY KEY,
    path              BLOB NOT NULL UNIQUE,
    device            INTEGER NOT NULL,
    inode             INTEGER NOT NULL DEFAULT 0,                     -- of the folder itself when it was last walked, 0 before
    marker            INTEGER NOT NULL DEFAULT 0 CHECK (marker IN (0, 1)), -- a sync tool's own marker was in it
    watched           INTEGER NOT NULL DEFAULT 0 CHECK (watched IN (0, 1)),
    companions_known  INTEGER NOT NULL DEFAULT 0 CHECK (companions_known IN (0, 1)) -- its companions were ever recorded
) STRICT;

CREATE TABLE group_identity (                                         -- a group keeps its id, whatever joins it later
    content   BLOB NOT NULL,
    series    INTEGER NOT NULL CHECK (series IN (0, 1)),
    group_id  TEXT NOT NULL,
    PRIMARY KEY (content, series)
) STRICT, WITHOUT ROWID;

CREATE TABLE model (
    id           INTEGER PRIMARY KEY,
    fingerprint  TEXT NOT NULL UNIQUE,
    description  TEXT NOT NULL,                                       -- the JSON beside the network, decision included
    active       INTEGER NOT NULL DEFAULT 0 CHECK (active IN (0, 1))
) STRICT;

CREATE VIEW noted_companion AS
    SELECT folder_id, path FROM changed_companion UNION SELECT folder_id, path FROM earlier_companion;

CREATE VIEW noted_file AS
    SELECT file_id FROM changed_file UNION SELECT file_id FROM earlier_file;

CREATE VIEW noted_photo AS
    SELECT photo_id FROM changed_photo UNION SELECT photo_id FROM earlier_photo;

CREATE TABLE photo (
    id           INTEGER PRIMARY KEY,
    content      BLOB NOT NULL UNIQUE CHECK (length(content) = 32),   -- BLAKE2b-256 of the bytes
    key          INTEGER NOT NULL UNIQUE,                             -- int64 in time order: the id in the FAISS index
    part         INTEGER NOT NULL,                                    -- year * 100 + month (UTC) of the capture time
    taken_us     INTEGER NOT NULL,
    offset_s     INTEGER NOT NULL,
    source       TEXT NOT NULL CHECK (source IN ('exif', 'xmp', 'iptc', 'text', 'gps', 'sidecar', 'name', 'mtime')),
    certainty    TEXT NOT NULL CHECK (certainty IN ('high', 'medium', 'low')),
    zone_known   INTEGER NOT NULL CHECK (zone_known IN (0, 1)),       -- whether the zone was recorded, or a wall time read in the home zone
    format       TEXT NOT NULL,
    size_bytes   INTEGER NOT NULL,
    width        INTEGER NOT NULL,
    height       INTEGER NOT NULL,
    contrast     REAL NOT NULL,
    signature    BLOB NOT NULL,
    make         TEXT NOT NULL,
    model        TEXT NOT NULL,
    burst_id     TEXT NOT NULL,
    camera_pick  INTEGER NOT NULL CHECK (camera_pick IN (0, 1)),      -- the camera's own choice of a burst
    motion       INTEGER NOT NULL CHECK (motion IN (0, 1)),           -- a film in its file; 0 too for what was read before this was looked for
    live_id      TEXT NOT NULL,                                       -- what the film of its Live Photo has too; empty for what was read before
    screenshot   INTEGER NOT NULL CHECK (screenshot IN (0, 1)),       -- its tags say that it shows a screen; 0 too for what was read before
    damage       TEXT NOT NULL,                                       -- what of its picture is damaged, in words; empty for a sound one
    method       INTEGER NOT NULL,                                    -- how it was read: what an older method read is read again
    exposure_s   REAL,
    bias_ev      REAL,
    iso          INTEGER,
    aperture     REAL,
    latitude     REAL,
    longitude    REAL,
    altitude_m   REAL
) STRICT;

CREATE TABLE quality (
    photo_id  INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,
    method    INTEGER NOT NULL,                                       -- which way of measuring
    look      TEXT NOT NULL                                           -- what the closer look says, as JSON
) STRICT;

CREATE TABLE reader_crash (                                           -- contents that ended the reader
    content  BLOB PRIMARY KEY,
    reason   TEXT NOT NULL,
    count    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE registered_pair (
    first_key          INTEGER NOT NULL REFERENCES photo (key) ON DELETE CASCADE,
    second_key         INTEGER NOT NULL REFERENCES photo (key) ON DELETE CASCADE,
    method             INTEGER NOT NULL,                              -- which way of registering
    inliers            INTEGER NOT NULL,                              -- partners that one homography explains
    overlap            REAL NOT NULL,                                 -- of the areas, 0 to 1
    keypoints          INTEGER NOT NULL,                              -- of the picture with fewer
    page_agreement     REAL NOT NULL,                                 -- of the blocks with ink, 0 to 1
    content_agreement  REAL NOT NULL,                                 -- of the blocks with something in them, 0 to 1
    tone_free          REAL NOT NULL,                                 -- correlation without tones, -1 to 1
    light_step         REAL NOT NULL,                                 -- between the mean luma of both, in stops
    PRIMARY KEY (first_key, second_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE sidecar_time (                                           -- capture times that sidecars tell
    folder_id  INTEGER NOT NULL,
    sidecar    BLOB NOT NULL,
    photo      TEXT NOT NULL,                                         -- its name, empty where the sidecar's own name tells
    taken_us   INTEGER NOT NULL,
    to_minute  INTEGER NOT NULL CHECK (to_minute IN (0, 1)),
    PRIMARY KEY (folder_id, sidecar, photo),
    FOREIGN KEY (folder_id, sidecar) REFERENCES companion (folder_id, path) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE thumbnail_vector (                                       -- vectors made of a thumbnail, not of the picture itself
    photo_id      INTEGER NOT NULL,
    model_id      INTEGER NOT NULL,
    thumbnail_px  INTEGER NOT NULL CHECK (thumbnail_px > 0),          -- its long side
    PRIMARY KEY (photo_id, model_id),
    FOREIGN KEY (photo_id, model_id) REFERENCES vector (photo_id, model_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE vector (
    photo_id    INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    model_id    INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
    part        INTEGER NOT NULL,
    change_seq  INTEGER NOT NULL,
    value       BLOB NOT NULL,                                        -- float16, unit length
    PRIMARY KEY (photo_id, model_id)
) STRICT;

CREATE TABLE verified_pair (
    model_id    INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
    first_key   INTEGER NOT NULL REFERENCES photo (key) ON DELETE CASCADE,
    second_key  INTEGER NOT NULL REFERENCES photo (key) ON DELETE CASCADE,
    match       REAL NOT NULL,                                        -- of two maps: 0 to 1, or the head's logit
    PRIMARY KEY (model_id, first_key, second_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX companion_late ON companion (folder_id) WHERE late = 1;

CREATE INDEX companion_pending ON companion (folder_id) WHERE metadata_read = 0;

CREATE INDEX copy_search_by_method ON copy_search (model_id, method);

CREATE INDEX distant_copy_by_original ON distant_copy (original_id);

CREATE INDEX file_by_amendment ON file (amended_seq) WHERE amended_seq > 0;

CREATE INDEX file_by_arrival ON file (arrival_seq);

CREATE INDEX file_by_photo ON file (photo_id, state);

CREATE INDEX file_by_state ON file (folder_id, state);

CREATE INDEX file_skipped ON file (folder_id, path) WHERE state = 'skipped';

CREATE INDEX file_skipped_by_arrival ON file (arrival_seq) WHERE state = 'skipped';

CREATE INDEX group_identity_by_id ON group_identity (group_id);

CREATE INDEX photo_by_offset ON photo (zone_known, offset_s, taken_us);

CREATE INDEX photo_by_time ON photo (taken_us);

CREATE INDEX photo_guessed ON photo (source) WHERE source IN ('sidecar', 'name', 'mtime');

CREATE INDEX photo_untagged ON photo (key) WHERE make = '' AND model = '';

CREATE INDEX registered_pair_by_second ON registered_pair (second_key);

CREATE INDEX vector_by_part ON vector (model_id, part, change_seq);

CREATE INDEX verified_pair_by_second ON verified_pair (second_key);

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

CREATE TRIGGER quality_added AFTER INSERT ON quality BEGIN
    INSERT INTO changed_photo SELECT NEW.photo_id WHERE NEW.photo_id NOT IN (SELECT photo_id FROM changed_photo);
END;

CREATE TRIGGER quality_changed AFTER UPDATE ON quality BEGIN
    INSERT INTO changed_photo SELECT NEW.photo_id WHERE NEW.photo_id NOT IN (SELECT photo_id FROM changed_photo);
END;

CREATE TRIGGER quality_removed AFTER DELETE ON quality BEGIN
    INSERT INTO changed_photo SELECT OLD.photo_id WHERE OLD.photo_id NOT IN (SELECT photo_id FROM changed_photo);
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

CREATE TRIGGER vector_added AFTER INSERT ON vector BEGIN
    INSERT INTO changed_photo SELECT NEW.photo_id WHERE NEW.photo_id NOT IN (SELECT photo_id FROM changed_photo);
END;

CREATE TRIGGER vector_changed AFTER UPDATE OF value ON vector BEGIN
    INSERT INTO changed_photo SELECT NEW.photo_id WHERE NEW.photo_id NOT IN (SELECT photo_id FROM changed_photo);
END;

CREATE TRIGGER vector_removed AFTER DELETE ON vector BEGIN
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

INSERT INTO counter VALUES ('change_seq', 0), ('closer_look_rules', 0), ('closer_look_seq', 0), ('closer_look_us', 0), ('groups_change', 0), ('groups_file', 0), ('schedule_since_us', 0);
