"""Two numbers made one: sums, products, the smaller of two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from patron.segments.tree.base import Expression, Node


class Operation(Expression):
    """Two numbers made one; see docs/concepts/semantics.md for how it is rounded."""

    __slots__ = ()
    SIGN: ClassVar[str]

    @property
    def both(self) -> tuple[Expression, Expression]:
        """The two."""
        ((_, left), (_, right)) = self.parts()
        return left, right

    def parts(self) -> Iterator[tuple[str, Expression]]:
        """The two, with their places."""
        name: str = self.__struct_fields__[0]  # type: ignore[attr-defined]
        for number, part in enumerate(getattr(self, name)):
            yield f"{name}[{number}]", part


class Add(Node, Operation, frozen=True):
    """A sum."""

    SIGN: ClassVar[str] = "+"
    add: tuple[Expression, Expression]


class Subtract(Node, Operation, frozen=True):
    """A difference."""

    SIGN: ClassVar[str] = "-"
    subtract: tuple[Expression, Expression]


class Multiply(Node, Operation, frozen=True):
    """A product."""

    SIGN: ClassVar[str] = "*"
    multiply: tuple[Expression, Expression]


class Divide(Node, Operation, frozen=True):
    """A quotient."""

    SIGN: ClassVar[str] = "/"
    divide: tuple[Expression, Expression]


class Least(Node, Operation, frozen=True):
    """The smaller of two numbers."""

    SIGN: ClassVar[str] = "least"
    least: tuple[Expression, Expression]


class Greatest(Node, Operation, frozen=True):
    """The larger of two numbers."""

    SIGN: ClassVar[str] = "greatest"
    greatest: tuple[Expression, Expression]
