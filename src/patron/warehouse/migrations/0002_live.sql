-- Ties are ordered by message id, so events carry theirs.
ALTER TABLE events ADD COLUMN message_id VARCHAR;
UPDATE events SET message_id = messages.message_id
FROM messages WHERE messages.position = events.position;

-- Who entered and left which segment, in the order that it was recorded in; nothing is ever changed.
CREATE TABLE membership_changes (
    change_id BIGINT NOT NULL,         -- 1, 2, 3, …: the cursor of the feed
    segment VARCHAR NOT NULL,
    version INTEGER NOT NULL,          -- of the definition
    profile_id BIGINT NOT NULL,        -- as it stood then
    kind VARCHAR NOT NULL,             -- 'entered', 'left'
    changed_at TIMESTAMP NOT NULL,     -- when it came to hold
    recorded_at TIMESTAMP NOT NULL,
    reason VARCHAR NOT NULL,           -- 'data', 'time', 'merged', 'definition'
    first_fill BOOLEAN NOT NULL        -- a member when the segment was made: no entry
);

-- How far that log goes: every message and merge up to here, and the clock up to here.
CREATE TABLE live_progress (
    position BIGINT NOT NULL,          -- of the messages
    merge_id BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,
    identifier_id BIGINT NOT NULL,
    at_moment TIMESTAMP NOT NULL
);

-- What the members on record were found by.
CREATE TABLE live_segments (
    segment VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    fingerprint VARCHAR NOT NULL       -- of the rule's meaning
);

-- Companies, households: who belongs to which, and what is known of each, from `group` calls.
CREATE TABLE group_members (
    position BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,        -- follow profile_map to the one that stands
    identifier_id BIGINT NOT NULL,     -- the identity it came in under
    group_id VARCHAR NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    source_id INTEGER NOT NULL,
    message_id VARCHAR NOT NULL
);

CREATE TABLE group_traits (
    position BIGINT NOT NULL,
    group_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,             -- top-level trait name; nested ones live inside the value
    value VARIANT,                     -- NULL: cleared
    occurred_at TIMESTAMP NOT NULL,
    source_id INTEGER NOT NULL,
    message_id VARCHAR NOT NULL
);

INSERT INTO group_members
SELECT position, profile_id, identifier_id, properties.group_id::VARCHAR, occurred_at, source_id,
    message_id
FROM events WHERE type = 'group';

INSERT INTO group_traits
SELECT position, group_id, trait.key, trait.value::VARIANT, occurred_at, source_id, message_id
FROM (
    SELECT position, properties.group_id::VARCHAR AS group_id, occurred_at, source_id, message_id,
        unnest(map_entries(properties.traits::JSON::MAP(VARCHAR, JSON))) AS trait
    FROM events
    WHERE type = 'group' AND starts_with(variant_typeof(properties.traits), 'OBJECT')
);
