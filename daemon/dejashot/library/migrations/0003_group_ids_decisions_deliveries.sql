-- Version 3: what a library that is kept for years needs.

ALTER TABLE folder ADD COLUMN inode INTEGER NOT NULL DEFAULT 0;       -- of the folder itself when it was last walked, 0 before
ALTER TABLE folder ADD COLUMN marker INTEGER NOT NULL DEFAULT 0 CHECK (marker IN (0, 1));  -- whether a sync tool's own marker was in it

CREATE TABLE group_identity (                                         -- a group keeps its id, whatever joins it later
    content   BLOB NOT NULL,
    series    INTEGER NOT NULL CHECK (series IN (0, 1)),
    group_id  TEXT NOT NULL,
    PRIMARY KEY (content, series)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_identity_by_id ON group_identity (group_id);

CREATE TABLE strike (                                                 -- contents that ended the reader
    content  BLOB PRIMARY KEY,
    reason   TEXT NOT NULL,
    count    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (                                               -- what the owner chose, by content: it outlives files and groups
    content     BLOB NOT NULL,
    other       BLOB NOT NULL DEFAULT x'',                            -- the second of two contents that are not the same shot
    word        TEXT NOT NULL CHECK (word IN ('keep', 'reject', 'different')),
    decided_us  INTEGER NOT NULL,
    PRIMARY KEY (content, other),
    CHECK ((word = 'different') = (length(other) = 32 AND content < other))
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (                                               -- digests on their way out, where the owner asked for that
    slot_us  INTEGER PRIMARY KEY REFERENCES digest_run (slot_us) ON DELETE CASCADE,
    state    TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'given_up')),
    tries    INTEGER NOT NULL,
    next_us  INTEGER NOT NULL,
    detail   TEXT NOT NULL DEFAULT '',                                -- what kept the last try from succeeding
    reached  TEXT NOT NULL DEFAULT ''                                 -- hashes of the addresses that have it already
) STRICT;
