"""When rows happened: for the first time, in how many units of the calendar, no more, again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.segments import conditions
from patron.segments.conditions import DIALECT, column
from patron.segments.frames import named, table
from patron.segments.moments import Moment
from patron.segments.scans import Scan, Span

if TYPE_CHECKING:
    from patron.segments.sql import Printer
    from patron.segments.sql_scans import ScanPrinter


@dataclass(frozen=True)
class FirstTimeTest:
    """The earliest row lies in a window."""

    window: Span
    size: int = 1

    @property
    def key(self) -> str:
        """Equal for equal tests only."""
        return f"first in {self.window}"

    def having(self, printer: ScanPrinter) -> exp.Expr:
        """The test as a condition behind HAVING."""
        inside = conditions.certain(exp.and_(exp.true(), *printer.bounds(self.window)))
        return exp.Anonymous(this="arg_min", expressions=[inside, column("occurred_at")])


@dataclass(frozen=True)
class PeriodsTest:
    """The rows lie in so many of some periods.

    Attributes:
        starts: When each period starts, the last one first; it ends with the one before it.
        op: How their number compares with `value`.
        value: See `op`.
    """

    starts: tuple[Moment, ...]
    op: str
    value: int
    size: int = 1

    @property
    def key(self) -> str:
        """Equal for equal tests of the same rows only: all periods together are those rows."""
        return f"{len(self.starts)} periods {self.op} {self.value}"

    def having(self, printer: ScanPrinter) -> exp.Expr:
        """The test as a condition behind HAVING."""
        starts = [printer.frame.moment(start) for start in self.starts]
        period = exp.Distinct(expressions=[_period(starts, 0)])
        return conditions.compare(exp.Count(this=period), self.op, self.value)


def _period(starts: list[exp.Expr], number: int) -> exp.Expr:
    """The number of the period that a row lies in, found by halving."""
    if len(starts) == 1:
        return exp.Literal.number(number)
    half = len(starts) // 2
    later = exp.GTE(this=column("occurred_at"), expression=starts[half - 1].copy())
    return exp.Case(
        ifs=[exp.If(this=later, true=_period(starts[:half], number))],
        default=_period(starts[half:], number + half),
    )


@dataclass(frozen=True)
class StoppedTest:
    """No row lies after a moment."""

    since: Moment
    size: int = 1

    @property
    def key(self) -> str:
        """Equal for equal tests only."""
        return f"stopped since {self.since}"

    def having(self, printer: ScanPrinter) -> exp.Expr:
        """The test as a condition behind HAVING."""
        since = printer.frame.moment(self.since)
        recent = exp.GT(this=column("occurred_at"), expression=since)
        return exp.Not(this=exp.LogicalOr(this=recent))


PatternTest = FirstTimeTest | PeriodsTest | StoppedTest


@dataclass(frozen=True, eq=False)
class Resumed:
    """The profiles with a row in a window that lies a time after the one before it, or more.

    Attributes:
        scan: The rows, at any time.
        window: The window.
        after: The time.
    """

    scan: Scan
    window: Span
    after: timedelta

    @property
    def key(self) -> str:
        """Equal for equal sets only."""
        return f"resumed after {self.after} in {self.window} {self.scan.key}"

    def query(self, printer: Printer) -> exp.Query:
        """Their keys."""
        key, at = column(printer.key), column("occurred_at")
        inside = printer.rows(self.scan).select(at).where(*printer.bounds(self.window))
        rows: exp.Query = exp.select(key, at).from_(table("inside"))
        begun = printer.begun(self.window)
        if begun:
            # Of what was before the window, the last row of each customer is enough.
            known = exp.Subquery(this=exp.select(key).from_(table("inside")))
            earlier = printer.rows(self.scan).select(exp.Max(this=at.copy()))
            earlier = earlier.where(
                conditions.negation(exp.and_(*begun)), exp.In(this=key.copy(), query=known)
            )
            rows = exp.union(rows, earlier.group_by(key), distinct=False, copy=False)
        before = exp.Window(
            this=exp.Anonymous(this="lag", expressions=[at.copy()]),
            partition_by=[key.copy()],
            order=exp.Order(expressions=[exp.Ordered(this=at.copy())]),
        )
        gaps = exp.select(key, at, exp.alias_(before, "before", quoted=True))
        gaps = gaps.from_(named(rows, "happened"))
        long_after = exp.GTE(
            this=at.copy(),
            expression=exp.Add(this=column("before"), expression=conditions.length(self.after)),
        )
        query = exp.select(key).distinct().from_(named(gaps, "gaps")).where(long_after)
        query = query.with_("inside", as_=inside, materialized=True, dialect=DIALECT)
        return exp.select(key).from_(named(query, "resumed"))
