-- Who used which device when: one row for each message and device that it carries, where the message
-- was filed under another identifier.
CREATE TABLE device_uses (
    position BIGINT NOT NULL,          -- of the message
    device_id BIGINT NOT NULL,         -- identifier id
    identifier_id BIGINT NOT NULL,     -- what the message was filed under
    occurred_at TIMESTAMP NOT NULL,
    login BOOLEAN NOT NULL             -- false: it carried the device alone, and follows a login
);

-- Of devices that several people log in on: who had it, from when on until the next row.
CREATE TABLE device_turns (
    device_id BIGINT NOT NULL,         -- identifier id
    since TIMESTAMP,                   -- NULL: from ever on
    identifier_id BIGINT NOT NULL      -- of whoever logged in
);

-- What was stored before is read once, when the folder is next opened.
INSERT INTO meta SELECT 'device_uses', 'unread' WHERE EXISTS (SELECT 1 FROM messages);
