"""From a rule to the sets that answer it: what is scanned, tested, met, united and taken away.

A condition becomes a set of profiles and a polarity: either the members themselves, or everybody
else. Sets so never hold those who lack something, the universe is read only when the rule as a
whole is negative, and "not" costs nothing. Conditions on the same rows (all traits; events of equal
name, time and filter) become one scan with one test, and equal sets are made once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from patron.segments import columns, conditions, durations, operators, paths, tree, values
from patron.segments.algebra import Grouped, Listed, Meet, Profiles, Signed, Union
from patron.segments.catalogue import Catalogue
from patron.segments.clock_values import filter_in_zone, in_zone
from patron.segments.computed import written_out
from patron.segments.conversion import Conversion
from patron.segments.entities import reach, reaching
from patron.segments.history import Changed, Held
from patron.segments.moments import AS_OF, Before, Fixed, Moment, StartOf
from patron.segments.predicates import Always, MeasureTest, Test, TraitTest, combine
from patron.segments.scans import Anchor, Scan, Span
from patron.segments.sequences import Followed, Left
from patron.segments.surviving import Survived
from patron.segments.tree import Rule
from patron.spec.entities import PRODUCT, PRODUCTS

MAX_TEST = 256
"""Tests of more parts than this are not joined further: segments in segments could double them."""


@dataclass
class Planner:
    """Plans rules; equal sets come out as one and the same object.

    Args:
        catalogue: Where the other segments are.
        now: The moment that rules are asked for: that of the question, or one that follows from it.
        largest: Tests of more parts than this are not joined; 0 to leave each test by itself.
    """

    catalogue: Catalogue
    now: Moment = AS_OF
    largest: int = MAX_TEST
    _made: dict[str, Profiles] = field(default_factory=dict)
    _numbers: dict[int, int] = field(default_factory=dict)
    _segments: dict[tuple[str, Moment], Signed] = field(default_factory=dict)

    def plan(self, rule: Rule) -> Signed:
        """The set of a rule that `resolve` let through."""
        rule = written_out(rule, self.catalogue.computed)
        match rule:
            case tree.All(all=parts):
                return self.meeting([self.plan(part) for part in parts])
            case tree.AnyOf(any=parts):
                others = [self.plan(part).flipped() for part in parts]
                return self.meeting(others).flipped()
            case tree.Not(negated=inner):
                return self.plan(inner).flipped()
            case tree.InSegment(in_segment=name):
                if (name, self.now) not in self._segments:
                    planned = self.plan(self.catalogue.segments[name])
                    self._segments[name, self.now] = planned
                return self._segments[name, self.now]
            case tree.InList(in_list=name):
                key = f"list {name!r} {self.now}"
                return Signed(self.once(key, lambda: Listed(name, self.now)))
            case tree.Trait():
                return self._trait(rule)
            case tree.Changed():
                return self._changed(rule)
            case tree.Selecting():
                from patron.segments import plan_events

                return plan_events.plan(self, rule)
            case tree.Sequence():
                followed = Followed.of(rule, lambda events: self.scan("count", events, ">=", 1)[0])
                return Signed(self.once(followed.key, lambda: followed))
            case tree.Abandoned():
                idle, brands = durations.duration(rule.idle), _sorted(rule.on_brand)
                left = Left(self.span(rule.within, brands), idle, rule.stage, brands)
                return Signed(self.once(left.key, lambda: left))
        from patron.segments import plan_sets

        return plan_sets.plan(self, rule)

    def at(self, moment: Moment) -> Planner:
        """The same planner, for rules that are asked for another moment."""
        return replace(self, now=moment)

    # ── conditions ──

    def _trait(self, rule: tree.Trait) -> Signed:
        op = operators.NEGATIVE.get(rule.op, rule.op)
        scan = Scan("traits", Span(self.now), brands=_sorted(rule.on_brand))
        zone = self.catalogue.time_zone
        test = TraitTest(rule.trait, op, rule.value, self.now, zone)
        decided = self.catalogue.survivorships.of(paths.split(rule.trait)[0])
        if rule.held is None and decided is not None:
            survived = Survived(scan, test, decided)
            return Signed(self.once(survived.key, lambda: survived), op != rule.op)
        if rule.held is None:
            return Signed(self.grouped(scan, test), op != rule.op)
        # "Never free" is the complement of "free at some moment".
        length = durations.duration(rule.held)
        held = Held(scan, test, length, always=op == rule.op, rule=decided)
        return Signed(self.once(held.key, lambda: held), op != rule.op)

    def _changed(self, rule: tree.Changed) -> Signed:
        brands = _sorted(rule.on_brand)
        scan = Scan("traits", self.span(rule.within, brands), brands=brands)
        decided = self.catalogue.survivorships.of(paths.split(rule.changed)[0])
        changed = Changed(scan, rule.changed, rule.before, rule.after, decided)
        return Signed(self.once(changed.key, lambda: changed))

    def scan(
        self,
        name: tree.MeasureName,
        events: tree.Events,
        op: str,
        value: Any,  # noqa: ANN401
    ) -> tuple[Scan, Always | MeasureTest]:
        """The rows that a measure is taken of, and its comparison with a number."""
        scan, test = self.measured(name, events)
        if name == "count" and (op, value) in ((">=", 1), (">", 0), ("!=", 0)):
            return scan, Always()
        return scan, replace(test, op=op, value=value)

    def measured(self, name: tree.MeasureName, events: tree.Events) -> tuple[Scan, MeasureTest]:
        """The rows that a measure is taken of, and how; the comparison is still open."""
        lines, where = events.lines, events.where
        measure: Any = "rows" if name == "count" else name
        plain = name == "count" and not lines and not events.orders and not events.returns
        if plain and isinstance(where, tree.AnyLine):
            # An event with such a line: the lines alone can tell.
            lines, where, measure = True, where.any_line, "events"
        if where is not None:
            where = filter_in_zone(where, self.catalogue.time_zone)
        if where is not None and self.catalogue.entities:
            where = reaching(where, self.catalogue.entities, lines=lines)
        path, reached = None, None
        if events.returns:
            measure, path = "distinct", paths.unite(conditions.RETURN)
        if isinstance(events, tree.Amounts):
            path = in_zone(events.property, self.catalogue.time_zone)
            reached = reach(path, self.catalogue.entities, lines=lines, money=True)
        scan = Scan(
            "orders" if events.orders else "order_lines" if lines else "events",
            self.span(events.within, events.on_brand),
            events.names,
            _sorted(events.on_brand),
            events.currency,
            where,
            self._products(events),
            self._conversion(events.convert),
            reached,
        )
        return scan, MeasureTest(measure, path, "=", None)

    def _products(self, events: tree.Events) -> int | None:
        """The state of the catalogue, where it has a part in what is asked of orders."""
        if not events.orders or not columns.OF_COSTS & tree.properties(events):
            return None
        return self.catalogue.entities.get(PRODUCT, PRODUCTS).state

    def _conversion(self, to: str | None) -> Conversion | None:
        return None if to is None else Conversion(to, tuple(self.catalogue.rates.get(to, ())))

    def span(self, window: tree.Window | None, brands: str | tuple[str, ...] = ()) -> Span:
        """When the rows of a window happened; an event that it begins with is of these brands."""
        match window:
            case tree.Last(last=last):
                return Span(self.now, after=Before(self.now, durations.duration(last)))
            case tree.Dates(since=since, until=until):
                first = None if since is None else Fixed(values.starts(since))
                last_moment = None if until is None else Fixed(values.ends(until))
                return Span(self.now, since=first, until=last_moment)
            case tree.This(this=unit, zone=zone):
                begins = StartOf(self.now, durations.calendar_unit(unit), 0, self.zone(zone))
                return Span(self.now, since=begins)
            case tree.LastFull(last_full=length, zone=zone):
                amount, unit = durations.calendar_amount(length)
                begins, ends = (
                    StartOf(self.now, unit, back, self.zone(zone)) for back in (amount, 0)
                )
                return Span(self.now, since=begins, before=ends)
            case tree.SinceEvent(since_event=other, which=which):
                events = tree.Events(other.event, where=other.where, on_brand=brands)
                return Span(self.now, anchor=Anchor(which, self.scan("count", events, ">=", 1)[0]))
        return Span(self.now)

    def zone(self, named: str | None) -> str:
        """The zone of a calendar: the one that is named, or the workspace's."""
        return named or self.catalogue.time_zone

    # ── sets ──

    def meeting(self, parts: Sequence[Signed]) -> Signed:
        """Those whom every one of the parts holds."""
        inside: dict[int, Profiles] = {}
        outside: dict[int, Profiles] = {}
        for part in parts:
            for profiles, complement in _flat(part):
                (outside if complement else inside)[self.number(profiles)] = profiles
        kept, away = self._fused(list(inside.values()), list(outside.values()))
        if not kept:
            return Signed(self._union(away), complement=True)
        if len(kept) == 1 and not away:
            return Signed(kept[0])
        key = f"meet {self._all_numbers(kept)} without {self._all_numbers(away)}"
        return Signed(self.once(key, lambda: Meet(tuple(kept), tuple(away))))

    def _union(self, parts: list[Profiles]) -> Profiles:
        if len(parts) == 1:
            return parts[0]
        return self.once(f"union {self._all_numbers(parts)}", lambda: Union(tuple(parts)))

    def _fused(
        self, inside: list[Profiles], outside: list[Profiles]
    ) -> tuple[list[Profiles], list[Profiles]]:
        """Let tests on the same rows be made in one scan."""
        scans: dict[str, tuple[list[Grouped], list[Grouped]]] = {}
        kept: list[Profiles] = []
        away: list[Profiles] = []
        for side, (parts, rest) in enumerate(((inside, kept), (outside, away))):
            for part in parts:
                if isinstance(part, Grouped) and part.test.size <= self.largest:
                    scans.setdefault(part.scan.key, ([], []))[side].append(part)
                else:
                    rest.append(part)
        for positive, negative in scans.values():
            tests = [part.test for part in negative]
            if positive:
                without = [combine("none", tests)] if tests else []
                test = combine("all", [*(part.test for part in positive), *without])
                kept.append(self.grouped(positive[0].scan, test))
            else:
                away.append(self.grouped(negative[0].scan, combine("any", tests)))
        return kept, away

    def grouped(self, scan: Scan, test: Test) -> Profiles:
        """The profiles whose rows fulfil a test."""
        return self.once(f"{scan.key} having {test.key}", lambda: Grouped(scan, test))

    def once(self, key: str, make: Callable[[], Profiles]) -> Profiles:
        """The set of this key, made unless it is there."""
        if key not in self._made:
            made = self._made[key] = make()
            self._numbers[id(made)] = len(self._numbers)
        return self._made[key]

    def number(self, profiles: Profiles) -> int:
        """The number of a set: equal for equal sets only."""
        return self._numbers[id(profiles)]

    def _all_numbers(self, parts: Iterable[Profiles]) -> list[int]:
        return sorted(self.number(part) for part in parts)


def _flat(part: Signed) -> list[Signed]:
    """The parts that all have to hold: of a meeting its parts, of "none of these" each of them."""
    match part:
        case Signed(Meet(inside=inside, outside=outside), False):
            return [*map(Signed, inside), *(Signed(other, complement=True) for other in outside)]
        case Signed(Union(parts=parts), True):
            return [Signed(other, complement=True) for other in parts]
    return [part]


def _sorted(brands: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({brands} if isinstance(brands, str) else set(brands)))
