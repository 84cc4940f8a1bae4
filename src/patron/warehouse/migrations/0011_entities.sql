-- Products and other declared entities. Every observation is kept; `entities` follows from them.
CREATE TABLE entity_observations (
    observation_id BIGINT NOT NULL,    -- 1, 2, 3, …: the order of arrival
    kind VARCHAR NOT NULL,             -- 'product', or that of a definition: store, campaign, …
    brand VARCHAR NOT NULL,            -- '': of every brand
    entity_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,           -- a feed, a mapping, 'api': each says the whole that it knows
    attributes VARCHAR,                -- canonical JSON object; NULL: the source has it no longer
    observed_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

-- What is known now: of each attribute the value of the source that was observed last.
CREATE TABLE entities (
    kind VARCHAR NOT NULL,
    brand VARCHAR NOT NULL,
    entity_id VARCHAR NOT NULL,
    alias VARCHAR NOT NULL,            -- a product's sku; the id itself where there is none
    attributes VARIANT NOT NULL,
    words VARCHAR NOT NULL,            -- its id and all its texts in small letters, to be searched
    observed_at TIMESTAMP NOT NULL     -- of the newest observation that counts
);

-- Which state of a kind `entities` holds, and the attributes that were ever seen.
CREATE TABLE entity_kinds (
    kind VARCHAR PRIMARY KEY,
    state BIGINT NOT NULL,             -- one more with each change
    attributes VARCHAR[] NOT NULL
);
