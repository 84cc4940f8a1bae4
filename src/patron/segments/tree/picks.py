"""One value out of those that a property of a customer's events has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from patron.segments.tree.base import Node, operand
from patron.segments.tree.measures import Amounts, Events, Selecting, at_least_once

PickName = Literal["first", "last", "most_frequent"]


class _Picked(Node, frozen=True):
    def __post_init__(self) -> None:
        self.keep("value", operand(self.op, self.value))  # type: ignore[attr-defined]


class Picking(Selecting):
    """A comparison of one value of a property, as of a trait; missing when there is none."""

    __slots__ = ()
    op: str
    value: Any

    def selections(self) -> Iterator[tuple[str, Events]]:
        """The events or lines whose property it is."""
        yield picked(self)


class FirstValue(_Picked, Picking, frozen=True):
    """The value of the first event (or line) that has one."""

    first: Amounts
    op: str
    value: Any = None


class LastValue(_Picked, Picking, frozen=True):
    """The value of the last event (or line) that has one."""

    last: Amounts
    op: str
    value: Any = None


class MostFrequent(_Picked, Picking, frozen=True):
    """The most frequent text, number or truth value; of equally frequent ones the last seen.

    Attributes:
        times: It is missing where it occurs less often.
    """

    most_frequent: Amounts
    op: str
    value: Any = None
    times: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        self.keep("times", at_least_once(self.times))


def picked(rule: Picking) -> tuple[PickName, Amounts]:
    """Which value a condition is about, and of what."""
    match rule:
        case FirstValue(first=amounts):
            return "first", amounts
        case LastValue(last=amounts):
            return "last", amounts
        case MostFrequent(most_frequent=amounts):
            return "most_frequent", amounts
    raise TypeError(f"{type(rule).__name__} picks no value")
