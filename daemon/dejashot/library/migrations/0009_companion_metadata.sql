-- Version 9: what films and sidecars say: of which Live Photo a film is half, when it was made, and when photos were taken.

ALTER TABLE beside ADD COLUMN heard INTEGER NOT NULL DEFAULT 0 CHECK (heard IN (0, 1));  -- whether it was asked what it says
ALTER TABLE beside ADD COLUMN late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1));    -- came after what it may belong to; that is not settled yet
ALTER TABLE beside ADD COLUMN live_id TEXT NOT NULL DEFAULT '';                           -- of a film: what its photo has too
ALTER TABLE beside ADD COLUMN made_us INTEGER;                                            -- of a film: when it was made
CREATE INDEX beside_unheard ON beside (folder_id) WHERE heard = 0;
CREATE INDEX beside_late ON beside (folder_id) WHERE late = 1;

CREATE TABLE said (                                                   -- capture times that sidecars tell
    folder_id   INTEGER NOT NULL,
    sidecar     BLOB NOT NULL,
    photo       TEXT NOT NULL,                                        -- its name, empty where the sidecar's own name tells
    taken_us    INTEGER NOT NULL,
    to_minute   INTEGER NOT NULL CHECK (to_minute IN (0, 1)),
    PRIMARY KEY (folder_id, sidecar, photo),
    FOREIGN KEY (folder_id, sidecar) REFERENCES beside (folder_id, path) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE photo_9 (
    id          INTEGER PRIMARY KEY,
    content     BLOB NOT NULL UNIQUE CHECK (length(content) = 32),    -- BLAKE2b-256 of the bytes
    key         INTEGER NOT NULL UNIQUE,                              -- int64 in time order: the id in the FAISS index
    part        INTEGER NOT NULL,                                     -- year * 100 + month (UTC) of the capture time
    taken_us    INTEGER NOT NULL,
    offset_s    INTEGER NOT NULL,
    source      TEXT NOT NULL CHECK (source IN ('exif', 'gps', 'sidecar', 'name', 'mtime')),
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
    exposure_s  REAL,
    bias_ev     REAL,
    iso         INTEGER,
    aperture    REAL,
    latitude    REAL,
    longitude   REAL,
    altitude_m  REAL
) STRICT;
INSERT INTO photo_9
    SELECT id, content, key, part, taken_us, offset_s, source, certainty, zone_known, format, size_bytes, width, height, contrast, signature,
           make, model, burst_id, camera_pick, motion, '', exposure_s, bias_ev, iso, aperture, latitude, longitude, altitude_m
    FROM photo;
DROP TABLE photo;                                                     -- what refers to it is not looked at meanwhile
ALTER TABLE photo_9 RENAME TO photo;
CREATE INDEX photo_by_time ON photo (taken_us);
CREATE INDEX photo_guessed ON photo (source) WHERE source IN ('sidecar', 'name', 'mtime');
