"""And, or, not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, get_args

from patron.segments.tree.base import Inner, Node, Place, Rule, some

ANYWHERE: frozenset[Place] = frozenset(get_args(Place))


class All(Node, Rule, frozen=True):
    """True when every one of the conditions is."""

    all: tuple[Rule, ...]

    PLACES: ClassVar[frozenset[Place]] = ANYWHERE

    def __post_init__(self) -> None:
        some(self.all)

    def inner(self) -> Iterator[Inner]:
        """Each of them."""
        yield from (Inner(f"all[{index}]", part) for index, part in enumerate(self.all))


class AnyOf(Node, Rule, frozen=True):
    """True when at least one of the conditions is."""

    any: tuple[Rule, ...]

    PLACES: ClassVar[frozenset[Place]] = ANYWHERE

    def __post_init__(self) -> None:
        some(self.any)

    def inner(self) -> Iterator[Inner]:
        """Each of them."""
        yield from (Inner(f"any[{index}]", part) for index, part in enumerate(self.any))


class Not(Node, Rule, frozen=True, rename={"negated": "not"}):
    """True when the condition is not: the exact complement."""

    negated: Rule

    PLACES: ClassVar[frozenset[Place]] = ANYWHERE

    def inner(self) -> Iterator[Inner]:
        """What it negates."""
        yield Inner("not", self.negated)
