"""Short ways to ask the oracle in its tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from patron.testing import oracle
from unit.segments.worlds import NOW, event, observed, person, world

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def ask(made: dict[str, Any], rule: dict[str, Any], as_of: datetime = NOW) -> list[int]:
    """The members in order, after checking that everybody else is in the complement."""
    inside, outside = oracle.members(made, rule, as_of), oracle.members(made, {"not": rule}, as_of)
    seen = {one["id"] for one in made["people"] if one["first_seen_at"] <= as_of}
    assert inside | outside == seen
    assert not inside & outside
    return sorted(inside)


def around(moment: datetime) -> list[datetime]:
    """One microsecond before a moment, the moment, and one microsecond after it."""
    return [moment - TICK, moment, moment + TICK]


def did(*histories: list[dict[str, Any]], **parts: Any) -> dict[str, Any]:
    """A world of customers 1, 2, 3, … with these events."""
    return world(*(person(n, events=events) for n, events in enumerate(histories, 1)), **parts)


def did_at(moments: list[datetime], name: str = "E", **parts: Any) -> dict[str, Any]:
    """A world of customers 1, 2, 3, … with one event each, at these moments."""
    return did(*([event(name, at)] for at in moments), **parts)


def have(*values: Any, name: str = "t", **parts: Any) -> dict[str, Any]:
    """A world of customers 1, 2, 3, … with these values of one trait; None: never told."""
    return world(
        *(
            person(n, traits=[] if value is None else [observed(name, value, NOW - 900 * DAY)])
            for n, value in enumerate(values, 1)
        ),
        **parts,
    )


def told(*history: tuple[Any, datetime]) -> list[dict[str, Any]]:
    """Observations of the trait t, one message each in the order given."""
    return [observed("t", value, at, 1, f"m{n}") for n, (value, at) in enumerate(history)]
