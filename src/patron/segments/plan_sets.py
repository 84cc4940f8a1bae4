"""Plans at least k of, shares, ranks, scope over brands, groups, and past membership."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from patron.segments import operators, tree, values
from patron.segments.algebra import Grouped, Profiles, Signed
from patron.segments.entries import Recorded
from patron.segments.groups import InGroup
from patron.segments.moments import Earlier, Fixed, Moment, StartOf
from patron.segments.plan import Planner
from patron.segments.predicates import MeasureTest, Tallied, TraitTest
from patron.segments.rankings import Ranked, Ranking
from patron.segments.rfm import RfmScored
from patron.segments.scans import Span
from patron.segments.tallies import PerBrand, Tally
from patron.segments.tree import Rule
from patron.segments.universe import Everybody

_ALL = 2**32
_PARTS = 10_000
"""A percentage has 4 digits after the point."""


def plan(planner: Planner, rule: Rule) -> Signed:
    """The set of a rule of one of these kinds."""
    match rule:
        case tree.AtLeast(at_least=number, of=parts):
            return _at_least(planner, number, parts)
        case tree.Share():
            return Signed(_share(planner, rule))
        case tree.Top():
            return Signed(_top(planner, rule))
        case tree.Rfm():
            scored, made_for = rfm_scored(rule, planner)
            key = f"ranked {scored.key} {made_for}"
            return Signed(planner.once(key, lambda: Ranked(scored, made_for)))
        case tree.OnBrands():
            return _on_brands(planner, rule)
        case tree.Group():
            return _group(planner, rule)
        case tree.WasIn():
            return Signed(_was_in(planner, rule))
        case tree.Entered(entered=segment, within=window):
            return Signed(_recorded(planner, segment, "entered", window))
        case tree.Left(left=segment, within=window):
            return Signed(_recorded(planner, segment, "left", window))
    raise TypeError(f"{type(rule).__name__} is no condition on a customer")


# ── how many hold ──


def _at_least(planner: Planner, number: int, parts: tuple[Rule, ...]) -> Signed:
    if number == 1:
        return planner.plan(tree.AnyOf(parts))
    if number == len(parts):
        return planner.plan(tree.All(parts))
    return tally(planner, [planner.plan(part) for part in parts], ">=", number)


def tally(planner: Planner, parts: Sequence[Signed], op: str, value: int) -> Signed:
    """Those for whom the number of parts that hold them compares with a number.

    A part that is a complement holds everybody but its set: it counts 1 for all, and being in the
    set takes that away. So the universe is not read for it.
    """
    weights: Counter[int] = Counter()
    sets: dict[int, Profiles] = {}
    for profiles, complement in parts:
        number = planner.number(profiles)
        sets[number] = profiles
        weights[number] += -1 if complement else 1
        value -= complement
    negative = operators.holds(op, 0, value)
    if negative:
        # True of those who are in none of the sets: ask for the opposite, and take everybody else.
        op = operators.OPPOSITE[op]
    weighed = [(sets[number], weight) for number, weight in weights.items() if weight]
    return Signed(_tallied(planner, weighed, op, value), negative)


def _tallied(
    planner: Planner, weighed: list[tuple[Profiles, int]], op: str, value: int
) -> Profiles:
    first = weighed[0][0] if weighed else None
    if isinstance(first, Grouped):
        tests = [
            (profiles.test, weight)
            for profiles, weight in weighed
            if isinstance(profiles, Grouped) and profiles.scan.key == first.scan.key
        ]
        if len(tests) == len(weighed):
            return planner.grouped(first.scan, Tallied(tuple(tests), op, value))
    said = sorted((planner.number(profiles), weight) for profiles, weight in weighed)
    key = f"tally {said} {op} {value}"
    return planner.once(key, lambda: Tally(tuple(weighed), op, value))


def _on_brands(planner: Planner, rule: tree.OnBrands) -> Signed:
    brands = sorted(set(rule.of) or planner.catalogue.brands)
    parts = [planner.plan(tree.scoped(rule.on_brands, brand)) for brand in brands]
    same = _same_but_for_the_brand(parts)
    if same is None:
        return tally(planner, parts, rule.op, rule.value)
    scan, test = replace(same.scan, brands=tuple(brands)), same.test
    op: str = rule.op
    value = rule.value
    if parts[0].complement:
        # Count the brands for which the set itself holds.
        op, value = _TURNED[op], len(brands) - value
    negative = operators.holds(op, 0, value)
    if negative:
        op = operators.OPPOSITE[op]
    key = f"per brand {scan.key} having {test.key} {op} {value}"
    return Signed(planner.once(key, lambda: PerBrand(scan, test, op, value)), negative)


_TURNED = {">=": "<=", "<=": ">=", "=": "="}


def _same_but_for_the_brand(parts: list[Signed]) -> Grouped | None:
    """One of the parts, where they differ by nothing but the brand that their rows are of."""
    found = None
    said = set()
    for profiles, complement in parts:
        if not isinstance(profiles, Grouped) or profiles.scan.table == "traits":
            return None
        found = profiles
        said.add((replace(profiles.scan, brands=()).key, profiles.test.key, complement))
    return found if len(said) == 1 and len(parts) > 1 else None


# ── shares and ranks ──


def _share(planner: Planner, rule: tree.Share) -> Profiles:
    # In iff number * 10**6 < share * 10**4 * 2**32, and the number is whole.
    below = -(-int(Decimal(rule.share) * _PARTS) * _ALL // (100 * _PARTS))
    if below == _ALL:
        return everybody(planner)
    key = f"share {rule.seed!r} {below} {planner.now}"
    return planner.once(key, lambda: Everybody(planner.now, rule.seed, below))


def everybody(planner: Planner) -> Profiles:
    """Every profile seen by the moment that the planner plans for."""
    return planner.once(f"everybody {planner.now}", lambda: Everybody(planner.now))


def _top(planner: Planner, rule: tree.Top) -> Profiles:
    made_for = StartOf(planner.now, rule.refreshed, zone=planner.catalogue.time_zone)
    ranking = ranking_of(rule, planner)
    key = f"ranked {ranking.key} {made_for}"
    return planner.once(key, lambda: Ranked(ranking, made_for))


def ranking_of(rule: tree.Top, planner: Planner) -> Ranking:
    """The ranking that a rule asks for, whatever the moment."""
    name, events = rule.by.measure()
    # Compared with something, so that the planner names the measure.
    scan, test = Planner(planner.catalogue).scan(name, events, "=", 0)
    if not isinstance(test, MeasureTest):
        raise TypeError(f"Nobody is ranked by {name}")
    share = rule.top_percent
    parts = None if share is None else int(Decimal(share) * _PARTS)
    key = f"{scan.key} {test.measure} {test.path!r} top {rule.top} {parts}"
    return Ranking(key, scan, test, rule.top, parts)


def rfm_scored(rule: tree.Rfm, planner: Planner) -> tuple[RfmScored, Moment]:
    """Who has some scores, and the moment that they are made for."""
    made_for = StartOf(planner.now, rule.refreshed, zone=planner.catalogue.time_zone)
    scan, test = Planner(planner.catalogue).measured("sum", rule.rfm)
    cells = rule.cells()
    base = f"rfm {scan.key} {test.path!r}"
    return RfmScored(f"{base} {sorted(cells)}", scan, test, None, None, base, cells), made_for


# ── groups and past membership ──


def _group(planner: Planner, rule: tree.Group) -> Signed:
    op = operators.NEGATIVE.get(rule.op, rule.op)
    test = TraitTest(rule.group, op, rule.value)
    brands = tuple(rule.on_brand)
    key = f"group {test.key} {planner.now} {brands}"
    found = planner.once(key, lambda: InGroup(Span(planner.now), test, brands))
    return Signed(found, op != rule.op)


def _was_in(planner: Planner, rule: tree.WasIn) -> Profiles:
    then = planner.at(earlier(planner.now, values.ends(rule.at)))
    members = then.plan(tree.InSegment(rule.was_in))
    return then.meeting([Signed(everybody(then)), members]).profiles


def earlier(moment: Moment, limit: datetime) -> Moment:
    """The earlier one; of several dates only the earliest is kept, so that moments stay few."""
    match moment:
        case Earlier(one=one, other=Fixed(moment=other)):
            return Earlier(one, Fixed(min(limit, other)))
    return Earlier(moment, Fixed(limit))


def _recorded(
    planner: Planner, segment: str, kind: Literal["entered", "left"], window: tree.Window | None
) -> Profiles:
    span = planner.span(window)
    found = planner.once(f"{kind} {segment!r} {span}", lambda: Recorded(segment, kind, span))
    # After a split, a profile can have a record of a time before it was seen.
    return planner.meeting([Signed(everybody(planner)), Signed(found)]).profiles
