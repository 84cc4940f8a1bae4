"""What the text of a rule is made of between its words and its conditions."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import msgspec
from lark import Token, Transformer
from lark.tree import Meta

from patron.segments import tree
from patron.segments.tree import Rule

Place = tuple[int, int]
"""Line and column, both from 1."""

Span = tuple[int, int]
"""Where something begins in a text and where it has ended, in characters from 0."""

_Kept = TypeVar("_Kept", bound=Rule)


class Placing(Transformer[Token, Any]):
    """Turns a parse tree into a rule, and keeps where every condition stands by its `id`."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[int, Place] = {}
        self.spans: dict[int, Span] = {}

    def _at(self, meta: Meta, rule: _Kept) -> _Kept:
        self.places[id(rule)] = (meta.line, meta.column)
        self.spans[id(rule)] = (meta.start_pos, meta.end_pos)
        return rule


class Clause(NamedTuple):
    """One clause of a selection of events: which field of it, and the value."""

    field: str
    value: Any


_SAID_TWICE = {
    "where": "where",
    "within": "a time (in the last, this month, between, since, until, ever)",
    "on_brand": "on brand",
    "currency": "a currency",
    "convert": "converted to",
    "zone": "a zone",
    "held": "for at least",
    "before": "from",
    "after": "to",
    "first": "for the first time",
    "spread": "in how many weeks (or days, months …)",
}


def fields(clauses: list[Clause]) -> dict[str, Any]:
    """The values of clauses by field.

    Raises:
        ValueError: Two are about the same.
    """
    found: dict[str, Any] = {}
    for clause in clauses:
        if clause.field in found:
            raise ValueError(f"The same condition names {_SAID_TWICE[clause.field]} twice")
        found[clause.field] = clause.value
    return found


def selection(clauses: list[Clause]) -> dict[str, Any]:
    """The fields of a selection of events; the zone belongs to its window.

    Raises:
        ValueError: Two clauses are about the same, or there is a zone and no calendar to it.
    """
    found = fields(clauses)
    if "zone" in found:
        zone = found.pop("zone")
        window = found.get("within")
        if not isinstance(window, tree.This | tree.LastFull):
            raise ValueError(
                "A zone belongs to a window of the calendar, such as this month or the last 3 full "
                "weeks; a date takes its own: 2017-06-30T00:00:00+02:00"
            )
        found["within"] = msgspec.structs.replace(window, zone=zone)
    return found
