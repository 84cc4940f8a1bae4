"""Builds comparisons and the values in them: the part of the builder that knows no conditions."""

# ruff: noqa: D102 - each method bears the name of the alternative in the grammar that it builds

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NamedTuple

from lark import Token, Transformer
from lark.tree import Meta
from lark.visitors import v_args

from patron.segments import durations, places, values
from patron.segments.tree import Rule

_SIGNS = {"≠": "!=", "<>": "!=", "≤": "<=", "≥": ">="}


class Compare(NamedTuple):
    """An operator and what stands on its right."""

    op: str
    value: Any = None


@v_args(meta=True)
class Comparisons(Transformer[Token, Rule]):
    """Turns a comparison into its operator and what that asks for."""

    def compare(self, _: Meta, parts: list[Any]) -> Compare:
        return Compare(_SIGNS.get(parts[0], str(parts[0])), parts[1])

    def between(self, _: Meta, parts: list[Any]) -> Compare:
        return Compare("between", values.pair(parts))

    def is_in(self, _: Meta, parts: list[Any]) -> Compare:
        return Compare("in", parts[0])

    def not_in(self, _: Meta, parts: list[Any]) -> Compare:
        return Compare("not in", parts[0])

    def contains(self, _: Meta, parts: list[Any]) -> Compare:
        return Compare("contains", values.needle(parts[0]))

    def not_contains(self, _: Meta, parts: list[Any]) -> Compare:
        return Compare("does not contain", values.needle(parts[0]))

    def starts_with(self, _: Meta, parts: list[Any]) -> Compare:
        return Compare("starts with", values.needle(parts[0]))

    def ends_with(self, _: Meta, parts: list[Any]) -> Compare:
        return Compare("ends with", values.needle(parts[0]))

    def exists(self, _: Meta, __: list[Token]) -> Compare:
        return Compare("exists")

    def missing(self, _: Meta, __: list[Token]) -> Compare:
        return Compare("missing")

    def any_values(self, _: Meta, parts: list[Any]) -> Compare:
        return Compare("any of", parts[0])

    def all_values(self, _: Meta, parts: list[Any]) -> Compare:
        return Compare("all of", parts[0])

    def none_values(self, _: Meta, parts: list[Any]) -> Compare:
        return Compare("none of", parts[0])

    def before(self, _: Meta, parts: list[Token]) -> Compare:
        return Compare("before", values.date(str(parts[0])))

    def after(self, _: Meta, parts: list[Token]) -> Compare:
        return Compare("after", values.date(str(parts[0])))

    def matches(self, _: Meta, parts: list[Token]) -> Compare:
        return Compare("matches", values.pattern(unquote(parts[0])))

    def not_matches(self, _: Meta, parts: list[Token]) -> Compare:
        return Compare("does not match", values.pattern(unquote(parts[0])))

    def within_last(self, _: Meta, parts: list[Token]) -> Compare:
        return Compare("within last", durations.span(f"{parts[0]}{parts[1]}"))

    def within_next(self, _: Meta, parts: list[Token]) -> Compare:
        return Compare("within next", durations.span(f"{parts[0]}{parts[1]}"))

    def anniversary_today(self, _: Meta, __: list[Token]) -> Compare:
        return Compare("anniversary", "today")

    def anniversary_month(self, _: Meta, __: list[Token]) -> Compare:
        return Compare("anniversary", "month")

    def anniversary_next(self, _: Meta, parts: list[Token]) -> Compare:
        return Compare("anniversary", durations.recurrence(f"{parts[0]}{parts[1]}"))

    def anniversary_in(self, _: Meta, parts: list[Token]) -> Compare:
        days = durations.recurrence(f"{durations.IN}{parts[0]}{parts[1]}")
        return Compare("anniversary", days)

    def within_radius(self, _: Meta, parts: list[Token]) -> Compare:
        km, lat, lon = map(Decimal, parts)
        return Compare("within radius", places.circle({"lat": lat, "lon": lon, "km": km}))

    def in_box(self, _: Meta, parts: list[Token]) -> Compare:
        edges = zip(("south", "west", "north", "east"), map(Decimal, parts), strict=True)
        return Compare("in box", places.box(dict(edges)))

    # ── values ──

    def value_list(self, _: Meta, parts: list[Any]) -> tuple[Any, ...]:
        return tuple(parts)

    def text(self, _: Meta, parts: list[Token]) -> str:
        return values.text(unquote(parts[0]))

    def number(self, _: Meta, parts: list[Token]) -> values.Number:
        return values.number(Decimal(parts[0]))

    def date(self, _: Meta, parts: list[Token]) -> str:
        return values.date(str(parts[0]))

    def true(self, _: Meta, __: list[Token]) -> bool:
        return True

    def false(self, _: Meta, __: list[Token]) -> bool:
        return False


def unquote(token: str) -> str:
    """The text between double quotes; escapes are those of JSON."""
    try:
        text: str = json.loads(token, strict=False)
    except json.JSONDecodeError:
        raise ValueError(
            r"This text holds a backslash that escapes nothing: write \\ for a backslash"
        ) from None
    return text
