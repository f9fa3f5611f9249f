-- Version 17: what concerns few photos is found by indexes: the photos about a time or about a time on the wall, the
-- files that could not be read, and the photos that no copies were looked for of yet (copy_search, method 0).

CREATE INDEX photo_by_offset ON photo (zone_known, offset_s, taken_us);
CREATE INDEX photo_untagged ON photo (key) WHERE make = '' AND model = '';
CREATE INDEX file_skipped ON file (folder_id, path) WHERE state = 'skipped';
CREATE INDEX file_skipped_by_arrival ON file (arrival_seq) WHERE state = 'skipped';

CREATE TABLE copy_search_17 (                                         -- which photos were looked for in the library
    photo_id  INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    model_id  INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
    method    INTEGER NOT NULL,                                       -- which way of comparing, 0 for not yet
    PRIMARY KEY (photo_id, model_id)
) STRICT, WITHOUT ROWID;
INSERT INTO copy_search_17 SELECT photo_id, model_id, method FROM copy_search;
INSERT OR IGNORE INTO copy_search_17 SELECT photo_id, model_id, 0 FROM vector;
DROP TABLE copy_search;
ALTER TABLE copy_search_17 RENAME TO copy_search;
CREATE INDEX copy_search_by_method ON copy_search (model_id, method);
