"""The rule of a segment as a tree of frozen values, and its JSON face.

The JSON of a rule is the JSON of this tree; the key that an object holds says what it is:

    {"trait": "age", "op": "between", "value": [30, 40]}
    {"count": {"event": "Order Completed", "in": {"last": "90d"}}, "op": ">=", "value": 5}
    {"all": [...]}   {"any": [...]}   {"not": {...}}
    {"in_segment": "big_spenders"}   {"in_list": "vip"}

Inside the `where` of an event stand conditions on its properties:

    {"property": "coupon", "op": "exists"}
    {"any_line": {"property": "category", "op": "=", "value": "Tea"}}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

import msgspec

from patron.segments import paths, values

MAX_DEPTH = 60
MAX_NODES = 5_000


class Rule:
    """Any part of a rule that is true or false, of a customer or of an event."""

    __slots__ = ()


class Window:
    """A span of time that events lie in."""

    __slots__ = ()


class _Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    def _keep(self, field: str, value: object) -> None:
        msgspec.structs.force_setattr(self, field, value)


# ── windows ──


class Last(_Node, Window, frozen=True):
    """The rolling window (as_of - length, as_of].

    Attributes:
        last: Its length: ``90d``, ``12h``, ``30min``, ``2w``. A day is 24 hours.
    """

    last: str

    def __post_init__(self) -> None:
        self._keep("last", values.span(self.last))


class Dates(_Node, Window, frozen=True, rename={"since": "from", "until": "to"}):
    """From one date to another, both included; either may be missing.

    Attributes:
        since: JSON key ``from``. The first day, or the first moment.
        until: JSON key ``to``. The last day, or the last moment.
    """

    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        if self.since is None and self.until is None:
            raise ValueError("Name the first date (from), the last one (to), or both")
        if self.since is not None:
            values.date(self.since)
        if self.until is not None:
            values.date(self.until)
        if self.since is not None and self.until is not None:
            values.pair((self.since, self.until))


# ── conditions on a value ──


class Trait(_Node, Rule, frozen=True):
    """A comparison of a trait of the customer with a value.

    Attributes:
        trait: Its name, or a path into it such as ``address.city``.
        op: One of `values.OPERATORS`.
        value: What the operator asks for.
        on_brand: Read only what these brands' sources observed; empty for all.
    """

    trait: str
    op: str
    value: Any = None
    on_brand: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._keep("trait", paths.canonical(self.trait))
        self._keep("value", _operand(self.op, self.value))
        self._keep("on_brand", _brands(self.on_brand))


class Property(_Node, Rule, frozen=True):
    """A comparison of a property of an event, or of one of its lines, with a value."""

    property: str
    op: str
    value: Any = None

    def __post_init__(self) -> None:
        self._keep("property", paths.canonical(self.property))
        self._keep("value", _operand(self.op, self.value))


class AnyLine(_Node, Rule, frozen=True):
    """True of an event when one and the same of its lines fulfils the condition."""

    any_line: Rule


class OfEvent(_Node, Rule, frozen=True, rename={"of_event": "event"}):
    """True of a line when the event that it belongs to fulfils the condition."""

    of_event: Rule


# ── logic ──


class All(_Node, Rule, frozen=True):
    """True when every one of the conditions is."""

    all: tuple[Rule, ...]

    def __post_init__(self) -> None:
        _some(self.all)


class AnyOf(_Node, Rule, frozen=True):
    """True when at least one of the conditions is."""

    any: tuple[Rule, ...]

    def __post_init__(self) -> None:
        _some(self.any)


class Not(_Node, Rule, frozen=True, rename={"inner": "not"}):
    """True when the condition is not: the exact complement."""

    inner: Rule


# ── membership ──


class InSegment(_Node, Rule, frozen=True):
    """True of the members of another segment."""

    in_segment: str

    def __post_init__(self) -> None:
        self._keep("in_segment", values.name(self.in_segment))


class InList(_Node, Rule, frozen=True):
    """True of the people whose identifiers stand in a static list."""

    in_list: str

    def __post_init__(self) -> None:
        self._keep("in_list", values.name(self.in_list))


# ── measures of events ──


class Events(_Node, frozen=True, rename={"within": "in"}):
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
            self._keep("event", values.name(self.event))
        if self.currency is not None and not re.fullmatch("[A-Z]{3}", self.currency):
            raise ValueError("A currency is three capital letters, such as EUR")
        self._keep("on_brand", _brands(self.on_brand))


class Amounts(Events, frozen=True, kw_only=True):
    """A property of some of a customer's events or lines.

    Attributes:
        property: Its name or path, such as ``revenue``.
    """

    property: str

    def __post_init__(self) -> None:
        super().__post_init__()
        self._keep("property", paths.canonical(self.property))


class Count(_Node, Rule, frozen=True):
    """How many events (or lines) there are, compared with a number. None are 0."""

    count: Events
    op: str
    value: Any

    def __post_init__(self) -> None:
        self._keep("value", _threshold(self.op, self.value, whole=True))


class _Measure(_Node, frozen=True):
    def __post_init__(self) -> None:
        self._keep("value", _threshold(self.op, self.value))  # type: ignore[attr-defined]


class Sum(_Measure, Rule, frozen=True):
    """The sum of a property, compared with a number. The sum of nothing is 0."""

    sum: Amounts
    op: str
    value: Any


class Average(_Measure, Rule, frozen=True):
    """The average of a property; missing when there is no value."""

    average: Amounts
    op: str
    value: Any


class Min(_Measure, Rule, frozen=True):
    """The smallest value of a property; missing when there is none."""

    min: Amounts
    op: str
    value: Any


class Max(_Measure, Rule, frozen=True):
    """The largest value of a property; missing when there is none."""

    max: Amounts
    op: str
    value: Any


Measured = Count | Sum | Average | Min | Max
MeasureName = Literal["count", "sum", "average", "min", "max"]

KINDS: dict[str, type[Rule]] = {
    "trait": Trait,
    "property": Property,
    "any_line": AnyLine,
    "event": OfEvent,
    "all": All,
    "any": AnyOf,
    "not": Not,
    "in_segment": InSegment,
    "in_list": InList,
    "count": Count,
    "sum": Sum,
    "average": Average,
    "min": Min,
    "max": Max,
}
"""What an object is, by the key that it holds."""


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


def children(node: Rule) -> Iterator[tuple[str, Rule]]:
    """The conditions directly inside one, each with its path from there, such as ``all[0]``."""
    match node:
        case All(all=inner):
            yield from ((f"all[{index}]", child) for index, child in enumerate(inner))
        case AnyOf(any=inner):
            yield from ((f"any[{index}]", child) for index, child in enumerate(inner))
        case Not(inner=child):
            yield "not", child
        case AnyLine(any_line=child):
            yield "any_line", child
        case OfEvent(of_event=child):
            yield "event", child
        case Count() | Sum() | Average() | Min() | Max():
            name, events = measure(node)
            if events.where is not None:
                yield f"{name}.where", events.where


def walk(rule: Rule, path: str = "") -> Iterator[tuple[str, Rule]]:
    """Every condition of a rule with its JSON path, outermost first."""
    waiting = [(path, rule)]
    while waiting:
        here, node = waiting.pop()
        yield here, node
        inner = [(join(here, step), child) for step, child in children(node)]
        waiting.extend(reversed(inner))


def join(path: str, step: str) -> str:
    """A JSON path, one step longer."""
    return f"{path}.{step}" if path else step


def _operand(op: str, value: Any) -> Any:  # noqa: ANN401
    check = values.OPERATORS.get(op)
    if check is None:
        raise ValueError(f"{op!r} is no operator: say one of {', '.join(values.OPERATORS)}")
    return check(value)


def _threshold(op: str, value: Any, *, whole: bool = False) -> Any:  # noqa: ANN401
    if op not in values.METRIC_OPERATORS:
        known = ", ".join(values.METRIC_OPERATORS)
        raise ValueError(f"{op!r} is no operator on a number: say one of {known}")
    one = values.whole if whole else values.number
    if op == "between":
        return tuple(one(number) for number in values.numbers(value))
    return one(value)


def _brands(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(values.name(brand) for brand in ((value,) if isinstance(value, str) else value))


def _some(conditions: tuple[Rule, ...]) -> None:
    if not conditions:
        raise ValueError("Name at least one condition")


def encode(rule: Rule) -> bytes:
    """The JSON of a rule; numbers keep their exact digits.

    >>> encode(Trait("age", "between", [30, 40]))
    b'{"trait":"age","op":"between","value":[30,40]}'
    """
    return msgspec.json.Encoder(decimal_format="number").encode(rule)


def as_object(rule: Rule) -> dict[str, Any]:
    """The rule as plain dicts and lists, for JSON and YAML; numbers as int or Decimal."""
    built: dict[str, Any] = msgspec.to_builtins(rule, builtin_types=(Decimal,))
    return built
