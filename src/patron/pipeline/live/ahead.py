"""Answers made ready before a turn of the calendar, when everybody has to be asked at once.

In the minutes before it, a few customers at a time are asked as of the turn. When it is there,
those of whom something came in meanwhile are asked again; for the others the answer is at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np

from patron.pipeline.live.rules import Live
from patron.segments.memberships import Bools, Ints, Members

LEAD = timedelta(minutes=10)
"""So long before a turn it begins."""

SPARE = timedelta(minutes=1)
"""So long before, all should be ready: steps may be late."""

Ask = Callable[[Sequence[Live], Ints, datetime], list[Bools]]
"""Answers rules about customers as of a moment, each rule for itself."""


class Ahead:
    """What is ready for one turn of the calendar.

    Args:
        stop: When it is.
        rules: What memory can answer of the rules that look at it; none that rests on what others
            do, or on changes of other segments.
        ids: The customers, by rising id.
        now: When the work begins.
    """

    def __init__(self, stop: datetime, rules: Sequence[Live], ids: Ints, now: datetime) -> None:
        self.stop = stop
        self.rules = list(rules)
        self._ids = ids
        self._ready = 0
        self._inside = [np.zeros(len(ids), dtype=bool) for _ in rules]
        self._stale = Members()
        self._worked = now

    def touch(self, profile_ids: Ints) -> None:
        """Something came in about these."""
        self._stale.set(profile_ids, True)

    def work(self, ask: Ask, now: datetime) -> None:
        """Make some answers ready: the share that has passed of the time that was left."""
        left = self.stop - SPARE - self._worked
        share = min(1.0, (now - self._worked) / left) if left > timedelta() else 1.0
        self._worked = now
        first = self._ready
        self._ready += int(np.ceil((len(self._ids) - first) * share))
        some = self._ids[first : self._ready]
        if len(some) and self.rules:
            for inside, answers in zip(self._inside, ask(self.rules, some, self.stop), strict=True):
                inside[first : self._ready] = answers

    def answers(self, ask: Ask, ids: Ints) -> list[Bools]:
        """The answers about all customers that stand at the turn, by rising id."""
        known = self._ids[: self._ready]
        known = known[~self._stale.of(known)]
        ready = np.isin(ids, known, assume_unique=True)
        places = np.searchsorted(self._ids, ids[ready])
        asked = ask(self.rules, ids[~ready], self.stop)
        found = []
        for inside, answers in zip(self._inside, asked, strict=True):
            all_of_them = np.zeros(len(ids), dtype=bool)
            all_of_them[ready] = inside[places]
            all_of_them[~ready] = answers
            found.append(all_of_them)
        return found
