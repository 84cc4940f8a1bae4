-- The brand that a message counted for when it came in, whatever its source is of since then. NULL: it
-- came in before this was noted; its event says it, else its source.
ALTER TABLE messages ADD COLUMN brand VARCHAR;

-- All brands that any source has or had; none is ever forgotten, for identifiers may be of it.
CREATE TABLE brands (brand VARCHAR PRIMARY KEY);

INSERT INTO brands
SELECT DISTINCT brand FROM (SELECT brand FROM sources UNION SELECT brand FROM events)
WHERE brand <> '';

-- Whether a row is not of a group call, but follows from links at an identifier of a household.
ALTER TABLE group_members ADD COLUMN household BOOLEAN DEFAULT false;
