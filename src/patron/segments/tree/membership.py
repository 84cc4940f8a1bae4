"""Conditions on segments, now and before, and on static lists."""

from __future__ import annotations

from collections.abc import Iterator

from patron.segments import values
from patron.segments.tree.base import Inner, Node, Rule, Window, found_by


def value_name(segment: str, value: str) -> str:
    """The name of the segment of those who have a value: names of segments hold no `=`.

    >>> value_name("tier", "gold")
    'tier=gold'
    """
    return f"{segment}={value}"


class InSegment(Node, Rule, frozen=True):
    """True of the members of another segment.

    Attributes:
        in_segment: The segment; `tier=gold` is the one of those with that value.
        value: Another way to say which value; becomes a part of the name.
    """

    in_segment: str
    value: str | None = None

    def __post_init__(self) -> None:
        self.keep("in_segment", values.name(self.in_segment))
        if self.value is not None:
            self.keep("in_segment", value_name(self.in_segment, values.name(self.value)))
            self.keep("value", None)


class InList(Node, Rule, frozen=True):
    """True of the people whose identifiers stand in a static list."""

    in_list: str

    def __post_init__(self) -> None:
        self.keep("in_list", values.name(self.in_list))


class WasIn(Node, Rule, frozen=True):
    """True of those who were members of another segment, by what is known today.

    Attributes:
        was_in: The segment.
        at: A moment, or a day, of which the last moment counts.
    """

    was_in: str
    at: str

    def __post_init__(self) -> None:
        self.keep("was_in", values.name(self.was_in))
        values.date(self.at)


class _Recorded(Node, frozen=True):
    def inner(self) -> Iterator[Inner]:
        """The conditions that the window is found by."""
        yield from found_by(self.within)  # type: ignore[attr-defined]


class Entered(_Recorded, Rule, frozen=True, rename={"within": "in"}):
    """True of those whose entry into another segment was recorded.

    Attributes:
        entered: The segment.
        within: JSON key ``in``. When they entered; None for ever.
    """

    entered: str
    within: Window | None = None

    def __post_init__(self) -> None:
        self.keep("entered", values.name(self.entered))


class Left(_Recorded, Rule, frozen=True, rename={"within": "in"}):
    """True of those whose exit from another segment was recorded.

    Attributes:
        left: The segment.
        within: JSON key ``in``. When they left; None for ever.
    """

    left: str
    within: Window | None = None

    def __post_init__(self) -> None:
        self.keep("left", values.name(self.left))
