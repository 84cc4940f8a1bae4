"""Spans of time that events lie in."""

from __future__ import annotations

from patron.segments import values
from patron.segments.tree.base import Node, Window


class Last(Node, Window, frozen=True):
    """The rolling window (as_of - length, as_of].

    Attributes:
        last: Its length: ``90d``, ``12h``, ``30min``, ``2w``. A day is 24 hours.
    """

    last: str

    def __post_init__(self) -> None:
        self.keep("last", values.span(self.last))


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
