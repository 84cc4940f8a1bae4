"""Lengths of time: rolling ones, which last equally long always, and those of the calendar.

What is none raises `ValueError` with a sentence; the language of segments and its JSON turn it into
a `RuleError` that says where it stands.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from patron.errors import told
from patron.segments.values import UnfitError, describe, name, text

UNITS = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
"""Units of a rolling window. A day is 24 hours; months and years have no fixed length."""

UNIT_WORDS = {"min": "minute", "h": "hour", "d": "day", "w": "week"}
_UNIT_OF = {
    **{unit: unit for unit in UNITS},
    **{word: unit for unit, word in UNIT_WORDS.items()},
    **{word + "s": unit for unit, word in UNIT_WORDS.items()},
}
_NO_LENGTH = {
    "month": "30 days", "months": "30 days", "quarter": "91 days", "quarters": "91 days",
    "year": "365 days", "years": "365 days", "m": "30 min for minutes, or 30 days", "y": "365 days",
}  # fmt: skip
CalendarUnit = Literal["day", "week", "month", "quarter", "year"]
"""Units of the calendar; a week begins on Monday."""

_MOST: dict[CalendarUnit, int] = {
    "day": 109_500, "week": 15_600, "month": 3_600, "quarter": 1_200, "year": 300,
}  # fmt: skip
MAX_PERIODS = 400
"""Of so many units at most can be asked in how many something happened."""

_SPAN = re.compile(r"\s*(\d{1,9})\s*([A-Za-z]+)\s*")
_LONGEST = timedelta(days=365 * 300)
_WHOLE_YEAR = timedelta(days=365)

IN = "in "
"""What begins the name of the one day that comes in so many days."""


def recurrence(value: Any) -> str:  # noqa: ANN401
    """When an anniversary is asked for: ``today``, this ``month``, or by a number of days.

    ``7d`` is on any of the next 7 days, ``in 7d`` on the last of these alone.

    >>> recurrence("7 days"), recurrence("2w"), recurrence("today"), recurrence("in 1 week")
    ('7d', '14d', 'today', 'in 7d')
    """
    if value in ("today", "month"):
        return str(value)
    if isinstance(value, str) and value.startswith(IN):
        ahead = recurrence(value.removeprefix(IN))
        if duration(ahead) > _WHOLE_YEAR:
            raise ValueError("An anniversary comes in at most 365 days")
        return f"{IN}{ahead}"
    asked = span(value)
    days, rest = divmod(duration(asked), timedelta(days=1))
    if rest:
        raise ValueError(f"Anniversaries are counted in whole days, not in {asked}")
    return f"{days}d"


def span(value: Any) -> str:  # noqa: ANN401
    """The length of a rolling window, such as ``90d``, ``12h``, ``30min`` or ``2w``.

    >>> span("90 days"), span("1 week")
    ('90d', '1w')
    """
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise UnfitError(
            f"Expected a length of time such as 90d, 12h, 30min or 2w, got {value!r}",
            told("no_span"),
        )
    unit = match[2].lower()
    if unit in _NO_LENGTH:
        raise UnfitError(
            f"A {unit.rstrip('s')} has no fixed length, so no rolling window is measured in it: "
            f"say {_NO_LENGTH[unit]}, or name dates (between 2017-01-01 and 2017-12-31)",
            told("no_fixed_length"),
        )
    if unit not in _UNIT_OF:
        raise UnfitError(
            f"{match[2]} is no unit of time: say minutes, hours, days or weeks",
            told("no_span"),
        )
    canonical = f"{int(match[1])}{_UNIT_OF[unit]}"
    if not timedelta() < duration(canonical) <= _LONGEST:
        raise UnfitError(
            "A window is longer than nothing and at most 300 years long", told("window_too_long")
        )
    return canonical


def duration(value: str) -> timedelta:
    """The length of a canonical span.

    >>> duration("90d")
    datetime.timedelta(days=90)
    """
    match = _SPAN.fullmatch(value)
    if match is None:
        raise ValueError(f"{value!r} is no length of time")
    return int(match[1]) * UNITS[match[2]]


def zone(value: Any) -> str | None:  # noqa: ANN401
    """The name of a time zone of the IANA, or None for none.

    >>> zone("Europe/Amsterdam")
    'Europe/Amsterdam'
    """
    if value is None:
        return None
    named = name(value)
    try:
        ZoneInfo(named)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnfitError(
            f"{named!r} is no time zone: say one such as Europe/Amsterdam",
            told("no_zone", value=named),
        ) from None
    return named


def calendar_unit(value: Any) -> CalendarUnit:  # noqa: ANN401
    """A unit of the calendar, written as one or as several.

    >>> calendar_unit("Weeks")
    'week'
    """
    known: tuple[CalendarUnit, ...] = get_args(CalendarUnit)
    word = text(value).lower()
    for unit in known:
        if word in (unit, f"{unit}s"):
            return unit
    raise ValueError(f"{value} is no unit of the calendar: say one of {', '.join(known)}")


def calendar_span(value: Any) -> str:  # noqa: ANN401
    """A number of units of the calendar.

    >>> calendar_span("3 week"), calendar_span("1 Months")
    ('3 weeks', '1 month')
    """
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"Expected a number of units such as 3 weeks, got {describe(value)}")
    amount, unit = int(match[1]), calendar_unit(match[2])
    if not 1 <= amount <= _MOST[unit]:
        raise ValueError(f"Of {unit}s, say 1 to {_MOST[unit]}")
    return f"{amount} {unit}{'' if amount == 1 else 's'}"


def calendar_amount(span: str) -> tuple[int, CalendarUnit]:
    """How many units of which a canonical span is.

    >>> calendar_amount("3 weeks")
    (3, 'week')
    """
    amount, _, unit = span.partition(" ")
    return int(amount), calendar_unit(unit)
