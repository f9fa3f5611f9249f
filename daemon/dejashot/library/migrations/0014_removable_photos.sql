-- Version 14: a digest's row says how many photos could go, so that messages and the page of all digests say it too.

CREATE TABLE digest_run_13 (
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
INSERT INTO digest_run_13 (slot_us, state, after_seq, until_seq, made_us, photos, groups, reclaimable_bytes, file)
    SELECT slot_us, state, after_seq, until_seq, made_us, photos, groups, reclaimable_bytes, file FROM digest_run;
DROP TABLE digest_run;                                                -- what refers to it is not looked at meanwhile
ALTER TABLE digest_run_13 RENAME TO digest_run;
