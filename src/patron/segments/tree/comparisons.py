"""Comparisons of a trait, or of a property of an event, with a value, and changes of traits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from msgspec import UNSET

from patron.segments import durations, operators, paths, values
from patron.segments.tree.base import (
    Inner,
    Node,
    Place,
    Rule,
    Window,
    brand_names,
    found_by,
    operand,
)


class Trait(Node, Rule, frozen=True, rename={"held": "for"}):
    """A comparison of a trait of the customer with a value.

    Attributes:
        trait: Its name, or a path into it such as ``address.city``.
        op: One of `operators.OPERATORS` or `operators.ABOUT_NOW`.
        value: What the operator asks for.
        on_brand: Read only what these brands' sources observed; empty for all.
        held: JSON key ``for``. How long it must have been so, at every moment; None for now only.
    """

    trait: str
    op: str
    value: Any = None
    on_brand: str | tuple[str, ...] = ()
    held: str | None = None

    def __post_init__(self) -> None:
        self.keep("trait", paths.canonical(self.trait))
        self.keep("value", operand(self.op, self.value, about_now=True))
        self.keep("on_brand", brand_names(self.on_brand))
        if self.held is not None:
            if self.op in operators.ABOUT_NOW:
                raise ValueError(f"{self.op} is about now, so it cannot hold for some time")
            self.keep("held", durations.span(self.held))


class Changed(Node, Rule, frozen=True, rename={"before": "from", "after": "to", "within": "in"}):
    """True when a trait of the customer took another value.

    Attributes:
        changed: The trait's name, or a path into it.
        before: JSON key ``from``. The value that it had; UNSET for any, and for none.
        after: JSON key ``to``. The value that it took; UNSET for any, and for none.
        within: JSON key ``in``. When it took it; None for ever.
        on_brand: Read only what these brands' sources observed; empty for all.
    """

    changed: str
    before: Any = UNSET
    after: Any = UNSET
    within: Window | None = None
    on_brand: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.keep("changed", paths.canonical(self.changed))
        self.keep("on_brand", brand_names(self.on_brand))
        for side in ("before", "after"):
            if getattr(self, side) is not UNSET:
                self.keep(side, values.scalar(getattr(self, side)))

    def inner(self) -> Iterator[Inner]:
        """The conditions that the window is found by."""
        yield from found_by(self.within)


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
