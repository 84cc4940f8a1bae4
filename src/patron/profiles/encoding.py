"""From the tables' values to JSON and back: what was sent keeps its numbers, amounts stay exact."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from patron import structs
from patron.clock import format_time


def decode(text: str | None) -> Any:  # noqa: ANN401 - any JSON value
    """Read the JSON text of a VARIANT column.

    Whole numbers of 64 bits and floats come back as they were sent. A number too large for a float
    (``1e400``) was stored as infinity, for which JSON has no word: it is shown as text.

    >>> decode('{"points":9007199254740993,"rate":1.0}'), decode(None)
    ({'points': 9007199254740993, 'rate': 1.0}, None)
    """
    if text is None:
        return None
    try:
        return structs.decode(text)
    except msgspec.DecodeError:
        return json.loads(text, parse_constant=str)


def plain(value: Any) -> Any:  # noqa: ANN401 - any result of this package
    """A result of this package as values that every JSON writer knows.

    Times become ISO 8601 with ``Z``. Amounts become text without trailing zeros, always: one type
    that loses no digit in any reader. What customers sent (properties, traits) is left as it is.

    >>> plain({"at": datetime(2018, 1, 1), "revenue": Decimal("12.500000"), "size": 1.5})
    {'at': '2018-01-01T00:00:00Z', 'revenue': '12.5', 'size': 1.5}
    """
    return _plain(msgspec.to_builtins(value, builtin_types=(datetime, Decimal)))


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, Decimal):
        return amount_text(value)
    return value


def amount_text(amount: Decimal) -> str:
    """An amount without trailing zeros and without an exponent.

    >>> amount_text(Decimal("100.000000")), amount_text(Decimal("0.000001"))
    ('100', '0.000001')
    """
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
