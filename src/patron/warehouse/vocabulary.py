"""Names and values that occur: what somebody who writes a rule is offered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NamedTuple

from patron.engines.duckdb import Cursor

RECENT = 100_000
"""Kinds of properties are told from the newest rows among so many."""

EACH = 200
"""And from so many of them of each event."""

VALUES_FROM = 50_000
"""The most frequent values are those of so many newest rows that have the name."""

Of = Literal["event-property", "line-property", "trait"]

_EVENTS = """
select name, arg_max(type, position) as type, count(*) as count, max(occurred_at) as last_seen
from events where occurred_at <= ? group by name order by count desc, name
"""

_NEWEST_OF_EACH = """
select name, properties::JSON as members from events
where position > (select max(position) from events) - {recent} and position in (
    select position from (
        select name, position from events
        where position > (select max(position) from events) - {recent}
    )
    qualify row_number() over (partition by name order by position desc) <= {each}
)
"""

_OF_ONE = "select name, properties::JSON as members from events where name = $name limit {each}"

_LINES = """
select '' as name, properties::JSON as members from order_lines
where position > (select max(position) from order_lines) - {recent} limit {recent} // 50
"""

_TRAITS = """
select '' as name, json_object(name, value::JSON) as members from (
    select name, value from traits
    where position > (select max(position) from traits) - {recent} and value is not null
)
"""

_GROUP_TRAITS = """
select '' as name, json_object(name, value::JSON) as members from (
    select name, value from group_traits
    where position > (select max(position) from group_traits) - {recent} and value is not null
)
"""

_KINDS = """
with sampled as materialized ({sample}),
member as (
    select name, unnest(map_entries(cast(members as MAP(VARCHAR, JSON)))) as one
    from sampled where json_type(members) = 'OBJECT'
)
select name, one.key, json_type(one.value) as type, count(*) as times,
    bool_and(json_type(one.value) = 'VARCHAR' and regexp_matches(one.value->>'$',
        '^\\d{{4}}-\\d\\d-\\d\\d') and try_cast(one.value->>'$' as TIMESTAMPTZ) is not null)
from member where json_type(one.value) <> 'NULL'
group by all order by all
"""

_ROWS: dict[Of, tuple[str, str]] = {
    "event-property": ("events", "properties"),
    "line-property": ("order_lines", "properties"),
    "trait": ("traits", "value"),
}
"""Where rows lie, and what of them holds the value."""

# A list counts for each of its items, as `any of` asks for them.
_FREQUENT = """
with looked_at as materialized (
    select {value} as value from {table}
    where ($event is null or name = $event) and position >= $first
),
item as (
    select unnest(case when json_type(value) = 'ARRAY' then cast(value as JSON[])
        else [value] end) as value
    from looked_at
)
select value::VARCHAR, count(*) as count from item
where json_type(value) not in ('NULL', 'OBJECT', 'ARRAY')
    and ($starting = '' or starts_with(lower(value->>'$'), lower($starting)))
group by all order by count desc, 1 limit $limit
"""


class EventSeen(NamedTuple):
    """An event by name: how many there are, and when last."""

    name: str
    type: str
    times: int
    last_seen: datetime


class Typed(NamedTuple):
    """Values of one JSON type that a name has.

    Attributes:
        event: Its name; '' for what is of no event.
        name: Of the property or trait.
        type: As JSON has it.
        times: How many of those looked at.
        dates: Whether all of them are dates.
    """

    event: str
    name: str
    type: str
    times: int
    dates: bool


class Frequent(NamedTuple):
    """The most frequent values.

    Attributes:
        values: Each as JSON, with the number of rows that have it, the most frequent first.
        rows: So many newest rows were looked at.
        all_rows: Whether these are all that there are.
    """

    values: list[tuple[str, int]]
    rows: int
    all_rows: bool


def events(cursor: Cursor, as_of: datetime) -> list[EventSeen]:
    """Every event that occurred by a moment, the most frequent first."""
    return [EventSeen(*row) for row in cursor.execute(_EVENTS, [as_of]).all()]


def events_with_lines(cursor: Cursor) -> set[str]:
    """The names of events that brought lines of orders."""
    return {row[0] for row in cursor.execute("select distinct name from order_lines").all()}


def event_properties(cursor: Cursor, names: list[str]) -> list[Typed]:
    """The properties of events, as the newest of each have them.

    Args:
        cursor: On the warehouse.
        names: Those of events that did not occur lately are looked for, too.
    """
    found = _typed(cursor, _NEWEST_OF_EACH)
    lately = {one.event for one in found}
    for name in names:
        if name not in lately:
            found += _typed(cursor, _OF_ONE, {"name": name})
    return found


def line_properties(cursor: Cursor) -> list[Typed]:
    """The properties of order lines."""
    return _typed(cursor, _LINES)


def traits(cursor: Cursor) -> list[Typed]:
    """The kinds of traits, as they were told lately."""
    return _typed(cursor, _TRAITS)


def group_traits(cursor: Cursor) -> list[Typed]:
    """The kinds of the traits of groups."""
    return _typed(cursor, _GROUP_TRAITS)


def trait_counts(cursor: Cursor) -> dict[str, int]:
    """How often each trait was told."""
    return dict(cursor.execute("select name, count(*) from traits group by name").all())


def group_trait_counts(cursor: Cursor) -> dict[str, int]:
    """How often each trait of groups was told."""
    return dict(cursor.execute("select name, count(*) from group_traits group by name").all())


def distinct(cursor: Cursor, column: Literal["channel", "currency"]) -> list[str]:
    """Every value of a column of events."""
    cursor.execute(f"select distinct {column} from events where {column} is not null order by all")
    return [row[0] for row in cursor.all()]


def frequent(
    cursor: Cursor, of: Of, name: tuple[str, ...], *, event: str | None, starting: str, limit: int
) -> Frequent:
    """The most frequent values of a property or trait.

    Args:
        cursor: On the warehouse.
        of: Of what.
        name: Its path. The first part of a trait's path is the trait.
        event: The event, of a property; None for any.
        starting: Only values that begin so, whatever their case.
        limit: So many values at most.
    """
    table, value = _ROWS[of]
    if of == "trait":
        event, *rest = name
        value = _inside("value::JSON", tuple(rest))
    else:
        value = _inside("properties::JSON", name)
    first, rows = _first(cursor, table, event)
    given: dict[str, Any] = {
        "event": event, "first": first, "starting": starting, "limit": limit,
    }  # fmt: skip
    if "$pointer" in value:
        given["pointer"] = _pointer(name[1:] if of == "trait" else name)
    found = cursor.execute(_FREQUENT.format(value=value, table=table), given).all()
    return Frequent([(row[0], row[1]) for row in found], rows, rows < VALUES_FROM)


def of_column(
    cursor: Cursor, of: Of, column: str, *, event: str | None, starting: str, limit: int
) -> Frequent:
    """The same of a property that has a column of its own.

    Args:
        cursor: On the warehouse.
        of: Properties of events or of lines.
        column: One of `segments.columns`: it is written into the question.
        event: The event; None for any.
        starting: Only values that begin so.
        limit: So many values at most.
    """
    table = _ROWS[of][0]
    first, rows = _first(cursor, table, event)
    given = {"event": event, "first": first, "starting": starting, "limit": limit}
    sql = _FREQUENT.format(value=f"to_json({column})", table=table)
    found = cursor.execute(sql, given).all()
    return Frequent([(row[0], row[1]) for row in found], rows, rows < VALUES_FROM)


def _inside(json: str, path: tuple[str, ...]) -> str:
    return f"json_extract({json}, $pointer)" if path else json


def _pointer(path: tuple[str, ...]) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def _first(cursor: Cursor, table: str, name: str | None) -> tuple[int, int]:
    """The position from which on the newest rows lie, and how many they are."""
    cursor.execute(
        "select coalesce(min(position), 0), count(*) from ("
        f"select position from {table} where $name is null or name = $name "
        "order by position desc limit $most)",
        {"name": name, "most": VALUES_FROM},
    )
    first, rows = cursor.all()[0]
    return first, rows


def _typed(cursor: Cursor, sample: str, given: dict[str, Any] | None = None) -> list[Typed]:
    sql = _KINDS.format(sample=sample.format(recent=RECENT, each=EACH))
    return [Typed(*row) for row in cursor.execute(sql, given).all()]
