"""Numbers that are calculated of measures: exact, in millionths, rounded half to even each time.

What is measured and what is made of it is one list of steps (`Formula`), which is printed as SQL
and carried out on arrays. A number of more than 12 digits before the point is missing, as is what
is divided by zero, and whatever is made of something missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from patron.segments import conditions, operators, tree
from patron.segments.conditions import DIALECT, column
from patron.segments.frames import named, table
from patron.segments.metrics import fraction
from patron.segments.predicates import MeasureTest
from patron.segments.scans import Scan

if TYPE_CHECKING:
    from patron.segments.sql import Printer

MICRO = 1_000_000
LIMIT = 10**18
"""Numbers are smaller than this, in millionths: those that DECIMAL(18, 6) holds."""

_SAFE = 4e18
"""What is smaller fits 64 bits, and so does the double of a remainder."""

Sign = Literal["+", "-", "*", "/"]


@dataclass(frozen=True)
class Leaf:
    """A measure of the rows of a scan."""

    scan: Scan
    test: MeasureTest


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
        measured: Callable[[tree.MeasureName, tree.Events], tuple[Scan, MeasureTest]],
    ) -> Formula:
        """The formula of an expression that names no computed traits."""
        numbers: dict[str, int] = {}
        found: list[Leaf | int | Step] = []

        def place(one: Leaf | int | Step, key: str) -> int:
            if key not in numbers:
                numbers[key] = len(found)
                found.append(one)
            return numbers[key]

        def add(part: tree.Expression) -> int:
            if isinstance(part, tree.Operation):
                left, right = (add(side) for side in part.both)
                sign: Any = part.SIGN
                return place(Step(sign, left, right), f"{left} {sign} {right}")
            if isinstance(part, tree.Constant):
                number = int(Decimal(part.number) * MICRO)
                return place(number, f"number {number}")
            assert isinstance(part, tree.Taken)  # noqa: S101 - names were written out before
            name: Any
            name, events = part.taken()
            scan, test = measured(name, events)
            return place(Leaf(scan, test), f"{test.measure} {test.path!r} {scan.key}")

        last = add(expression)
        # A measure or number that was there before may be the one that is wanted.
        return Formula(tuple(found[: last + 1]))

    @property
    def key(self) -> str:
        """Equal for equal formulas only."""
        return "; ".join(
            f"{one.test.measure} {one.test.path!r} {one.scan.key}" if isinstance(one, Leaf)
            else repr(one)
            for one in self.numbers
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
    if sign == "*":
        one, other = _wide(one, other)
        return _fitting(rounded(one * other, MICRO), there)
    there = there & (other != 0)
    other = np.where(there, other, 1)
    one, scale = _wide(one, np.full(len(one), MICRO))
    return _fitting(rounded(one * scale * np.sign(other), np.abs(other)), there)


def _wide(one: Any, other: Any) -> tuple[Any, Any]:  # noqa: ANN401 - arrays of whole numbers
    """Both as numbers of any size, where a product of two would not fit 64 bits."""
    largest = np.abs(one).max(initial=0) * float(np.abs(other).max(initial=0))
    return (one, other) if largest < _SAFE else (one.astype(object), other.astype(object))


# ── as SQL ──


@dataclass(frozen=True, eq=False)
class Calculated:
    """The profiles with any of the rows, whose number compares so; or those whose does not.

    Attributes:
        without: Those for whom it does not, because there is no number or another one.
    """

    formula: Formula
    op: str
    value: Any
    without: bool = False

    @property
    def key(self) -> str:
        """Equal for equal sets only."""
        return f"calculated {self.formula.key} {self.op} {self.value} {self.without}"

    @property
    def wanted(self) -> Any:  # noqa: ANN401 - one number, or two of them
        """What it is compared with, in millionths."""
        if self.op in ("between", "not between"):
            return tuple(int(Decimal(one) * MICRO) for one in self.value)
        return int(Decimal(self.value) * MICRO)

    def query(self, printer: Printer) -> exp.Query:
        """Their keys."""
        verdict = conditions.compare(column("result"), self.op, self.wanted)
        there = conditions.negation(verdict) if self.without else verdict
        numbers = named(results(printer, self.formula), "results")
        return exp.select(column(printer.key)).from_(numbers).where(there)

    def fulfilled(self, numbers: Numbers) -> npt.NDArray[np.bool_]:
        """Of which numbers it is true."""
        holds = operators.holds(self.op, numbers.over, self.wanted) & numbers.there
        return np.asarray(~holds if self.without else holds)


def results(printer: Printer, formula: Formula) -> exp.Select:
    """The number of each customer who has any of the rows: the key, and ``result``, in millionths.

    Of a formula that measures nothing, there are none.
    """
    key = column(printer.key)
    leaves = {at: one for at, one in enumerate(formula.numbers) if isinstance(one, Leaf)}
    names = [name for at, leaf in leaves.items() for name, _ in _measured(at, leaf)]
    scans: dict[str, dict[int, Leaf]] = {}
    for at, leaf in leaves.items():
        scans.setdefault(leaf.scan.key, {})[at] = leaf
    parts = [_side(printer, some, names) for some in scans.values()]
    together = exp.union(*parts, distinct=False, copy=False) if len(parts) > 1 else parts[0]
    one_row = exp.select(key).from_(named(together, "sides")).group_by(key)
    for name in names:
        one_row = one_row.select(_as(exp.Max(this=column(name)), name), copy=False)
    stages = [stage for level in _levels(formula) for stage in level]
    query = exp.select(key).from_(table(f"stage_{len(stages)}"))
    query = query.select(_as(column(f"number_{len(formula.numbers) - 1}"), "result"))
    query = query.with_("stage_0", as_=one_row, dialect=DIALECT, copy=False)
    for at, stage in enumerate(stages):
        made = exp.select(exp.Star(), *stage).from_(table(f"stage_{at}"))
        query = query.with_(f"stage_{at + 1}", as_=made, dialect=DIALECT, copy=False)
    return query


def _levels(formula: Formula) -> list[list[list[exp.Expr]]]:
    """The columns to find the numbers by, in stages: each rests on those of stages before it.

    In one stage they could name each other too, but are then written out by the engine wherever
    they are named, which grows without bound.
    """
    level: list[int] = []
    found: list[list[list[exp.Expr]]] = []
    for at, number in enumerate(formula.numbers):
        if isinstance(number, Step):
            level.append(1 + max(level[number.left], level[number.right]))
        else:
            level.append(0)
        if level[at] == len(found):
            found.append([])
        for place, columns in enumerate(_stages(at, number)):
            if place == len(found[level[at]]):
                found[level[at]].append([])
            found[level[at]][place] += columns
    return found


def _side(printer: Printer, leaves: dict[int, Leaf], names: Sequence[str]) -> exp.Select:
    """The measures of one scan, and NULL for those of others."""
    scan = next(iter(leaves.values())).scan
    query = printer.rows(scan)
    own = {name: value for at, leaf in leaves.items() for name, value in _measured(at, leaf)}
    for name in names:
        query = query.select(_as(own.get(name, _huge(exp.null())), name), copy=False)
    return query.group_by(column(printer.key), copy=False)


def _measured(at: int, leaf: Leaf) -> list[tuple[str, exp.Expr]]:
    """A measure as whole numbers: millionths, and what they are to be divided by."""
    over, under = fraction(leaf.test, leaf.scan)
    scaled = _huge(exp.Mul(this=over, expression=exp.Literal.number(MICRO)))
    found = [(f"over_{at}", scaled)]
    return found if under is None else [*found, (f"under_{at}", _huge(under))]


def _stages(at: int, number: Leaf | int | Step) -> list[list[exp.Expr]]:
    """The columns that a number is found by, stage by stage."""
    if isinstance(number, Leaf):
        return _leaf_stages(at, number)
    if isinstance(number, Step):
        left, right = f"number_{number.left}", f"number_{number.right}"
        match number.sign:
            case "+" | "-":
                return [[_fits(f"{left} {number.sign} {right}", at)]]
            case "*":
                return _rounded_stages(f"{left} * {right}", f"{MICRO}::HUGEINT", at)
        divisor = f"nullif({right}, 0)"
        return _rounded_stages(f"{left} * {MICRO} * sign({divisor})", f"abs({divisor})", at)
    return [[_sql(f"{number}::HUGEINT", f"number_{at}")]]


def _leaf_stages(at: int, leaf: Leaf) -> list[list[exp.Expr]]:
    if leaf.test.measure == "average":
        return _rounded_stages(f"over_{at}", f"nullif(under_{at}, 0)", at)
    value = f"coalesce(over_{at}, 0)" if leaf.test.zero_of_nothing else f"over_{at}"
    return [[_fits(value, at)]]


def _rounded_stages(over: str, under: str, at: int) -> list[list[exp.Expr]]:
    """A quotient, rounded half to even; `under` is more than 0, or NULL."""
    top, bottom, rest, whole = f"top_{at}", f"bottom_{at}", f"rest_{at}", f"whole_{at}"
    up = f"2 * {rest} > {bottom} or (2 * {rest} = {bottom} and {whole} % 2 <> 0)"
    return [
        [_sql(f"({over})::HUGEINT", top), _sql(f"({under})::HUGEINT", bottom)],
        # Division cuts off towards zero; so the rest is made positive first.
        [_sql(f"(({top} % {bottom}) + {bottom}) % {bottom}", rest)],
        [_sql(f"({top} - {rest}) // {bottom}", whole)],
        [_fits(f"{whole} + case when {up} then 1 else 0 end", at)],
    ]


def _fits(value: str, at: int) -> exp.Expr:
    return _sql(f"case when abs({value}) < {LIMIT} then {value} end", f"number_{at}")


def _sql(text: str, name: str) -> exp.Expr:
    """An expression over columns that are named here, under a name."""
    return _as(exp.maybe_parse(text, dialect=DIALECT), name)


def _huge(value: exp.Expr) -> exp.Expr:
    return exp.cast(value, "HUGEINT", dialect=DIALECT)


def _as(value: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(value, name, quoted=True)
