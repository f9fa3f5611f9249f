-- Version 13: up to which arrival photos were looked at closely, by which rules (0: not known), and when last (us since
-- 1970). All are looked at once after the update: in what was there before, copies are looked for as well.

INSERT INTO counter VALUES ('closer_look_seq', 0), ('closer_look_rules', 0), ('closer_look_us', 0);
CREATE INDEX file_by_amendment ON file (amended_seq) WHERE amended_seq > 0;

CREATE VIEW arrival AS                                                -- of present files; a late companion counts as one
    SELECT id AS file_id, folder_id, photo_id, arrival_seq AS seq FROM file WHERE state = 'present'
    UNION ALL
    SELECT id, folder_id, photo_id, amended_seq FROM file WHERE state = 'present' AND amended_seq > 0;
