-- What stands now, merges followed. Made anew at every start, so a view is never out of date.

CREATE OR REPLACE VIEW current_events AS
SELECT e.* REPLACE (coalesce(m.survivor_id, e.profile_id) AS profile_id)
FROM events AS e LEFT JOIN profile_map AS m ON m.profile_id = e.profile_id;

CREATE OR REPLACE VIEW current_order_lines AS
SELECT l.* REPLACE (coalesce(m.survivor_id, l.profile_id) AS profile_id)
FROM order_lines AS l LEFT JOIN profile_map AS m ON m.profile_id = l.profile_id;

CREATE OR REPLACE VIEW current_traits AS
SELECT t.* REPLACE (coalesce(m.survivor_id, t.profile_id) AS profile_id)
FROM traits AS t LEFT JOIN profile_map AS m ON m.profile_id = t.profile_id;

CREATE OR REPLACE VIEW current_identifiers AS
SELECT i.* REPLACE (coalesce(m.survivor_id, i.profile_id) AS profile_id)
FROM identifiers AS i LEFT JOIN profile_map AS m ON m.profile_id = i.profile_id;
