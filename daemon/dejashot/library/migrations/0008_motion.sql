-- Version 8: whether a photo has a moving picture in its file. Of photos known before it is not known: they are not read again for it.

ALTER TABLE photo ADD COLUMN motion INTEGER NOT NULL DEFAULT 0 CHECK (motion IN (0, 1));
