-- Trained models: frozen. A new training is a new version; the newest counts.
CREATE TABLE linking_models (
    name VARCHAR NOT NULL,             -- of the definition that it was trained for
    version INTEGER NOT NULL,          -- 1, 2, 3, … by name
    body VARCHAR NOT NULL,             -- JSON; it holds frequent values: personal data
    records BIGINT NOT NULL,           -- trained on
    labels BIGINT NOT NULL,            -- decisions of reviewers among them
    trained_at TIMESTAMP NOT NULL
);

-- What is known of each profile in the forms that compare; a cache of traits and identifiers.
CREATE TABLE linking_records (
    profile_id BIGINT NOT NULL,
    fields VARCHAR NOT NULL,           -- JSON
    stamp BIGINT NOT NULL              -- of the refresh that wrote it
);

-- How far that cache goes.
CREATE TABLE linking_progress (
    stamp BIGINT NOT NULL,             -- 1, 2, 3, …: of the refresh
    position BIGINT NOT NULL,          -- of the messages
    merge_id BIGINT NOT NULL,
    identifier_id BIGINT NOT NULL,
    fields VARCHAR NOT NULL            -- which fields it has, JSON
);

CREATE TABLE linking_runs (
    run_id BIGINT NOT NULL,
    model VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    stamp BIGINT NOT NULL,             -- records up to here were scored
    scored BIGINT NOT NULL,            -- records that were new or had changed
    records BIGINT NOT NULL,           -- in all
    linked BIGINT NOT NULL,
    refused BIGINT NOT NULL,           -- by the rules of identity
    reviews BIGINT NOT NULL,           -- new ones
    recorded_at TIMESTAMP NOT NULL
);

-- Pairs of profiles that a person is asked about, each by one identifier of either.
CREATE TABLE linking_reviews (
    review_id BIGINT NOT NULL,         -- 1, 2, 3, …
    a BIGINT NOT NULL,                 -- identifier ids
    b BIGINT NOT NULL,
    model VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    weight DOUBLE NOT NULL,            -- bits
    probability DOUBLE NOT NULL,
    evidence VARCHAR NOT NULL,         -- JSON: level and weight of each field
    state VARCHAR NOT NULL,            -- pending, decided, settled, withdrawn
    proposed_at TIMESTAMP NOT NULL,
    decision_id BIGINT,                -- what a person decided; pending again once it is taken back
    left_fields VARCHAR,               -- what was compared then, JSON: what a model can learn from
    right_fields VARCHAR
);

-- Which version of a model the links of that model are of, from each change on.
CREATE TABLE linking_changes (
    change_id BIGINT NOT NULL,         -- 1, 2, 3, …
    model VARCHAR NOT NULL,
    version INTEGER NOT NULL,          -- 0: none
    position BIGINT NOT NULL,          -- of the message that says so
    recorded_at TIMESTAMP NOT NULL
);
