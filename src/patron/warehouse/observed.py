"""Which events, properties and traits there are, and what their values look like."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from patron.engines.duckdb import Cursor
from patron.spec.commerce import PRODUCT_EVENTS

MOST_VALUES = 20
"""Values of one property that are looked at to tell whether it has but a few."""

_EVENTS = """
select name, count(*), max(occurred_at) from events
where occurred_at > $since and occurred_at <= $as_of group by name order by name
"""

_PROPERTIES = """
select name, key, count(*), max(occurred_at)
from (
    select name, occurred_at, unnest(json_keys(properties::JSON)) as key
    from events where occurred_at > $since and occurred_at <= $as_of
)
group by name, key order by name, key
"""

_WITH_LINES = """
select name, count(distinct position), max(occurred_at) from order_lines
where occurred_at > $since and occurred_at <= $as_of group by name
"""

_TRAITS = """
select name, count(*), max(occurred_at) from traits
where occurred_at > $since and occurred_at <= $as_of group by name order by name
"""

_EVENT_SAMPLE = """
select e.name, m.body->'$.properties' as members
from (
    select position, name from events
    where type = 'track' and ($source is null or source_id = $source)
    order by position desc limit $most
) as e
join messages as m using (position)
"""

_TRAIT_SAMPLE = """
select '' as name, json_object(name, value::JSON) as members
from (
    select name, value from traits
    where ($source is null or source_id = $source) and value is not null
    order by position desc limit $most
)
"""

# Of lists of objects, what their items look like stands under the name of the list.
_SHAPES = """
with sampled as materialized ({sample}),
member as materialized (
    select name, '' as inside, unnest(map_entries(cast(members as MAP(VARCHAR, JSON)))) as one
    from sampled where json_type(members) = 'OBJECT'
),
item as materialized (
    select name, one.key as inside, unnest(cast(one.value as JSON[])) as members
    from member where json_type(one.value) = 'ARRAY'
),
every as (
    from member
    union all
    select name, inside, unnest(map_entries(cast(members as MAP(VARCHAR, JSON))))
    from item where json_type(members) = 'OBJECT'
),
typed as (
    select name, inside, one.key as key, json_type(one.value) as type, one.value->>'$' as text
    from every where json_type(one.value) <> 'NULL'
),
shape as (
    select name, inside, key, type, count(*) as times,
        bool_and(type = 'VARCHAR' and regexp_matches(text, '^\\d{{4}}-\\d\\d-\\d\\d')
            and try_cast(text as TIMESTAMPTZ) is not null) as dates,
        coalesce(array_agg(distinct text) filter (where type = 'VARCHAR'), []) as texts
    from typed group by all
)
select name, inside, key, type, times, dates, len(texts), list_sort(texts)[1:{values}],
    case when inside = '' then (select count(*) from sampled as s where s.name = shape.name)
        else (select count(*) from item as i
            where i.name = shape.name and i.inside = shape.inside) end
from shape order by name, inside, key, type
"""


class Seen(NamedTuple):
    """How often something was there.

    Attributes:
        event: Its name; '' for a trait.
        name: Of the property or the trait; None for the event itself.
        times: In how many rows.
        last: When last, naive UTC.
    """

    event: str
    name: str | None
    times: int
    last: datetime


class Shape(NamedTuple):
    """Values of one type that a property has.

    Attributes:
        event: Its name; '' for a trait.
        inside: The list of objects that the property is of; '' for the event itself.
        name: Of the property.
        type: As JSON has it: VARCHAR, BIGINT, UBIGINT, DOUBLE, BOOLEAN, ARRAY, OBJECT.
        times: How many values.
        dates: Whether all are dates.
        different: How many different texts.
        texts: These, `MOST_VALUES` at most.
        of: How many events, or objects in the list, were looked at.
    """

    event: str
    inside: str
    name: str
    type: str
    times: int
    dates: bool
    different: int
    texts: list[str]
    of: int


def events_seen(cursor: Cursor, since: datetime, as_of: datetime) -> list[Seen]:
    """The events of a span of time, and their properties."""
    span = {"since": since, "as_of": as_of}
    rows = cursor.execute(_EVENTS, span).all()
    found = [Seen(name, None, times, last) for name, times, last in rows]
    found += [Seen(*row) for row in cursor.execute(_PROPERTIES, span).all()]
    # Lines are kept beside the other properties.
    named = {(one.event, one.name) for one in found}
    for name, times, last in cursor.execute(_WITH_LINES, span).all():
        # The line of an event about one product was made of the event's own properties.
        if (name, "products") not in named and name not in PRODUCT_EVENTS:
            found.append(Seen(name, "products", times, last))
    return found


def traits_seen(cursor: Cursor, since: datetime, as_of: datetime) -> list[Seen]:
    """The traits that were told in a span of time."""
    rows = cursor.execute(_TRAITS, {"since": since, "as_of": as_of}).all()
    return [Seen("", name, times, last) for name, times, last in rows]


def event_shapes(cursor: Cursor, source_id: int | None, most: int) -> list[Shape]:
    """What the properties of the newest events look like.

    Args:
        cursor: On the warehouse.
        source_id: Only of this source; None for all.
        most: So many events are looked at.
    """
    return _shapes(cursor, _EVENT_SAMPLE, source_id, most)


def trait_shapes(cursor: Cursor, source_id: int | None, most: int) -> list[Shape]:
    """The same of the traits that were told last."""
    return [one for one in _shapes(cursor, _TRAIT_SAMPLE, source_id, most) if not one.inside]


def _shapes(cursor: Cursor, sample: str, source_id: int | None, most: int) -> list[Shape]:
    sql = _SHAPES.format(sample=sample, values=MOST_VALUES)
    return [Shape(*row) for row in cursor.execute(sql, {"source": source_id, "most": most}).all()]


def event_names(cursor: Cursor, source_id: int | None) -> list[str]:
    """The events that were ever tracked."""
    cursor.execute(
        "select distinct name from events "
        "where type = 'track' and ($source is null or source_id = $source) order by name",
        {"source": source_id},
    )
    return [row[0] for row in cursor.all()]
