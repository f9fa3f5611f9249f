-- Version 11: tables and columns have the field's names, and a column says that a file's disk is away.

CREATE TABLE folder_11 (
    id                INTEGER PRIMARY KEY,
    path              BLOB NOT NULL UNIQUE,
    device            INTEGER NOT NULL,
    inode             INTEGER NOT NULL DEFAULT 0,                     -- of the folder itself when it was last walked, 0 before
    marker            INTEGER NOT NULL DEFAULT 0 CHECK (marker IN (0, 1)),            -- a sync tool's own marker was in it
    watched           INTEGER NOT NULL DEFAULT 0 CHECK (watched IN (0, 1)),
    companions_known  INTEGER NOT NULL DEFAULT 0 CHECK (companions_known IN (0, 1))   -- its companions were ever recorded
) STRICT;
INSERT INTO folder_11 (id, path, device, inode, marker, watched, companions_known)
    SELECT id, path, device, inode, marker, watched, beside_known FROM folder;
DROP TABLE folder;                                                    -- what refers to it is not looked at meanwhile
ALTER TABLE folder_11 RENAME TO folder;

CREATE TABLE file_11 (
    id           INTEGER PRIMARY KEY,
    folder_id    INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    path         BLOB NOT NULL,                                       -- below the folder
    size_bytes   INTEGER NOT NULL,
    mtime_ns     INTEGER NOT NULL,
    inode        INTEGER NOT NULL,
    device       INTEGER NOT NULL,
    unmounted    INTEGER NOT NULL DEFAULT 0 CHECK (unmounted IN (0, 1)),  -- it lies on a disk that is away
    stamp_device INTEGER NOT NULL GENERATED ALWAYS AS (iif(unmounted, -1 - device, device)),  -- below zero while its disk is away
    state        TEXT NOT NULL CHECK (state IN ('present', 'missing', 'skipped')),
    photo_id     INTEGER REFERENCES photo (id) CHECK ((photo_id IS NULL) = (state = 'skipped')),
    arrival_seq  INTEGER NOT NULL,                                    -- what a digest counts as new
    amended_seq  INTEGER NOT NULL DEFAULT 0,                          -- when its newest late companion came, 0 for never
    reason       TEXT NOT NULL DEFAULT '',
    detail       TEXT NOT NULL DEFAULT '',
    changed_us   INTEGER NOT NULL,                                    -- when this row last changed
    UNIQUE (folder_id, path)
) STRICT;
INSERT INTO file_11 (id, folder_id, path, size_bytes, mtime_ns, inode, device, unmounted, state, photo_id, arrival_seq,
                     amended_seq, reason, detail, changed_us)
    SELECT id, folder_id, path, size_bytes, mtime_ns, inode, iif(device < 0, -1 - device, device), device < 0, state,
           photo_id, arrival_seq, half_seq, reason, detail, changed_us
    FROM file;
DROP TABLE file;
ALTER TABLE file_11 RENAME TO file;
CREATE INDEX file_by_photo ON file (photo_id, state);
CREATE INDEX file_by_arrival ON file (arrival_seq);

CREATE TABLE companion (                                              -- films and sidecars beside photos
    folder_id      INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    path           BLOB NOT NULL,                                     -- below the folder
    size_bytes     INTEGER NOT NULL,
    mtime_ns       INTEGER NOT NULL,
    inode          INTEGER NOT NULL,
    device         INTEGER NOT NULL,
    metadata_read  INTEGER NOT NULL DEFAULT 0 CHECK (metadata_read IN (0, 1)),
    late           INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)),  -- came after its photos, which are not amended yet
    live_id        TEXT NOT NULL DEFAULT '',                          -- of a film: what its photo has too
    made_us        INTEGER,                                           -- of a film: when it was made
    PRIMARY KEY (folder_id, path)
) STRICT, WITHOUT ROWID;
INSERT INTO companion (folder_id, path, size_bytes, mtime_ns, inode, device, metadata_read, late, live_id, made_us)
    SELECT folder_id, path, size_bytes, mtime_ns, inode, device, heard, late, live_id, made_us FROM beside;
CREATE INDEX companion_pending ON companion (folder_id) WHERE metadata_read = 0;
CREATE INDEX companion_late ON companion (folder_id) WHERE late = 1;

CREATE TABLE sidecar_time (                                           -- capture times that sidecars tell
    folder_id   INTEGER NOT NULL,
    sidecar     BLOB NOT NULL,
    photo       TEXT NOT NULL,                                        -- its name, empty where the sidecar's own name tells
    taken_us    INTEGER NOT NULL,
    to_minute   INTEGER NOT NULL CHECK (to_minute IN (0, 1)),
    PRIMARY KEY (folder_id, sidecar, photo),
    FOREIGN KEY (folder_id, sidecar) REFERENCES companion (folder_id, path) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO sidecar_time (folder_id, sidecar, photo, taken_us, to_minute)
    SELECT folder_id, sidecar, photo, taken_us, to_minute FROM said;
DROP TABLE said;
DROP TABLE beside;

ALTER TABLE strike RENAME TO reader_crash;
ALTER TABLE asked RENAME TO first_bytes;
ALTER TABLE left_out RENAME TO exclusion;
ALTER TABLE network RENAME TO model;
ALTER TABLE vector RENAME COLUMN network_id TO model_id;
ALTER TABLE second_look RENAME TO verified_pair;
ALTER TABLE verified_pair RENAME COLUMN network_id TO model_id;
DROP INDEX second_look_by_second;
CREATE INDEX verified_pair_by_second ON verified_pair (second_key);
