"""What may stand as a value in a rule: texts, numbers, booleans, dates, and the operators on them.

Every function takes what a person or a program wrote and gives its one canonical form, so that two
rules that mean the same value are equal. They raise `ValueError` with a sentence; `tree.decode` and
`text.parse` turn that into a `RuleError` that knows the place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from patron.clock import parse_time
from patron.engines.duckdb import pattern_error
from patron.errors import InputError
from patron.segments.places import Box, Circle

Number = int | Decimal
Scalar = str | int | Decimal | bool

DECIMALS = 6
LIMIT = Decimal(10) ** 12
"""Numbers have at most 12 digits before the point and 6 after it: DECIMAL(18, 6)."""

DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})?)?"
)
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
LONGEST = timedelta(days=365 * 300)


def text(value: Any) -> str:  # noqa: ANN401 - whatever was written
    """A text in Unicode normal form C.

    >>> text("Cafe" + chr(0x301)) == "Caf" + chr(0xE9)
    True
    """
    if not isinstance(value, str):
        raise ValueError(f"Expected a text, got {describe(value)}")
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("A text may hold neither the character U+0000 nor half a surrogate pair")
    return unicodedata.normalize("NFC", value)


def name(value: Any) -> str:  # noqa: ANN401
    """A text that names something: not empty."""
    named = text(value)
    if not named:
        raise ValueError("A name may not be empty")
    return named


def number(value: Any) -> Number:  # noqa: ANN401
    """A number of at most 12 digits before the point and 6 after it; whole ones as int.

    >>> number(40.0), number(0.1), number(Decimal("2.50"))
    (40, Decimal('0.1'), Decimal('2.5'))
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"Expected a number, got {describe(value)}")
    try:
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        small = exact.is_finite() and abs(exact) < LIMIT and exact == round(exact, DECIMALS)
    except InvalidOperation:
        small = False
    if not small:
        raise ValueError(
            f"{value} has too many digits: at most 12 before the point and 6 after it are kept"
        )
    return int(exact) if exact == exact.to_integral_value() else exact.normalize()


def whole(value: Any) -> int:  # noqa: ANN401
    """A whole number from 0 up, as a count is."""
    found = number(value)
    if not isinstance(found, int) or found < 0:
        raise ValueError(f"A count is a whole number from 0 up, not {found}")
    return found


def scalar(value: Any) -> Scalar:  # noqa: ANN401
    """A text, a number, or true or false."""
    if isinstance(value, bool):
        return value
    if value is None or isinstance(value, dict | list | tuple):
        raise ValueError(f"Expected a text, a number, true or false, got {describe(value)}")
    return text(value) if isinstance(value, str) else number(value)


def date(value: Any) -> str:  # noqa: ANN401
    """A date, or a date and time with seconds, as ISO 8601 text; without a zone it is UTC.

    >>> date("2017-06-30"), date("2017-06-30T12:00:00+07:00")
    ('2017-06-30', '2017-06-30T12:00:00+07:00')
    """
    if not isinstance(value, str) or not DATE.fullmatch(value):
        raise ValueError(
            f"Expected a date such as 2017-06-30 or 2017-06-30T12:00:00Z, got {describe(value)}"
        )
    try:
        parse_time(value)
    except InputError:
        raise ValueError(f"{value} is no date from 1900 to 2199") from None
    return value


def starts(value: str) -> datetime:
    """The first moment of a date, or the moment itself."""
    return parse_time(value)


def ends(value: str) -> datetime:
    """The last moment of a date (to the microsecond), or the moment itself.

    >>> ends("2017-06-30")
    datetime.datetime(2017, 6, 30, 23, 59, 59, 999999)
    """
    moment = parse_time(value)
    return moment if "T" in value else moment + timedelta(days=1, microseconds=-1)


def pair(value: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Two numbers or two dates, the smaller first."""
    both = items(value)
    if len(both) != 2:
        raise ValueError(f"between needs two values, got {len(both)}")
    if isinstance(both[0], str):
        low, high = date(both[0]), date(both[1])
        ordered = starts(low) <= ends(high)
    else:
        low, high = number(both[0]), number(both[1])  # type: ignore[assignment]
        ordered = low <= high
    if not ordered:
        raise ValueError(f"between needs the smaller value first: {high} and {low}")
    return low, high


def numbers(value: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Two numbers, the smaller first."""
    low, high = pair(value)
    return number(low), number(high)


def items(value: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """A list as it was written."""
    if not isinstance(value, list | tuple):
        raise ValueError(f"Expected a list, got {describe(value)}")
    return tuple(value)


def scalars(value: Any) -> tuple[Scalar, ...]:  # noqa: ANN401
    """A list of at least one text, number, true or false."""
    listed = tuple(scalar(item) for item in items(value))
    if not listed:
        raise ValueError("The list is empty: name at least one value")
    return listed


def nothing(value: Any) -> None:  # noqa: ANN401
    """No value at all."""
    if value is not None:
        raise ValueError(f"This operator takes no value, got {describe(value)}")


def needle(value: Any) -> str:  # noqa: ANN401
    """A text to look for: not empty, for the empty text is in every text."""
    wanted = text(value)
    if not wanted:
        raise ValueError("The text to look for is empty")
    return wanted


def pattern(value: Any) -> str:  # noqa: ANN401
    """A regular expression that the engine (RE2) understands: not empty."""
    wanted = needle(value)
    wrong = pattern_error(wanted)
    if wrong is not None:
        raise ValueError(f"{describe(wanted)} is no regular expression of RE2: {wrong}")
    return wanted


def circle(value: Any) -> Circle:  # noqa: ANN401
    """Everywhere within so many kilometres of a point; made of ``lat``, ``lon`` and ``km``."""
    if isinstance(value, Circle):
        return value
    found = Circle(**_coordinates(value, "lat", "lon", "km"))
    if found.km < 0:
        raise ValueError(f"A radius is not less than nothing, as {found.km} km is")
    return found


def box(value: Any) -> Box:  # noqa: ANN401
    """An area between two latitudes and two longitudes, the edges included.

    A `west` that lies east of `east` makes an area across the date line.
    """
    if isinstance(value, Box):
        return value
    found = Box(**_coordinates(value, "south", "west", "north", "east"))
    if found.south > found.north:
        raise ValueError(f"The south edge comes first: {found.south} lies north of {found.north}")
    return found


_REACH: dict[str, int] = {"lat": 90, "south": 90, "north": 90, "lon": 180, "west": 180, "east": 180}


def _coordinates(value: Any, *names: str) -> dict[str, Number]:  # noqa: ANN401
    if not isinstance(value, dict) or value.keys() != set(names):
        raise ValueError(f"Expected an object with {', '.join(names)}, got {describe(value)}")
    found = {name: _exact(value[name]) for name in names}
    for name, degrees in found.items():
        reach = _REACH.get(name)
        if reach is not None and not -reach <= degrees <= reach:
            raise ValueError(f"{name} is a number from -{reach} to {reach}, not {degrees}")
    return found


def _exact(value: Any) -> Number:  # noqa: ANN401
    """A number with as many places as it was written with, up to those of a double."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"Expected a number, got {describe(value)}")
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite() or abs(exact) >= LIMIT or exact.normalize().as_tuple().exponent < -17:  # type: ignore[operator]
        raise ValueError(f"{value} has too many digits")
    return int(exact) if exact == exact.to_integral_value() else exact.normalize()


def recurrence(value: Any) -> str:  # noqa: ANN401
    """When an anniversary is asked for: ``today``, this ``month``, or within so many days.

    >>> recurrence("7 days"), recurrence("2w"), recurrence("today")
    ('7d', '14d', 'today')
    """
    if value in ("today", "month"):
        return str(value)
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
        raise ValueError(f"Expected a length of time such as 90d, 12h, 30min or 2w, got {value!r}")
    unit = match[2].lower()
    if unit in _NO_LENGTH:
        raise ValueError(
            f"A {unit.rstrip('s')} has no fixed length, so no rolling window is measured in it: "
            f"say {_NO_LENGTH[unit]}, or name dates (between 2017-01-01 and 2017-12-31)"
        )
    if unit not in _UNIT_OF:
        raise ValueError(f"{match[2]} is no unit of time: say minutes, hours, days or weeks")
    canonical = f"{int(match[1])}{_UNIT_OF[unit]}"
    if not timedelta() < duration(canonical) <= LONGEST:
        raise ValueError("A window is longer than nothing and at most 300 years long")
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
        raise ValueError(f"{named!r} is no time zone: say one such as Europe/Amsterdam") from None
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


def describe(value: Any) -> str:  # noqa: ANN401
    """A value as an error shows it: short."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    shown = repr(value) if isinstance(value, str) else str(value).lower()
    return shown if len(shown) <= 40 else shown[:37] + "..."


OPERATORS: dict[str, Callable[[Any], Any]] = {
    "=": scalar,
    "!=": scalar,
    "<": number,
    "<=": number,
    ">": number,
    ">=": number,
    "between": pair,
    "in": scalars,
    "not in": scalars,
    "contains": needle,
    "does not contain": needle,
    "starts with": needle,
    "ends with": needle,
    "matches": pattern,
    "does not match": pattern,
    "exists": nothing,
    "missing": nothing,
    "any of": scalars,
    "all of": scalars,
    "none of": scalars,
    "before": date,
    "after": date,
    "within radius": circle,
    "in box": box,
}
"""Operators on a trait or property, each with what its value must be."""

ABOUT_NOW: dict[str, Callable[[Any], Any]] = {
    "within last": span,
    "within next": span,
    "anniversary": recurrence,
}
"""Operators that compare a trait with the moment asked for; properties do not have them."""

NEGATIVE = {
    "!=": "=",
    "not in": "in",
    "does not contain": "contains",
    "does not match": "matches",
    "missing": "exists",
    "none of": "any of",
}
"""Operators that are the exact complement of another."""

METRIC_OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "between")
"""Operators on a count, sum, average, minimum or maximum."""

PERIOD_OPERATORS = {">=": "at least", "<=": "at most", "=": "exactly"}
"""Operators on the number of weeks (and so on) in which something happened, as text says them."""
