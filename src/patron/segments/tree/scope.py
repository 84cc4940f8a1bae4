"""Conditions that are asked of each brand by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypeVar

import msgspec

from patron.segments import values
from patron.segments.tree.base import Expression, Inner, Node, Rule, brand_names
from patron.segments.tree.computed import Calculate
from patron.segments.tree.logic import All, AnyOf, Not
from patron.segments.tree.sets import AtLeast, Top

_LOGIC = (All, AnyOf, Not, AtLeast)
_Scoped = TypeVar("_Scoped", bound=Rule | Expression)


class OnBrands(Node, Rule, frozen=True):
    """Compares the number of brands for which a condition holds, asked of that brand alone.

    Attributes:
        on_brands: Made of conditions on traits, groups and events that name no brand, and logic.
        op: ``>=``, ``=`` or ``<=``.
        value: The number of brands.
        of: Count only these; empty for every brand that a source has.
    """

    on_brands: Rule
    op: Literal[">=", "=", "<="]
    value: int
    of: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(self.on_brands)
        values.whole(self.value)
        self.keep("of", brand_names(self.of))

    def inner(self) -> Iterator[Inner]:
        """The condition."""
        yield Inner("on_brands", self.on_brands)


def scoped(rule: _Scoped, brand: str) -> _Scoped:
    """A condition as it stands inside `OnBrands`, asked of one brand alone."""
    return on_brands(rule, (brand,))


def on_brands(rule: _Scoped, brands: tuple[str, ...]) -> _Scoped:
    """A condition that names no brand, asked of some brands."""
    found: _Scoped = _with_brands(rule, brands)
    return found


def _with_brands(part: Any, brands: tuple[str, ...]) -> Any:  # noqa: ANN401 - any part of a rule
    if isinstance(part, tuple):
        return tuple(_with_brands(one, brands) for one in part)
    if not isinstance(part, Node):
        return part
    parts = msgspec.structs.asdict(part)
    inside = {name: _with_brands(one, brands) for name, one in parts.items()}
    if "on_brand" in parts:
        inside["on_brand"] = brands
    return msgspec.structs.replace(part, **inside)


def _check(rule: Rule) -> None:
    waiting = [rule]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _LOGIC):
            waiting.extend(inner.rule for inner in node.inner())
            continue
        if isinstance(node, Calculate) and node.names():
            raise ValueError(
                "What is calculated of computed traits cannot be asked of each brand by itself: "
                "make a computed trait of all of it"
            )
        named = list(brands_named(node))
        if not named or isinstance(node, Top):
            raise ValueError(
                "Only conditions on traits, groups and events can be asked of each brand by itself"
            )
        if any(named):
            raise ValueError(
                "A condition that is asked of each brand by itself names no brand of its own"
            )


def names_brands(part: Any) -> bool:  # noqa: ANN401 - any part of a rule or an expression
    """Whether anything in it is about brands of its own."""
    if isinstance(part, tuple):
        return any(names_brands(one) for one in part)
    if isinstance(part, OnBrands):
        return True
    return isinstance(part, Node) and any(
        bool(one) if name == "on_brand" else names_brands(one)
        for name, one in msgspec.structs.asdict(part).items()
    )


def brands_named(part: Any) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - any part of a rule
    """The brands named in every place that can name some."""
    if isinstance(part, tuple):
        for one in part:
            yield from brands_named(one)
    elif isinstance(part, Node):
        for name, one in msgspec.structs.asdict(part).items():
            if name == "on_brand":
                yield one
            else:
                yield from brands_named(one)
