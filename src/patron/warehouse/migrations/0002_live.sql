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
