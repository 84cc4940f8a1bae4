"""Expressions: values taken of events, other computed traits, and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from patron.segments import values
from patron.segments.tree.base import Expression, Node
from patron.segments.tree.measures import Amounts, Events, MeasureName, at_least_once
from patron.segments.tree.walking import join

TakenName = Literal[
    "count", "sum", "average", "min", "max", "distinct", "first", "last", "most_frequent", "list"
]
NUMBERS: tuple[MeasureName, ...] = ("count", "sum", "average", "min", "max", "distinct")
"""What can be calculated with."""


class Part(NamedTuple):
    """An expression inside another, and its JSON path."""

    path: str
    expression: Expression


def expressions(expression: Expression, path: str = "") -> Iterator[Part]:
    """An expression and all those inside it, with their JSON paths."""
    yield Part(path, expression)
    for step, inner in expression.parts():
        yield from expressions(inner, join(path, step))


class Taken(Node, Expression, frozen=True):
    """A value taken of a customer's events; exactly one of the fields but `times` is there.

    Attributes:
        list: JSON key ``list``. All different texts, numbers and truth values, sorted.
        times: How often the most frequent value has to occur at least.
    """

    count: Events | None = None
    sum: Amounts | None = None
    average: Amounts | None = None
    min: Amounts | None = None
    max: Amounts | None = None
    distinct: Amounts | None = None
    first: Amounts | None = None
    last: Amounts | None = None
    most_frequent: Amounts | None = None
    list: Amounts | None = None
    times: int = 1

    def __post_init__(self) -> None:
        there = [name for name in TAKEN if getattr(self, name) is not None]
        if len(there) != 1:
            raise ValueError(f"Take one value: {', '.join(TAKEN)}")
        if self.times != 1 and self.most_frequent is None:
            raise ValueError("Only the most frequent value is asked how many times it occurs")
        at_least_once(self.times)

    def taken(self) -> tuple[TakenName, Events]:
        """What is taken, and of what."""
        for name in TAKEN:
            events = getattr(self, name)
            if events is not None:
                return name, events
        raise TypeError("Nothing is taken")


TAKEN: tuple[TakenName, ...] = (*NUMBERS, "first", "last", "most_frequent", "list")


class Named(Node, Expression, frozen=True):
    """The value of another computed trait."""

    trait: str

    def __post_init__(self) -> None:
        self.keep("trait", values.name(self.trait))


class Constant(Node, Expression, frozen=True):
    """A number."""

    number: Any

    def __post_init__(self) -> None:
        self.keep("number", values.number(self.number))


class Affinity(Node, Expression, frozen=True):
    """How much of what speaks for any value speaks for one, from 0 (or less: against it) to 1.

    Attributes:
        affinity: The preference.
        to: The value.
    """

    affinity: str
    to: Any

    def __post_init__(self) -> None:
        self.keep("affinity", values.name(self.affinity))
        self.keep("to", values.scalar(self.to))


def names_in(expression: Expression) -> frozenset[str]:
    """The computed traits that an expression names."""
    found = set()
    for _, part in expressions(expression):
        if isinstance(part, Named):
            found.add(part.trait)
        elif isinstance(part, Affinity):
            found.add(part.affinity)
    return frozenset(found)
