"""Names, values and comparisons as the text of a rule writes them."""

from __future__ import annotations

import json
import re
from typing import Any

from patron.segments import durations, operators, paths, values
from patron.segments.builder import RESERVED
from patron.segments.places import Box, Circle

_BARE = re.compile(r"[^\W\d]\w*")


def comparison_text(op: str, value: Any) -> str:  # noqa: ANN401 - what the operator takes
    """An operator and its value.

    >>> comparison_text("in", ("a", 5))
    'in ("a", 5)'
    """
    if value is None:
        return op
    if op in operators.ABOUT_NOW:
        return _about_now(op, value)
    if isinstance(value, Circle):
        centre = f"({value_text(value.lat)}, {value_text(value.lon)})"
        return f"within {value_text(value.km)} km of {centre}"
    if isinstance(value, Box):
        edges = (value.south, value.west, value.north, value.east)
        return f"in box ({', '.join(map(value_text, edges))})"
    if op == "between":
        low, high = (item if isinstance(item, str) else value_text(item) for item in value)
        return f"between {low} and {high}"
    if op in ("before", "after"):
        return f"{op} {value}"
    if isinstance(value, tuple):
        return f"{op} ({', '.join(value_text(item) for item in value)})"
    return f"{op} {value_text(value)}"


def _about_now(op: str, value: str) -> str:
    if op == "anniversary":
        if value.startswith(durations.IN):
            return f"is in {span_text(value.removeprefix(durations.IN))}"
        whole = {"today": "is today", "month": "is this month"}
        return whole.get(value) or f"is within the next {span_text(value)}"
    return f"within the {op.removeprefix('within ')} {span_text(value)}"


def value_text(value: values.Scalar) -> str:
    """A text, a number or a truth value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    return str(value) if isinstance(value, int) else f"{value:f}"


def quoted(value: str) -> str:
    """A text in double quotes."""
    return json.dumps(value, ensure_ascii=False)


def path_text(path: str) -> str:
    """The path of a property or trait.

    >>> path_text("answers.skin type")
    'answers."skin type"'
    """
    first, *rest = paths.split(path)
    # Before a dot, the bare word begins a condition on a group.
    begun = quoted(first) if rest and first.lower() == "group" else name_text(first)
    return ".".join([begun, *(name_text(part) for part in rest)])


def name_text(name: str) -> str:
    """A name, in double quotes where it is no bare word.

    >>> name_text("big_spenders"), name_text("in")
    ('big_spenders', '"in"')
    """
    bare = _BARE.fullmatch(name) and name.lower() not in RESERVED
    return name if bare else quoted(name)


def span_text(last: str) -> str:
    """A length of time in words.

    >>> span_text("90d"), span_text("1h")
    ('90 days', '1 hour')
    """
    amount, unit = re.fullmatch(r"(\d+)(\w+)", last).groups()  # type: ignore[union-attr]
    word = durations.UNIT_WORDS[unit]
    return f"{amount} {word if amount == '1' else word + 's'}"


def zone_text(zone: str | None) -> str:
    """The time zone of a window; nothing where it names none."""
    return "" if zone is None else f" in zone {quoted(zone)}"


def brands_text(brands: str | tuple[str, ...]) -> str:
    """The brands that a condition is about; nothing where it names none."""
    if not brands:
        return ""
    if len(brands) == 1:
        return f" on brand {quoted(brands[0])}"
    return f" on brands ({', '.join(quoted(brand) for brand in brands)})"
