"""What every way to sort customers into classes has and does."""

from __future__ import annotations

from typing import Protocol

import msgspec

from patron.segments.tree import Expression

Expressions = dict[str, Expression]


class Classifying(Protocol):
    """A definition that sorts customers."""

    @property
    def description(self) -> str | None:
        """For people."""
        ...

    @property
    def per_brand(self) -> tuple[str, ...]:
        """Brands that get a segment of their own, such as ``lifecycle on Orchid``."""
        ...

    def expressions(self, name: str) -> Expressions:
        """The computed traits that it makes, by name."""
        ...

    def classes(self, name: str) -> dict[str, tuple[str, ...]]:
        """The traits that sort customers, with their classes."""
        ...

    def across(self, name: str) -> frozenset[str]:
        """Those of them that compare brands, so that there is none of one brand."""
        ...


class Described(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What definitions of all kinds may say; see `Classifying`."""

    description: str | None = None
    per_brand: tuple[str, ...] = ()

    def across(self, name: str) -> frozenset[str]:
        """None, unless a kind says which."""
        del name
        return frozenset()
