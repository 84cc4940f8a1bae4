-- The edition of the default identity rules: one that holds identifiers keeps what made them.
INSERT INTO meta
SELECT 'identity_defaults', CASE WHEN count(*) > 0 THEN '1' ELSE '2' END FROM identifiers;
