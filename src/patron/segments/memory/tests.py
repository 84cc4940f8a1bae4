"""Tests on the remembered rows of one scan."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from patron.segments import conditions, operators
from patron.segments.conditions import one_of
from patron.segments.memory import measures
from patron.segments.memory.batch import Bools, Seen, Verdict, Within, either_unsure
from patron.segments.memory.columns import Column, Columns
from patron.segments.memory.rows import begins
from patron.segments.memory.spans import within
from patron.segments.metrics import PairTest
from patron.segments.patterns import FirstTimeTest, PeriodsTest, StoppedTest
from patron.segments.picks import Picked, PickTest
from patron.segments.predicates import (
    Always,
    Combined,
    MeasureTest,
    Tallied,
    Test,
    TraitTest,
    trait_names,
)
from patron.segments.scans import Scan

Tested = Callable[[Seen], Verdict]
"""Tests the rows of each question that a scan found; what it says of those without is not read."""


def tested(test: Test, scan: Scan, columns: Columns) -> Tested:
    """How a test is made on remembered rows."""
    match test:
        case Always():
            return lambda seen: Verdict(np.ones(len(seen.asks), dtype=bool))
        case Combined():
            return _combined(test, scan, columns)
        case Tallied():
            return _tallied(test, scan, columns)
        case TraitTest():
            return _trait(test, columns)
        case MeasureTest():
            taken = measures.measure(test, scan, columns)
            return lambda seen: measures.against(taken(seen), test.op, test.value)
        case PairTest():
            left = measures.measure(test.left, scan, columns)
            right = measures.measure(test.right, scan, columns)
            return lambda seen: measures.compared(left(seen), test.op, right(seen))
        case PickTest():
            return picked(test, scan, columns)
        case FirstTimeTest():
            inside = within(test.window, columns)
            return lambda seen: Verdict(_first_time(seen, inside))
        case PeriodsTest():
            return lambda seen: _periods(seen, test)
        case StoppedTest():
            return lambda seen: Verdict(seen.latest() <= seen.asks.moment(test.since))


def _combined(test: Combined, scan: Scan, columns: Columns) -> Tested:
    parts = [tested(part, scan, columns) for part in test.tests]
    together = np.logical_and if test.how == "all" else np.logical_or

    def combine(seen: Seen) -> Verdict:
        verdicts = [part(seen) for part in parts]
        true = together.reduce([verdict.true for verdict in verdicts])
        unsure = either_unsure(*(verdict.unsure for verdict in verdicts))
        return Verdict(~true if test.how == "none" else true, unsure)

    return combine


def _tallied(test: Tallied, scan: Scan, columns: Columns) -> Tested:
    parts = [(tested(part, scan, columns), weight) for part, weight in test.tests]

    def tally(seen: Seen) -> Verdict:
        verdicts = [(part(seen), weight) for part, weight in parts]
        total = sum(weight * verdict.true.astype(np.int64) for verdict, weight in verdicts)
        unsure = either_unsure(*(verdict.unsure for verdict, _ in verdicts))
        return Verdict(measures.compare(total, test.op, test.value), unsure)

    return tally


# ── traits ──


def names(test: Test, columns: Columns) -> Column | None:
    """Whether an observation is of a trait that a test reads; None for tests of other rows."""
    read = trait_names(test)
    return columns.flag("traits", one_of("name", sorted(read))) if read else None


def _trait(test: TraitTest, columns: Columns) -> Tested:
    name, operand = conditions.trait_operand(test.path)
    called = one_of("name", [name])
    here = columns.flag("traits", called)
    if test.op in operators.ABOUT_NOW:
        # The verdict on a row changes as time goes on: only SQL tells.
        return lambda seen: _told(seen.where(seen.column(here)))
    true = columns.flag("traits", called.copy(), conditions.condition(operand, test.op, test.value))
    order = columns.order("traits")

    def final(seen: Seen) -> Verdict:
        seen = seen.where(seen.column(here))
        last = seen.where(seen.at == seen.latest()[seen.ask])
        return Verdict(last.states([true], order).says(true))

    return final


def _told(seen: Seen) -> Verdict:
    there = seen.there()
    return Verdict(there, there)


# ── single values, and when rows happened ──


def picked(test: PickTest | Picked, scan: Scan, columns: Columns) -> Tested:
    """What the first or last row says that has a value."""
    there, fits = value_of(test.path, test.op, test.value, scan, columns)
    order = columns.order(scan.table)
    last = test.which == "last"

    def pick(seen: Seen) -> Verdict:
        some = seen.where(seen.column(there))
        at = some.latest() if last else some.earliest()
        end = some.where(some.at == at[some.ask])
        return Verdict(end.states([fits], order, last=last).says(fits))

    return pick


def value_of(
    path: str, op: str, value: object, scan: Scan, columns: Columns
) -> tuple[Column, Column]:
    """Whether a row has a value at a path, and whether that fulfils an operator."""
    found = scan.value(path)
    there = columns.flag(scan.table, found.present(), reach=scan.reach)
    return there, columns.flag(scan.table, found.fulfils(op, value), reach=scan.reach)


def _first_time(seen: Seen, inside: Within) -> Bools:
    out = np.zeros(len(seen.asks), dtype=bool)
    first = seen.first
    out[seen.ask[first]] = inside(seen)[first]
    return out


def _periods(seen: Seen, test: PeriodsTest) -> Verdict:
    """The scan ends with the last period, so each row lies in the first that it is not before."""
    period = np.zeros(len(seen), dtype=np.int64)
    for start in test.starts:
        period += seen.at < seen.asks.moment(start)[seen.ask]
    found = np.bincount(seen.ask[begins(seen.ask, period)], minlength=len(seen.asks))
    return Verdict(measures.compare(found, test.op, test.value))
