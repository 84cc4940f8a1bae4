"""When an answer about one customer would change if nothing more happened.

Only at certain moments can it: when a row leaves a window, when one that is dated in the future is
reached, when the calendar turns. `concerns` names them for the live memberships, and here the rule
is asked as of each, in their order, until the answer differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np

from patron.clock import LATEST
from patron.segments.algebra import Signed, leaves
from patron.segments.concerns import Concerns, Edge, Turn
from patron.segments.explain_asked import Moments
from patron.segments.memory.batch import Bools
from patron.segments.moments import StartOf, start_of
from patron.segments.rankings import Ranked

AHEAD = timedelta(days=400)
"""How far turns of the calendar are looked at."""

RANKINGS = 2
"""So many refreshes of a ranking are looked ahead to."""

AT_ONCE = 128
"""So many moments are asked about together at most: mostly the answer differs by one of them."""

ROWS_AT_ONCE = 200_000
"""So many rows are looked at together, those of each moment for themselves."""

MOST = 4_096
"""So many moments are asked about at all."""

Times = Mapping[tuple[str, str], Moments]
Answers = Callable[[Moments, Sequence[int]], Bools]


def horizon(found: Concerns, plan: Signed, as_of: datetime) -> datetime:
    """How far it is worth looking: the calendar turns for ever, rows leave their windows once.

    A ranking is made of all customers, so of these only a few more are.
    """
    longest = max((edge.length for edge in found.edges), default=timedelta())
    ahead = AHEAD if found.turns else max(AHEAD, longest)
    limits = [as_of + min(ahead, max(LATEST - as_of, timedelta()))]
    for ranked in leaves(plan.profiles):
        if isinstance(ranked, Ranked) and isinstance(ranked.made_for, StartOf):
            zone = ranked.made_for.zone
            limits.append(start_of(as_of, ranked.made_for.unit, -RANKINGS, zone))
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

    def ask(self, as_of: datetime, rows: int, answers: Answers) -> Bools:
        """Ask, until every answer has changed or there is no moment left.

        Args:
            as_of: The moment that matters.
            rows: So many there are of the customer.
            answers: Says what the answers are as of some moments: a row a number.

        Returns:
            The answers as of the moment that matters.
        """
        most = max(1, min(AT_ONCE, ROWS_AT_ONCE // (rows + 1)))
        at = np.concatenate([np.array([as_of], dtype="datetime64[us]"), self.every])
        found = answers(at[:most], range(len(self._moments)))
        now = found[:, 0]
        self._note(at[:most], range(len(now)), found, now)
        for start in range(most, len(at), most):
            some = at[start : start + most]
            numbers = [number for number in sorted(self._open) if self._can_change(number, some)]
            if numbers:
                self._note(some, numbers, answers(some, numbers), now)
        return now

    def _note(self, at: Moments, numbers: Sequence[int], answers: Bools, now: Bools) -> None:
        for number, row in zip(numbers, answers, strict=True):
            differs = np.flatnonzero(row != now[number])
            if number in self._open and len(differs):
                self.changes[number] = at[differs[0]].astype(object)
                self._open.discard(number)

    def _can_change(self, number: int, at: Moments) -> bool:
        own = self._moments[number]
        return bool(((own >= at[0]) & (own <= at[-1])).any())
