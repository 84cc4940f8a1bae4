"""Conditions on the groups that a customer belongs to: companies, households."""

from __future__ import annotations

from typing import Any

from patron.segments import paths
from patron.segments.tree.base import Node, Rule, brand_names, operand


class Group(Node, Rule, frozen=True):
    """A comparison of a trait of a group with a value: true when one of the groups fulfils it.

    Negative operators are the exact complement of their positives: none of the groups does.

    Attributes:
        group: The trait's name, or a path into it.
        op: One of `operators.OPERATORS`.
        value: What the operator asks for.
        on_brand: Take in only the group calls of these brands' sources; empty for all.
    """

    group: str
    op: str
    value: Any = None
    on_brand: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.keep("group", paths.canonical(self.group))
        self.keep("value", operand(self.op, self.value))
        self.keep("on_brand", brand_names(self.on_brand))
