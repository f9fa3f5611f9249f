-- Version 15: copies of photos that were taken at another time, as far as their own times say.

CREATE TABLE distant_copy (
    copy_id      INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    original_id  INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    method       INTEGER NOT NULL,                                    -- which way of comparing
    difference   REAL NOT NULL,                                       -- of the block that differs most: below 1
    PRIMARY KEY (copy_id, original_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX distant_copy_by_original ON distant_copy (original_id);

CREATE TABLE copy_search (                                            -- photos that were looked for in the library
    photo_id  INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,
    model_id  INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
    method    INTEGER NOT NULL
) STRICT;
