-- Version 6: whether a capture time's zone was recorded, or a wall time was read in the home zone.

ALTER TABLE photo ADD COLUMN zone_known INTEGER NOT NULL DEFAULT 1 CHECK (zone_known IN (0, 1));
-- what was read before can be told from what was concluded: only a zone read at home, or from an edit, is of medium certainty
UPDATE photo SET zone_known = 0 WHERE source = 'exif' AND certainty = 'medium';
UPDATE photo SET zone_known = 0 WHERE source = 'name';
