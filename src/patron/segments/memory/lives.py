"""Sets of those whose rows followed one another in some way: sequences, carts, states of traits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from msgspec import UNSET

from patron.segments import conditions, tree
from patron.segments.comparable import comparable
from patron.segments.conditions import one_of
from patron.segments.history import Changed, Held
from patron.segments.memory.batch import (
    NEVER,
    Bools,
    Points,
    Verdict,
    earliest_after,
    latest_before,
    span,
)
from patron.segments.memory.columns import Column, Columns
from patron.segments.memory.rows import Ints
from patron.segments.memory.spans import kept, within
from patron.segments.memory.surviving import hand_of, may_change, unsure_of
from patron.segments.moments import Before
from patron.segments.patterns import Resumed
from patron.segments.scans import Span
from patron.segments.sequences import Followed, Left, Link

if TYPE_CHECKING:
    from patron.segments.memory.histories import Batch

Found = Callable[["Batch"], Verdict]
"""Answers whether the customer of each question is in a set."""


# ── sequences ──


def followed(found: Followed, columns: Columns) -> Found:
    """Those in whose events there is a sequence."""
    first, *others = [_step(link, columns) for link in found.links]
    absent = None if found.absent is None else _step(found.absent, columns)
    wait = 0 if found.absent is None or not found.absent.within else span(found.absent.within)

    def find(batch: Batch) -> Verdict:
        reached = first(batch, None)
        for step in others:
            reached = step(batch, reached)
        if absent is not None:
            later = absent(batch, None)
            next_one = earliest_after(reached, later)
            at = np.where(next_one >= 0, later.at[next_one] if len(later.at) else 0, NEVER)
            over = at > reached.at + wait
            reached = Points(reached.ask[over], reached.at[over])
        return Verdict(_those(batch, reached.ask))

    return find


def _step(link: Link, columns: Columns) -> Callable[[Batch, Points | None], Points]:
    """Finds the events of a step that are reached from those of the step before."""
    rows = kept(link.scan, columns)
    between = [kept(scan, columns) for scan in link.without]

    def step(batch: Batch, reached: Points | None) -> Points:
        seen = batch.find(rows)
        if link.over is not None:
            seen = seen.where(seen.at <= batch.moment(link.over)[seen.ask])
        points = Points(seen.ask, seen.at)
        if reached is None:
            return points
        before = latest_before(points, reached)
        holds = before >= 0
        started = reached.at[before] if len(reached.at) else points.at
        if link.within is not None:
            holds &= points.at - started <= span(link.within)
        for other in between:
            others = batch.find(other)
            last = latest_before(points, Points(others.ask, others.at))
            none = last < 0
            if len(others.at):
                none |= others.at[last] <= started
            holds &= none
        return Points(points.ask[holds], points.at[holds])

    return step


def _those(batch: Batch, asks: Ints) -> Bools:
    found = np.zeros(len(batch), dtype=bool)
    found[asks] = True
    return found


# ── carts, and coming back ──


def left(found: Left, columns: Columns) -> Found:
    """Those whose open cart was left."""
    of_brands = [one_of("brand", found.brands)] if found.brands else []
    names = [*tree.STAGES.values(), tree.ORDERED]
    any_of = columns.flag("events", one_of("name", names), *of_brands)
    called = {name: columns.flag("events", one_of("name", [name])) for name in names}
    narrowed = replace(found.span, until=None, before=None)
    # What happened before the window decides nothing but how far the cart came.
    rows = within(narrowed if found.stage is None else _unbounded(found), columns, seen=True)
    inside = within(found.span, columns)
    idle = Before(found.span.upto, found.idle)
    stages = list(tree.STAGES.values())
    further: list[str] = []
    if found.stage is not None:
        further = stages[list(tree.STAGES).index(found.stage) + 1 :]

    def find(batch: Batch) -> Verdict:
        seen = batch.seen(any_of)
        seen = seen.where(rows(seen))

        def last(*wanted: str) -> Ints:
            mask = np.logical_or.reduce([seen.column(called[name]) for name in wanted])
            return seen.where(mask).latest()

        ordered = last(tree.ORDERED)
        staged = seen.where(~seen.column(called[tree.ORDERED]))
        fits = inside(staged) & (staged.at <= batch.moment(idle)[staged.ask])
        true = np.zeros(len(batch), dtype=bool)
        ends = staged.last
        true[staged.ask[ends]] = fits[ends]
        true &= last(*stages) > ordered
        if found.stage is not None:
            true &= last(tree.STAGES[found.stage]) > ordered
        if further:
            true &= ~(last(*further) > ordered)
        return Verdict(true)

    return find


def _unbounded(found: Left) -> Span:
    return Span(found.span.upto)


def resumed(found: Resumed, columns: Columns) -> Found:
    """Those with a row in a window that lies a time after the one before it, or more."""
    rows = kept(found.scan, columns)
    inside, begun = within(found.window, columns), within(found.window, columns, ended=False)

    def find(batch: Batch) -> Verdict:
        seen = batch.find(rows)
        within_it = inside(seen)
        counted = within_it | ~begun(seen)
        seen, within_it = seen.where(counted), within_it[counted]
        later = np.zeros(len(seen), dtype=bool)
        gap = seen.at[1:] - seen.at[:-1] >= span(found.after)
        later[1:] = gap & (seen.ask[1:] == seen.ask[:-1])
        return Verdict(_those(batch, seen.ask[later & within_it]))

    return find


# ── the states of a trait ──


def held(found: Held, columns: Columns) -> Found:
    """Those of whom a test of a trait was true for a time up to now."""
    rows = kept(found.scan, columns)
    name, operand = conditions.trait_operand(found.test.path)
    here = columns.flag("traits", one_of("name", [name]))
    verdict = conditions.condition(operand, found.test.op, found.test.value)
    true = columns.flag("traits", one_of("name", [name]), verdict)
    hands = hand_of(found.rule, one_of("name", [name]), columns)
    begin = Before(found.scan.span.upto, found.length)
    order = columns.order("traits")

    def find(batch: Batch) -> Verdict:
        seen = batch.find(rows)
        seen = seen.where(seen.column(here))
        every = seen
        started = batch.moment(begin)[seen.ask]
        early = seen.at <= started
        # Of all that was observed by the beginning, only the last state counts.
        last_early = seen.where(early).latest()
        states = seen.where(~early | (seen.at == last_early[seen.ask]))
        states = states.states([true], order)
        holds = np.logical_and if found.always else np.logical_or
        verdict = states.each(holds, states.column(true), empty=False)
        if found.always:
            verdict &= seen.where(early).there()
        return Verdict(verdict, unsure_of(found.rule, every, true, hands))

    return find


def changed(found: Changed, columns: Columns) -> Found:
    """Those of whom a trait took another value."""
    scan = replace(found.scan, span=Span(found.scan.span.upto))
    rows = kept(scan, columns)
    inside = within(found.scan.span, columns)
    name, operand = conditions.trait_operand(found.path)
    called = one_of("name", [name])
    here = columns.flag("traits", called)
    hands = hand_of(found.rule, called, columns)
    read: dict[str, Column] = {}
    if found.before is UNSET and found.after is UNSET:
        read["state"] = columns.code("traits", comparable(operand))
    for which, value in (("before", found.before), ("after", found.after)):
        if value is not UNSET:
            verdict = conditions.condition(operand, "=", value)
            read[which] = columns.flag("traits", called.copy(), verdict)
    order = columns.order("traits")

    def find(batch: Batch) -> Verdict:
        seen = batch.find(rows)
        every = seen = seen.where(seen.column(here))
        seen = seen.states(read.values(), order)
        change = inside(seen)
        change[:1] = False
        change[1:] &= seen.ask[1:] == seen.ask[:-1]
        for which, column in read.items():
            says = seen.column(column)
            before, after = says[:-1], says[1:]
            if which == "state":
                change[1:] &= before != after
            else:
                change[1:] &= (before & ~after) if which == "before" else (after & ~before)
        unsure = None if found.rule is None else may_change(found.rule, every, read, hands)
        return Verdict(_those(batch, seen.ask[change]), unsure)

    return find
