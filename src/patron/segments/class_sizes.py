"""How many customers have each value of a computed trait, what they bought, and who moved.

Everybody's values are found by one query each time, and never leave the engine one by one.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from patron.engines.duckdb import Cursor
from patron.segments.catalogue import Catalogue
from patron.segments.computed_values import Asking
from patron.segments.frames import Relations
from patron.segments.tree import ORDERED, Expression


class Revenue(NamedTuple):
    """What the customers of a class bought in one currency.

    Attributes:
        currency: None for orders that name none.
        orders: How many.
        revenue: Their sum.
    """

    currency: str | None
    orders: int
    revenue: Decimal


class Size(NamedTuple):
    """A class, and its customers.

    Attributes:
        value: None for everybody who has no value.
        customers: How many.
        by_currency: What they bought up to then.
    """

    value: Any
    customers: int
    by_currency: tuple[Revenue, ...]


class Movement(NamedTuple):
    """How many had one value at one moment, and another one, or the same, at a later one."""

    before: Any
    after: Any
    customers: int


def sizes(
    cursor: Cursor,
    expression: Expression,
    *,
    as_of: datetime,
    catalogue: Catalogue,
    brands: tuple[str, ...] = (),
) -> list[Size]:
    """Every value that somebody has, with its customers.

    Args:
        cursor: In a transaction.
        expression: What sorts customers: a category, a case or a group of scores.
        as_of: The moment, naive UTC.
        catalogue: Holds the computed traits.
        brands: Of these brands only: what sorts them, and what they bought; empty for all.
    """
    asking = Asking(cursor, as_of=as_of, catalogue=catalogue, brands=brands)
    found, read = asking.query(expression)
    relations = Relations.of(cursor)
    named = ", ".join("?" for _ in brands)
    here = f"and brand in ({named})" if brands else ""
    sql = f"""
    with classes as ({_of_everybody(asking, found)}),
    bought as (
        select profile_id, currency, count(*) as orders, coalesce(sum(revenue), 0) as revenue
        from {relations.events} where name = ? and occurred_at <= ? {here} group by all
    )
    select found, null, count(*), null from classes group by found
    union all
    select found, currency, sum(orders), sum(revenue) from classes join bought using (profile_id)
    group by found, currency
    """
    rows = cursor.execute(sql, [ORDERED, as_of, *brands]).all()
    customers: dict[Any, int] = defaultdict(int)
    bought: dict[Any, dict[str | None, tuple[int, Decimal]]] = defaultdict(dict)
    for value, currency, number, revenue in rows:
        label = None if value is None else read(value)
        if revenue is None:
            customers[label] += number
            continue
        orders, total = bought[label].get(currency, (0, Decimal(0)))
        bought[label][currency] = orders + int(number), total + revenue
    return [
        Size(value, number, tuple(Revenue(currency, *sums) for currency, sums in sorted(
            bought[value].items(), key=lambda one: one[0] or "")))
        for value, number in customers.items()
    ]  # fmt: skip


def movements(
    cursor: Cursor,
    expression: Expression,
    *,
    since: datetime,
    as_of: datetime,
    catalogue: Catalogue,
    brands: tuple[str, ...] = (),
) -> list[Movement]:
    """From which value to which customers went between two moments, by what is known today.

    Args:
        cursor: In a transaction.
        expression: As of `sizes`.
        since: The earlier moment, naive UTC.
        as_of: The later one.
        catalogue: Holds the computed traits.
        brands: As of `sizes`.
    """
    parts = []
    for moment in (since, as_of):
        asking = Asking(cursor, as_of=moment, catalogue=catalogue, brands=brands)
        found, read = asking.query(expression)
        parts.append(_of_everybody(asking, found))
    before, after = parts
    sql = f"""
    select before.found, after.found, count(*)
    from ({before}) as before right join ({after}) as after using (profile_id) group by all
    """
    counted: dict[tuple[Any, Any], int] = defaultdict(int)
    for was, now, number in cursor.execute(sql).all():
        pair = tuple(None if value is None else read(value) for value in (was, now))
        counted[pair[0], pair[1]] += number
    return [Movement(*pair, number) for pair, number in counted.items()]


def _of_everybody(asking: Asking, found: str) -> str:
    everybody = f"({asking.everybody()}) as everybody"
    return (
        f"select profile_id, found from {everybody} left join ({found}) as found using (profile_id)"
    )
