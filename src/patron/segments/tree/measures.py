"""Measures of a customer's events, compared with a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from patron.segments import paths, values
from patron.segments.tree.base import Inner, Node, Rule, Window, brand_names, threshold


class Events(Node, frozen=True, rename={"within": "in"}):
    """Some of a customer's events, or of their lines.

    Attributes:
        event: Their name; None for events of every name.
        lines: Look at the lines of these events (order lines) and not at the events.
        where: A condition on each event, or on each line when `lines`.
        within: JSON key ``in``. When they happened; None for ever.
        on_brand: Of these brands only; empty for all.
        currency: Of this currency only.
    """

    event: str | None = None
    lines: bool = False
    where: Rule | None = None
    within: Window | None = None
    on_brand: str | tuple[str, ...] = ()
    currency: str | None = None

    def __post_init__(self) -> None:
        if self.event is not None:
            self.keep("event", values.name(self.event))
        if self.currency is not None and not re.fullmatch("[A-Z]{3}", self.currency):
            raise ValueError("A currency is three capital letters, such as EUR")
        self.keep("on_brand", brand_names(self.on_brand))

    def inner(self, name: str) -> Iterator[Inner]:
        """The conditions inside, where these events stand under a name."""
        if self.where is not None:
            yield Inner(f"{name}.where", self.where, "line" if self.lines else "event")
        if self.within is not None:
            for step, rule, place in self.within.inner():
                yield Inner(f"{name}.in.{step}", rule, place)


class Amounts(Events, frozen=True, kw_only=True):
    """A property of some of a customer's events or lines.

    Attributes:
        property: Its name or path, such as ``revenue``.
    """

    property: str

    def __post_init__(self) -> None:
        super().__post_init__()
        self.keep("property", paths.canonical(self.property))


class Measuring(Rule):
    """A condition on a measure of events."""

    __slots__ = ()

    def inner(self) -> Iterator[Inner]:
        """The conditions on the events."""
        name, events = measure(self)  # type: ignore[arg-type]
        yield from events.inner(name)


class Count(Node, Measuring, frozen=True):
    """How many events (or lines) there are, compared with a number. None are 0."""

    count: Events
    op: str
    value: Any

    def __post_init__(self) -> None:
        self.keep("value", threshold(self.op, self.value, whole=True))


class _Compared(Node, frozen=True):
    def __post_init__(self) -> None:
        self.keep("value", threshold(self.op, self.value))  # type: ignore[attr-defined]


class Sum(_Compared, Measuring, frozen=True):
    """The sum of a property, compared with a number. The sum of nothing is 0."""

    sum: Amounts
    op: str
    value: Any


class Average(_Compared, Measuring, frozen=True):
    """The average of a property; missing when there is no value."""

    average: Amounts
    op: str
    value: Any


class Min(_Compared, Measuring, frozen=True):
    """The smallest value of a property; missing when there is none."""

    min: Amounts
    op: str
    value: Any


class Max(_Compared, Measuring, frozen=True):
    """The largest value of a property; missing when there is none."""

    max: Amounts
    op: str
    value: Any


Measured = Count | Sum | Average | Min | Max
MeasureName = Literal["count", "sum", "average", "min", "max"]


def measure(rule: Measured) -> tuple[MeasureName, Events]:
    """The name of the measure in a condition, and what it is taken of."""
    match rule:
        case Count(count=events):
            return "count", events
        case Sum(sum=events):
            return "sum", events
        case Average(average=events):
            return "average", events
        case Min(min=events):
            return "min", events
        case _:
            return "max", rule.max
