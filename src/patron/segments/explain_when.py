"""When an answer about one customer would change if nothing more happened.

Only at certain moments can it: when a row leaves a window, when one that is dated in the future is
reached, when the calendar turns. `concerns` names them for the live memberships, and here the rule
is asked as of each, in their order, until the answer differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np

from patron.clock import LATEST
from patron.segments.concerns import Concerns, Edge, Turn
from patron.segments.explain_asked import Answers, Moments, OneCustomer
from patron.segments.moments import StartOf, start_of
from patron.segments.questions import Question

AHEAD = timedelta(days=400)
"""How far turns of the calendar are looked at."""

RANKINGS = 2
"""So many refreshes of a ranking are looked ahead to."""

CHUNK = 256
"""So many moments are asked about with one statement."""

MOST = 4_096
"""So many moments are asked about at all."""

Times = Mapping[tuple[str, str], Moments]


def horizon(found: Concerns, question: Question, as_of: datetime) -> datetime:
    """How far it is worth looking: the calendar turns for ever, rows leave their windows once.

    A ranking is made of all customers, so of these only a few more are.
    """
    longest = max((edge.length for edge in found.edges), default=timedelta())
    ahead = AHEAD if found.turns else max(AHEAD, longest)
    limits = [as_of + min(ahead, max(LATEST - as_of, timedelta()))]
    for _, made_for in question.rankings:
        if isinstance(made_for, StartOf):
            limits.append(start_of(as_of, made_for.unit, -RANKINGS, made_for.zone))
    return min(limits)


def candidates(
    found: Concerns,
    times: Times,
    dates: Mapping[Edge, Moments],
    first_seen_at: datetime,
    as_of: datetime,
    until: datetime,
) -> Moments:
    """The moments after one, and up to another, at which the answer can change; in order.

    Args:
        found: What the rule depends on.
        times: When the customer's rows happened, by table and name.
        dates: The edges of dates that the customer's traits hold.
        first_seen_at: Before this, nothing is true of the customer.
        as_of: Later than this.
        until: Up to and with this.
    """
    parts = [np.array([first_seen_at], dtype="datetime64[us]")]
    for edge in found.edges:
        if edge.path is not None:
            parts.append(dates[edge])
            continue
        for (rows, name), moments in times.items():
            if rows == edge.rows and edge.name in (None, name):
                parts.append(moments + np.timedelta64(edge.length))
    # No entry or exit is dated ahead of the clock, but a past moment has some ahead of it.
    parts += [moments for (rows, name), moments in times.items()
              if rows == "membership_changes" and name in found.recorded]  # fmt: skip
    parts += [_turns(turn, as_of, until) for turn in found.turns]
    together = np.unique(np.concatenate(parts))
    after, last = np.datetime64(as_of, "us"), np.datetime64(until, "us")
    return together[(together > after) & (together <= last)]


@lru_cache(maxsize=64)
def _turns(turn: Turn, as_of: datetime, until: datetime) -> Moments:
    found: list[datetime] = []
    at = as_of
    while len(found) < MOST:
        at = start_of(at, turn.unit, -1, turn.zone)
        if at > until:
            break
        found.append(at)
    return np.array(found, dtype="datetime64[us]")


class Ahead:
    """Finds the first moment at which each of several answers differs from what it is now.

    Args:
        moments: When each can change.
        until: How far to look.

    Attributes:
        every: All moments to be asked about, in order.
        until: How far was looked: less, when there are too many moments.
        changes: The moment of each; None for an answer that stays.
    """

    def __init__(self, moments: Sequence[Moments], until: datetime) -> None:
        self._moments = moments
        every = np.unique(np.concatenate([*moments, np.empty(0, dtype="datetime64[us]")]))
        self.until = until
        if len(every) > MOST:
            every = every[:MOST]
            self.until = every[-1].astype(object)
        self.every: Moments = every
        self.changes: list[datetime | None] = [None] * len(moments)
        self._open = {number for number, own in enumerate(moments) if len(own)}
        self._now: Answers = np.zeros(len(moments), dtype=bool)

    def begin(self, now: Answers) -> None:
        """Say what the answers are now."""
        self._now = now

    def note(self, at: Moments, numbers: Sequence[int], answers: Answers) -> None:
        """Take in what was answered as of the next moments.

        Args:
            at: The moments, in order.
            numbers: Which questions were asked.
            answers: A row for each of these.
        """
        for number, row in zip(numbers, answers, strict=True):
            differs = np.flatnonzero(row != self._now[number])
            if number in self._open and len(differs):
                self.changes[number] = at[differs[0]].astype(object)
                self._open.discard(number)

    def search(self, customer: OneCustomer, questions: Sequence[Question], asked: int) -> None:
        """Ask on, until every answer has changed or there is no moment left.

        Args:
            customer: Whom the questions are about.
            questions: All of them.
            asked: So many of the moments were asked about already.
        """
        for at in _chunks(self.every[asked:]):
            numbers = [number for number in sorted(self._open) if self._can_change(number, at)]
            if numbers:
                some = [questions[number] for number in numbers]
                self.note(at, numbers, customer.ask(at, some, kept=False))

    def _can_change(self, number: int, at: Moments) -> bool:
        own = self._moments[number]
        return bool(((own >= at[0]) & (own <= at[-1])).any())


def _chunks(moments: Moments) -> Iterator[Moments]:
    for start in range(0, len(moments), CHUNK):
        yield moments[start : start + CHUNK]
