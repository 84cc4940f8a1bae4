-- What of the messages that came in was not as planned, counted. No value of a message is kept.
CREATE TABLE plan_faults (
    day DATE NOT NULL,                 -- of received_at
    source_id INTEGER NOT NULL,
    event VARCHAR NOT NULL,            -- '': identify calls
    field VARCHAR NOT NULL,            -- properties.total, traits.age, event
    fault VARCHAR NOT NULL,            -- spec.tracking_plans.FaultKind
    told VARCHAR NOT NULL,             -- what was expected, and what came instead
    messages BIGINT NOT NULL,
    refused BIGINT NOT NULL,           -- of these
    first_seen TIMESTAMP NOT NULL,
    last_seen TIMESTAMP NOT NULL,
    example VARCHAR NOT NULL           -- the id of the last of these messages
);

-- How far each enrichment has come: all of the log up to there was looked at.
CREATE TABLE enrichment_runs (
    name VARCHAR PRIMARY KEY,
    reads VARCHAR NOT NULL,            -- what was read, by which version: with another, from the start
    reached BIGINT NOT NULL,           -- a log position, or the number of an identifier
    ran_at TIMESTAMP NOT NULL,
    stored BIGINT NOT NULL,            -- messages, of the last run
    error VARCHAR                      -- of the last run
);

-- Until which day the events of each recurring date are written.
CREATE TABLE recurring_dates (
    name VARCHAR PRIMARY KEY,
    written_until DATE NOT NULL        -- in the workspace's time zone
);
