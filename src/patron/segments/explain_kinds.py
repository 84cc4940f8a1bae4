"""Which conditions there is more to say of than a value and rows, and what finds that out."""

from __future__ import annotations

from patron.segments import explain_events, explain_sequences, tree, values
from patron.segments.explain_found import other_side
from patron.segments.explain_others import (
    Changes,
    InRanking,
    InShare,
    OfGroups,
    OnRecord,
    OtherSide,
)
from patron.segments.explain_probe import Probe
from patron.segments.moments import Moment
from patron.segments.patterns import FirstTimeTest, PeriodsTest, Resumed, StoppedTest
from patron.segments.picks import Picked
from patron.segments.plan import Grouped, Signed
from patron.segments.plan_sets import InGroup, Ranked, Recorded, earlier
from patron.segments.sequences import Followed, Left
from patron.segments.tree import Rule


def probe(rule: Rule, signed: Signed, now: Moment) -> Probe | None:
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


def _of_others(signed: Signed) -> Probe | None:
    match signed.profiles:
        case Ranked():
            return InRanking(signed.profiles)
        case InGroup():
            return OfGroups(signed.profiles)
        case Recorded():
            return Changes(signed.profiles)
    other = other_side(signed)
    return None if other is None else OtherSide(other)


def _of_events(rule: Rule, signed: Signed) -> Probe | None:
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
