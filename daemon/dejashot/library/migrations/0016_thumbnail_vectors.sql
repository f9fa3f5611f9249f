-- Version 16: which vectors were made of a photo's thumbnail.

CREATE TABLE thumbnail_vector (                                       -- vectors made of a thumbnail, not of the picture itself
    photo_id      INTEGER NOT NULL,
    model_id      INTEGER NOT NULL,
    thumbnail_px  INTEGER NOT NULL CHECK (thumbnail_px > 0),          -- its long side
    PRIMARY KEY (photo_id, model_id),
    FOREIGN KEY (photo_id, model_id) REFERENCES vector (photo_id, model_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
