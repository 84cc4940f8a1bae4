"""Which of the values that were told of a trait holds (M24), counted out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from patron.testing.oracle.shapes import Observation, World, tie_order
from patron.testing.oracle.values import identical

USUAL = 100
"""The trust rank of a source that has none of its own; a smaller one is trusted more."""


def value_at(
    world: World, declared: dict[str, Any], told: list[Observation], at: datetime
) -> object:
    """What a trait is at a moment; None: missing.

    Args:
        world: Its ``by_hand`` says which sources are of people, its ``trust`` how far each is
            trusted.
        declared: ``rule``, ``holds_for`` where observations grow old, and ``trust_order`` of the
            sources that go before all others.
        told: What was observed of the trait, of whatever time.
        at: The moment.
    """
    known = sorted((one for one in told if one["occurred_at"] <= at), key=tie_order)
    hands = world.get("by_hand", set())
    by_hand = said([one for one in known if one["source_id"] in hands])
    if by_hand:
        return by_hand[-1]["value"]
    others = [one for one in known if one["source_id"] not in hands]
    rule, age = declared["rule"], declared.get("holds_for")
    if age is not None:
        others = [one for one in others if fresh(one, at, age)]
    if rule == "most_recent":
        left = said(others)
    else:
        sources = {one["source_id"] for one in others}
        of_each = [said([one for one in others if one["source_id"] == own]) for own in sources]
        left = sorted((one for some in of_each for one in some), key=tie_order)
    return chosen(rule, left, trusted(world.get("trust", {}), declared.get("trust_order", [])))


def trusted(trust: dict[int, int], order: list[int]) -> dict[int, int]:
    """The trust ranks of sources for one trait, which may have an order of its own."""
    return trust | {source: place - len(order) for place, source in enumerate(order)}


def said(told: list[Observation]) -> list[Observation]:
    """What was observed since a null took everything back."""
    left: list[Observation] = []
    for one in told:
        left = [] if one["value"] is None else [*left, one]
    return left


def fresh(one: Observation, at: datetime, age: timedelta) -> bool:
    """Whether an observation still counts."""
    moment: datetime = one["occurred_at"]
    return at < moment + age


def chosen(rule: str, left: list[Observation], trust: dict[int, int]) -> object:
    """The value that wins among observations in their order."""
    values = [one["value"] for one in left]
    if rule == "union":
        lists = [value for value in values if isinstance(value, list)]
        return None if not lists else united(lists)
    if not left:
        return None
    if rule == "first":
        return values[0]
    if rule == "trusted":
        best = min(trust.get(one["source_id"], USUAL) for one in left)
        return [o["value"] for o in left if trust.get(o["source_id"], USUAL) == best][-1]
    if rule == "longest":
        most = max(map(extent, values))
        return [value for value in values if extent(value) == most][-1]
    if rule == "most_frequent":
        times = [sum(identical(value, other) for other in values) for value in values]
        return [v for v, number in zip(values, times, strict=True) if number == max(times)][-1]
    return values[-1]


def extent(value: object) -> int:
    """How many characters a text has; anything else is shorter than the empty text."""
    return len(value) if isinstance(value, str) else -1


def united(lists: list[list[Any]]) -> list[Any]:
    """Every item that one of the lists has, once; in an order that no condition asks for."""
    found: list[Any] = []
    for item in (item for one in lists for item in one):
        if item is not None and not any(identical(item, other) for other in found):
            found.append(item)
    return found
