-- Version 10: damaged pictures, screenshots by their tags, and times from XMP, IPTC and text.

CREATE TABLE photo_10 (
    id          INTEGER PRIMARY KEY,
    content     BLOB NOT NULL UNIQUE CHECK (length(content) = 32),    -- BLAKE2b-256 of the bytes
    key         INTEGER NOT NULL UNIQUE,                              -- int64 in time order: the id in the FAISS index
    part        INTEGER NOT NULL,                                     -- year * 100 + month (UTC) of the capture time
    taken_us    INTEGER NOT NULL,
    offset_s    INTEGER NOT NULL,
    source      TEXT NOT NULL CHECK (source IN ('exif', 'xmp', 'iptc', 'text', 'gps', 'sidecar', 'name', 'mtime')),
    certainty   TEXT NOT NULL CHECK (certainty IN ('high', 'medium', 'low')),
    zone_known  INTEGER NOT NULL CHECK (zone_known IN (0, 1)),        -- whether the zone was recorded, or a wall time read in the home zone
    format      TEXT NOT NULL,
    size_bytes  INTEGER NOT NULL,
    width       INTEGER NOT NULL,
    height      INTEGER NOT NULL,
    contrast    REAL NOT NULL,
    signature   BLOB NOT NULL,
    make        TEXT NOT NULL,
    model       TEXT NOT NULL,
    burst_id    TEXT NOT NULL,
    camera_pick INTEGER NOT NULL CHECK (camera_pick IN (0, 1)),       -- the camera's own choice of a burst
    motion      INTEGER NOT NULL CHECK (motion IN (0, 1)),            -- a film in its file; 0 too for what was read before this was looked for
    live_id     TEXT NOT NULL,                                        -- what the film of its Live Photo has too; empty for what was read before
    screenshot  INTEGER NOT NULL CHECK (screenshot IN (0, 1)),        -- its tags say that it shows a screen; 0 too for what was read before
    damage      TEXT NOT NULL,                                        -- what of its picture is damaged, in words; empty for a sound one
    method      INTEGER NOT NULL,                                     -- how it was read: what an older method read is read again
    exposure_s  REAL,
    bias_ev     REAL,
    iso         INTEGER,
    aperture    REAL,
    latitude    REAL,
    longitude   REAL,
    altitude_m  REAL
) STRICT;
INSERT INTO photo_10
    SELECT id, content, key, part, taken_us, offset_s, source, certainty, zone_known, format, size_bytes, width, height, contrast, signature,
           make, model, burst_id, camera_pick, motion, live_id, 0, '', 1, exposure_s, bias_ev, iso, aperture, latitude, longitude, altitude_m
    FROM photo;
DROP TABLE photo;                                                     -- what refers to it is not looked at meanwhile
ALTER TABLE photo_10 RENAME TO photo;
CREATE INDEX photo_by_time ON photo (taken_us);
CREATE INDEX photo_guessed ON photo (source) WHERE source IN ('sidecar', 'name', 'mtime');

CREATE TABLE asked (                                                  -- files whose names do not say what they are, by their first bytes
    folder_id   INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    path        BLOB NOT NULL,
    size_bytes  INTEGER NOT NULL,
    mtime_ns    INTEGER NOT NULL,
    inode       INTEGER NOT NULL,
    device      INTEGER NOT NULL,
    content     TEXT NOT NULL CHECK (content IN ('picture', 'ordinary', 'unknown')),
    PRIMARY KEY (folder_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE left_out (                                               -- what the last walk of a folder left out on purpose
    folder_id   INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    why         TEXT NOT NULL,
    count       INTEGER NOT NULL CHECK (count > 0),
    paths       BLOB NOT NULL,                                        -- some of them, a zero byte between two
    PRIMARY KEY (folder_id, why)
) STRICT, WITHOUT ROWID;
UPDATE folder SET beside_known = 0;                                   -- more kinds of sidecars are noted now: those that were there are not late
