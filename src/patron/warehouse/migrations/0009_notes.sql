-- What people wrote about a customer; of the rows of one note the newest counts.
CREATE TABLE notes (
    position BIGINT NOT NULL,          -- of its message
    profile_id BIGINT NOT NULL,        -- follow profile_map to the one that stands
    identifier_id BIGINT NOT NULL,     -- the identity that it was written about
    note_id VARCHAR NOT NULL,
    text VARCHAR,                      -- NULL: taken back
    written_by VARCHAR NOT NULL,       -- the name of the token
    on_behalf_of VARCHAR,              -- for whom, as that one said
    occurred_at TIMESTAMP NOT NULL,
    source_id INTEGER NOT NULL,
    message_id VARCHAR NOT NULL
);
