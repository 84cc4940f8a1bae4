-- All times are UTC without a zone. All money is DECIMAL(18, 6) beside its currency.
-- Large tables carry no index: appends stay cheap, scans are pruned by zone maps, and the few
-- point look-ups by hash are answered by warehouse/keys.py.

CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);

CREATE TABLE tokens (
    hash VARCHAR PRIMARY KEY,          -- SHA-256 of a 256-bit random token
    name VARCHAR NOT NULL,
    role VARCHAR NOT NULL,             -- 'admin'
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE sources (
    source_id INTEGER PRIMARY KEY,
    name VARCHAR NOT NULL UNIQUE,
    brand VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,             -- web, app, store, crm, erp, …
    channel VARCHAR NOT NULL,          -- of messages that name none
    trust INTEGER NOT NULL,            -- smaller is trusted more
    write_key_hash VARCHAR,            -- SHA-256; NULL: nothing can be sent over HTTP
    active BOOLEAN NOT NULL
);

-- The log: everything below can be rebuilt from it.
CREATE TABLE messages (
    position BIGINT NOT NULL,          -- 1, 2, 3, …: the order of arrival
    source_id INTEGER NOT NULL,
    message_id VARCHAR NOT NULL,
    key_hi UBIGINT NOT NULL,           -- spec.keys.message_key(source_id, message_id)
    key_lo UBIGINT NOT NULL,
    type VARCHAR NOT NULL,             -- identify, track, page, screen, group, alias
    occurred_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL,
    body VARCHAR NOT NULL              -- JSON, as received
);

CREATE TABLE quarantine (
    quarantine_id BIGINT NOT NULL,
    source_id INTEGER NOT NULL,
    message_id VARCHAR,
    type VARCHAR,                      -- of the request's path, where the body names none
    sent_at TIMESTAMP,                 -- of the batch
    received_at TIMESTAMP NOT NULL,
    code VARCHAR NOT NULL,             -- machine-readable reason
    field VARCHAR,                     -- what was wrong: properties.revenue
    reason VARCHAR NOT NULL,           -- one sentence for a person
    origin VARCHAR NOT NULL,           -- 'http', or the file's name
    row_number BIGINT,                 -- row in that file, from 1
    body BLOB NOT NULL,                -- the bytes as received
    key_hi UBIGINT NOT NULL,           -- spec.keys.quarantine_key: a repeat is not kept twice
    key_lo UBIGINT NOT NULL,
    replayed_at TIMESTAMP              -- when it was sent through again and accepted
);

CREATE TABLE counters (
    source_id INTEGER PRIMARY KEY,
    accepted BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    duplicate BIGINT NOT NULL,
    quarantined BIGINT NOT NULL
);

CREATE TABLE identifiers (
    identifier_id BIGINT NOT NULL,     -- 1, 2, 3, …
    type VARCHAR NOT NULL,
    value VARCHAR NOT NULL,            -- normal form
    original VARCHAR NOT NULL,         -- as first received
    key_hi UBIGINT NOT NULL,           -- spec.keys.identifier_key(type, value)
    key_lo UBIGINT NOT NULL,
    profile_id BIGINT NOT NULL,        -- follow profile_map to the one that stands
    birth_profile_id BIGINT NOT NULL,  -- the profile it was first seen on
    first_seen_at TIMESTAMP NOT NULL
);

CREATE TABLE links (
    a BIGINT NOT NULL,                 -- identifier ids, a < b
    b BIGINT NOT NULL,
    first_observed_at TIMESTAMP NOT NULL,  -- smallest occurred_at of all observations
    source_id INTEGER NOT NULL,        -- of that observation
    message_id VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,             -- 'same_message', 'alias'
    kept BOOLEAN NOT NULL,             -- false: the rules forbid what it would join
    recorded_at TIMESTAMP NOT NULL
);

CREATE TABLE profiles (
    profile_id BIGINT NOT NULL,        -- 1, 2, 3, …; given once and kept
    first_seen_at TIMESTAMP NOT NULL,  -- smallest occurred_at of what belongs to it
    created_at TIMESTAMP NOT NULL,
    merged_into BIGINT                 -- the profile that stands for it; NULL: it stands itself
);

CREATE TABLE merges (
    merge_id BIGINT NOT NULL,
    kind VARCHAR NOT NULL,             -- 'merge', 'split'
    kept_profile_id BIGINT NOT NULL,
    other_profile_id BIGINT NOT NULL,  -- merged away, or split off
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    reason VARCHAR NOT NULL,           -- one sentence for a person
    link_a BIGINT,
    link_b BIGINT,
    source_id INTEGER,
    message_id VARCHAR
);

-- Merged profiles whose rows are still stored under the old id; emptied by compaction.
CREATE TABLE profile_map (profile_id BIGINT PRIMARY KEY, survivor_id BIGINT NOT NULL);

CREATE TABLE events (
    position BIGINT NOT NULL,          -- of its message
    profile_id BIGINT NOT NULL,        -- follow profile_map to the one that stands
    identifier_id BIGINT NOT NULL,     -- the identity it came in under
    type VARCHAR NOT NULL,             -- track, page, screen, group, alias
    name VARCHAR NOT NULL,             -- 'Order Completed', 'Page Viewed', …
    occurred_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL,
    source_id INTEGER NOT NULL,
    brand VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    order_id VARCHAR,
    currency VARCHAR,
    revenue DECIMAL(18, 6),
    total DECIMAL(18, 6),
    tax DECIMAL(18, 6),
    shipping DECIMAL(18, 6),
    discount DECIMAL(18, 6),
    coupon VARCHAR,
    properties VARIANT
);

CREATE TABLE order_lines (
    position BIGINT NOT NULL,          -- of its event
    line INTEGER NOT NULL,             -- 0, 1, 2, … within the event
    profile_id BIGINT NOT NULL,
    identifier_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,             -- of its event
    occurred_at TIMESTAMP NOT NULL,
    brand VARCHAR NOT NULL,
    currency VARCHAR,
    product_id VARCHAR,
    sku VARCHAR,
    product_name VARCHAR,
    category VARCHAR,
    product_brand VARCHAR,
    variant VARCHAR,
    colour VARCHAR,
    price DECIMAL(18, 6),
    quantity DECIMAL(18, 6),
    properties VARIANT                 -- the whole product object
);

CREATE TABLE traits (
    position BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,
    identifier_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,             -- top-level trait name; nested ones live inside the value
    value VARIANT,                     -- NULL: cleared
    occurred_at TIMESTAMP NOT NULL,
    source_id INTEGER NOT NULL,
    message_id VARCHAR NOT NULL
);

CREATE TABLE list_members (
    list VARCHAR NOT NULL,
    type VARCHAR NOT NULL,             -- identifier type
    value VARCHAR NOT NULL,            -- normal form: the entry follows the person
    added_at TIMESTAMP NOT NULL
);

-- Every version of every definition; the newest of a (kind, name) counts.
CREATE TABLE definitions (
    kind VARCHAR NOT NULL,             -- source, mapping, identity, segment, list
    name VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    body VARCHAR,                      -- canonical JSON; NULL: removed
    origin VARCHAR NOT NULL,           -- 'file' or 'api'
    recorded_at TIMESTAMP NOT NULL
);

CREATE TABLE imports (
    import_id VARCHAR PRIMARY KEY,
    mapping VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    state VARCHAR NOT NULL,            -- running, done, failed
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    accepted BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    duplicate BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    error VARCHAR
);

CREATE TABLE idempotency (
    key VARCHAR PRIMARY KEY,
    request_hash VARCHAR NOT NULL,
    status INTEGER NOT NULL,
    response VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL
);
