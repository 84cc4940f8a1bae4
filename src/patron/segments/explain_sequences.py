"""How far a sequence came: which events fulfilled its steps, and why it went no further.

An event is reached when it ends a part of the sequence up to its step, and of those reached before
it the latest that is strictly earlier is the best, as in `sequences`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sqlglot import exp

from patron.segments import tree
from patron.segments.explain_probe import About, Told
from patron.segments.explain_strands import Places, Strands, Woven
from patron.segments.explain_values import FoundStep, Steps
from patron.segments.frames import Asked
from patron.segments.printer import print_step
from patron.segments.sequences import Followed, Link
from patron.segments.sql import Printer

_NOTHING = np.empty(0, dtype=np.int64)


def steps(rule: tree.Sequence, followed: Followed) -> Strands:
    """The steps of a sequence."""
    frame = Asked()
    printer = Printer(frame)
    scans = [link.scan for link in followed.links]
    scans += [other for link in followed.links for other in link.without]
    scans += [followed.absent.scan] if followed.absent else []
    kinds = tuple(exp.and_(exp.true(), *printer.scanned(scan.of_events())) for scan in scans)
    asked = [print_step(step) for step in rule.sequence]

    def tell(woven: Woven, about: About) -> Told:
        return _Walk(followed, asked, woven, about).told()

    return Strands(table="events", kinds=kinds, tell=tell, frame=frame)


@dataclass
class _Reached:
    """The events of a step that were reached, and of each the one before it."""

    events: Places
    before: Places


class _Walk:
    """Goes along a sequence through the customer's events."""

    def __init__(self, followed: Followed, asked: list[str], woven: Woven, about: About) -> None:
        self._links = followed.links
        self._absent = followed.absent
        self._asked = asked
        self._woven = woven
        self._about = about
        firsts = len(self._links) + np.cumsum([0, *(len(link.without) for link in self._links)])
        self._withouts = [range(a, b) for a, b in pairwise(firsts)]
        self._last_kind = int(firsts[-1])
        self._reached = [_Reached(woven.of(0), _NOTHING)]

    def told(self) -> Told:
        """How far it came, by the newest run that came so far."""
        while self._reached[-1].events.size and len(self._reached) < len(self._links):
            self._reached.append(self._next(len(self._reached)))
        if not self._reached[-1].events.size:
            self._reached.pop()
        if self._absent is not None and len(self._reached) == len(self._links):
            return self._followed_by_nothing(self._absent)
        if len(self._reached) == len(self._links):
            return self._told(int(self._reached[-1].events[-1]), Steps(()))
        if not self._reached:
            return self._told(None, Steps((), "missing"))
        newest = int(self._reached[-1].events[-1])
        return self._told(newest, self._stopped(newest))

    def _next(self, number: int) -> _Reached:
        """The events of a step that are reached from those of the step before."""
        at, link = self._woven.at, self._links[number]
        earlier, events = self._reached[-1].events, self._woven.of(number)
        places = np.searchsorted(at[earlier], at[events], side="left") - 1
        events, before = events[places >= 0], earlier[places[places >= 0]]
        fits = np.ones(len(events), dtype=bool)
        if link.within is not None:
            fits = at[events] - at[before] <= np.timedelta64(link.within)
        for kind in self._withouts[number]:
            fits &= self._between(kind, events, before) < 0
        return _Reached(events[fits], before[fits])

    def _between(self, kind: int, events: Places, before: Places) -> Places:
        """The last event of a kind strictly between two others; -1 where there is none."""
        at, others = self._woven.at, self._woven.of(kind)
        places = np.searchsorted(at[others], at[events], side="left") - 1
        found = np.append(others, -1)[places]
        return np.where((places >= 0) & (at[found] > at[before]), found, -1)

    def _stopped(self, newest: int) -> Steps:
        """Why the step after the newest event was not reached."""
        at, number = self._woven.at, len(self._reached)
        link = self._links[number]
        later = self._woven.of(number)
        later = later[at[later] > at[newest]]
        if not len(later):
            return Steps((), "missing")
        first, before = later[:1], np.array([newest])
        if link.within is not None and at[first[0]] - at[newest] > np.timedelta64(link.within):
            return Steps((), "late", self._woven.row(first[0]))
        between = max(int(self._between(kind, first, before)[0]) for kind in self._withouts[number])
        return Steps((), "between", self._woven.row(between))

    def _followed_by_nothing(self, absent: Link) -> Told:
        """Whether the last event is followed by none of a kind, and the time for it is over."""
        at, within = self._woven.at, np.timedelta64(absent.within)
        events, others = self._reached[-1].events, self._woven.of(self._last_kind)
        places = np.searchsorted(at[others], at[events], side="right")
        nexts = np.append(others, -1)[places]
        came = (nexts >= 0) & (at[nexts] <= at[events] + within)
        upto = absent.scan.span.upto.at(self._about.as_of)
        over = at[events] + within <= np.datetime64(upto)
        fits = np.flatnonzero(~came & over)
        if len(fits):
            return self._told(int(events[fits[-1]]), Steps(()), complete=True)
        newest = int(events[-1])
        if came[-1]:
            return self._told(newest, Steps((), "came", self._woven.row(nexts[-1])))
        until = (at[newest] + within).astype(object)
        return self._told(newest, Steps((), "waiting", until=until))

    def _told(self, newest: int | None, found: Steps, *, complete: bool = False) -> Told:
        """The run that ends with an event, step by step."""
        places: list[int] = []
        for reached in reversed(self._reached):
            assert newest is not None  # noqa: S101 - where something was reached there is one
            places.append(newest)
            if reached.before.size:
                newest = int(reached.before[np.searchsorted(reached.events, newest)])
        rows = self._woven.rows(places[::-1])
        number = len(rows) + complete
        steps = tuple(
            FoundStep(asked, at < number, rows[at] if at < len(rows) else None)
            for at, asked in enumerate(self._asked)
        )
        return Told(number, Steps(steps, found.stop, found.row, found.until))
