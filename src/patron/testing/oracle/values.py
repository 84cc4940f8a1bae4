"""When a single value fulfils a comparison (M1, M17)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

from patron.testing.oracle.places import in_box, within_radius
from patron.testing.oracle.shapes import as_list

COMPLEMENT = {
    "!=": "=",
    "not in": "in",
    "does not contain": "contains",
    "does not match": "matches",
    "missing": "exists",
    "none of": "any of",
}
"""Each negative operator, and the positive one whose exact complement it is."""

ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?", re.ASCII
)


def fulfils(found: object, op: str, value: Any = None) -> bool:  # noqa: ANN401 - as JSON has it
    """Whether the value `found` (None: missing) fulfils an operator and what it is compared with.

    >>> fulfils(None, "=", "a"), fulfils(None, "!=", "a")
    (False, True)
    """
    if op in COMPLEMENT:
        return not fulfils(found, COMPLEMENT[op], value)
    if op == "exists":
        return found is not None
    if op in ("=", "in"):
        return any(same(found, one) for one in as_list(value))
    if op in ("any of", "all of"):
        return list_fulfils(found, op, value)
    if op in ("contains", "starts with", "ends with", "matches"):
        return isinstance(found, str) and text_fulfils(found, op, value)
    if op in ("before", "after") or (op == "between" and isinstance(value[0], str)):
        return date_fulfils(found, op, value)
    if op == "within radius":
        return within_radius(found, value)
    if op == "in box":
        return in_box(found, value)
    amount = number(found)
    return amount is not None and compares(amount, op, value)


def list_fulfils(found: object, op: str, wanted: list[Any]) -> bool:
    """``any of`` and ``all of``: only a list fulfils them; both are false of an empty one (M15)."""
    if not isinstance(found, list):
        return False
    there = [any(same(item, one) for item in found) for one in wanted]
    return any(there) if op == "any of" else all(there) and there != []


def text_fulfils(found: str, op: str, wanted: str) -> bool:
    """What is asked of texts; but for ``matches``, every character stands for itself."""
    if op == "contains":
        return wanted in found
    if op == "starts with":
        return found.startswith(wanted)
    if op == "ends with":
        return found.endswith(wanted)
    return re.search(python_pattern(wanted), found, re.ASCII) is not None


def date_fulfils(found: object, op: str, wanted: Any) -> bool:  # noqa: ANN401 - one date or two
    """``before``, ``after`` and ``between`` of dates; a day is meant whole, in UTC."""
    at = moment(found)
    if at is None:
        return False
    if op == "before":
        return at < first_moment(wanted)
    if op == "after":
        return at > last_moment(wanted)
    return first_moment(wanted[0]) <= at <= last_moment(wanted[1])


def compares(amount: Decimal | Fraction, op: str, value: Any) -> bool:  # noqa: ANN401 - one or two
    """How an amount that is there compares with a number of the rule, or with two."""
    if op == "between":
        return exact(value[0]) <= amount <= exact(value[1])
    limit = value if isinstance(value, Fraction) else exact(value)
    return {
        "=": amount == limit,
        "!=": amount != limit,
        "<": amount < limit,
        "<=": amount <= limit,
        ">": amount > limit,
        ">=": amount >= limit,
    }[op]


def exact(value: object) -> Decimal:
    """A number of a rule as it is written there."""
    return Decimal(str(value))


def same(found: object, wanted: object) -> bool:
    """Equality of scalars; no type is turned into another."""
    key = scalar(found)
    return key is not None and key == scalar(wanted)


def scalar(value: object) -> tuple[str, Any] | None:
    """A text, a number or true or false, as one that equals only what is the same; else None."""
    if isinstance(value, bool):
        return ("truth", value)
    if isinstance(value, str):
        return ("text", value)
    amount = number(value)
    return None if amount is None else ("number", amount)


def identical(one: object, other: object) -> bool:
    """Whether a trait had the same value before and after; lists and objects by their parts."""
    if scalar(one) is not None or scalar(other) is not None:
        return same(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(identical, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(identical(one[key], other[key]) for key in one)
    return one == other


def number(value: object) -> Decimal | None:
    """A decimal of 6 places, half to even; with more than 12 digits before the point no number.

    >>> number(2.0000004), number("2"), number(True), number(10**12)
    (Decimal('2.000000'), None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    amount, limit = Decimal(value), Decimal(10) ** 12
    if not amount.is_finite() or not -limit < amount < limit:
        return None
    rounded = amount.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
    return rounded if -limit < rounded < limit else None


def moment(value: object) -> datetime | None:
    """The moment that an ISO 8601 text denotes, naive in UTC; a day denotes its first moment."""
    if not isinstance(value, str) or not ISO.fullmatch(value):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def first_moment(text: str) -> datetime:
    """The first moment of a day of a rule, or the moment that it names."""
    at = moment(text)
    assert at is not None, text  # noqa: S101 - rules are read before they come here
    return at


def last_moment(text: str) -> datetime:
    """The last moment of a day of a rule (times have microseconds), or the moment it names."""
    whole_day = timedelta(days=1, microseconds=-1) if len(text) == 10 else timedelta()
    return first_moment(text) + whole_day


def steps(path: str) -> list[str]:
    """The parts of a path; a part with a dot in it stands in quotes.

    >>> steps('address."post.code"')
    ['address', 'post.code']
    """
    found = re.findall(r'"(?:\\.|[^"\\])*"|[^.]+', path, re.DOTALL)
    return [json.loads(step, strict=False) if step.startswith('"') else step for step in found]


def dig(value: object, path: list[str]) -> object:
    """What lies at a path inside a value; None where there is nothing."""
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def python_pattern(pattern: str) -> str:
    r"""An RE2 pattern in Python's spelling, for the two that both know but read differently.

    In RE2 ``$`` and ``\z`` are the end of the text only, and ``\s`` takes no vertical tab. Flags
    inside a pattern and classes such as ``[[:alpha:]]`` are not for the oracle.

    >>> python_pattern(r"a$"), python_pattern(r"[$]\$"), python_pattern(r"\z")
    ('a\\Z', '[$]\\$', '\\Z')
    """
    outside = {r"\s": r"[\t\n\f\r ]", r"\S": r"[^\t\n\f\r ]", r"\z": r"\Z", "$": r"\Z"}
    inside = {r"\s": r"\t\n\f\r "}
    written, in_class = [], False
    for part in re.findall(r"\\.|[^\\]", pattern, re.DOTALL):
        written.append((inside if in_class else outside).get(part, part))
        in_class = (in_class or part == "[") and part != "]"
    return "".join(written)
