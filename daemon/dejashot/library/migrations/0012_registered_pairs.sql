-- Version 12: a match may be what a model's pair head says, and registrations of pairs are kept.

CREATE TABLE matched_pair (
    model_id    INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
    first_key   INTEGER NOT NULL REFERENCES photo (key) ON DELETE CASCADE,
    second_key  INTEGER NOT NULL REFERENCES photo (key) ON DELETE CASCADE,
    match       REAL NOT NULL,                                        -- of two maps: 0 to 1, or the head's logit
    PRIMARY KEY (model_id, first_key, second_key)
) STRICT, WITHOUT ROWID;
INSERT INTO matched_pair SELECT model_id, first_key, second_key, match FROM verified_pair;
DROP TABLE verified_pair;
ALTER TABLE matched_pair RENAME TO verified_pair;
CREATE INDEX verified_pair_by_second ON verified_pair (second_key);

CREATE TABLE registered_pair (
    first_key       INTEGER NOT NULL REFERENCES photo (key) ON DELETE CASCADE,
    second_key      INTEGER NOT NULL REFERENCES photo (key) ON DELETE CASCADE,
    method          INTEGER NOT NULL,                                 -- which way of registering
    inliers         INTEGER NOT NULL,                                 -- partners that one homography explains
    overlap         REAL NOT NULL,                                    -- of the areas, 0 to 1
    keypoints       INTEGER NOT NULL,                                 -- of the picture with fewer
    page_agreement  REAL NOT NULL,                                    -- of the blocks with ink, 0 to 1
    tone_free       REAL NOT NULL,                                    -- correlation without tones, -1 to 1
    light_step      REAL NOT NULL,                                    -- between the mean luma of both, in stops
    PRIMARY KEY (first_key, second_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX registered_pair_by_second ON registered_pair (second_key);
