"""What may stand as a value in a rule: texts, numbers, booleans, dates, and lists of these.

Every function takes what a person or a program wrote and gives its one canonical form, so that two
rules that mean the same value are equal. They raise `ValueError` with a sentence; `tree.decode` and
`text.parse` turn that into a `RuleError` that knows the place.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from patron.clock import parse_time
from patron.engines.duckdb import pattern_error
from patron.errors import InputError, Told, told

Number = int | Decimal
Scalar = str | int | Decimal | bool

DECIMALS = 6
LIMIT = Decimal(10) ** 12
"""Numbers have at most 12 digits before the point and 6 after it: DECIMAL(18, 6)."""

DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})?)?"
)


class UnfitError(ValueError):
    """A value that is refused; its sentence has a code.

    Args:
        message: One sentence, without its full stop.
        said: The same by a code.
    """

    def __init__(self, message: str, said: Told) -> None:
        super().__init__(message)
        self.told = said


def told_by(error: BaseException | None) -> Told | None:
    """The code of a refusal, also where others were raised for it.

    >>> told_by(UnfitError("A name may not be empty", told("empty_name"))).code
    'empty_name'
    """
    while error is not None and not isinstance(error, UnfitError):
        error = error.__cause__
    return None if error is None else error.told


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
        raise UnfitError("A name may not be empty", told("empty_name"))
    return named


def number(value: Any) -> Number:  # noqa: ANN401
    """A number of at most 12 digits before the point and 6 after it; whole ones as int.

    >>> number(40.0), number(0.1), number(Decimal("2.50"))
    (40, Decimal('0.1'), Decimal('2.5'))
    """
    exact = decimal(value)
    try:
        small = exact.is_finite() and abs(exact) < LIMIT and exact == round(exact, DECIMALS)
    except InvalidOperation:
        small = False
    if not small:
        raise UnfitError(
            f"{value} has too many digits: at most 12 before the point and 6 after it are kept",
            told("too_many_digits", value=str(value)),
        )
    return plain(exact)


def decimal(value: Any) -> Decimal:  # noqa: ANN401
    """A number as exactly as it was written; it may be infinite, or none at all."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise UnfitError(f"Expected a number, got {describe(value)}", told("no_number"))
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def plain(exact: Decimal) -> Number:
    """The one form of a number: whole ones as int, others without zeros at the end."""
    return int(exact) if exact == exact.to_integral_value() else exact.normalize()


def whole(value: Any) -> int:  # noqa: ANN401
    """A whole number from 0 up, as a count is."""
    found = number(value)
    if not isinstance(found, int) or found < 0:
        raise UnfitError(
            f"A count is a whole number from 0 up, not {found}", told("no_count", value=str(found))
        )
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
        raise UnfitError(
            f"Expected a date such as 2017-06-30 or 2017-06-30T12:00:00Z, got {describe(value)}",
            told("no_date"),
        )
    try:
        parse_time(value)
    except InputError:
        raise UnfitError(f"{value} is no date from 1900 to 2199", told("no_date")) from None
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
        raise UnfitError(
            f"between needs the smaller value first: {high} and {low}",
            told("low_first", low=str(high), high=str(low)),
        )
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
        raise UnfitError("The list is empty: name at least one value", told("empty_list"))
    return listed


def nothing(value: Any) -> None:  # noqa: ANN401
    """No value at all."""
    if value is not None:
        raise ValueError(f"This operator takes no value, got {describe(value)}")


def needle(value: Any) -> str:  # noqa: ANN401
    """A text to look for: not empty, for the empty text is in every text."""
    wanted = text(value)
    if not wanted:
        raise UnfitError("The text to look for is empty", told("empty_text"))
    return wanted


def pattern(value: Any) -> str:  # noqa: ANN401
    """A regular expression that the engine (RE2) understands: not empty."""
    wanted = needle(value)
    wrong = pattern_error(wanted)
    if wrong is not None:
        raise UnfitError(
            f"{describe(wanted)} is no regular expression of RE2: {wrong}",
            told("no_pattern", value=wanted),
        )
    return wanted


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
