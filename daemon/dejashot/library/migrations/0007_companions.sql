-- Version 7: what lies beside photos and belongs to them, and when such a half came.

CREATE TABLE beside (                                                 -- films and sidecars: never read
    folder_id   INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    path        BLOB NOT NULL,                                        -- below the folder
    size_bytes  INTEGER NOT NULL,
    mtime_ns    INTEGER NOT NULL,
    inode       INTEGER NOT NULL,
    device      INTEGER NOT NULL,
    PRIMARY KEY (folder_id, path)
) STRICT, WITHOUT ROWID;

ALTER TABLE folder ADD COLUMN beside_known INTEGER NOT NULL DEFAULT 0 CHECK (beside_known IN (0, 1));  -- whether that was ever noted

ALTER TABLE file ADD COLUMN half_seq INTEGER NOT NULL DEFAULT 0;      -- when the newest of what belongs to it arrived, 0 for never later
