-- How far each webhook has come in the feed of profiles, and how its deliveries go.
CREATE TABLE webhook_states (
    webhook VARCHAR PRIMARY KEY,
    cursor VARCHAR NOT NULL,           -- everything up to here was taken
    until VARCHAR,                     -- of the delivery under way: tried again, it holds the same
    failures INTEGER NOT NULL,         -- in a row
    next_at TIMESTAMP,                 -- no attempt before
    paused_at TIMESTAMP,               -- NULL: it is not paused
    error VARCHAR,                     -- of the last attempt; NULL: it went well
    delivered BIGINT NOT NULL,
    delivered_at TIMESTAMP
);
