"""Points of a loyalty programme: what earns them, what burns them, and how long they hold."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

from patron.segments import durations, values
from patron.segments.tree.base import Expression, Node, threshold
from patron.segments.tree.measures import Amounts, Events, Selecting, one_by_one
from patron.segments.tree.walking import join

MOST = 1_000_000
"""An event, or a unit of a property, earns at most so many points."""


class Earning(Node, frozen=True, rename={"count": "for", "sum": "per"}):
    """What earns points: each of some events, or each unit of a property of theirs.

    Attributes:
        earn: How many points. What an event earns is rounded down to whole points.
        count: JSON key ``for``. The events.
        sum: JSON key ``per``. Or the property.
    """

    earn: Any
    count: Events | None = None
    sum: Amounts | None = None

    def __post_init__(self) -> None:
        self.keep("earn", values.number(self.earn))
        if not 0 < Decimal(self.earn) <= MOST:
            raise ValueError(f"Earn more than 0 points and at most {MOST:,}")
        if (self.count is None) == (self.sum is None):
            raise ValueError("Points are earned for events, or per unit of a property: say one")
        one_by_one(self.events)
        if self.events.lines:
            raise ValueError("Points are earned by events, not by their lines")

    @property
    def events(self) -> Events:
        """The events that earn them."""
        found = self.sum or self.count
        assert found is not None  # noqa: S101 - checked when it was made
        return found


class Programme(Node, frozen=True):
    """How points come and go.

    Attributes:
        earning: What earns them.
        burning: The property that says how many an event burns; whole points, rounded down.
        expire_after: So long after they were earned, points that are left expire. Those that were
            earned first are burned first. None: never.
    """

    earning: tuple[Earning, ...]
    burning: Amounts | None = None
    expire_after: str | None = None

    def __post_init__(self) -> None:
        if not self.earning:
            raise ValueError("Name at least one thing that earns points")
        if self.burning is not None and self.burning.lines:
            raise ValueError("Points are burned by events, not by their lines")
        for events in self.selections():
            if events[1].within is not None:
                raise ValueError("All points count, whenever they were earned: name no time")
        if self.expire_after is not None:
            self.keep("expire_after", durations.span(self.expire_after))

    def selections(self) -> Iterator[tuple[str, Events]]:
        """The events, each with its path."""
        for number, one in enumerate(self.earning):
            name = "for" if one.sum is None else "per.sum"
            yield f"earning[{number}].{name}", one.events
        if self.burning is not None:
            yield "burning.sum", self.burning


class Points(Node, Selecting, frozen=True):
    """A comparison of the points that a customer has.

    Attributes:
        points: How they come and go.
        op: A comparison of numbers.
        value: The number, or two of them.
    """

    points: Programme
    op: str
    value: Any

    def __post_init__(self) -> None:
        self.keep("value", threshold(self.op, self.value))

    def selections(self) -> Iterator[tuple[str, Events]]:
        """The events that earn and burn."""
        for path, events in self.points.selections():
            yield join("points", path), events


class Balance(Node, Expression, frozen=True):
    """The points that a customer has."""

    NUMBER: ClassVar[bool] = False
    points: Programme
