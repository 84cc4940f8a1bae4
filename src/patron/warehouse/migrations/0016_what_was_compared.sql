-- Where the values stand that were compared: numbers of messages and identifiers by field, as JSON.
-- NULL: not noted. The values themselves are kept nowhere a second time.
ALTER TABLE linking_reviews ADD COLUMN left_places VARCHAR;
ALTER TABLE linking_reviews ADD COLUMN right_places VARCHAR;
