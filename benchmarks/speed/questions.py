"""The questions that are asked of the language, of SQL on DuckDB by hand, and of PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from patron.engines.duckdb import Cursor
from patron.segments import query
from patron.segments.catalogue import Catalogue
from patron.segments.text import parse

AS_OF = datetime(2026, 1, 1)  # noqa: DTZ001 - naive UTC, as everywhere


class Question(NamedTuple):
    """One question in three forms.

    Attributes:
        name: Of the row.
        rule: In the language of segments.
        sql: By hand, on the tables of a workspace.
        postgres: By hand, on the table of `postgres.py`.
        budget: Seconds at 50 M events.
    """

    name: str
    rule: str
    sql: str
    postgres: str
    budget: float


def counting(cursor: Cursor, rule: str) -> Callable[[], int]:
    """What counts who fulfils a rule, as a preview does."""
    tree, catalogue = parse(rule), Catalogue()
    return lambda: query.count(cursor, tree, as_of=AS_OF, catalogue=catalogue)


_WINDOWED = """select profile_id from events where name = 'Order Completed'
    and occurred_at > timestamp '2025-10-03' and occurred_at <= timestamp '2026-01-01'
    group by profile_id having count(*) >= 2"""
_SUM = """select profile_id from events where name = 'Order Completed' and currency = 'EUR'
    and occurred_at <= timestamp '2026-01-01' group by profile_id having sum(revenue) > 500"""
_FILTER = """select distinct profile_id from events where name = 'Order Completed'
    and occurred_at > timestamp '2025-01-01' and occurred_at <= timestamp '2026-01-01'
    and {department} = 'MEAT'"""
_DISTINCT = """select profile_id from events where name = 'Order Completed'
    and occurred_at > timestamp '2025-01-01' and occurred_at <= timestamp '2026-01-01'
    group by profile_id having count(distinct {store}) >= 5"""

QUESTIONS = [
    Question(
        "windowed_90_days",
        'count("Order Completed" in the last 90 days) >= 2',
        _WINDOWED,
        _WINDOWED,
        0.5,
    ),
    Question(
        "sum_all_time",
        'sum(revenue of "Order Completed" ever in EUR) > 500',
        _SUM,
        _SUM,
        2.5,
    ),
    Question(
        "property_filter",
        'did "Order Completed" in the last 365 days where (department = "MEAT")',
        _FILTER.format(department="properties.department::varchar"),
        _FILTER.format(department="properties->>'department'"),
        2.5,
    ),
    Question(
        "distinct_over_a_year",
        'distinct(store of "Order Completed" in the last 365 days) >= 5',
        _DISTINCT.format(store="properties.store::varchar"),
        _DISTINCT.format(store="properties->>'store'"),
        4.0,
    ),
]
