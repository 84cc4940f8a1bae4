"""What events and lines name by an id: products, stores."""

from __future__ import annotations

from typing import Any

from patron.testing.oracle.shapes import World
from patron.testing.oracle.values import dig, steps


def reached(world: World) -> World:
    """The same world, with what each event and line names laid into it under its kind's name.

    Args:
        world: With ``kinds``: by name ``{"events": […], "lines": […]}``, each a list of property
            and ``"id"`` or ``"sku"``; and ``entities``: by kind ``{(brand, id): attributes}``,
            where the brand "" is that of all.

    >>> event = {"brand": "Orchid", "store_id": 12, "lines": []}
    >>> world = {
    ...     "people": [{"events": [event]}],
    ...     "kinds": {"store": {"events": [("store_id", "id")], "lines": []}},
    ...     "entities": {"store": {("", "12"): {"region": "North"}}}}
    >>> reached(world)["people"][0]["events"][0]["store"]
    {'region': 'North'}
    """
    people = [
        {**person, "events": [_event(event, world) for event in person["events"]]}
        for person in world["people"]
    ]
    return {**world, "people": people}


def _event(event: dict[str, Any], world: World) -> dict[str, Any]:
    own = {key: value for key, value in event.items() if key != "lines"}
    lines = [{**line, **_named(line, event, "lines", world)} for line in event["lines"]]
    return {**event, **_named(own, event, "events", world), "lines": lines}


def _named(
    row: dict[str, Any], event: dict[str, Any], place: str, world: World
) -> dict[str, dict[str, Any]]:
    found = {}
    for kind, ways in world["kinds"].items():
        known = world["entities"].get(kind, {})
        mine = {ident: known[brand, ident] for brand, ident in known if brand == ""}
        mine |= {i: known[brand, i] for brand, i in known if brand == event["brand"]}
        by_sku = {attributes.get("sku", ident): attributes for ident, attributes in mine.items()}
        for path, key in reversed(ways[place]):
            value = dig(row, steps(path))
            if isinstance(value, int) and not isinstance(value, bool):
                value = str(value)
            one = (mine if key == "id" else by_sku).get(value) if isinstance(value, str) else None
            if one is not None:
                found[kind] = one
    return found
