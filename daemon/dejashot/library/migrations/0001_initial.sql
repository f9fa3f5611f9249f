-- The library, version 1. Photos are keyed by content; files are where that content lies.

CREATE TABLE folder (
    id       INTEGER PRIMARY KEY,
    path     BLOB NOT NULL UNIQUE,
    device   INTEGER NOT NULL,
    watched  INTEGER NOT NULL DEFAULT 0 CHECK (watched IN (0, 1))
) STRICT;

CREATE TABLE photo (
    id          INTEGER PRIMARY KEY,
    content     BLOB NOT NULL UNIQUE CHECK (length(content) = 32),   -- BLAKE2b-256 of the bytes
    key         INTEGER NOT NULL UNIQUE,                              -- int64 in time order: the id in the FAISS index
    part        INTEGER NOT NULL,                                     -- year * 100 + month (UTC) of the capture time
    taken_us    INTEGER NOT NULL,
    offset_s    INTEGER NOT NULL,
    source      TEXT NOT NULL CHECK (source IN ('exif', 'gps', 'name', 'mtime')),
    certainty   TEXT NOT NULL CHECK (certainty IN ('high', 'medium', 'low')),
    format      TEXT NOT NULL,
    size_bytes  INTEGER NOT NULL,
    width       INTEGER NOT NULL,
    height      INTEGER NOT NULL,
    contrast    REAL NOT NULL,
    signature   BLOB NOT NULL,
    make        TEXT NOT NULL,
    model       TEXT NOT NULL,
    burst_id    TEXT NOT NULL,
    exposure_s  REAL,
    bias_ev     REAL,
    iso         INTEGER,
    aperture    REAL,
    latitude    REAL,
    longitude   REAL,
    altitude_m  REAL
) STRICT;
CREATE INDEX photo_by_time ON photo (taken_us);

CREATE TABLE network (
    id           INTEGER PRIMARY KEY,
    fingerprint  TEXT NOT NULL UNIQUE,
    description  TEXT NOT NULL,                                       -- the JSON beside the network, decision included
    active       INTEGER NOT NULL DEFAULT 0 CHECK (active IN (0, 1))
) STRICT;

CREATE TABLE vector (
    photo_id    INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    network_id  INTEGER NOT NULL REFERENCES network (id) ON DELETE CASCADE,
    part        INTEGER NOT NULL,
    change_seq  INTEGER NOT NULL,
    value       BLOB NOT NULL,                                        -- float16, unit length
    PRIMARY KEY (photo_id, network_id)
) STRICT;
CREATE INDEX vector_by_part ON vector (network_id, part, change_seq);

CREATE TABLE file (
    id           INTEGER PRIMARY KEY,
    folder_id    INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    path         BLOB NOT NULL,                                       -- below the folder
    size_bytes   INTEGER NOT NULL,
    mtime_ns     INTEGER NOT NULL,
    inode        INTEGER NOT NULL,
    device       INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('present', 'missing', 'skipped')),
    photo_id     INTEGER REFERENCES photo (id) CHECK ((photo_id IS NULL) = (state = 'skipped')),
    arrival_seq  INTEGER NOT NULL,                                    -- what a digest counts as new
    reason       TEXT NOT NULL DEFAULT '',
    detail       TEXT NOT NULL DEFAULT '',
    changed_us   INTEGER NOT NULL,                                    -- when this row last changed
    UNIQUE (folder_id, path)
) STRICT;
CREATE INDEX file_by_photo ON file (photo_id, state);
CREATE INDEX file_by_arrival ON file (arrival_seq);

CREATE TABLE quality (
    photo_id       INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,
    sharpness      REAL NOT NULL,
    clipped_light  REAL NOT NULL,
    clipped_dark   REAL NOT NULL,
    brightness     REAL NOT NULL
) STRICT;

CREATE TABLE digest_run (
    slot_us            INTEGER PRIMARY KEY,                           -- the slot of the schedule: at most one digest each
    state              TEXT NOT NULL CHECK (state IN ('running', 'done', 'empty', 'missed')),
    after_seq          INTEGER NOT NULL,
    until_seq          INTEGER NOT NULL,
    made_us            INTEGER NOT NULL,
    photos             INTEGER NOT NULL DEFAULT 0,
    groups             INTEGER NOT NULL DEFAULT 0,
    reclaimable_bytes  INTEGER NOT NULL DEFAULT 0,
    file               BLOB NOT NULL DEFAULT x''                       -- the HTML file
) STRICT;

CREATE TABLE counter (
    name   TEXT PRIMARY KEY,
    value  INTEGER NOT NULL
) STRICT;
INSERT INTO counter VALUES ('change_seq', 0), ('schedule_since_us', 0);
