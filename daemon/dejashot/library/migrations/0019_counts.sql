-- Version 19: how many files of a folder are present, missing or can't be read is counted in an index: the status is
-- published every second while files arrive, and a walk through the rows of a million files takes a fifth of one.

CREATE INDEX file_by_state ON file (folder_id, state);
