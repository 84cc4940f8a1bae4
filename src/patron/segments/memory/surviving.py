"""What memory can tell of traits of which another observation holds than the latest.

Who observed what is not remembered. Mostly that does not matter: the observation that holds is one
of those that there are, and when all of them say the same, so does that one. The others are asked
of the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from sqlglot import exp

from patron.segments import conditions, operators
from patron.segments.conditions import one_of
from patron.segments.memory.batch import Bools, Seen, Verdict
from patron.segments.memory.columns import Column, Columns
from patron.segments.memory.spans import kept
from patron.segments.moments import Before
from patron.segments.surviving import Survived, set_by_hand
from patron.spec.traits import Survivorship

if TYPE_CHECKING:
    from patron.segments.memory.histories import Batch


def survived(found: Survived, columns: Columns) -> Callable[[Batch], Verdict]:
    """Those of whom the observation of a trait that holds fulfils a test."""
    rows = kept(found.scan, columns)
    name, operand = conditions.trait_operand(found.test.path)
    called = one_of("name", [name])
    here = columns.flag("traits", called)
    rule, upto = found.rule, found.scan.span.upto
    if found.test.op in operators.ABOUT_NOW:
        # The verdict on a row changes as time goes on: only SQL tells.
        return lambda batch: _untold(batch.find(rows), here)
    verdict = conditions.condition(operand, found.test.op, found.test.value)
    true = columns.flag("traits", called.copy(), verdict)
    hands = hand_of(rule, called, columns)
    order = columns.order("traits")

    def find(batch: Batch) -> Verdict:
        seen = batch.find(rows)
        seen = seen.where(seen.column(here))
        some, all_of_them = _says(seen, true)
        unsure = unsure_of(rule, seen, true, hands)
        if rule.only_by_hand:
            last = seen.where(seen.at == seen.latest()[seen.ask])
            return Verdict(last.states([true], order).says(true), unsure)
        if rule.holds_for is not None and rule.rule != "union":
            begin = batch.moment(Before(upto, rule.holds_for))
            fresh = all_of_them & (seen.latest() > begin)
            return Verdict(fresh, some & ~fresh)
        return Verdict(all_of_them, unsure)

    return find


def hand_of(rule: Survivorship | None, called: exp.Expr, columns: Columns) -> Column | None:
    """Whether an observation was made by hand, where nothing else makes a difference."""
    if rule is None or not rule.only_by_hand:
        return None
    return columns.flag("traits", called.copy(), set_by_hand(rule))


def unsure_of(
    rule: Survivorship | None, seen: Seen, true: Column, hands: Column | None
) -> Bools | None:
    """Of whom it cannot be told when a test was true of a trait.

    Args:
        rule: Which observation holds; None for the latest.
        seen: All observations.
        true: Whether the test is true of one.
        hands: Whether one was made by hand: see `hand_of`.
    """
    if rule is None:
        return None
    if rule.rule == "union":
        # What is united is none of the observations.
        return seen.there()
    some, all_of_them = _says(seen, true)
    if rule.holds_for is not None:
        return some
    return _in_hands(some & ~all_of_them, seen, hands)


def _in_hands(unsure: Bools, seen: Seen, hands: Column | None) -> Bools:
    """Of those the ones of whom anything was set by hand, where only that makes a difference."""
    return unsure if hands is None else unsure & seen.where(seen.column(hands)).there()


def may_change(
    rule: Survivorship, seen: Seen, read: Mapping[str, Column], hands: Column | None
) -> Bools:
    """Of whom it cannot be told whether a trait changed.

    Args:
        rule: Which observation holds.
        seen: All observations.
        read: What a change is told by.
        hands: Whether one was made by hand: see `hand_of`.
    """
    if rule.rule == "union":
        return seen.there()
    unsure = np.zeros(len(seen.asks), dtype=bool)
    for which, column in read.items():
        says = seen.column(column)
        if which == "state":
            unsure |= seen.each(np.minimum, says, empty=0) != seen.each(np.maximum, says, empty=0)
            unsure |= seen.there() & (rule.holds_for is not None)
        else:
            some, all_of_them = _says(seen, column)
            unsure |= some if rule.holds_for is not None else some & ~all_of_them
    return _in_hands(unsure, seen, hands)


def _says(seen: Seen, column: Column) -> tuple[Bools, Bools]:
    """Of whom some observation says yes, and of whom every one of at least one does."""
    says = seen.column(column)
    some: Bools = seen.each(np.logical_or, says, empty=False)
    every: Bools = seen.each(np.logical_and, says, empty=False)
    return some, every


def _untold(seen: Seen, here: Column) -> Verdict:
    there = seen.where(seen.column(here)).there()
    return Verdict(there, there)
