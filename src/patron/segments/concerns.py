"""What can change the answer to a rule: which rows, and which moments.

Live membership asks a rule again only of the customers for whom something happened that it could
depend on: a row came in, or the clock passed a moment at which a row enters or leaves a window.
What is said here may be too much (the rule is then asked in vain) and never too little.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, NamedTuple

from patron.segments import durations, paths, tree
from patron.segments.catalogue import Catalogue
from patron.segments.computed import expanded
from patron.segments.moments import Unit
from patron.segments.tree import Rule
from patron.spec.commerce import ORDER_EVENTS
from patron.spec.traits import Survivorships

NOTHING = timedelta()
GROUP_JOINED = "Group Joined"
"""The event that a group call lands as."""


class Edge(NamedTuple):
    """So long after a row of this kind, the answer can change.

    Attributes:
        rows: The table that the row lies in.
        name: Of the event, trait or segment; None for any.
        length: The time between the row and the change; 0 for rows that are dated in the future.
        path: Count not from the row, but from the date that it holds: the trait, or a path into it.
    """

    rows: Literal["events", "traits", "membership_changes"]
    name: str | None
    length: timedelta
    path: str | None = None


class Turn(NamedTuple):
    """At the start of each such unit of the calendar, the answer can change for everybody."""

    unit: Unit
    zone: str


class Shared(NamedTuple):
    """When such an event comes in, the answer can change for everybody, whoever it is about.

    Attributes:
        event: Its name; None for any.
        turn: Only of events that are dated before the latest such turn; None for all.
    """

    event: str | None
    turn: Turn | None


@dataclass(frozen=True)
class Concerns:
    """What can change the answer to a rule, for a customer.

    Attributes:
        events: A row of one of these events; None among them stands for any.
        traits: An observation of one of these traits.
        lists: Being put on one of these lists, or taken off.
        edges: The clock.
        turns: The calendar.
        shared: What others do.
        recorded: Recorded entries into these segments, or exits from them.
        first_seen: Since when the customer is known: whoever was not yet there at the moment that
            is looked back to was in nothing then.
    """

    events: frozenset[str | None]
    traits: frozenset[str]
    lists: frozenset[str]
    edges: frozenset[Edge]
    turns: frozenset[Turn]
    shared: frozenset[Shared]
    recorded: frozenset[str]
    first_seen: bool = False


@dataclass
class _Found:
    zone: str
    survivorships: Survivorships
    events: set[str | None] = field(default_factory=set)
    traits: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)
    edges: set[Edge] = field(default_factory=set)
    turns: set[Turn] = field(default_factory=set)
    shared: set[Shared] = field(default_factory=set)
    recorded: set[str] = field(default_factory=set)
    first_seen: bool = False

    def event(self, name: str | None, lengths: Iterable[timedelta] = ()) -> None:
        """Events of this name, at once and so long after."""
        self.events.add(name)
        self.edges.update(Edge("events", name, length) for length in (NOTHING, *lengths))

    def selected(self, events: tree.Events, lengths: Iterable[timedelta] | None = None) -> None:
        """The events that a measure is taken of, or that its orders follow from.

        Args:
            events: Which.
            lengths: So long after them the answer can change; None: when they leave their window.
        """
        after = _window(events.within, self) if lengths is None else tuple(lengths)
        for name in ORDER_EVENTS if events.orders else events.names or (None,):
            self.event(name, after)

    def trait(self, path: str, lengths: Iterable[timedelta] = ()) -> None:
        """Observations of a trait, at once and so long after."""
        name = paths.split(path)[0]
        self.traits.add(name)
        rule = self.survivorships.of(name)
        after = {NOTHING, *lengths}
        if rule is not None and rule.holds_for is not None:
            # An observation ceases to hold, and another one begins to.
            after |= {rule.holds_for + length for length in after}
        self.edges.update(Edge("traits", name, length) for length in after)

    def dates(self, path: str, *lengths: timedelta) -> None:
        """So long after (or before) the date that a trait holds."""
        name = paths.split(path)[0]
        self.edges.update(Edge("traits", name, length, path) for length in lengths)

    def turn(self, unit: str, zone: str | None) -> None:
        """The start of each such unit, by the calendar of a zone or of the workspace."""
        self.turns.add(Turn(durations.calendar_unit(unit), zone or self.zone))


def concerns(rule: Rule, catalogue: Catalogue) -> Concerns:
    """What can change the answer to a rule that `resolve` let through.

    >>> from patron.segments.text import parse
    >>> found = concerns(parse('did "Order Completed" in the last 90 days'), Catalogue())
    >>> sorted(edge.length.days for edge in found.edges)
    [0, 90]
    """
    found = _Found(catalogue.time_zone, catalogue.survivorships)
    waiting = [rule]
    seen = set()
    while waiting:
        for _, node in tree.walk(waiting.pop()):
            match node:
                case tree.InSegment(in_segment=name) | tree.WasIn(was_in=name) if name not in seen:
                    seen.add(name)
                    waiting.append(catalogue.segments[name])
            stands_for = expanded(node, catalogue.computed)
            if stands_for is not None:
                waiting.append(stands_for)
                continue
            _note(node, found)
            _note_others(node, found)
    return Concerns(
        frozenset(found.events), frozenset(found.traits), frozenset(found.lists),
        frozenset(found.edges), frozenset(found.turns), frozenset(found.shared),
        frozenset(found.recorded), found.first_seen,
    )  # fmt: skip


def _note(node: Rule, found: _Found) -> None:
    match node:
        case tree.Trait():
            _note_trait(node, found)
        case tree.Changed():
            found.trait(node.changed, _window(node.within, found))
        case tree.InList(in_list=name):
            found.lists.add(name)
        case tree.WasIn():
            found.first_seen = True
        case tree.Selecting():
            _note_events(node, found)
        case tree.Sequence():
            _note_sequence(node, found)
        case tree.Abandoned():
            found.event(tree.ORDERED)
            for event in tree.STAGES.values():
                found.event(event, [durations.duration(node.idle), *_window(node.within, found)])


def _note_events(node: tree.Selecting, found: _Found) -> None:
    for _, events in node.selections():
        found.selected(events)
    match node:
        case tree.Stopped(stopped=events, length=length):
            found.event(events.event, [durations.duration(length)])
        case tree.Points(points=programme) if programme.expire_after is not None:
            for one in programme.earning:
                found.event(one.events.event, [durations.duration(programme.expire_after)])
        case tree.Periods(unit=unit, zone=zone):
            found.turn(unit, zone)
        case tree.Favourite(favourite=preferred):
            for kind in preferred.preferred:
                found.selected(kind.of, [durations.duration(step.after) for step in kind.steps])
        case tree.Calculate(calculate=expression):
            _note_ages(expression, found, NOTHING)


def _note_ages(expression: tree.Expression, found: _Found, by: timedelta) -> None:
    """What changes as time goes by, in an expression that is asked of a moment so long ago."""
    match expression:
        case tree.Earlier(by=length):
            by += durations.duration(length)
        case tree.Decayed(selected=(_, events), steps=steps):
            ages = [durations.duration(step.after) for step in steps]
            found.selected(events, [by, *(by + age for age in ages)])
        case tree.Taken():
            _, events = expression.taken()
            ends = _window(events.within, found)
            found.selected(events, [by, *(by + end for end in ends)])
    for _, part in expression.parts():
        _note_ages(part, found, by)


def _note_trait(node: tree.Trait, found: _Found) -> None:
    found.trait(node.trait, [] if node.held is None else [durations.duration(node.held)])
    if node.op == "within last":
        found.dates(node.trait, NOTHING, durations.duration(node.value))
    elif node.op == "within next":
        found.dates(node.trait, -durations.duration(node.value), NOTHING)
    elif node.op == "anniversary":
        found.turn("day", None)


def _note_sequence(node: tree.Sequence, found: _Found) -> None:
    for _, _, occurrence in node.occurrences():
        found.event(occurrence.event, _window(node.within, found))
    *_, before, last = node.sequence
    if last.absent and last.within is not None:
        # Only when the time for it is over, it is sure that it did not follow.
        found.event(before.event, [durations.duration(last.within)])


def _note_others(node: Rule, found: _Found) -> None:
    """What a rule rests on beside what the customer does."""
    match node:
        case tree.Top() | tree.Rfm():
            events = node.rfm if isinstance(node, tree.Rfm) else node.by.measure()[1]
            turn = Turn(node.refreshed, found.zone)
            found.turns.add(turn)
            names = ORDER_EVENTS if events.orders else events.names or (None,)
            found.shared.update(Shared(name, turn) for name in names)
            if isinstance(events.within, tree.SinceEvent):
                found.shared.add(Shared(events.within.since_event.event, turn))
        case tree.Group():
            found.event(GROUP_JOINED)
            found.shared.add(Shared(GROUP_JOINED, None))
        case tree.Entered(within=window) | tree.Left(within=window):
            name = node.entered if isinstance(node, tree.Entered) else node.left
            found.recorded.add(name)
            lengths = _window(window, found)
            found.edges.update(Edge("membership_changes", name, length) for length in lengths)


def _window(window: tree.Window | None, found: _Found) -> list[timedelta]:
    """How long after an event it leaves the window; what else moves the window is noted."""
    match window:
        case tree.Last(last=last):
            return [durations.duration(last)]
        case tree.This(this=unit, zone=zone):
            found.turn(unit, zone)
        case tree.LastFull(last_full=span, zone=zone):
            found.turn(durations.calendar_amount(span)[1], zone)
        case tree.SinceEvent(since_event=anchor):
            found.event(anchor.event)
    return []
