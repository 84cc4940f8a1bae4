"""Numbers that are calculated of measures: exact, in millionths, rounded half to even each time.

What is measured and what is made of it is one list of steps (`Formula`), which is printed as SQL
and carried out on arrays. A number of more than 12 digits before the point is missing, as is what
is divided by zero, and whatever is made of something missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from sqlglot import exp

from patron.segments import clock_values, durations, tree
from patron.segments.conditions import DIALECT
from patron.segments.moments import Before, Moment
from patron.segments.predicates import MeasureTest
from patron.segments.scans import Scan

if TYPE_CHECKING:
    from patron.segments.plan import Planner

MICRO = 1_000_000
LIMIT = 10**18
"""Numbers are smaller than this, in millionths: those that DECIMAL(18, 6) holds."""

_LONGEST = {"day": 2, "week": 8, "month": 32, "quarter": 93, "year": 367}
"""More days than such a unit of the calendar ever has, also when clocks are turned back."""

_SAFE = 4e18
"""What is smaller fits 64 bits, and so does the double of a remainder."""

Sign = Literal["+", "-", "*", "/", "least", "greatest"]


@dataclass(frozen=True)
class Ration:
    """How much counts of the rows of each unit of the calendar, in the order of time.

    Attributes:
        most: In millionths.
        period: Tells the units of the calendar apart: a text of the row.
    """

    most: int
    period: exp.Expr


@dataclass(frozen=True)
class Leaf:
    """A measure of the rows of a scan."""

    scan: Scan
    test: MeasureTest
    worth: tuple[tuple[Moment, int], ...] = ()
    """What rows up to a moment are worth, of a hundred; rising by age. Others count whole."""

    ration: Ration | None = None
    """How much counts of each unit of the calendar."""

    @property
    def weighed(self) -> bool:
        """Whether rows count by their age or for as long as there is something left of a day."""
        return bool(self.worth) or self.ration is not None

    @property
    def key(self) -> str:
        """Equal for equal ones only."""
        worth = f" {self.worth}" if self.worth else ""
        if self.ration is not None:
            worth += f" at most {self.ration.most} of each {self.ration.period.sql(DIALECT)}"
        return f"{self.test.measure} {self.test.path!r} {self.scan.key}{worth}"


@dataclass(frozen=True)
class Step:
    """Two numbers made one; they are named by their places in the list of all numbers."""

    sign: Sign
    left: int
    right: int


@dataclass(frozen=True)
class Formula:
    """What is measured, and the steps to the number that is wanted, which is the last one.

    Attributes:
        numbers: Measures, numbers in millionths, and steps over those before them.
    """

    numbers: tuple[Leaf | int | Step, ...]

    @staticmethod
    def of(
        expression: tree.Expression,
        planner: Planner,
    ) -> Formula:
        """The formula of an expression that names no computed traits."""
        numbers: dict[str, int] = {}
        found: list[Leaf | int | Step] = []

        def place(one: Leaf | int | Step, key: str) -> int:
            if key not in numbers:
                numbers[key] = len(found)
                found.append(one)
            return numbers[key]

        def add(part: tree.Expression, now: Planner) -> int:
            if isinstance(part, tree.Earlier):
                return add(part.earlier, now.at(Before(now.now, durations.duration(part.by))))
            if isinstance(part, tree.Operation):
                left, right = (add(side, now) for side in part.both)
                sign: Any = part.SIGN
                return place(Step(sign, left, right), f"{left} {sign} {right}")
            if isinstance(part, tree.Constant):
                number = int(Decimal(part.number) * MICRO)
                return place(number, f"number {number}")
            leaf = _leaf(part, now)
            return place(leaf, leaf.key)

        last = add(expression, planner)
        # A measure or number that was there before may be the one that is wanted.
        return Formula(tuple(found[: last + 1]))

    @property
    def key(self) -> str:
        """Equal for equal formulas only."""
        return "; ".join(
            one.key if isinstance(one, Leaf) else repr(one) for one in self.numbers
        )  # fmt: skip

    def of_nothing(self) -> int | None:
        """The number of a customer without rows, in millionths; None when it is missing."""
        empty = np.zeros(1, dtype=np.int64)
        none = np.zeros(1, dtype=bool)
        result = self.evaluate(lambda leaf: Numbers(empty, none | leaf.test.zero_of_nothing), 1)
        return int(result.over[0]) if result.there[0] else None

    def evaluate(self, take: Callable[[Leaf], Numbers], size: int) -> Numbers:
        """Carry it out on arrays.

        Args:
            take: Gives the numbers of a measure.
            size: How many there are of each.
        """
        every = np.ones(size, dtype=bool)
        found: list[Numbers] = []
        for one in self.numbers:
            if isinstance(one, Leaf):
                found.append(_fitting(*take(one)))
            elif isinstance(one, Step):
                found.append(_stepped(one.sign, found[one.left], found[one.right]))
            else:
                found.append(Numbers(np.full(size, one, dtype=np.int64), every))
        return found[-1]


def _leaf(part: tree.Expression, planner: Planner) -> Leaf:
    if not isinstance(part, tree.Decayed):
        assert isinstance(part, tree.Taken)  # noqa: S101 - names were written out before
        name: Any
        name, events = part.taken()
        return Leaf(*planner.measured(name, events))
    name, events = part.selected
    scan, test = planner.measured(name, whole_events(events))
    worth = tuple(
        (Before(planner.now, durations.duration(step.after)), step.worth) for step in part.steps
    )
    ration = None
    if part.at_most is not None:
        period = clock_values.period(part.at_most.each, planner.catalogue.time_zone)
        ration = Ration(int(Decimal(part.at_most.most) * MICRO), period)
    if worth and not worth[-1][1]:
        # What came earlier on a day has used up some of what counts of it, though worth nothing.
        length = durations.duration(part.steps[-1].after)
        begin = (
            length if part.at_most is None else length + timedelta(days=_LONGEST[part.at_most.each])
        )
        scan = replace(scan, span=replace(scan.span, after=Before(planner.now, begin)))
    return Leaf(scan, test, worth, ration)


def whole_events(events: tree.Events) -> tree.Events:
    """The same events, of which none stands for one of its lines: each has an age of its own."""
    if not isinstance(events.where, tree.AnyLine):
        return events
    return msgspec.structs.replace(events, where=tree.All((events.where,)))


class Numbers(NamedTuple):
    """A number for each question.

    Attributes:
        over: In millionths.
        there: Where there is one.
    """

    over: Any
    there: npt.NDArray[np.bool_]


def rounded(over: Any, under: Any) -> Any:  # noqa: ANN401 - arrays of whole numbers
    """Quotients of whole numbers, rounded half to even; the divisors are more than 0.

    >>> rounded(np.array([5, 15, -5, 7]), np.array([10, 10, 10, 10])).tolist()
    [0, 2, 0, 1]
    """
    quotient = over // under
    double = 2 * (over - quotient * under)
    up = (double > under) | ((double == under) & (quotient % 2 == 1))
    return quotient + up.astype(np.int64)


def _fitting(over: Any, there: npt.NDArray[np.bool_]) -> Numbers:  # noqa: ANN401
    """Numbers that are not too large; 0 stands where there is none."""
    over = np.where(there, over, 0)
    fits = there & ((over < LIMIT) & (over > -LIMIT)).astype(bool)
    return Numbers(np.where(fits, over, 0).astype(np.int64), fits)


def _stepped(sign: Sign, left: Numbers, right: Numbers) -> Numbers:
    there = left.there & right.there
    one, other = left.over, right.over
    if sign == "+":
        return _fitting(one + other, there)
    if sign == "-":
        return _fitting(one - other, there)
    if sign in _BETTER:
        return _fitting(_BETTER[sign](one, other), there)
    if sign == "*":
        one, other = _wide(one, other)
        return _fitting(rounded(one * other, MICRO), there)
    there = there & (other != 0)
    other = np.where(there, other, 1)
    one, scale = _wide(one, np.full(len(one), MICRO))
    return _fitting(rounded(one * scale * np.sign(other), np.abs(other)), there)


_BETTER: dict[str, Callable[[Any, Any], Any]] = {"least": np.minimum, "greatest": np.maximum}


def _wide(one: Any, other: Any) -> tuple[Any, Any]:  # noqa: ANN401 - arrays of whole numbers
    """Both as numbers of any size, where a product of two would not fit 64 bits."""
    largest = np.abs(one).max(initial=0) * float(np.abs(other).max(initial=0))
    return (one, other) if largest < _SAFE else (one.astype(object), other.astype(object))
