"""Measures of a customer's events, compared with a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar, Literal, get_args

from patron.segments import operators, paths, values
from patron.segments.tree.base import Inner, Node, Rule, Window, brand_names, found_by, threshold
from patron.segments.tree.comparisons import Property
from patron.spec.commerce import REFUNDS


class Events(Node, frozen=True, rename={"within": "in"}):
    """Some of a customer's events, or of their lines.

    Attributes:
        event: Their name; None for events of every name.
        lines: Look at the lines of these events (order lines) and not at the events.
        orders: Look at orders as they stand, and not at events: those that were placed when
            `within` says.
        returns: Look at what was brought or paid back: each refund once, however many messages
            tell of it.
        convert: Amounts in this currency, by declared rates.
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
    orders: bool = False
    convert: str | None = None
    returns: bool = False

    def __post_init__(self) -> None:
        if self.returns and (self.lines or self.orders or self.event is not None):
            raise ValueError("Returns are told by several events: say returns alone")
        if self.orders and (self.lines or self.event is not None):
            raise ValueError("Orders are no events, and have no name: say orders alone")
        if self.event is not None:
            self.keep("event", values.name(self.event))
        for currency in (self.currency, self.convert):
            if currency is not None and not re.fullmatch("[A-Z]{3}", currency):
                raise ValueError("A currency is three capital letters, such as EUR")
        self.keep("on_brand", brand_names(self.on_brand))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the events that are looked at; none of these where any will do."""
        if self.returns:
            return tuple(sorted(REFUNDS))
        return () if self.event is None else (self.event,)

    def inner(self, name: str) -> Iterator[Inner]:
        """The conditions inside, where these events stand under a name."""
        if self.where is not None:
            yield Inner(f"{name}.where", self.where, "line" if self.lines else "event")
        yield from found_by(self.within, f"{name}.in")


class Amounts(Events, frozen=True, kw_only=True):
    """A property of some of a customer's events or lines.

    Attributes:
        property: Its name or path, such as ``revenue``.
    """

    property: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.returns:
            raise ValueError("Returns are counted; what was paid back is refunded of orders")
        self.keep("property", paths.canonical(self.property))


def properties(events: Events) -> frozenset[str]:
    """The names of all properties that are read of some events, first parts of paths alone."""
    waiting = [] if events.where is None else [events.where]
    found = [events.property] if isinstance(events, Amounts) else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, Property):
            found.append(node.property)
        waiting += [inner.rule for inner in node.inner()]
    return frozenset(paths.split(path)[0] for path in found)


def happened(events: Events) -> None:
    """Refuse orders and returns where events are asked when they happened."""
    if events.orders:
        raise ValueError("Orders are counted and measured; when they came, their events tell")
    if events.returns:
        raise ValueError("Returns are only counted; when they came, their events tell")


def one_by_one(events: Events) -> None:
    """Refuse returns where each event counts by itself."""
    if events.returns:
        raise ValueError("Returns are only counted: name the events that tell of them")


class Selecting(Rule):
    """A condition on one selection of events, or on several."""

    __slots__ = ()

    def selections(self) -> Iterator[tuple[str, Events]]:
        """Each with its JSON path from here."""
        yield from ()

    def inner(self) -> Iterator[Inner]:
        """The conditions on the events."""
        for path, events in self.selections():
            yield from events.inner(path)


def at_least_once(times: int) -> int:
    """How often a value has to occur: a whole number from 1 up."""
    if values.whole(times) < 1:
        raise ValueError("A value occurs at least 1 time")
    return times


MeasureName = Literal["count", "sum", "average", "min", "max", "distinct"]


class Metric(Node, frozen=True):
    """A measure on the right side of a comparison; exactly one of the fields is there."""

    count: Events | None = None
    sum: Amounts | None = None
    average: Amounts | None = None
    min: Amounts | None = None
    max: Amounts | None = None
    distinct: Amounts | None = None

    REFUSAL: ClassVar[str] = "Compare with one measure"

    def __post_init__(self) -> None:
        there = [name for name in self.__struct_fields__ if getattr(self, name) is not None]
        if len(there) != 1:
            raise ValueError(f"{self.REFUSAL}: {', '.join(self.__struct_fields__)}")


class Measuring(Selecting):
    """A comparison of a measure of events with a number, or with another measure."""

    __slots__ = ()
    op: str
    value: Any

    def selections(self) -> Iterator[tuple[str, Events]]:
        """What is measured, and what it is compared with."""
        yield measure(self)
        if isinstance(self.value, Metric):
            name, events = measure(self.value)
            yield f"value.{name}", events


class _Compared(Node, frozen=True):
    def __post_init__(self) -> None:
        _compare(self)


class _Counted(Node, frozen=True):
    def __post_init__(self) -> None:
        _compare(self, whole=True)


def _compare(node: Any, *, whole: bool = False) -> None:  # noqa: ANN401 - any measure
    if not isinstance(node.value, Metric):
        node.keep("value", threshold(node.op, node.value, whole=whole))
    elif node.op not in _BETWEEN_TWO:
        raise ValueError(f"Two measures are compared with {', '.join(_BETWEEN_TWO)}")


_BETWEEN_TWO = tuple(op for op in operators.METRIC_OPERATORS if op != "between")


class Count(_Counted, Measuring, frozen=True):
    """How many events (or lines) there are, compared with a number. None are 0."""

    count: Events
    op: str
    value: Any


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


class Distinct(_Counted, Measuring, frozen=True):
    """How many different texts, numbers and truth values a property has. Of nothing it is 0."""

    distinct: Amounts
    op: str
    value: Any


Measured = Count | Sum | Average | Min | Max | Distinct
"""The comparisons of a measure."""


def measure(rule: Measuring | Metric) -> tuple[MeasureName, Events]:
    """The name of the measure in a condition, and what it is taken of.

    >>> measure(Count(Events("Page Viewed"), ">", 3))[0]
    'count'
    """
    names: tuple[MeasureName, ...] = get_args(MeasureName)
    for name in names:
        events = getattr(rule, name, None)
        if events is not None:
            return name, events
    raise TypeError(f"{type(rule).__name__} is no measure")
