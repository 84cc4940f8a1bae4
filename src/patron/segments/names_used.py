"""Which events, properties, traits and segments a rule or an expression names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from patron.segments import paths, tree
from patron.segments.tree import Rule
from patron.spec.commerce import REFUNDS

PRODUCTS = "products"
"""The property that lines are made of."""


class NamesUsed(NamedTuple):
    """What is named, by itself: not by the segments and computed traits that it rests on.

    Attributes:
        events: Names of events.
        properties: Event and property; the event is None where any will do.
        traits: Names of traits, computed ones too.
    """

    events: frozenset[str]
    properties: frozenset[tuple[str | None, str]]
    traits: frozenset[str]


def names_used(said: tree.Rule | tree.Expression) -> NamesUsed:
    """What a rule or an expression names.

    >>> from patron.segments.text import parse
    >>> names_used(parse('age > 30 and did "Cart Viewed" where (coupon exists)')).properties
    frozenset({('Cart Viewed', 'coupon')})
    """
    found = list(_named(tree.as_object(said), None))
    return NamesUsed(
        frozenset(name for kind, _, name in found if kind == "event"),
        frozenset((event, name) for kind, event, name in found if kind == "property"),
        frozenset(name for kind, _, name in found if kind == "trait"),
    )


_TRAITS = ("trait", "changed")
_LINES = ("any_line", "lines")


def _named(said: Any, event: str | None) -> Iterator[tuple[str, str | None, str]]:  # noqa: ANN401
    """Kind, event and name of everything that a JSON face names, inside an event."""
    if isinstance(said, list | tuple):
        for item in said:
            yield from _named(item, event)
    if not isinstance(said, dict):
        return
    of = said.get("of")
    if isinstance(of, dict) and isinstance(of.get("event"), str):
        event = of["event"]  # what names a preferred value stands beside the events
    named = said.get("event")
    if isinstance(named, str):
        event = named
        yield "event", None, named
    yield from (("event", None, name) for name in _several(said))
    for key in _TRAITS:
        if isinstance(said.get(key), str):
            yield "trait", None, paths.split(said[key])[0]
    if isinstance(said.get("property"), str):
        yield "property", event, paths.split(said["property"])[0]
    if any(said.get(key) for key in _LINES):
        yield "property", event, PRODUCTS
    for value in said.values():
        yield from _named(value, event)


def _several(said: dict[str, Any]) -> tuple[str, ...]:
    """The events of what is told by several."""
    returns = tuple(sorted(REFUNDS)) if said.get("returns") is True else ()
    cart = said.get("abandoned") is not None
    return (*returns, *((*tree.STAGES.values(), tree.ORDERED) if cart else ()))


def segments_named(rule: Rule) -> list[tuple[str, str]]:
    """The segments that a rule names, each with the path of the condition."""
    found = []
    for path, node in tree.walk(rule):
        match node:
            case (
                tree.InSegment(in_segment=name)
                | tree.WasIn(was_in=name)
                | tree.Entered(entered=name)
                | tree.Left(left=name)
            ):
                found.append((path, name))
    return found


def rests_on(rule: Rule) -> frozenset[str]:
    """The segments that a rule names, whatever it asks about them."""
    return frozenset(name for _, name in segments_named(rule))


def traits_read(rule: Rule) -> frozenset[str]:
    """The traits that a rule reads, by itself."""
    return frozenset(
        paths.split(node.trait if isinstance(node, tree.Trait) else node.changed)[0]
        for _, node in tree.walk(rule)
        if isinstance(node, tree.Trait | tree.Changed)
    )


def converted_to(said: tree.Rule | tree.Expression) -> frozenset[str]:
    """The currencies that a rule or an expression converts amounts to, by itself.

    >>> from patron.segments.text import parse_expression
    >>> converted_to(parse_expression("net revenue(converted to EUR) / 2"))
    frozenset({'EUR'})
    """
    return frozenset(_converted(tree.as_object(said)))


def _converted(said: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a JSON face
    if isinstance(said, list | tuple):
        for item in said:
            yield from _converted(item)
    elif isinstance(said, dict):
        if isinstance(said.get("convert"), str):
            yield said["convert"]
        for value in said.values():
            yield from _converted(value)
