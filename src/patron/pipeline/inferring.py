"""A first tracking plan, made of what came in."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from patron.spec.tracking_plans import PlanType
from patron.warehouse import observed
from patron.warehouse.observed import Shape
from patron.warehouse.reading import Reading

ENOUGH = 20
"""From so many events on, a property that all of them have is taken to be required."""

FEW = 8
"""A text of which so few values are seen, each `ENOUGH` times on average, has only these."""

KIND_OF_JSON: dict[str, PlanType] = {
    "VARCHAR": "text",
    "BOOLEAN": "truth",
    "DOUBLE": "number",
    "BIGINT": "whole",
    "UBIGINT": "whole",
    "HUGEINT": "whole",
    "ARRAY": "list",
    "OBJECT": "object",
}
"""What plans call the types that JSON has."""


def inferred(
    reading: Reading, source_id: int | None, *, most: int, with_values: bool
) -> dict[str, Any]:
    """The body of a tracking plan that what came in fulfils.

    Args:
        reading: The view to read in.
        source_id: Of which source; None for all.
        most: So many of the newest events, and as many traits, are looked at.
        with_values: Whether texts that have few values are to have only these.
    """
    cursor = reading.cursor
    events: dict[str, Any] = {}
    for name in observed.event_names(cursor, source_id):
        events[name] = {}
    shapes = observed.event_shapes(cursor, source_id, most)
    for event, own in groupby(shapes, lambda one: one.event):
        properties = _members(list(own), with_values, required=True)
        events[event] = {"properties": properties} if properties else {}
    traits = _members(observed.trait_shapes(cursor, source_id, most), with_values, required=False)
    return {"events": events, "traits": traits}


def _members(shapes: list[Shape], with_values: bool, *, required: bool) -> dict[str, Any]:
    items = {
        inside: _members([_of_event(one) for one in own], with_values, required=required)
        for inside, own in groupby(shapes, lambda one: one.inside)
        if inside
    }
    found = {}
    top = [one for one in shapes if not one.inside]
    for name, same in groupby(top, lambda one: one.name):
        found[name] = _expected(list(same), items.get(name), with_values, required=required)
    return found


def _of_event(one: Shape) -> Shape:
    return one._replace(inside="")


def _expected(
    shapes: list[Shape], items: dict[str, Any] | None, with_values: bool, *, required: bool
) -> Any:  # noqa: ANN401 - a type, or an object
    kind = _type(shapes)
    times = sum(one.times for one in shapes)
    said: dict[str, Any] = {"type": kind}
    if required and times >= ENOUGH and times >= shapes[0].of:
        said["required"] = True
    different = shapes[0].different
    if with_values and kind == "text" and different <= FEW and times >= different * ENOUGH:
        said["allowed"] = shapes[0].texts
    if kind == "list" and items:
        said["properties"] = items
    return kind if len(said) == 1 else said


def _type(shapes: list[Shape]) -> PlanType:
    kinds = {KIND_OF_JSON.get(one.type, "any") for one in shapes}
    if kinds == {"text"} and all(one.dates for one in shapes):
        return "date"
    if kinds == {"number", "whole"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else "any"
