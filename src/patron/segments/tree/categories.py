"""Values that follow from bounds or from conditions, the first that fits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from patron.segments import values
from patron.segments.tree.base import Expression, Node, Rule

MAX_CATEGORIES = 50


class Category(Node, frozen=True, rename={"among": "in"}):
    """One category; it is that of all that lies within each of its bounds.

    Attributes:
        value: Its name, or a number.
        at_least: The smallest number in it.
        above: Its numbers are larger than this one.
        at_most: The largest number in it.
        below: Its numbers are smaller than this one.
        among: JSON key ``in``. It is one of these texts, numbers and truth values.
    """

    value: Any
    at_least: Any = None
    above: Any = None
    at_most: Any = None
    below: Any = None
    among: Any = None

    def __post_init__(self) -> None:
        self.keep("value", values.scalar(self.value))
        if isinstance(self.value, bool):
            raise ValueError("A category is a text or a number")
        for name in ("at_least", "above", "at_most", "below"):
            if getattr(self, name) is not None:
                self.keep(name, values.number(getattr(self, name)))
        if self.among is not None:
            self.keep("among", values.scalars(self.among))

    def bounds(self) -> list[tuple[str, Any]]:
        """Its bounds as operators with their values; none of what takes whatever has a value."""
        named = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<", "among": "in"}
        return [
            (op, getattr(self, name))
            for name, op in named.items()
            if getattr(self, name) is not None
        ]


class Categories(Node, Expression, frozen=True):
    """The first category that a value lies in; missing where it lies in none.

    Attributes:
        of: The value.
        categories: The first one first.
    """

    NUMBER: ClassVar[bool] = False
    of: Expression
    categories: tuple[Category, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.categories) <= MAX_CATEGORIES:
            raise ValueError(f"Name 1 to {MAX_CATEGORIES} categories")

    def parts(self) -> Iterator[tuple[str, Expression]]:
        """The value."""
        yield "of", self.of


class Case(Node, frozen=True):
    """One case.

    Attributes:
        value: Its name, or a number.
        when: The condition on the customer; it names no segment.
    """

    value: Any
    when: Rule

    def __post_init__(self) -> None:
        self.keep("value", values.scalar(self.value))
        if isinstance(self.value, bool):
            raise ValueError("A case is a text or a number")


class Cases(Node, Expression, frozen=True):
    """The value of the first case whose condition holds; missing where none does.

    Attributes:
        cases: The first one first. Several may bear one value.
    """

    NUMBER: ClassVar[bool] = False
    cases: tuple[Case, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.cases) <= MAX_CATEGORIES:
            raise ValueError(f"Name 1 to {MAX_CATEGORIES} cases")
