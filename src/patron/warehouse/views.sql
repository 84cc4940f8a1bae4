-- What stands now, merges followed. Made anew at a start when this file or the
-- schema is another, so a view is never out of date.

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

CREATE OR REPLACE VIEW current_group_members AS
SELECT g.* REPLACE (coalesce(m.survivor_id, g.profile_id) AS profile_id)
FROM group_members AS g LEFT JOIN profile_map AS m ON m.profile_id = g.profile_id;

CREATE OR REPLACE VIEW current_notes AS
SELECT n.* REPLACE (coalesce(m.survivor_id, n.profile_id) AS profile_id)
FROM notes AS n LEFT JOIN profile_map AS m ON m.profile_id = n.profile_id;

-- What was recorded is never rewritten, so it follows what the profiles say themselves.
CREATE OR REPLACE VIEW current_membership_changes AS
SELECT c.* REPLACE (coalesce(p.merged_into, c.profile_id) AS profile_id), c.changed_at AS occurred_at,
    c.segment AS name
FROM membership_changes AS c
LEFT JOIN (SELECT profile_id, merged_into FROM profiles WHERE merged_into IS NOT NULL) AS p
    ON p.profile_id = c.profile_id;

-- For people: what `patron sql` may read beside the log, see docs/reference/sql.md.

CREATE OR REPLACE VIEW customers AS
SELECT profile_id, first_seen_at, created_at FROM profiles WHERE merged_into IS NULL;

CREATE OR REPLACE VIEW data_sources AS
SELECT source_id, name, brand, kind, channel, trust, active FROM sources;

CREATE OR REPLACE VIEW customer_identifiers AS
SELECT profile_id, type, value, original, first_seen_at FROM current_identifiers;

-- Made anew where traits are declared: see segments/surviving.py.
CREATE OR REPLACE VIEW customer_traits AS
SELECT profile_id, name, value, occurred_at, source
FROM (
    SELECT t.profile_id, t.name, t.value, t.occurred_at, s.name AS source,
        row_number() OVER (
            PARTITION BY t.profile_id, t.name
            ORDER BY t.occurred_at DESC, t.source_id DESC, t.message_id DESC
        ) AS rank
    FROM current_traits AS t JOIN sources AS s USING (source_id)
)
WHERE rank = 1 AND value IS NOT NULL;

CREATE OR REPLACE VIEW customer_events AS
SELECT e.profile_id, e.name, e.type, e.occurred_at, e.received_at, s.name AS source, e.brand,
    e.channel, e.order_id, e.currency, e.revenue, e.total, e.tax, e.shipping, e.discount, e.coupon,
    e.properties, e.position
FROM current_events AS e JOIN sources AS s USING (source_id);

CREATE OR REPLACE VIEW customer_order_lines AS
SELECT profile_id, name AS event, occurred_at, brand, currency, product_id, sku, product_name,
    category, product_brand, variant, colour, price, quantity, properties, position, line
FROM current_order_lines;

CREATE OR REPLACE VIEW customer_notes AS
SELECT profile_id, note_id, text, written_by, on_behalf_of, written_at, changed_at
FROM (
    SELECT profile_id, note_id, text, written_by, on_behalf_of, occurred_at AS changed_at,
        min(occurred_at) OVER (PARTITION BY note_id) AS written_at,
        row_number() OVER (PARTITION BY note_id ORDER BY position DESC) AS rank
    FROM current_notes
)
WHERE rank = 1 AND text IS NOT NULL;

CREATE OR REPLACE VIEW customer_groups AS
SELECT profile_id, group_id, min(occurred_at) AS joined_at
FROM current_group_members GROUP BY profile_id, group_id;

CREATE OR REPLACE VIEW customer_group_traits AS
SELECT group_id, name, value, occurred_at, source
FROM (
    SELECT t.group_id, t.name, t.value, t.occurred_at, s.name AS source,
        row_number() OVER (
            PARTITION BY t.group_id, t.name
            ORDER BY t.occurred_at DESC, t.source_id DESC, t.message_id DESC
        ) AS rank
    FROM group_traits AS t JOIN sources AS s USING (source_id)
)
WHERE rank = 1 AND value IS NOT NULL;

-- Entries and exits of one profile alternate, so each entry ends with the change that follows it.
CREATE OR REPLACE VIEW memberships AS
SELECT segment, profile_id, version, entered_at, left_at, entry_recorded_at, exit_recorded_at,
    entry_reason, exit_reason, first_fill
FROM (
    SELECT segment, profile_id, version, kind, first_fill, changed_at AS entered_at,
        recorded_at AS entry_recorded_at, reason AS entry_reason,
        lead(changed_at) OVER following AS left_at,
        lead(recorded_at) OVER following AS exit_recorded_at,
        lead(reason) OVER following AS exit_reason
    FROM membership_changes
    WINDOW following AS (PARTITION BY segment, profile_id ORDER BY change_id)
)
WHERE kind = 'entered';

-- Which entity a row of each brand means by an id: that of the brand, else that of every brand.
CREATE OR REPLACE VIEW reachable_entities AS
SELECT e.kind, b.brand, e.entity_id, e.alias, e.attributes
FROM entities AS e
JOIN (SELECT brand FROM brands UNION SELECT '') AS b ON e.brand = '' OR e.brand = b.brand
WHERE e.brand <> '' OR NOT EXISTS (
    FROM entities AS own
    WHERE own.kind = e.kind AND own.brand = b.brand AND own.brand <> '' AND own.entity_id = e.entity_id
);

CREATE OR REPLACE VIEW known_entities AS
SELECT kind, brand, entity_id, attributes, observed_at FROM entities;
