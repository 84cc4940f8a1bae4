"""Lengths of time as definitions write them."""

from __future__ import annotations

import re

_SPAN = re.compile(r"\s*(\d{1,6})\s*(minute|min|hour|h|day|d|week|w)s?\s*")
_MICROSECONDS = {
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}


def span(text: str) -> int:
    """A length of time in microseconds. A day is 24 hours.

    Args:
        text: A whole number above 0 with minutes, hours, days or weeks.

    Raises:
        ValueError: It is no length of time.

    >>> span("30 days") == span("720h") == 2_592_000_000_000
    True
    """
    match = _SPAN.fullmatch(text.lower())
    if match is None or not int(match[1]):
        raise ValueError(f"expected a length of time such as 30 days or 12 hours, got {text!r}")
    unit = "min" if match[2].startswith("min") else match[2][0]
    return int(match[1]) * _MICROSECONDS[unit]
