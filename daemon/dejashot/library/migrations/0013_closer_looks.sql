-- Version 13: up to which arrival photos were looked at closely, and by which rules (0: not known).

INSERT INTO counter VALUES ('closer_look_seq', 0), ('closer_look_rules', 0);
UPDATE counter SET value = coalesce((SELECT max(until_seq) FROM digest_run WHERE state IN ('done', 'empty')), 0)
WHERE name = 'closer_look_seq';
CREATE INDEX file_by_amendment ON file (amended_seq) WHERE amended_seq > 0;

CREATE VIEW arrival AS                                                -- of present files; a late companion counts as one
    SELECT id AS file_id, folder_id, photo_id, arrival_seq AS seq FROM file WHERE state = 'present'
    UNION ALL
    SELECT id, folder_id, photo_id, amended_seq FROM file WHERE state = 'present' AND amended_seq > 0;
