-- What brought a merge or split about, by a code (identity/causes.py): its reason is a sentence in
-- English. NULL for what was recorded before.
ALTER TABLE merges ADD COLUMN cause VARCHAR;
