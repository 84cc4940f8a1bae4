-- The ends of the path that a product's category is are attributes of their own, unless they were said.
UPDATE entities SET attributes = CAST(json_merge_patch(
    CASE WHEN contains(CAST(attributes['category'] AS VARCHAR), '>')
        THEN json_object(
            'main_category', trim(string_split(CAST(attributes['category'] AS VARCHAR), '>')[1]),
            'subcategory', trim(string_split(CAST(attributes['category'] AS VARCHAR), '>')[-1]))
        ELSE json_object('main_category', trim(CAST(attributes['category'] AS VARCHAR))) END,
    CAST(attributes AS JSON)
) AS VARIANT)
WHERE kind = 'product' AND trim(coalesce(CAST(attributes['category'] AS VARCHAR), '')) <> '';

UPDATE entity_kinds SET state = state + 1,
    attributes = list_sort(list_distinct(list_concat(attributes, ['main_category', 'subcategory'])))
WHERE kind = 'product' AND list_contains(attributes, 'category');
