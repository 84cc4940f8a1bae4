"""Tests on the rows of one profile, as conditions behind HAVING."""

from __future__ import annotations

from sqlglot import exp

from patron.segments import about_now, conditions, paths, values
from patron.segments.conditions import Operand
from patron.segments.frames import Frame
from patron.segments.plan import Always, Combined, MeasureTest, Scan, Tallied, Test, TraitTest


def having(test: Test, scan: Scan, frame: Frame, *, alone: bool) -> exp.Expr:
    """A test as a condition behind HAVING; it may be NULL, which means false."""
    match test:
        case Always():
            return exp.true()
        case Combined(how="all", tests=tests):
            return exp.and_(*(having(part, scan, frame, alone=alone) for part in tests))
        case Combined(how="any", tests=tests):
            return exp.or_(*(having(part, scan, frame, alone=alone) for part in tests))
        case Combined(tests=tests):
            return conditions.negation(
                exp.or_(*(having(part, scan, frame, alone=alone) for part in tests))
            )
        case TraitTest():
            return _trait_test(test, frame, alone=alone)
        case MeasureTest():
            return _measure_test(test, scan)
        case Tallied():
            return conditions.compare(weight(test, scan, frame, alone=alone), test.op, test.value)


def weight(test: Tallied, scan: Scan, frame: Frame, *, alone: bool) -> exp.Expr:
    """The weights of those tests that hold, added up."""
    weights = [_weight(part, times, scan, frame, alone=alone) for part, times in test.tests]
    total = weights[0]
    for one in weights[1:]:
        total = exp.Add(this=total, expression=one)
    return exp.Paren(this=total)


def _weight(test: Test, times: int, scan: Scan, frame: Frame, *, alone: bool) -> exp.Expr:
    return exp.Case(
        ifs=[exp.If(this=having(test, scan, frame, alone=alone), true=conditions.literal(times))],
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
        expressions=[exp.Coalesce(this=verdict, expressions=[exp.false()]), order],
    )
    if alone:
        return last
    return exp.Filter(this=last, expression=exp.Where(this=conditions.one_of("name", [name])))


def trait_condition(operand: Operand, test: TraitTest, frame: Frame) -> exp.Expr:
    """A test of one observation; NULL means false."""
    if test.op in values.ABOUT_NOW:
        return about_now.condition(
            operand, test.op, test.value, now=test.now, zone=test.zone, printed=frame.moment
        )
    return conditions.condition(operand, test.op, test.value)


def _measure_test(test: MeasureTest, scan: Scan) -> exp.Expr:
    value, times = measured(test, scan)
    if times is None:
        return conditions.compare(value, test.op, test.value)
    return _average_test(value, times, test)


def measured(test: MeasureTest, scan: Scan) -> tuple[exp.Expr, exp.Expr | None]:
    """The measure of a group's rows, and what it has to be divided by, if anything."""
    if test.measure == "rows":
        return exp.Count(this=exp.Star()), None
    if test.measure == "events":
        return exp.Count(this=exp.Distinct(expressions=[conditions.column("position")])), None
    lines = scan.table == "order_lines"
    number = conditions.operand(paths.split(test.path or ""), lines=lines).number()
    if test.measure == "average":
        return exp.Sum(this=number), exp.Count(this=number.copy())
    function = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max}[test.measure]
    return function(this=number), None


def _average_test(total: exp.Expr, times: exp.Expr, test: MeasureTest) -> exp.Expr:
    """An average is compared as sum against threshold times count, and so without division."""

    def against(op: str, value: int) -> exp.Expr:
        crossed = exp.Mul(this=conditions.literal(value), expression=times.copy())
        compared = conditions.compare(total.copy(), op, 0)
        compared.set("expression", crossed)
        return compared

    some = exp.GT(this=times.copy(), expression=exp.Literal.number(0))
    if test.op == "between":
        low, high = test.value
        return exp.and_(some, against(">=", low), against("<=", high))
    return exp.and_(some, against(test.op, test.value))


def trait_names(test: Test) -> set[str]:
    """The traits that a test reads."""
    if isinstance(test, TraitTest):
        return {paths.split(test.path)[0]}
    if isinstance(test, Combined):
        return {name for part in test.tests for name in trait_names(part)}
    if isinstance(test, Tallied):
        return {name for part, _ in test.tests for name in trait_names(part)}
    return set()
