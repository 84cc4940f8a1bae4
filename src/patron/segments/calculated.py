"""Calculations as SQL: the numbers of everybody, and those for whom a comparison of them holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from patron.segments import conditions, operators
from patron.segments.calculations import LIMIT, MICRO, Formula, Leaf, Numbers, Step
from patron.segments.conditions import DIALECT, column
from patron.segments.frames import Frame, named, table
from patron.segments.metrics import fraction
from patron.segments.moments import Moment

if TYPE_CHECKING:
    from patron.segments.sql import Printer


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
    names = [name for at, leaf in leaves.items() for name, _ in _measured(printer, at, leaf, ())]
    scans: dict[str, dict[int, Leaf]] = {}
    parts = [_rationed(printer, at, one, names) for at, one in leaves.items() if one.ration]
    for at, leaf in leaves.items():
        if leaf.ration is None:
            scans.setdefault(leaf.scan.however_late, {})[at] = leaf
    parts += [_side(printer, some, names) for some in scans.values()]
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
    """The measures of one scan, and NULL for those of others.

    Scans that differ only in how far they go back are one: the rows are read once, and each measure
    is of those that are late enough for it.
    """
    widest = max((leaf.scan for leaf in leaves.values()), key=lambda scan: scan.span.reach)
    query = printer.rows(widest)
    own: dict[str, exp.Expr] = {}
    for at, leaf in leaves.items():
        late = [] if leaf.scan.span.after == widest.span.after else printer.begun(leaf.scan.span)
        own |= dict(_measured(printer, at, leaf, late))
    for name in names:
        query = query.select(_as(own.get(name, _huge(exp.null())), name), copy=False)
    return query.group_by(column(printer.key), copy=False)


def _rationed(printer: Printer, at: int, leaf: Leaf, names: Sequence[str]) -> exp.Select:
    """A measure of which only so much counts of each unit of the calendar."""
    assert leaf.ration is not None  # noqa: S101 - asked before
    key = column(printer.key)
    one = exp.Literal.number(1)
    amount = one if leaf.test.path is None else leaf.scan.number(leaf.test.path)
    rows = printer.rows(leaf.scan).select(
        _as(_millionths(amount), "amount"),
        _as(worth_of(printer.frame, leaf.worth), "worth"),
        _as(leaf.ration.period.copy(), "period"),
        _as(column("occurred_at"), "at"),
    )
    running = 'sum(amount) over (partition by {}, period order by "at" rows unbounded preceding)'
    written = running.format(key.sql(DIALECT))
    summed = exp.select(key, column("amount"), column("worth"), _sql(written, "total"))
    most = f"{leaf.ration.most}::HUGEINT"
    counted = f"sum((least(total, {most}) - least(total - amount, {most})) * worth)"
    query = exp.select(key).from_(named(summed.from_(named(rows, "rated")), "running"))
    for name in names:
        value = counted if name == f"over_{at}" else "null"
        query = query.select(_as(_huge(exp.maybe_parse(value, dialect=DIALECT)), name), copy=False)
    return query.group_by(key)


def _millionths(amount: exp.Expr) -> exp.Expr:
    """A number of each row as a whole one; 0 where it has none."""
    exact = exp.cast(amount, "DECIMAL(38, 6)", dialect=DIALECT)
    scaled = _huge(exp.Mul(this=exact, expression=exp.Literal.number(MICRO)))
    return exp.Coalesce(this=scaled, expressions=[exp.Literal.number(0)])


def _measured(
    printer: Printer, at: int, leaf: Leaf, late: Sequence[exp.Expr]
) -> list[tuple[str, exp.Expr]]:
    """A measure of the rows that are late enough: millionths, and what they are divided by."""
    over, under = fraction(leaf.test, leaf.scan)
    if leaf.worth:
        over = exp.Sum(this=_decayed(printer, leaf))
    scaled = exp.Mul(this=_of_those(over, late), expression=exp.Literal.number(MICRO))
    found = [(f"over_{at}", _huge(scaled))]
    return found if under is None else [*found, (f"under_{at}", _huge(_of_those(under, late)))]


def worth_of(frame: Frame, steps: Sequence[tuple[Moment, int]]) -> exp.Expr:
    """What a row is worth by its age, of a hundred."""
    if not steps:
        return exp.Literal.number(100)
    case = exp.Case()
    for moment, worth in reversed(steps):
        aged = exp.LTE(this=column("occurred_at"), expression=frame.moment(moment))
        case = case.when(aged, exp.Literal.number(worth), copy=False)
    return case.else_(exp.Literal.number(100), copy=False)


def _decayed(printer: Printer, leaf: Leaf) -> exp.Expr:
    """What a row adds, in parts of a hundred."""
    worth = worth_of(printer.frame, leaf.worth)
    if leaf.test.path is None:
        return worth
    return exp.Mul(this=leaf.scan.number(leaf.test.path), expression=worth)


def _of_those(measure: exp.Expr, late: Sequence[exp.Expr]) -> exp.Expr:
    if not late:
        return measure
    return exp.Filter(this=measure, expression=exp.Where(this=exp.and_(*late)))


def _stages(at: int, number: Leaf | int | Step) -> list[list[exp.Expr]]:
    """The columns that a number is found by, stage by stage."""
    if isinstance(number, Leaf):
        return _leaf_stages(at, number)
    if isinstance(number, Step):
        left, right = f"number_{number.left}", f"number_{number.right}"
        match number.sign:
            case "+" | "-":
                return [[_fits(f"{left} {number.sign} {right}", at)]]
            case "least" | "greatest":
                # Those of the engine leave out what is missing.
                both = f"case when {left} is not null and {right} is not null"
                return [[_fits(f"{both} then {number.sign}({left}, {right}) end", at)]]
            case "*":
                return _rounded_stages(f"{left} * {right}", f"{MICRO}::HUGEINT", at)
        divisor = f"nullif({right}, 0)"
        return _rounded_stages(f"{left} * {MICRO} * sign({divisor})", f"abs({divisor})", at)
    return [[_sql(f"{number}::HUGEINT", f"number_{at}")]]


def _leaf_stages(at: int, leaf: Leaf) -> list[list[exp.Expr]]:
    if leaf.weighed:
        return _rounded_stages(f"coalesce(over_{at}, 0)", "100::HUGEINT", at)
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
