-- Version 5: the camera's own pick of a burst is known, and what was listed as not supported is looked at again: much of it can be read now.

ALTER TABLE photo ADD COLUMN camera_pick INTEGER NOT NULL DEFAULT 0 CHECK (camera_pick IN (0, 1));
DELETE FROM file WHERE state = 'skipped' AND reason = 'unsupported_format';
