-- The write keys of sources: several at a time, so that a new one can be put in place before the old
-- one is revoked.
CREATE TABLE source_keys (
    key_id BIGINT NOT NULL,            -- 1, 2, 3, …
    source_id INTEGER NOT NULL,
    hash VARCHAR NOT NULL,             -- SHA-256
    ends_with VARCHAR,                 -- its last characters, for people to tell it by; NULL: not kept
    made_by VARCHAR,                   -- NULL: with the source's definition
    made_at TIMESTAMP,                 -- NULL: before this was noted
    revoked_at TIMESTAMP               -- NULL: it holds
);

INSERT INTO source_keys
SELECT row_number() OVER (ORDER BY source_id), source_id, write_key_hash, NULL, NULL, NULL, NULL
FROM sources WHERE write_key_hash IS NOT NULL;

ALTER TABLE sources DROP COLUMN write_key_hash;
