"""What segments bring: orders and revenue of their members, against everybody and against before.

The members of a period are those at its last moment; everybody is every customer seen by then.
Orders are in the state that they have at the moment that the question is asked for.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from patron import profiles
from patron.clock import format_time
from patron.pipeline.book import Book
from patron.pipeline.periods import Period, month_ends
from patron.profiles import Cohort, Sales
from patron.segments import query
from patron.segments.catalogue import Catalogue
from patron.segments.tree import Rule
from patron.spec.goals import MONEY, Goal
from patron.warehouse.reading import Reading

FOLLOWING = timedelta(days=30)
"""How long after the end of a month a backtest looks at what the members bought."""


def performance(reading: Reading, book: Book, name: str, period: Period) -> dict[str, Any]:
    """A segment in a period: it and all customers, now and in the period before."""
    segment = book.segment(name)
    periods = (period, period.before)
    cohorts = [
        cohort
        for one in periods
        for cohort in (
            _cohort(reading, segment.rule, book.catalogue, one),
            Cohort(query.everybody_sql(as_of=one.last), one.start, one.end),
        )
    ]
    own, everybody, own_before, everybody_before = profiles.sales(
        reading.cursor, cohorts, as_of=reading.as_of
    )
    return {
        **reading.head,
        "segment": name,
        "period": _shown(period),
        "before": _shown(period.before),
        "measured": {
            "segment": profiles.plain(own),
            "everybody": profiles.plain(everybody),
            "segment_before": profiles.plain(own_before),
            "everybody_before": profiles.plain(everybody_before),
        },
        "goal": None if segment.goal is None else against(segment.goal, own),
        "owner": segment.owner,
        "journey_stage": segment.journey_stage,
    }


def against(goal: Goal, sales: Sales) -> dict[str, Any]:
    """A goal beside what was measured.

    Returns:
        The goal, with `actual` (None where there is nothing to measure) and whether it is reached.
    """
    actual = measured(sales, goal)
    return {
        **profiles.plain(goal),
        "actual": None if actual is None else profiles.plain(actual),
        "reached": actual is not None and goal.reached(actual),
    }


def measured(sales: Sales, goal: Goal) -> Decimal | None:
    """The number that a goal is about; None where there is nothing to divide by."""
    if goal.measure not in MONEY:
        number: Decimal | int | None = getattr(sales, goal.measure)
        return None if number is None else Decimal(number)
    for one in sales.by_currency:
        if one.currency == goal.currency:
            amount: Decimal | None = getattr(one, goal.measure)
            return amount
    return None if goal.measure in ("average_order_value", "margin") else Decimal(0)


def backtest(
    reading: Reading, book: Book, rule: Rule, catalogue: Catalogue, *, months: int
) -> list[dict[str, Any]]:
    """What a rule would have given at the end of each of the last full months, the oldest first.

    Args:
        reading: What is known.
        book: Its time zone says when months end.
        rule: Saved or not.
        catalogue: Where the segments are that it rests on.
        months: How many.

    Returns:
        Per month its last moment, the members at that moment, and what they bought in the 30 days
        after it; `complete` is false while those 30 days are not over.
    """
    ends = list(month_ends(reading.as_of, months, book.time_zone))
    lasts = [Period(end, end).last for end in ends]
    following = [Period(end, end + FOLLOWING) for end in ends]
    cohorts = [
        Cohort(
            query.members_sql(reading.cursor, rule, as_of=last, catalogue=catalogue),
            period.start,
            period.end,
        )
        for last, period in zip(lasts, following, strict=True)
    ]
    return [
        {
            "month": format_time(last),
            "complete": period.last <= reading.as_of,
            **profiles.plain(bought),
        }
        for last, period, bought in zip(
            lasts,
            following,
            profiles.sales(reading.cursor, cohorts, as_of=reading.as_of) if cohorts else [],
            strict=True,
        )
    ]


def _cohort(reading: Reading, rule: Rule, catalogue: Catalogue, period: Period) -> Cohort:
    sql = query.members_sql(reading.cursor, rule, as_of=period.last, catalogue=catalogue)
    return Cohort(sql, period.start, period.end)


def _shown(period: Period) -> dict[str, Any]:
    return {"from": format_time(period.start), "to": format_time(period.end)}
