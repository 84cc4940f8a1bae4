"""Conditions on segments and static lists."""

from __future__ import annotations

from patron.segments import values
from patron.segments.tree.base import Node, Rule


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
