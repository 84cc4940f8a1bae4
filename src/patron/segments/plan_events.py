"""Plans measures, single values, and when events happened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from patron.segments import durations, operators, tree
from patron.segments.algebra import Signed
from patron.segments.calculated import Calculated
from patron.segments.calculations import Formula, Leaf
from patron.segments.metrics import Paired, PairTest
from patron.segments.moments import Before, StartOf
from patron.segments.patterns import FirstTimeTest, PeriodsTest, Resumed, StoppedTest
from patron.segments.picks import Picked, PickTest
from patron.segments.plan import Planner
from patron.segments.points import Balanced, Ledger
from patron.segments.preferring import Favoured, terms
from patron.segments.scans import Scan, Span

ZERO_OF_NOTHING = frozenset({"count", "sum", "distinct"})
"""Measures that are 0 of no rows; the others are missing."""


def plan(planner: Planner, rule: tree.Selecting) -> Signed:
    """The set of a condition on events."""
    match rule:
        case tree.Measuring(value=tree.Metric()):
            return _paired(planner, rule)
        case tree.Measuring():
            return _measure(planner, rule)
        case tree.Picking():
            return _picked(planner, rule)
        case tree.Calculate():
            return calculated(planner, rule)
        case tree.Points():
            op, negative = _not_of_nothing(rule.op, rule.value)
            balanced = Balanced(Ledger.of(rule.points, planner), op, rule.value)
            return Signed(planner.once(balanced.key, lambda: balanced), negative)
        case tree.Favourite():
            return _favoured(planner, rule)
    return _pattern(planner, rule)


def _measure(planner: Planner, rule: tree.Measuring) -> Signed:
    name, events = tree.measure(rule)
    op, negative = _not_of_nothing(rule.op, rule.value, zero=name in ZERO_OF_NOTHING)
    return Signed(planner.grouped(*planner.scan(name, events, op, rule.value)), negative)


def _paired(planner: Planner, rule: tree.Measuring) -> Signed:
    sides = tree.measure(rule), tree.measure(rule.value)
    zero = all(name in ZERO_OF_NOTHING for name, _ in sides)
    op, negative = _not_of_nothing(rule.op, 0, zero=zero)
    (left_scan, left), (right_scan, right) = (planner.measured(*side) for side in sides)
    if left_scan.key == right_scan.key:
        return Signed(planner.grouped(left_scan, PairTest(left, op, right)), negative)
    paired = Paired(left_scan, left, op, right_scan, right)
    return Signed(planner.once(paired.key, lambda: paired), negative)


def _picked(planner: Planner, rule: tree.Picking) -> Signed:
    which, amounts = tree.picked(rule)
    op = operators.NEGATIVE.get(rule.op, rule.op)
    scan, measured = planner.measured("max", amounts)
    path = measured.path or ""
    if which != "most_frequent" and not amounts.lines and not amounts.orders:
        test = PickTest(which, path, op, rule.value)
        return Signed(planner.grouped(scan, test), op != rule.op)
    times = rule.times if isinstance(rule, tree.MostFrequent) else 1
    picked = Picked(which, scan, path, op, rule.value, times)
    return Signed(planner.once(picked.key, lambda: picked), op != rule.op)


def _favoured(planner: Planner, rule: tree.Favourite) -> Signed:
    preferred, op = rule.favourite, operators.NEGATIVE.get(rule.op, rule.op)
    found = Favoured(terms(planner, preferred), preferred.at_least, op, rule.value)
    return Signed(planner.once(found.key, lambda: found), op != rule.op)


def calculated(planner: Planner, rule: tree.Calculate) -> Signed:
    """The set of a comparison of what is calculated, of measures alone."""
    formula = Formula.of(rule.calculate, planner)
    negative = rule.op == "!="
    op = "=" if negative else rule.op
    wanted = Calculated(formula, op, rule.value)
    nothing = formula.of_nothing()
    # Of nobody who has no rows: ask for the opposite, and take everybody else.
    without = nothing is not None and bool(operators.holds(op, nothing, wanted.wanted))
    wanted = replace(wanted, without=without)
    if not any(isinstance(one, Leaf) for one in formula.numbers):
        from patron.segments import plan_sets

        return Signed(plan_sets.everybody(planner), without == negative)
    return Signed(planner.once(wanted.key, lambda: wanted), without != negative)


def _pattern(planner: Planner, rule: tree.Selecting) -> Signed:
    ((_, events),) = rule.selections()
    window = planner.span(events.within, events.on_brand)
    # Lines lie in time where their events do, so either can tell.
    scan, _ = planner.measured("count", msgspec.structs.replace(events, within=None))
    match rule:
        case tree.FirstTime():
            return Signed(planner.grouped(scan, FirstTimeTest(window)))
        case tree.Stopped(length=length):
            since = Before(planner.now, durations.duration(length))
            return Signed(planner.grouped(scan, StoppedTest(since)))
        case tree.Resumed(after=after):
            resumed = Resumed(scan, window, durations.duration(after))
            return Signed(planner.once(resumed.key, lambda: resumed))
        case tree.Periods():
            return _periods(planner, rule, scan)
    raise TypeError(f"{type(rule).__name__} is no condition on events")


def _periods(planner: Planner, rule: tree.Periods, scan: Scan) -> Signed:
    unit, zone = durations.calendar_unit(rule.unit), planner.zone(rule.zone)
    ends, *starts = (StartOf(planner.now, unit, back, zone) for back in range(rule.of + 1))
    scan = replace(scan, span=Span(planner.now, since=starts[-1], before=ends))
    op, negative = _not_of_nothing(rule.op, rule.value)
    return Signed(planner.grouped(scan, PeriodsTest(tuple(starts), op, rule.value)), negative)


def _not_of_nothing(op: str, value: Any, *, zero: bool = True) -> tuple[str, bool]:  # noqa: ANN401
    """A comparison that no customer without rows fulfils, and whether it is the complement.

    Args:
        op: The comparison that is asked for.
        value: What it compares with.
        zero: Whether the measure is 0 of no rows; otherwise it is missing.
    """
    negative = op == "!="
    if negative:
        op = "="
    if zero and operators.holds(op, 0, value):
        op, negative = operators.OPPOSITE[op], not negative
    return op, negative
