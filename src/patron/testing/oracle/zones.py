"""The local calendar: days, weeks, months, quarters and years of a time zone (M2, M23)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EARLIEST_DAY = date(1800, 1, 1)
"""Units are not counted further back: no message is that old."""


def local_time(at: datetime, zone: str) -> datetime:
    """What the clocks of the zone show at a moment, with the zone."""
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))


def local_date(at: datetime, zone: str) -> date:
    """The day that the calendars of the zone show at a moment."""
    return local_time(at, zone).date()


def first_moment_of_day(day: date, zone: str) -> datetime:
    """The first moment of a local day, in UTC; where clocks skip midnight, the moment they skip.

    >>> first_moment_of_day(date(2018, 3, 26), "Europe/Amsterdam")
    datetime.datetime(2018, 3, 25, 22, 0)
    """
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    # Where midnight comes twice, fold 0 is the first; where it is skipped, the two readings of it
    # lie on both sides of the moment at which the clocks go forward.
    first, second = (to_utc(midnight.replace(fold=fold)) for fold in (0, 1))
    if first <= second:
        return first
    before, after = second, first
    old_offset = local_time(before, zone).utcoffset()
    while after - before > timedelta(microseconds=1):
        middle = before + (after - before) / 2
        if local_time(middle, zone).utcoffset() == old_offset:
            before = middle
        else:
            after = middle
    return after


def to_utc(local: datetime) -> datetime:
    """A moment with a zone, as the naive UTC that Patron keeps."""
    return local.astimezone(UTC).replace(tzinfo=None)


def first_day_of_unit(day: date, unit: str) -> date:
    """The first day of the day, ISO week, month, quarter or year that a day lies in."""
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day.replace(month=1, day=1)


def units_back(first_day: date, unit: str, number: int) -> date:
    """The first day of the unit that lies so many units before the one that begins on a day."""
    if unit in ("day", "week"):
        days = number * (1 if unit == "day" else 7)
        return first_day - timedelta(days=min(days, (first_day - EARLIEST_DAY).days))
    months = number * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(first_day.year * 12 + first_day.month - 1 - months, 12)
    return max(date(max(year, 1), month + 1, 1), EARLIEST_DAY)


def start_of_unit(at: datetime, unit: str, zone: str, back: int = 0) -> datetime:
    """When the unit that a moment lies in began, or the one so many units before it.

    >>> start_of_unit(datetime(2018, 3, 28), "week", "Europe/Amsterdam")
    datetime.datetime(2018, 3, 25, 22, 0)
    """
    first_day = first_day_of_unit(local_date(at, zone), unit)
    return first_moment_of_day(units_back(first_day, unit, back), zone)


def start_of_hour(at: datetime, zone: str) -> datetime:
    """When the clocks of the zone last showed a full hour."""
    shown = local_time(at, zone)
    past = timedelta(minutes=shown.minute, seconds=shown.second, microseconds=shown.microsecond)
    return at - past
