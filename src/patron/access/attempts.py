"""Sign-ins that failed: after several in a row, none is looked at for a while.

Counted by account, so that one password cannot be guessed, and by address, so that one machine
cannot try many accounts. Accounts that do not exist are counted alike. Kept in memory only: a
restart forgets them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from patron.clock import Clock
from patron.errors import LockedError

FREE = {"account": 5, "address": 30}
"""So many may fail in a row before the first wait. Several people share an address."""

FIRST_WAIT = timedelta(seconds=30)
"""The wait doubles with each further failure."""

LONGEST_WAIT = timedelta(hours=1)
FORGOTTEN = timedelta(hours=24)
"""Failures count no more when there was none for so long."""

MOST = 100_000
"""So many accounts and addresses are remembered; then the one that failed least lately goes."""

Key = tuple[str, str]
"""``account`` or ``address``, and which."""


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last: datetime
    until: datetime


class Attempts:
    """How many sign-ins failed lately.

    Args:
        clock: Where now comes from.

    >>> from patron.clock import ManualClock, parse_time
    >>> attempts = Attempts(ManualClock(parse_time("2018-01-01")))
    >>> [attempts.failed([("account", "ann@example.com")]) for _ in range(5)][-1]
    datetime.timedelta(seconds=30)
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: dict[Key, _Failures] = {}
        self._lock = threading.Lock()

    def check(self, keys: Iterable[Key]) -> None:
        """Refuse when any of these has to wait.

        Raises:
            LockedError: Says for how long.
        """
        now = self._clock.now()
        with self._lock:
            waits = [self._failures[key].until - now for key in keys if key in self._failures]
        longest = max(waits, default=timedelta())
        if longest > timedelta():
            seconds = ceil(longest.total_seconds())
            raise LockedError(
                f"Too many sign-ins failed. Try again in {_in_words(seconds)}.", seconds=seconds
            )

    def waits_until(self, key: Key) -> datetime | None:
        """Until when none is looked at; None when the next one is."""
        with self._lock:
            found = self._failures.get(key)
        return None if found is None or found.until <= self._clock.now() else found.until

    def failed(self, keys: Iterable[Key]) -> timedelta:
        """Count a failure.

        Returns:
            How long to wait now; nothing while some are free.
        """
        now = self._clock.now()
        longest = timedelta()
        with self._lock:
            for key in keys:
                wait = self._count(key, now)
                longest = max(longest, wait)
        return longest

    def forget(self, key: Key) -> None:
        """Begin anew: the sign-in went well."""
        with self._lock:
            self._failures.pop(key, None)

    def _count(self, key: Key, now: datetime) -> timedelta:
        before = self._failures.pop(key, None)
        count = 1 if before is None or now - before.last >= FORGOTTEN else before.count + 1
        beyond = count - FREE[key[0]]
        wait = timedelta() if beyond < 0 else min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(beyond, 20))
        if len(self._failures) >= MOST:
            del self._failures[next(iter(self._failures))]  # the oldest: they stand in order
        self._failures[key] = _Failures(count, now, now + wait)
        return wait


def _in_words(seconds: int) -> str:
    """A wait as people say it.

    >>> _in_words(1), _in_words(90), _in_words(3600)
    ('1 second', '2 minutes', '60 minutes')
    """
    count, unit = (seconds, "second") if seconds < 60 else (ceil(seconds / 60), "minute")
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
