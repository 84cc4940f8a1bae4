"""What every node of a rule is, and the checks that several kinds of node share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal, NamedTuple

import msgspec

from patron.segments import operators, values

MAX_DEPTH = 60
MAX_NODES = 5_000

Place = Literal["customer", "event", "line", "plain event", "plain line"]
"""What a condition is about. Plain: reached from the other of the two, and not further."""


class Inner(NamedTuple):
    """A condition inside another.

    Attributes:
        step: Its JSON path from there, such as ``all[0]``.
        rule: The condition.
        place: What it is about; None for the same as the condition around it.
    """

    step: str
    rule: Rule
    place: Place | None = None


class Rule:
    """Any part of a rule that is true or false, of a customer or of an event."""

    __slots__ = ()

    PLACES: ClassVar[frozenset[Place]] = frozenset({"customer"})
    """What a condition of this kind can be about."""

    def inner(self) -> Iterator[Inner]:
        """The conditions directly inside this one."""
        yield from ()


class ShortForm:
    """What is written shortly and kept at length."""

    __slots__ = ()

    def expand(self) -> Rule:
        """The condition that it stands for."""
        raise NotImplementedError


class Expression:
    """Something that has one value, or none, for every customer."""

    __slots__ = ()
    NUMBER: ClassVar[bool] = True
    """Whether it can be calculated with, as far as its kind tells."""

    def parts(self) -> Iterator[tuple[str, Expression]]:
        """The expressions directly inside this one, each with its JSON path from here."""
        yield from ()


class Window:
    """A span of time that events lie in."""

    __slots__ = ()

    def inner(self) -> Iterator[Inner]:
        """The conditions that the span is found by."""
        yield from ()


def found_by(window: Window | None, path: str = "in") -> Iterator[Inner]:
    """The conditions that a window is found by, where it stands at a path."""
    for step, rule, place in window.inner() if window else ():
        yield Inner(f"{path}.{step}", rule, place)


class Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A frozen value that brings its fields to their one canonical form when it is made."""

    def keep(self, field: str, value: object) -> None:
        """Set a field, from within `__post_init__` only."""
        msgspec.structs.force_setattr(self, field, value)


def operand(op: str, value: Any, *, about_now: bool = False) -> Any:  # noqa: ANN401
    """What an operator on a trait or property asks for, checked.

    Args:
        op: The operator.
        value: What it asks for.
        about_now: Whether it may be one of `operators.ABOUT_NOW` too.
    """
    known = {**operators.OPERATORS, **operators.ABOUT_NOW} if about_now else operators.OPERATORS
    if op in operators.ABOUT_NOW and not about_now:
        raise ValueError(f"{op} is about now: it stands on a trait of the customer only")
    if op not in known:
        raise ValueError(f"{op!r} is no operator: say one of {', '.join(known)}")
    return known[op](value)


def threshold(op: str, value: Any, *, whole: bool = False) -> Any:  # noqa: ANN401
    """What a measure is compared with, checked."""
    if op not in operators.METRIC_OPERATORS:
        known = ", ".join(operators.METRIC_OPERATORS)
        raise ValueError(f"{op!r} is no operator on a number: say one of {known}")
    one = values.whole if whole else values.number
    if op == "between":
        return tuple(one(number) for number in values.numbers(value))
    return one(value)


def brand_names(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """One brand or several, as a tuple."""
    return tuple(values.name(brand) for brand in ((value,) if isinstance(value, str) else value))


def some(conditions: tuple[Rule, ...]) -> None:
    """Refuse an empty list of conditions."""
    if not conditions:
        raise ValueError("Name at least one condition")
