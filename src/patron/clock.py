"""Where "now" comes from. Nothing else in the package reads the wall clock.

Times inside Patron are naive `datetime` values in UTC with microseconds, the way the tables hold
them. `parse_time` and `format_time` are the two doors to the outside, which always names the zone.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol

from patron.errors import InputError, told

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC by convention
"""Numbers that stand for moments count from it."""

EARLIEST = datetime(1900, 1, 1)  # noqa: DTZ001 - naive UTC by convention
"""Messages dated before this are refused: such dates are defaults gone wrong."""

LATEST = datetime(2200, 1, 1)  # noqa: DTZ001 - naive UTC by convention
"""Messages dated from this on are refused (9999-12-31 and the like mean "no date")."""


class Clock(Protocol):
    """Gives the current moment."""

    def now(self) -> datetime:
        """The current moment, naive, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current moment, naive, in UTC."""
        return datetime.now(UTC).replace(tzinfo=None)


class ManualClock:
    """A clock that moves only when told to; for tests and replays.

    >>> clock = ManualClock(parse_time("2018-01-01T00:00:00Z"))
    >>> clock.advance(timedelta(hours=1))
    >>> format_time(clock.now())
    '2018-01-01T01:00:00Z'
    """

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The moment it was last set to."""
        with self._lock:
            return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward (or back, if negative)."""
        with self._lock:
            self._now += by


def parse_time(text: str, *, field: str = "time") -> datetime:
    """Read an ISO 8601 date or date-time; without a zone it is UTC.

    Args:
        text: Such as ``2018-01-01``, ``2018-01-01T10:00:00.5+07:00`` or ``2018-01-01T03:00:00Z``.
        field: The name used in the error.

    Returns:
        A naive datetime in UTC.

    Raises:
        InputError: It is not ISO 8601, or lies outside 1900 to 2199.

    >>> parse_time("2018-01-01T10:00:00+07:00")
    datetime.datetime(2018, 1, 1, 3, 0)
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{field}: expected an ISO 8601 date or time such as 2018-01-01T00:00:00Z",
            field=field,
            told=told("no_time", field=field),
        ) from None
    if moment.tzinfo is not None:
        try:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            moment = LATEST
    if not EARLIEST <= moment < LATEST:
        raise InputError(f"{field}: expected a date from 1900 to 2199", field=field)
    return moment


def format_time(moment: datetime) -> str:
    """Write a naive UTC datetime as ISO 8601 with ``Z``.

    >>> format_time(datetime(2018, 1, 1, 3, 0, 0, 500000))
    '2018-01-01T03:00:00.500000Z'
    """
    return moment.isoformat() + "Z"
