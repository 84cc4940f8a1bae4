"""Measures of remembered rows, and what they compare with. All numbers are in millionths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from patron.segments import calculations
from patron.segments.calculations import Leaf, Numbers
from patron.segments.memory.batch import (
    LONG_AGO,
    NEVER,
    NOTHING,
    Bools,
    Seen,
    Verdict,
    either_unsure,
    span,
)
from patron.segments.memory.columns import MICRO, Columns
from patron.segments.memory.rows import Ints, begins
from patron.segments.moments import Before, Moment
from patron.segments.predicates import MeasureTest
from patron.segments.scans import Scan

FITS = 4e18
"""Numbers of this size and sums of two of them fit 64 bits."""


@dataclass(frozen=True)
class Value:
    """A measure per question: a numerator, and a denominator unless that is 1.

    Attributes:
        over: In millionths.
        under: A whole number, or None.
        there: Where there is a value at all; None for everywhere.
        unsure: Where it does not fit 64 bits; None for nowhere.
    """

    over: Ints
    under: Ints | None = None
    there: Bools | None = None
    unsure: Bools | None = None


Measure = Callable[[Seen], Value]


def measure(test: MeasureTest, scan: Scan, columns: Columns) -> Measure:
    """How a measure is taken of the rows of a scan."""
    if test.measure == "rows":
        return lambda seen: Value(seen.count() * MICRO)
    if test.measure == "events":
        same = columns.whole(scan.table, "position")
        return lambda seen: Value(_distinct(seen, seen.column(same)) * MICRO)
    path = test.path or ""
    if test.measure == "distinct":
        code = columns.code(scan.table, scan.value(path).identity(), scan.reach)
        return lambda seen: Value(_distinct(seen, seen.column(code)) * MICRO)
    number = columns.number(scan.table, scan.number(path), scan.reach)
    if test.measure in ("sum", "average"):
        average = test.measure == "average"
        return lambda seen: _total(_with(seen, number), number, average=average)
    function, empty = (np.minimum, NEVER) if test.measure == "min" else (np.maximum, LONG_AGO)

    def end(seen: Seen) -> Value:
        some = _with(seen, number)
        return Value(some.each(function, some.column(number), empty), there=some.there())

    return end


def measured(leaf: Leaf, columns: Columns) -> Measure:
    """How a measure is taken that may be of rows that are worth less as they age."""
    if not leaf.weighed:
        return measure(leaf.test, leaf.scan, columns)
    ration = _ration(leaf, columns)
    if leaf.test.path is None:
        return lambda seen: _decayed(seen, np.full(len(seen), MICRO), leaf.worth, ration)
    number = columns.number(leaf.scan.table, leaf.scan.number(leaf.test.path), leaf.scan.reach)

    def total(seen: Seen) -> Value:
        some = _with(seen, number)
        return _decayed(some, some.column(number), leaf.worth, ration)

    return total


Rationed = Callable[[Seen, Ints], Ints]


def _ration(leaf: Leaf, columns: Columns) -> Rationed | None:
    """What counts of numbers of which only so much does of each unit of the calendar."""
    if leaf.ration is None:
        return None
    most = leaf.ration.most
    code = columns.code(leaf.scan.table, leaf.ration.period)

    def counting(seen: Seen, numbers: Ints) -> Ints:
        period = seen.column(code)
        order = np.lexsort((seen.at, period, seen.ask))
        sorted_numbers = numbers[order]
        first = begins(seen.ask[order], period[order])
        total = np.cumsum(sorted_numbers)
        start = (total - sorted_numbers)[first]
        total -= start[np.cumsum(first) - 1]
        found = np.empty_like(numbers)
        found[order] = np.minimum(total, most) - np.minimum(total - sorted_numbers, most)
        return found

    return counting


def _decayed(
    seen: Seen, numbers: Ints, steps: Sequence[tuple[Moment, int]], ration: Rationed | None
) -> Value:
    if ration is not None and len(numbers):
        numbers = ration(seen, numbers)
    worth = worths(seen, steps)
    size = np.bincount(
        seen.ask, weights=np.abs(numbers).astype(float) * worth, minlength=len(seen.asks)
    )
    unsure = None if size.max(initial=0) < FITS else size >= FITS
    return Value(seen.each(np.add, numbers * worth, 0), np.full(len(seen.asks), 100), unsure=unsure)


def worths(seen: Seen, steps: Sequence[tuple[Moment, int]]) -> Ints:
    """What rows are worth by their age, of a hundred; steps rise by age."""
    ages, parts = [], [100]
    for moment, part in steps:
        assert isinstance(moment, Before)  # noqa: S101 - steps are so long before one moment
        ages.append(span(moment.length))
        parts.append(part)
        now = moment.of
    if not ages:
        return np.full(len(seen), 100)
    age = seen.asks.moment(now)[seen.ask] - seen.at
    return np.array(parts)[np.searchsorted(np.array(ages), age, side="right")]


def _with(seen: Seen, number: Any) -> Seen:  # noqa: ANN401 - a column
    return seen.where(seen.column(number) != NOTHING)


def _distinct(seen: Seen, codes: Ints) -> Ints:
    there = codes != 0
    ask, codes = seen.ask[there], codes[there]
    order = np.lexsort((codes, ask))
    ask, codes = ask[order], codes[order]
    return np.bincount(ask[begins(ask, codes)], minlength=len(seen.asks)).astype(np.int64)


def _total(seen: Seen, number: Any, *, average: bool) -> Value:  # noqa: ANN401
    values = seen.column(number)
    total = seen.each(np.add, values, 0)
    size = np.bincount(seen.ask, weights=np.abs(values).astype(float), minlength=len(seen.asks))
    unsure = None if size.max(initial=0) < FITS else size >= FITS
    if not average:
        return Value(total, unsure=unsure)
    count = seen.count()
    return Value(total, count, there=count > 0, unsure=unsure)


def against(value: Value, op: str, wanted: Any) -> Verdict:  # noqa: ANN401 - a number or two
    """Whether a measure compares so with a number."""
    several = op in ("between", "not between")
    limits: list[Any] = [int(Decimal(one) * MICRO) for one in (wanted if several else (wanted,))]
    unsure = value.unsure
    if value.under is not None:
        far = max(abs(limit) for limit in limits)
        unsure = either_unsure(unsure, _beyond(value.under.astype(float) * far))
        limits = [value.under * limit for limit in limits]
    true = compare(value.over, op, limits if several else limits[0])
    return Verdict(true if value.there is None else true & value.there, unsure)


def rounded(value: Value) -> Numbers:
    """A measure as one number, where there is one; an average is rounded to millionths."""
    there = np.ones(len(value.over), dtype=bool) if value.there is None else value.there
    if value.under is None:
        return Numbers(value.over, there)
    return Numbers(calculations.rounded(value.over, np.maximum(value.under, 1)), there)


def compare(numbers: Any, op: str, wanted: Any) -> Bools:  # noqa: ANN401 - arrays of numbers
    """Whether numbers compare so with one, or with two of them.

    >>> compare(np.array([1, 5]), "between", (0, 3)).tolist()
    [True, False]
    """
    if op in ("between", "not between"):
        inside: Bools = (numbers >= wanted[0]) & (numbers <= wanted[1])
        return inside if op == "between" else ~inside
    return np.asarray(_COMPARE[op](numbers, wanted))


def compared(left: Value, op: str, right: Value) -> Verdict:
    """Whether one measure compares so with another."""
    over, other = left.over, right.over
    unsure = either_unsure(left.unsure, right.unsure)
    if right.under is not None:
        unsure = either_unsure(unsure, _beyond(over.astype(float) * right.under))
        over = over * right.under
    if left.under is not None:
        unsure = either_unsure(unsure, _beyond(other.astype(float) * left.under))
        other = other * left.under
    true = _COMPARE[op](over, other)
    for there in (left.there, right.there):
        if there is not None:
            true = true & there
    return Verdict(true, unsure)


def _beyond(size: Any) -> Bools | None:  # noqa: ANN401 - an array of floats
    beyond: Bools = np.abs(size) >= FITS
    return beyond if beyond.any() else None


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
