"""Spans of time that events lie in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from patron.segments import durations, values
from patron.segments.tree.base import Inner, Node, Rule, Window


class Last(Node, Window, frozen=True):
    """The rolling window (as_of - length, as_of].

    Attributes:
        last: Its length: ``90d``, ``12h``, ``30min``, ``2w``. A day is 24 hours.
    """

    last: str

    def __post_init__(self) -> None:
        self.keep("last", durations.span(self.last))


class Dates(Node, Window, frozen=True, rename={"since": "from", "until": "to"}):
    """From one date to another, both included; either may be missing.

    Attributes:
        since: JSON key ``from``. The first day, or the first moment.
        until: JSON key ``to``. The last day, or the last moment.
    """

    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        if self.since is None and self.until is None:
            raise ValueError("Name the first date (from), the last one (to), or both")
        if self.since is not None:
            values.date(self.since)
        if self.until is not None:
            values.date(self.until)
        if self.since is not None and self.until is not None:
            values.pair((self.since, self.until))


class This(Node, Window, frozen=True):
    """The unit of the calendar that as_of lies in, from its start up to as_of.

    Attributes:
        this: ``day``, ``week`` (from Monday), ``month``, ``quarter`` or ``year``.
        zone: Whose calendar: the name of an IANA zone; None for the workspace's.
    """

    this: str
    zone: str | None = None

    def __post_init__(self) -> None:
        self.keep("this", durations.calendar_unit(self.this))
        self.keep("zone", durations.zone(self.zone))


class LastFull(Node, Window, frozen=True):
    """The last whole units of the calendar, up to the start of the one that as_of lies in.

    Attributes:
        last_full: How many of which: ``3 weeks``, ``1 month``.
        zone: Whose calendar: the name of an IANA zone; None for the workspace's.
    """

    last_full: str
    zone: str | None = None

    def __post_init__(self) -> None:
        self.keep("last_full", durations.calendar_span(self.last_full))
        self.keep("zone", durations.zone(self.zone))


class Anchor(Node, frozen=True):
    """The events that the time since is asked for.

    Attributes:
        event: Their name; None for events of every name.
        where: A condition on each of them.
    """

    event: str | None = None
    where: Rule | None = None

    def __post_init__(self) -> None:
        if self.event is not None:
            self.keep("event", values.name(self.event))


class SinceEvent(Node, Window, frozen=True):
    """Later than another event of the customer; empty for those who have none.

    Attributes:
        since_event: Which events; of the same brands as those that lie in the window.
        which: The first or the last one of them.
    """

    since_event: Anchor
    which: Literal["first", "last"]

    def inner(self) -> Iterator[Inner]:
        """The condition on the event that the window begins with."""
        if self.since_event.where is not None:
            yield Inner("since_event.where", self.since_event.where, "event")


WINDOWS: dict[str, type[Window]] = {
    "last": Last,
    "from": Dates,
    "to": Dates,
    "this": This,
    "last_full": LastFull,
    "since_event": SinceEvent,
}
"""What a window is, by a key that its JSON holds."""
