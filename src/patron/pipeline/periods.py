"""Periods as people name them: days of the workspace's calendar, or moments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from patron.clock import parse_time
from patron.errors import InputError
from patron.segments.moments import start_of

USUAL = timedelta(days=30)
MOST_DAYS = 3_700
MICRO = timedelta(microseconds=1)

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment up to, and not with, another one; both naive UTC.

    Attributes:
        start: The first moment.
        end: The first moment after it.
        days: Its length, where it is whole days of the calendar.
        zone: The IANA zone of that calendar.
    """

    start: datetime
    end: datetime
    days: int | None = None
    zone: str = "UTC"

    @property
    def last(self) -> datetime:
        """The last moment in it."""
        return self.end - MICRO

    @property
    def before(self) -> Period:
        """The period of the same length that ends where this one begins.

        Whole days are counted by the calendar, so that a change of daylight saving shifts nothing.
        """
        if self.days is None:
            return Period(self.start - (self.end - self.start), self.start)
        start = start_of(self.start, "day", self.days, self.zone)
        return Period(start, self.start, self.days, self.zone)

    def until(self, moment: datetime) -> Period:
        """What of it lies at or before a moment."""
        return self if self.last <= moment else Period(self.start, moment + MICRO)


def read_period(since: str | None, until: str | None, *, as_of: datetime, zone: str) -> Period:
    """Read a period.

    Args:
        since: A day, from its first moment on, or a moment; 30 days before the end when None.
        until: A day, which is in the period whole, or a moment, which is not; when None, the period
            ends with `as_of`.
        as_of: The moment that the question is asked for.
        zone: The IANA zone whose days are meant.

    Returns:
        What of it is over by `as_of`.

    Raises:
        InputError: It is no period, or it begins after `as_of`.

    >>> read_period("2018-01-01", "2018-01-31", as_of=datetime(2019, 1, 1), zone="UTC").days
    31
    """
    end = as_of + MICRO if until is None else _edge(until, "to", zone, days=1)
    start = end - USUAL if since is None else _edge(since, "from", zone)
    if start >= end:
        raise InputError("from: expected a moment before the end of the period.", field="from")
    if start > as_of:
        raise InputError("from: the period has not begun yet.", field="from")
    whole = since is not None and until is not None and _is_day(since) and _is_day(until)
    days = len(days_between(start, end, zone)) - 1 if whole else None
    return Period(start, end, days, zone).until(as_of)


def read_days(
    since: str | None, until: str | None, *, as_of: datetime, zone: str
) -> list[datetime]:
    """The starts of the days of a period, and its end: the last 30 days unless said.

    Raises:
        InputError: It is no period of days, or too long.
    """
    for name, text in (("from", since), ("to", until)):
        if text is not None and not _is_day(text):
            raise InputError(f"{name}: expected a day such as 2018-01-31.", field=name)
    end = start_of(as_of, "day", -1, zone) if until is None else _edge(until, "to", zone, days=1)
    start = start_of(end, "day", USUAL.days, zone) if since is None else _edge(since, "from", zone)
    if start >= end:
        raise InputError("from: expected a day that is not after the last one.", field="from")
    if end - start > timedelta(days=MOST_DAYS):
        raise InputError(f"from: expected {MOST_DAYS} days at most.", field="from")
    return days_between(start, end, zone)


def days_between(start: datetime, end: datetime, zone: str) -> list[datetime]:
    """The starts of all days from one on, and the end."""
    edges = [start]
    while edges[-1] < end:
        edges.append(start_of(edges[-1], "day", -1, zone))
    return edges


def month_ends(as_of: datetime, months: int, zone: str) -> list[datetime]:
    """The first moments after each of the last full months, the oldest first."""
    return [start_of(as_of, "month", back, zone) for back in reversed(range(months))]


def local_day(moment: datetime, zone: str) -> str:
    """The day that a moment lies in, as ISO 8601."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date().isoformat()


def _edge(text: str, name: str, zone: str, *, days: int = 0) -> datetime:
    """A moment as it is; a day as the local midnight that it begins with, or so many days later."""
    moment = parse_time(text, field=name)
    if not _is_day(text):
        return moment
    local = (moment + timedelta(days=days)).replace(tzinfo=ZoneInfo(zone))
    return start_of(local.astimezone(UTC).replace(tzinfo=None), "day", zone=zone)


def _is_day(text: str) -> bool:
    return _DAY.fullmatch(text) is not None
