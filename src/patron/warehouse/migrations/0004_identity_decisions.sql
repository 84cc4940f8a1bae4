-- What people decided by hand about who is who. A decision that was taken back stays on record.
CREATE TABLE identity_decisions (
    decision_id BIGINT NOT NULL,       -- 1, 2, 3, …
    kind VARCHAR NOT NULL,             -- 'apart', 'same'
    reason VARCHAR NOT NULL,           -- in the words of whoever made it
    made_by VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    source_id INTEGER NOT NULL,        -- of the message that says so
    message_id VARCHAR NOT NULL,
    withdrawn_at TIMESTAMP             -- NULL: it stands
);

-- 'apart': no profile holds identifiers of two groups of a decision; 'same': all are one person.
CREATE TABLE identity_decision_groups (
    decision_id BIGINT NOT NULL,
    group_number INTEGER NOT NULL,     -- 0, 1, 2, …
    identifier_id BIGINT NOT NULL
);

-- A workspace that holds nobody yet takes the newest edition of the default identity rules.
UPDATE meta SET value = '3'
WHERE key = 'identity_defaults' AND NOT EXISTS (SELECT 1 FROM identifiers);
