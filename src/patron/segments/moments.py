"""Moments that depend on the one that a question is asked for.

A plan says "90 days before", not "2017-10-03", so that one plan serves every moment: `at` gives the
moment itself, and the SQL printer an expression over a column of moments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

Unit = Literal["hour", "day", "week", "month", "quarter", "year"]
"""Units of the calendar; a week begins on Monday."""

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class AsOf:
    """The moment that the question is asked for."""

    def at(self, as_of: datetime) -> datetime:
        """The moment, for a question as of another; both in UTC."""
        return as_of


@dataclass(frozen=True)
class Fixed:
    """A moment that does not depend on the question."""

    moment: datetime

    def at(self, as_of: datetime) -> datetime:  # noqa: ARG002 - as every moment
        """The moment, for a question as of another; both in UTC."""
        return self.moment


@dataclass(frozen=True)
class Before:
    """A length of time before another moment; after it, when the length is negative."""

    of: Moment
    length: timedelta

    def at(self, as_of: datetime) -> datetime:
        """The moment, for a question as of another; both in UTC."""
        return self.of.at(as_of) - self.length


@dataclass(frozen=True)
class Earlier:
    """The earlier one of two moments."""

    one: Moment
    other: Moment

    def at(self, as_of: datetime) -> datetime:
        """The moment, for a question as of another; both in UTC."""
        return min(self.one.at(as_of), self.other.at(as_of))


@dataclass(frozen=True)
class StartOf:
    """When the calendar unit began that another moment lies in, or one so many units before.

    Attributes:
        of: The moment.
        unit: What begins.
        back: How many units before that one.
        zone: The IANA zone whose calendar it is.
    """

    of: Moment
    unit: Unit
    back: int = 0
    zone: str = "UTC"

    def at(self, as_of: datetime) -> datetime:
        """The moment, for a question as of another; both in UTC."""
        return start_of(self.of.at(as_of), self.unit, self.back, self.zone)


@dataclass(frozen=True)
class LocalDay:
    """The day that another moment lies on in a zone, as the midnight that begins it *there*.

    Only its date is meant: it is no moment in UTC, and nothing that happened is compared with it.

    Attributes:
        of: The moment.
        zone: The IANA zone.
    """

    of: Moment
    zone: str = "UTC"

    def at(self, as_of: datetime) -> datetime:
        """The local midnight, for a question as of a moment in UTC.

        >>> LocalDay(AS_OF, "Asia/Bangkok").at(datetime(2017, 12, 31, 17))
        datetime.datetime(2018, 1, 1, 0, 0)
        """
        local = self.of.at(as_of).replace(tzinfo=UTC).astimezone(_zone(self.zone))
        return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0, tzinfo=None)


Moment = AsOf | Fixed | Before | Earlier | StartOf | LocalDay

AS_OF = AsOf()


def start_of(moment: datetime, unit: Unit, back: int = 0, zone: str = "UTC") -> datetime:
    """When a calendar unit began: local midnight, or the first moment of a day that has none.

    Args:
        moment: Lies in the unit; naive UTC.
        unit: The unit.
        back: Go back so many units more; a negative number goes forward.
        zone: Whose calendar: an IANA zone.

    Returns:
        Naive UTC.

    >>> start_of(datetime(2018, 3, 25, 12), "day", zone="Europe/Amsterdam")
    datetime.datetime(2018, 3, 24, 23, 0)
    >>> start_of(datetime(2018, 3, 25, 12), "month", 1)
    datetime.datetime(2018, 2, 1, 0, 0)
    """
    local = moment.replace(tzinfo=UTC).astimezone(_zone(zone))
    if unit == "hour":
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return moment - past - timedelta(hours=back)
    # Arithmetic on a local time goes by its clock on the wall, whatever the length of its days.
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if unit == "day":
        day -= timedelta(days=back)
    elif unit == "week":
        day -= timedelta(days=day.weekday(), weeks=back)
    else:
        size = _MONTHS[unit]
        months = max((day.year * 12 + day.month - 1) // size * size - back * size, 12)
        day = day.replace(year=months // 12, month=months % 12 + 1, day=1)
    return day.astimezone(UTC).replace(tzinfo=None)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
