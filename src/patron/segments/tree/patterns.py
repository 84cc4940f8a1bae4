"""When a customer's events happened: for the first time, regularly, no more, again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from patron.segments import durations, operators, values
from patron.segments.tree.base import Node
from patron.segments.tree.measures import Events, Selecting, happened


class FirstTime(Node, Selecting, frozen=True):
    """True when the earliest of all such events lies in their window."""

    first_time: Events

    def __post_init__(self) -> None:
        happened(self.first_time)

    def selections(self) -> Iterator[tuple[str, Events]]:
        """The events."""
        yield "first_time", self.first_time


class Periods(Node, Selecting, frozen=True):
    """How many of the last whole units of the calendar hold such an event.

    Attributes:
        periods: The events, without a window.
        of: How many units are looked at; the one that as_of lies in is not among them.
        unit: ``day``, ``week`` (from Monday), ``month``, ``quarter`` or ``year``.
        op: ``>=``, ``<=`` or ``=``.
        value: What the number is compared with.
        zone: Whose calendar: the name of an IANA zone; None for the workspace's.
    """

    periods: Events
    of: int
    unit: str
    op: str
    value: Any
    zone: str | None = None

    def __post_init__(self) -> None:
        self.keep("unit", durations.calendar_unit(self.unit))
        happened(self.periods)
        _without_window(self.periods, f"the last {self.of} {self.unit}s are one")
        if not 1 <= self.of <= durations.MAX_PERIODS:
            raise ValueError(f"Look at 1 to {durations.MAX_PERIODS} {self.unit}s, not {self.of}")
        if self.op not in operators.PERIOD_OPERATORS:
            known = ", ".join(operators.PERIOD_OPERATORS)
            raise ValueError(f"{self.op!r} compares no number of {self.unit}s: say one of {known}")
        self.keep("value", values.whole(self.value))
        self.keep("zone", durations.zone(self.zone))

    def selections(self) -> Iterator[tuple[str, Events]]:
        """The events."""
        yield "periods", self.periods


class Stopped(Node, Selecting, frozen=True, rename={"length": "for"}):
    """True when there was such an event, and none in the time before as_of.

    Attributes:
        stopped: The events, without a window.
        length: JSON key ``for``. How long there was none: ``60d``.
    """

    stopped: Events
    length: str

    def __post_init__(self) -> None:
        happened(self.stopped)
        _without_window(self.stopped, "stopped is about all time up to now")
        self.keep("length", durations.span(self.length))

    def selections(self) -> Iterator[tuple[str, Events]]:
        """The events."""
        yield "stopped", self.stopped


class Resumed(Node, Selecting, frozen=True):
    """True when such an event lies in its window, and the one before it long before it.

    Attributes:
        resumed: The events.
        after: How long before it: ``60d``, or longer.
    """

    resumed: Events
    after: str

    def __post_init__(self) -> None:
        happened(self.resumed)
        self.keep("after", durations.span(self.after))

    def selections(self) -> Iterator[tuple[str, Events]]:
        """The events."""
        yield "resumed", self.resumed


def _without_window(events: Events, why: str) -> None:
    if events.within is not None:
        raise ValueError(f"These events take no window: {why}")
