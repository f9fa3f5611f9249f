-- Version 2: closer looks see more, and second looks at pairs are kept.

DROP TABLE quality;                                                   -- photos are looked at again when a report wants them
CREATE TABLE quality (
    photo_id  INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,
    method    INTEGER NOT NULL,                                       -- which way of measuring
    look      TEXT NOT NULL                                           -- what the closer look says, as JSON
) STRICT;

CREATE TABLE second_look (
    network_id  INTEGER NOT NULL REFERENCES network (id) ON DELETE CASCADE,
    first_key   INTEGER NOT NULL REFERENCES photo (key) ON DELETE CASCADE,
    second_key  INTEGER NOT NULL REFERENCES photo (key) ON DELETE CASCADE,
    match       REAL NOT NULL,                                        -- of two pictures' maps, 0 to 1
    PRIMARY KEY (network_id, first_key, second_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX second_look_by_second ON second_look (second_key);
