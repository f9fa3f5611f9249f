-- Version 4: of several files with one content, one may be enough.

CREATE TABLE decision_4 (                                             -- a copy of the journal of decisions, which goes into backups
    content     BLOB NOT NULL,
    other       BLOB NOT NULL DEFAULT x'',                            -- the second of two contents that are not the same shot
    word        TEXT NOT NULL CHECK (word IN ('keep', 'keep_one', 'reject', 'different')),
    decided_us  INTEGER NOT NULL,
    PRIMARY KEY (content, other),
    CHECK ((word = 'different') = (length(other) = 32 AND content < other))
) STRICT;
INSERT INTO decision_4 SELECT content, other, word, decided_us FROM decision;
DROP TABLE decision;
ALTER TABLE decision_4 RENAME TO decision;
