-- Where the pulls of a mapping's database have come to: written with the rows that it covers.
CREATE TABLE pull_positions (
    mapping VARCHAR PRIMARY KEY,
    reads VARCHAR NOT NULL,            -- connection, table or query, and cursor: of others it says nothing
    position VARCHAR NOT NULL,         -- the text of the cursor
    committed_at TIMESTAMP NOT NULL
);

-- How pulls ended, the newest of each mapping.
CREATE TABLE pull_runs (
    mapping VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    stored BIGINT NOT NULL,
    duplicate BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    error VARCHAR                      -- NULL: it went well
);
