"""From a rule to the sets that answer it: what is scanned, tested, met, united and taken away.

A condition becomes a set of profiles and a polarity: either the members themselves, or everybody
else. Sets so never hold those who lack something, the universe is read only when the rule as a
whole is negative, and "not" costs nothing. Conditions on the same rows (all traits; events of equal
name, time and filter) become one scan with one test, and equal sets are made once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from patron.segments import durations, operators, tree, values
from patron.segments.catalogue import Catalogue
from patron.segments.history import Changed, Held
from patron.segments.metrics import Paired, PairTest
from patron.segments.moments import AS_OF, Before, Fixed, Moment, StartOf
from patron.segments.patterns import PatternTest, Resumed
from patron.segments.picks import Picked, PickTest
from patron.segments.sequences import Followed, Left
from patron.segments.tree import Rule

MAX_TEST = 256
"""Tests of more parts than this are not joined further: segments in segments could double them."""

# ── tests on the rows of one profile ──


@dataclass(frozen=True)
class Always:
    """True of every profile that has a row in the scan."""

    key: str = "always"
    size: int = 1


@dataclass(frozen=True)
class TraitTest:
    """The trait's value that holds at as_of fulfils a positive operator.

    `now` and `zone` matter to operators of `operators.ABOUT_NOW` only.
    """

    path: str
    op: str
    value: Any
    now: Moment = AS_OF
    zone: str = "UTC"
    size: int = 1

    @property
    def key(self) -> str:
        """Equal for equal tests only (1 and true are not)."""
        about = f" {self.now} {self.zone}" if self.op in operators.ABOUT_NOW else ""
        return f"trait {self.path!r} {self.op} {self.value!r}{about}"


@dataclass(frozen=True)
class MeasureTest:
    """A measure of the rows compares with a number; false of no rows.

    `measure` may be ``rows`` (how many), ``events`` (how many events the lines belong to), or one
    of the property at `path`: ``sum``, ``average``, ``min``, ``max``, ``distinct``.
    """

    measure: Literal["rows", "events", "sum", "average", "min", "max", "distinct"]
    path: str | None
    op: str
    value: Any
    size: int = 1

    @property
    def key(self) -> str:
        """Equal for equal tests only."""
        return f"{self.measure} {self.path!r} {self.op} {self.value!r}"

    @property
    def zero_of_nothing(self) -> bool:
        """Whether the measure is 0 of no rows; otherwise it is missing."""
        return self.measure in ("rows", "events", "sum", "distinct")


@dataclass(frozen=True)
class Combined:
    """Several tests on the same rows: all, any, or none of them."""

    how: Literal["all", "any", "none"]
    tests: tuple[Test, ...]
    key: str
    size: int


@dataclass(frozen=True)
class Tallied:
    """The weights of those tests on the same rows that hold, added up, compare with a number."""

    tests: tuple[tuple[Test, int], ...]
    op: str
    value: int

    @property
    def key(self) -> str:
        """Equal for equal tests only."""
        weighed = ", ".join(sorted(f"{weight} x {test.key}" for test, weight in self.tests))
        return f"tally({weighed}) {self.op} {self.value}"

    @property
    def size(self) -> int:
        """How many parts it has."""
        return sum(test.size for test, _ in self.tests)


Test = Always | TraitTest | MeasureTest | PairTest | PickTest | PatternTest | Combined | Tallied


def combine(how: Literal["all", "any", "none"], tests: Iterable[Test]) -> Test:
    """Join tests on the same rows; equal ones once."""
    distinct = {test.key: test for test in tests}
    if how == "all":
        distinct.pop("always", None)
        if not distinct:
            return Always()
    if how == "any" and "always" in distinct:
        return Always()
    if len(distinct) == 1 and how != "none":
        return next(iter(distinct.values()))
    parts = tuple(distinct.values())
    key = f"{how}({', '.join(sorted(distinct))})"
    return Combined(how, parts, key, sum(part.size for part in parts))


# ── what is scanned ──


@dataclass(frozen=True)
class Anchor:
    """The first or the last row of another scan, per customer.

    Attributes:
        which: Which of the two.
        scan: The rows.
    """

    which: Literal["first", "last"]
    scan: Scan


@dataclass(frozen=True)
class Span:
    """A time span, up to and with `upto`, beyond which nothing is seen.

    Attributes:
        upto: The moment that the rows are looked at from.
        after: Later than this.
        since: Not before this.
        until: Not later than this.
        before: Earlier than this.
        anchor: Later than this row of the customer; nothing is, where there is none.
    """

    upto: Moment
    after: Moment | None = None
    since: Moment | None = None
    until: Moment | None = None
    before: Moment | None = None
    anchor: Anchor | None = None


@dataclass(frozen=True)
class Scan:
    """Rows of one table."""

    table: Literal["events", "order_lines", "traits"]
    span: Span
    event: str | None = None
    brands: tuple[str, ...] = ()
    currency: str | None = None
    where: Rule | None = None

    @property
    def key(self) -> str:
        """Equal for equal scans only."""
        where = None if self.where is None else tree.encode(self.where)
        said = (self.table, self.span, self.event, self.brands, self.currency, where)
        return repr(said)


# ── sets of profiles ──


@dataclass(frozen=True, eq=False)
class Grouped:
    """The profiles whose rows of a scan fulfil a test. Nobody without rows is in it."""

    scan: Scan
    test: Test


@dataclass(frozen=True, eq=False)
class Listed:
    """The people of a static list, of those who were seen by then."""

    name: str
    upto: Moment


@dataclass(frozen=True, eq=False)
class Meet:
    """Those in every one of `inside` and in none of `outside`; `inside` is not empty."""

    inside: tuple[Profiles, ...]
    outside: tuple[Profiles, ...]


@dataclass(frozen=True, eq=False)
class Union:
    """Those in at least one of two or more sets."""

    parts: tuple[Profiles, ...]


class Special:
    """A set of a kind that has modules of its own, for planning and for printing it."""

    def inner(self) -> tuple[Profiles, ...]:
        """The sets that it is made of."""
        return ()

    def holds(self, inside: Sequence[npt.NDArray[np.bool_]]) -> npt.NDArray[np.bool_]:
        """Who is in it, by who is in each of the sets that it is made of."""
        raise NotImplementedError


Profiles = (
    Grouped | Listed | Meet | Union
    | Paired | Picked | Resumed | Held | Changed | Followed | Left | Special
)  # fmt: skip


class Signed(NamedTuple):
    """A set, or when `complement` everybody of the universe but that set."""

    profiles: Profiles
    complement: bool = False

    def flipped(self) -> Signed:
        """Everybody else."""
        return Signed(self.profiles, not self.complement)


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
        if rule.held is None:
            return Signed(self.grouped(scan, test), op != rule.op)
        # "Never free" is the complement of "free at some moment".
        held = Held(scan, test, durations.duration(rule.held), always=op == rule.op)
        return Signed(self.once(held.key, lambda: held), op != rule.op)

    def _changed(self, rule: tree.Changed) -> Signed:
        brands = _sorted(rule.on_brand)
        scan = Scan("traits", self.span(rule.within, brands), brands=brands)
        changed = Changed(scan, rule.changed, rule.before, rule.after)
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
        if name == "count" and not lines and isinstance(where, tree.AnyLine):
            # An event with such a line: the lines alone can tell.
            lines, where, measure = True, where.any_line, "events"
        scan = Scan(
            "order_lines" if lines else "events",
            self.span(events.within, events.on_brand),
            events.event,
            _sorted(events.on_brand),
            events.currency,
            where,
        )
        path = events.property if isinstance(events, tree.Amounts) else None
        return scan, MeasureTest(measure, path, "=", None)

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
