-- What a change of the rules of identity leaves behind, so that it can be taken back.

-- Identifiers that no message carries under the rules that hold. One that comes back gets its number
-- again, and the profile that it founded.
CREATE TABLE retired_identifiers (
    identifier_id BIGINT NOT NULL,
    type VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    original VARCHAR NOT NULL,
    key_hi UBIGINT NOT NULL,
    key_lo UBIGINT NOT NULL,
    birth_profile_id BIGINT NOT NULL,
    retired_at TIMESTAMP NOT NULL
);

-- A profile whose founder is retired goes wherever this one goes. NULL: it has a founder of its own.
ALTER TABLE profiles ADD COLUMN follows BIGINT;

-- Messages made of the rows of files: of these a mapping, and not the rules, said what identifies.
CREATE TABLE mapped_messages (
    first_position BIGINT NOT NULL,
    last_position BIGINT NOT NULL
);

-- What was imported before is told by the form that imports write.
INSERT INTO mapped_messages
SELECT min(position), max(position)
FROM (
    SELECT position, position - row_number() OVER (ORDER BY position) AS island
    FROM messages
    WHERE regexp_matches(
        body,
        '^\{"type":"(identify|track|page|screen|group|alias)","messageId":"(\\.|[^"\\])*"'
        || '(,"event":"(\\.|[^"\\])*")?,"timestamp":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"'
        || ',"channel":"(\\.|[^"\\])*",("userId"|"anonymousId"|"context")'
    )
)
GROUP BY island;
