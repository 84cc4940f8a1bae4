"""Comparisons of a date in a trait with the moment that the question is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlglot import exp

from patron.segments import conditions, durations
from patron.segments.conditions import Operand, dated, literal
from patron.segments.expressions import DIALECT, between, call, either, every, try_cast
from patron.segments.moments import Before, LocalDay, Moment

Printed = Callable[[Moment], exp.Expr]
"""Writes a moment as SQL: see `frames.py`."""


def condition(
    operand: Operand,
    op: str,
    value: Any,  # noqa: ANN401
    *,
    now: Moment,
    zone: str,
    printed: Printed,
) -> exp.Expr:
    """A comparison with one of `operators.ABOUT_NOW`; NULL means false.

    Args:
        operand: Holds the date, as text.
        op: The operator.
        value: What it asks for.
        now: The moment that it is asked for.
        zone: Whose calendar says what day that is: an IANA zone.
        printed: Writes moments.
    """
    if op == "anniversary":
        today = exp.cast(printed(LocalDay(now, zone)), "DATE", copy=False, dialect=DIALECT)
        recurs = dated(operand, lambda _: _recurs(_written_day(operand), value, today))
        # By its two digits, the month that is written rules out most texts at little cost.
        month = call("substr", operand.text(), literal(6), literal(2))
        return exp.Case().when(_about(month, value, today), recurs, copy=False)
    length = durations.duration(value)
    first, last = (Before(now, length), now) if op == "within last" else (now, Before(now, -length))
    return near(operand, printed(first), printed(last))


def near(operand: Operand, first: exp.Expr, last: exp.Expr) -> exp.Expr:
    """Whether a date is later than one moment, and not later than another."""
    return dated(
        operand,
        lambda at: every(
            exp.GT(this=at, expression=first), exp.LTE(this=at.copy(), expression=last)
        ),
        (
            _text(exp.Sub(this=first.copy(), expression=conditions.length(_DAY))),
            _text(exp.Add(this=last.copy(), expression=conditions.length(_DAY))),
        ),
    )


_DAY = timedelta(days=1)


def _text(moment: exp.Expr) -> exp.Expr:
    return call("strftime", moment, exp.Literal.string("%Y-%m-%d"))


def _written_day(operand: Operand) -> exp.Expr:
    """The date as it is written, whatever zone the time behind it names."""
    return try_cast(call("left", operand.text(), literal(10)), "DATE")


def _recurs(day: exp.Expr, when: str, today: exp.Expr) -> exp.Expr:
    """Whether a day that has come falls on a span from today on again, in this year or a later."""
    come = exp.LTE(this=day.copy(), expression=today.copy())
    if when == "month":
        return every(come, exp.EQ(this=call("month", day), expression=call("month", today.copy())))
    days = _days(when)
    if when.startswith(durations.IN):
        then = exp.Add(this=today.copy(), expression=literal(days))
        return every(come, exp.EQ(this=_in_year_of(day, then), expression=then.copy()))
    if days >= _WHOLE_YEAR:
        return come
    last = exp.Add(this=today.copy(), expression=literal(days))
    # A shorter span holds the day of the year that it begins in, or of the one that it ends in.
    years = [today] if days == 0 else [today, last]
    found = (between(_in_year_of(day, other), today.copy(), last.copy()) for other in years)
    return every(come, either(*found))


_WHOLE_YEAR = 365
"""Today and so many days after it: every day of the year is among them."""


_MANY_MONTHS = 300
"""So many days can reach into the month that they began in, a year later."""


def _days(when: str) -> int:
    return 0 if when == "today" else durations.duration(when.removeprefix(durations.IN)).days


def _about(month: exp.Expr, when: str, today: exp.Expr) -> exp.Expr:
    """Whether a month, as two digits, is that of today, of the last day, or one between them."""
    first = _digits(today.copy())
    if when in ("today", "month"):
        return exp.EQ(this=month, expression=first)
    last = _digits(exp.Add(this=today.copy(), expression=literal(_days(when))))
    if when.startswith(durations.IN):
        return exp.EQ(this=month, expression=last)
    if _days(when) >= _MANY_MONTHS:
        return exp.true()
    after = exp.GTE(this=month, expression=first)
    until = exp.LTE(this=month.copy(), expression=last)
    across = exp.GT(this=first.copy(), expression=last.copy())
    return exp.Case().when(across, either(after.copy(), until.copy())).else_(every(after, until))


def _digits(day: exp.Expr) -> exp.Expr:
    return call("strftime", day, exp.Literal.string("%m"))


def _in_year_of(day: exp.Expr, other: exp.Expr) -> exp.Expr:
    """The day in the year of another.

    The engine's sum of a date and years turns a 29 February that does not exist into the 28th.
    """
    years = exp.Sub(this=call("year", other.copy()), expression=call("year", day.copy()))
    added = exp.Add(
        this=day.copy(), expression=call("to_years", exp.cast(years, "INTEGER", copy=False))
    )
    return exp.cast(added, "DATE", copy=False, dialect=DIALECT)
