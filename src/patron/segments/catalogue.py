"""What is known: the names that a rule may use."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from patron.engines.duckdb import Cursor
from patron.segments.tree import Expression, Rule
from patron.spec.entities import PRODUCT, PRODUCTS, EntityKind
from patron.spec.rates import Rates
from patron.spec.traits import Survivorships

RECENT_ROWS = 100_000
"""Property names are read from this many newest events, and as many newest lines."""

FALLBACK_ROWS = 500
"""And from this many events of each name that did not occur among the newest."""


class Catalogue(msgspec.Struct, frozen=True):
    """The names that a rule may use.

    Attributes:
        events: Names of events, each with the top-level names of its properties.
        traits: Names of traits.
        line_properties: Top-level names of the properties of order lines.
        group_traits: Names of traits of groups.
        segments: Every other segment, by name.
        lists: Names of static lists.
        brands: Names of brands.
        currencies: Every currency that occurs.
        time_zone: The IANA zone of calendar windows that name none.
        entities: What conditions on events and lines reach through, by name.
        survivorships: Which observation of each trait holds.
        computed: What computed traits are computed of, by their names.
        rates: Exchange rates, by the currency that they lead to.
    """

    events: Mapping[str, frozenset[str]] = {}
    traits: frozenset[str] = frozenset()
    line_properties: frozenset[str] = frozenset()
    group_traits: frozenset[str] = frozenset()
    segments: Mapping[str, Rule] = {}
    lists: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    currencies: frozenset[str] = frozenset()
    time_zone: str = "UTC"
    entities: Mapping[str, EntityKind] = msgspec.field(default_factory=lambda: {PRODUCT: PRODUCTS})
    survivorships: Survivorships = Survivorships()
    computed: Mapping[str, Expression] = {}
    rates: Rates = {}


_EMPTY = Catalogue()


def read_catalogue(cursor: Cursor, declared: Catalogue = _EMPTY) -> Catalogue:
    """Read from the tables what is known.

    Names, brands, lists and currencies are complete; the names of properties come from a bounded
    number of rows, so that the answer stays cheap on large tables: one that occurs in few old
    events only can be missing.

    Args:
        cursor: On the warehouse.
        declared: Holds the segments, the computed traits and the time zone.
    """
    names: set[str] = set()
    currencies: set[str] = set()
    for name, currency in cursor.execute("select distinct name, currency from events").all():
        names.add(name)
        currencies.add(currency)
    return Catalogue(
        events=_event_properties(cursor, names),
        traits=_column(cursor, "select distinct name from traits"),
        line_properties=_line_properties(cursor),
        group_traits=_column(cursor, "select distinct name from group_traits"),
        segments=declared.segments,
        lists=_column(cursor, _LISTS),
        brands=_column(cursor, "select distinct brand from sources where brand <> ''"),
        currencies=frozenset(currencies - {None}),
        time_zone=declared.time_zone,
        entities=declared.entities,
        survivorships=declared.survivorships,
        computed=declared.computed,
        rates=declared.rates,
    )


_LISTS = """
select list from list_members
union
select name from (
    select name, arg_max(coalesce(body, ''), version) as body
    from definitions where kind = 'list' group by name
) where body <> ''
"""

# Rows are many and the sets of their names few, so sets are told apart before names are. What is
# no object has no names.
_RECENT_EVENTS = """
select distinct name, unnest(names) as property
from (select distinct name, variant_keys(properties) as names from events
      where position > (select max(position) from events) - ?)
"""

_EVENTS_NAMED = """
select distinct unnest(names) as property
from (select distinct variant_keys(properties) as names
      from (select properties from events where name = ? limit ?))
"""

_RECENT_LINES = """
select distinct unnest(names) as property
from (select distinct variant_keys(properties) as names from order_lines
      where position > (select max(position) from order_lines) - ?)
"""


def _event_properties(cursor: Cursor, names: set[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, key in cursor.execute(_RECENT_EVENTS, [RECENT_ROWS]).all():
        found.setdefault(name, set()).add(key)
    for name in names - found.keys():
        found[name] = set(_column(cursor, _EVENTS_NAMED, [name, FALLBACK_ROWS]))
    return {name: frozenset(found[name]) for name in sorted(names)}


def _line_properties(cursor: Cursor) -> frozenset[str]:
    return _column(cursor, _RECENT_LINES, [RECENT_ROWS])


def _column(cursor: Cursor, sql: str, params: list[object] | None = None) -> frozenset[str]:
    return frozenset(row[0] for row in cursor.execute(sql, params).all())
