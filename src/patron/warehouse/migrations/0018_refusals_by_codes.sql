-- Why a message was refused by a code with its values, as JSON: its reason is a sentence in English.
-- NULL for what was refused before, and for what code and field say all of.
ALTER TABLE quarantine ADD COLUMN told VARCHAR;
