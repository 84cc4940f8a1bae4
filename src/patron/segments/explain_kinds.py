"""Which conditions there is more to say of than a value and rows, and what finds that out."""

from __future__ import annotations

from collections.abc import Mapping

from patron.engines.duckdb import Cursor
from patron.segments import explain_events, explain_sequences, tree, values
from patron.segments.algebra import Grouped, Meet, Signed
from patron.segments.entries import Recorded
from patron.segments.explain_found import Finding, Found, other_side
from patron.segments.explain_others import (
    Changes,
    InRanking,
    InShare,
    OfGroups,
    OnRecord,
    OtherSide,
)
from patron.segments.explain_probe import About, Probe, Told
from patron.segments.explain_rfm import OfScores
from patron.segments.explain_strands import Strands, weave
from patron.segments.groups import InGroup
from patron.segments.moments import Moment
from patron.segments.patterns import FirstTimeTest, PeriodsTest, Resumed, StoppedTest
from patron.segments.picks import Picked
from patron.segments.plan_sets import earlier
from patron.segments.rankings import Ranked
from patron.segments.rfm import RfmScored
from patron.segments.sequences import Followed, Left
from patron.segments.tree import Rule

More = Probe | Strands | OtherSide
"""What finds out more: by itself, or from rows that are read together with those of others."""


def more(rule: Rule, signed: Signed, now: Moment) -> More | None:
    """What finds out more about a condition; None where there is no more.

    Args:
        rule: The condition.
        signed: Its plan.
        now: The moment that it is asked for.
    """
    match rule:
        case tree.InSegment(in_segment=name):
            return OnRecord(name, now)
        case tree.WasIn(was_in=name, at=at):
            return OnRecord(name, earlier(now, values.ends(at)))
        case tree.Share():
            return InShare(rule)
    return _of_others(signed) or _of_events(rule, signed)


def _of_others(signed: Signed) -> Probe | OtherSide | None:
    match signed.profiles:
        case Ranked(ranking=RfmScored()):
            return OfScores(signed.profiles)
        case Ranked():
            return InRanking(signed.profiles)
        case InGroup():
            return OfGroups(signed.profiles)
        case Meet(inside=parts):
            # Who is asked about entries and exits must have been seen by then, too.
            recorded = next((part for part in parts if isinstance(part, Recorded)), None)
            return None if recorded is None else Changes(recorded)
    other = other_side(signed)
    return None if other is None else OtherSide(other)


def _of_events(rule: Rule, signed: Signed) -> Strands | None:
    match signed.profiles:
        case Followed() if isinstance(rule, tree.Sequence):
            return explain_sequences.steps(rule, signed.profiles)
        case Left():
            return explain_events.cart(signed.profiles)
        case Grouped(scan, FirstTimeTest() as test):
            return explain_events.first_time(scan, test)
        case Grouped(scan, PeriodsTest() as test):
            return explain_events.periods(scan, test)
        case Grouped(scan, StoppedTest()):
            return explain_events.stopped(scan)
        case Resumed():
            return explain_events.resumed(signed.profiles)
        case Picked():
            return explain_events.picked(signed.profiles)
    return None


def look_into(
    cursor: Cursor, findings: Mapping[int, Finding], probes: Mapping[int, More], about: About
) -> tuple[dict[int, Found], dict[int, Told]]:
    """Look into conditions by their numbers, with as few statements as can be.

    Args:
        cursor: On which `OneCustomer` has read the customer, and gathered what is read.
        findings: Values and rows.
        probes: What there is to say beyond them.
        about: The customer.
    """
    sides = {at: one for at, one in probes.items() if isinstance(one, OtherSide)}
    strands = {at: one for at, one in probes.items() if isinstance(one, Strands)}
    every = [*findings.values(), *(one.finding for one in sides.values()), *strands.values()]
    woven = iter(weave(cursor, [one.wanted for one in every], about))
    found = {at: one.found(next(woven)) for at, one in findings.items()}
    told = {at: side.told(side.finding.found(next(woven))) for at, side in sides.items()}
    told |= {at: one.tell(next(woven), about) for at, one in strands.items()}
    for at, one in probes.items():
        if not isinstance(one, OtherSide | Strands):
            told[at] = one.look(cursor, about)
    return found, told
