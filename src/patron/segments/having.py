"""Tests on the rows of one profile, as conditions behind HAVING."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from patron.segments import about_now, conditions, operators
from patron.segments.conditions import Operand, certain
from patron.segments.frames import Frame
from patron.segments.metrics import PairTest, fraction
from patron.segments.patterns import FirstTimeTest, PeriodsTest, StoppedTest
from patron.segments.picks import PickTest
from patron.segments.predicates import Always, Combined, MeasureTest, Tallied, Test, TraitTest
from patron.segments.scans import Scan

if TYPE_CHECKING:
    from patron.segments.sql_scans import ScanPrinter


def having(test: Test, scan: Scan, printer: ScanPrinter, *, alone: bool) -> exp.Expr:
    """A test as a condition behind HAVING; it may be NULL, which means false."""
    match test:
        case Always():
            return exp.true()
        case Combined(how="all", tests=tests):
            return exp.and_(*(having(part, scan, printer, alone=alone) for part in tests))
        case Combined(how="any", tests=tests):
            return exp.or_(*(having(part, scan, printer, alone=alone) for part in tests))
        case Combined(tests=tests):
            return conditions.negation(
                exp.or_(*(having(part, scan, printer, alone=alone) for part in tests))
            )
        case TraitTest():
            return _trait_test(test, printer.frame, alone=alone)
        case MeasureTest():
            return _measure_test(test, scan)
        case PairTest():
            return test.having(scan)
        case PickTest():
            return test.having(scan)
        case FirstTimeTest() | PeriodsTest() | StoppedTest():
            return test.having(printer)
        case Tallied():
            return conditions.compare(weight(test, scan, printer, alone=alone), test.op, test.value)


def weight(test: Tallied, scan: Scan, printer: ScanPrinter, *, alone: bool) -> exp.Expr:
    """The weights of those tests that hold, added up."""
    weights = [_weight(part, times, scan, printer, alone=alone) for part, times in test.tests]
    total = weights[0]
    for one in weights[1:]:
        total = exp.Add(this=total, expression=one)
    return exp.Paren(this=total)


def _weight(test: Test, times: int, scan: Scan, printer: ScanPrinter, *, alone: bool) -> exp.Expr:
    return exp.Case(
        ifs=[exp.If(this=having(test, scan, printer, alone=alone), true=conditions.literal(times))],
        default=exp.Literal.number(0),
    )


def _trait_test(test: TraitTest, frame: Frame, *, alone: bool) -> exp.Expr:
    """Whether the winner among a profile's observations of a trait fulfils the test.

    The test runs on each observation and the verdict of the last one counts: a group then carries a
    boolean and not a VARIANT, which takes half the time.
    """
    name, operand = conditions.trait_operand(test.path)
    verdict = trait_condition(operand, test, frame)
    ranks = ("occurred_at", "source_id", "message_id")
    order = exp.Tuple(expressions=[conditions.column(rank) for rank in ranks])
    last = exp.Anonymous(
        this="arg_max",
        expressions=[conditions.certain(verdict), order],
    )
    if alone:
        return last
    return exp.Filter(this=last, expression=exp.Where(this=conditions.one_of("name", [name])))


def trait_condition(operand: Operand, test: TraitTest, frame: Frame) -> exp.Expr:
    """A test of one observation; NULL means false."""
    if test.op in operators.ABOUT_NOW:
        return about_now.condition(
            operand, test.op, test.value, now=test.now, zone=test.zone, printed=frame.moment
        )
    return conditions.condition(operand, test.op, test.value)


def _measure_test(test: MeasureTest, scan: Scan) -> exp.Expr:
    value, times = fraction(test, scan)
    if times is None:
        return conditions.compare(value, test.op, test.value)

    def against(op: str, limit: int) -> exp.Expr:
        crossed = exp.Mul(this=conditions.literal(limit), expression=times.copy())
        return conditions.COMPARISONS[op](this=value.copy(), expression=crossed)

    some = exp.GT(this=times.copy(), expression=exp.Literal.number(0))
    if test.op == "between":
        low, high = test.value
        return exp.and_(some, against(">=", low), against("<=", high))
    return exp.and_(some, against(test.op, test.value))


# ── tests of some rows of a group ──

AGGREGATES = frozenset({"arg_max", "arg_min"})
"""Functions that take many rows together, which sqlglot knows nothing of."""


def of_those(test: Test, condition: exp.Expr, here: exp.Expr) -> exp.Expr:
    """A test of those rows of a group alone for which something holds; never NULL.

    Args:
        test: The test.
        condition: As `having` gives it, of all rows.
        here: Says which rows; it holds no aggregates.
    """
    narrowed = certain(_filtered(condition, here))
    if _needs_rows(test):
        return narrowed
    some = _filtered(exp.Count(this=exp.Star()), here)
    any_row = exp.GT(this=some, expression=exp.Literal.number(0))
    return any_row if isinstance(test, Always) else exp.and_(any_row, narrowed)


def _needs_rows(test: Test) -> bool:
    """Whether a test is surely false where no row is left to look at."""
    match test:
        case Combined(how="all" | "any", tests=tests):
            return all(_needs_rows(part) for part in tests)
        case Always() | Combined() | Tallied():
            return False
    return True


def _filtered(test: exp.Expr, here: exp.Expr) -> exp.Expr:
    """A test on aggregates, each of which looks at some rows only."""

    def narrow(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Filter):
            both = exp.and_(here.copy(), node.expression.this)
            return exp.Filter(this=node.this, expression=exp.Where(this=both))
        named = isinstance(node, exp.Anonymous) and node.name in AGGREGATES
        if named or isinstance(node, exp.AggFunc):
            return exp.Filter(this=node.copy(), expression=exp.Where(this=here.copy()))
        return node

    return test.transform(narrow)
