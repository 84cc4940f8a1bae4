"""Lengths of time: minutes, hours, days of 24 hours and weeks of seven such days (M23)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

BEGINNING = datetime(1, 1, 1)  # noqa: DTZ001 - naive UTC by convention
END = datetime(9999, 12, 31)  # noqa: DTZ001 - naive UTC by convention
UNITS = {"min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def duration(text: str) -> timedelta:
    """A length of time, such as ``30min``, ``12h``, ``90d`` or ``2w``.

    >>> duration("90d")
    datetime.timedelta(days=90)
    """
    found = re.fullmatch(r"(\d+)(min|h|d|w)", text)
    if found is None:
        raise ValueError(f"{text!r} is no length of time")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def before(at: datetime, length: str) -> datetime:
    """The moment so long before another; what lies before all time is its beginning."""
    try:
        return at - duration(length)
    except OverflowError:
        return BEGINNING


def after(at: datetime, length: str) -> datetime:
    """The moment so long after another; what lies after all time is its end."""
    try:
        return at + duration(length)
    except OverflowError:
        return END
