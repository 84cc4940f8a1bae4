"""Comparisons of a trait, or of a property of an event, with a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from patron.segments import paths
from patron.segments.tree.base import Inner, Node, Place, Rule, brand_names, operand


class Trait(Node, Rule, frozen=True):
    """A comparison of a trait of the customer with a value.

    Attributes:
        trait: Its name, or a path into it such as ``address.city``.
        op: One of `values.OPERATORS`.
        value: What the operator asks for.
        on_brand: Read only what these brands' sources observed; empty for all.
    """

    trait: str
    op: str
    value: Any = None
    on_brand: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.keep("trait", paths.canonical(self.trait))
        self.keep("value", operand(self.op, self.value))
        self.keep("on_brand", brand_names(self.on_brand))


class Property(Node, Rule, frozen=True):
    """A comparison of a property of an event, or of one of its lines, with a value."""

    property: str
    op: str
    value: Any = None

    PLACES: ClassVar[frozenset[Place]] = frozenset({"event", "line", "plain event", "plain line"})

    def __post_init__(self) -> None:
        self.keep("property", paths.canonical(self.property))
        self.keep("value", operand(self.op, self.value))


class AnyLine(Node, Rule, frozen=True):
    """True of an event when one and the same of its lines fulfils the condition."""

    any_line: Rule

    PLACES: ClassVar[frozenset[Place]] = frozenset({"event"})

    def inner(self) -> Iterator[Inner]:
        """The condition on the line."""
        yield Inner("any_line", self.any_line, "plain line")


class OfEvent(Node, Rule, frozen=True, rename={"of_event": "event"}):
    """True of a line when the event that it belongs to fulfils the condition."""

    of_event: Rule

    PLACES: ClassVar[frozenset[Place]] = frozenset({"line"})

    def inner(self) -> Iterator[Inner]:
        """The condition on the event."""
        yield Inner("event", self.of_event, "plain event")
