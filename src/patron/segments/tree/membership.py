"""Conditions on segments and static lists."""

from __future__ import annotations

from patron.segments import values
from patron.segments.tree.base import Node, Rule


class InSegment(Node, Rule, frozen=True):
    """True of the members of another segment."""

    in_segment: str

    def __post_init__(self) -> None:
        self.keep("in_segment", values.name(self.in_segment))


class InList(Node, Rule, frozen=True):
    """True of the people whose identifiers stand in a static list."""

    in_list: str

    def __post_init__(self) -> None:
        self.keep("in_list", values.name(self.in_list))
