"""Events in order, and carts that were left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from patron.segments import durations, values
from patron.segments.tree.base import Inner, Node, Rule, ShortForm, Window, brand_names, found_by
from patron.segments.tree.measures import Events
from patron.spec.commerce import CART_STAGES

MAX_STEPS = 20
"""A sequence has at most this many steps, and a step names at most as many events without."""


class Occurrence(Node, frozen=True):
    """An event that happens, or does not.

    Attributes:
        event: Its name; None for any event.
        where: A condition on it.
    """

    event: str | None = None
    where: Rule | None = None

    def __post_init__(self) -> None:
        if self.event is not None:
            self.keep("event", values.name(self.event))


class Step(Occurrence, frozen=True, rename={"absent": "not"}):
    """One step of a sequence.

    Attributes:
        within: At most so long after the step before.
        without: None of these lies strictly between this step and the one before.
        absent: JSON key ``not``. The step before was followed by no such event `within` that time,
            and that time is over.
    """

    within: str | None = None
    without: tuple[Occurrence, ...] = ()
    absent: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.within is not None:
            self.keep("within", durations.span(self.within))
        if len(self.without) > MAX_STEPS:
            raise ValueError(f"A step names at most {MAX_STEPS} events without")
        if self.absent and self.within is None:
            raise ValueError("A step that does not follow says within which time: within 1 day")
        if self.absent and self.without:
            raise ValueError("A step that does not follow has no without")


class Sequence(Node, Rule, frozen=True, rename={"within": "in"}):
    """True when events followed one another, each strictly later than the one before.

    Attributes:
        sequence: The steps, first to last.
        within: JSON key ``in``. The time that every event of it lies in; None for ever.
        on_brand: Of these brands' events only, also of those that do not happen; empty for all.
    """

    sequence: tuple[Step, ...]
    within: Window | None = None
    on_brand: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.keep("on_brand", brand_names(self.on_brand))
        if not 2 <= len(self.sequence) <= MAX_STEPS:
            raise ValueError(f"A sequence has from 2 to {MAX_STEPS} steps")
        first = self.sequence[0]
        if first.within is not None or first.without:
            raise ValueError("The first step of a sequence has no within and no without")
        if any(step.absent for step in self.sequence[:-1]):
            raise ValueError("Only the last step of a sequence may be one that does not follow")

    def inner(self) -> Iterator[Inner]:
        """The conditions on the events of each step, and those that the time is found by."""
        for path, _, occurrence in self.occurrences():
            if occurrence.where is not None:
                yield Inner(f"{path}.where", occurrence.where, "event")
        yield from found_by(self.within)

    def occurrences(self) -> Iterator[tuple[str, Step, Occurrence]]:
        """Every event that it names, with its JSON path and the step that it belongs to."""
        for number, step in enumerate(self.sequence):
            path = f"sequence[{number}]"
            yield path, step, step
            for other, occurrence in enumerate(step.without):
                yield f"{path}.without[{other}]", step, occurrence

    def events(self, occurrence: Occurrence) -> Events:
        """An event of the sequence as a selection of its own."""
        return Events(
            occurrence.event,
            where=occurrence.where,
            within=self.within,
            on_brand=self.on_brand,
        )


ANY_STAGE = "any"
"""Of a cart that was left, whatever stage it came to."""

STAGES = CART_STAGES
"""How far a cart came, furthest last, by the event that brought it there."""


class Abandoned(Node, Rule, frozen=True, rename={"idle": "for", "within": "in"}):
    """True when the customer's open cart was left.

    The open cart is what happened in it since the last order. It is abandoned when it is not empty
    and nothing has happened in it for a while.

    Attributes:
        abandoned: What was left: ``cart``.
        idle: JSON key ``for``. Nothing has happened in it for at least so long.
        stage: How far it came; None for any.
        within: JSON key ``in``. When something last happened in it; None for ever.
        on_brand: Of these brands' events only, orders too; empty for all.
    """

    abandoned: Literal["cart"]
    idle: str
    stage: str | None = None
    within: Window | None = None
    on_brand: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.keep("idle", durations.span(self.idle))
        if self.stage is not None and self.stage not in STAGES:
            raise ValueError(f"{self.stage!r} is no stage of a cart: say {', '.join(STAGES)}")
        self.keep("on_brand", brand_names(self.on_brand))

    def inner(self) -> Iterator[Inner]:
        """The conditions that the time is found by."""
        yield from found_by(self.within)


class CartLeft(Node, ShortForm, frozen=True, rename={"idle": "for", "within": "in"}):
    """The customer's open cart was left at a stage; the clauses are those of `Abandoned`."""

    cart_left: str
    idle: str
    within: Window | None = None
    on_brand: str | tuple[str, ...] = ()

    def expand(self) -> Rule:
        """An abandoned cart."""
        stage = None if self.cart_left == ANY_STAGE else self.cart_left
        return Abandoned("cart", self.idle, stage, self.within, self.on_brand)
