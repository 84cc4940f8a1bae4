"""The brand of a message, carried by those of its identifiers that hold for one brand each."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from patron.spec.identifiers import IdentityRules
from patron.spec.scopes import type_at

Pairs = list[tuple[str, str]]


class Brands:
    """Calls identifiers by the type of their message's brand, where types hold for one brand each.

    A message that names such a type with a brand of its own accord is taken at its word.

    Args:
        rules: Written out for all brands (see `spec.scopes.of_brands`).

    >>> from patron.spec.identifiers import IdentifierType
    >>> from patron.spec.scopes import of_brands
    >>> kinds = (IdentifierType(name="number", scope="brand"), IdentifierType(name="email"))
    >>> brands = Brands(of_brands(IdentityRules(types=kinds), ["alpha", "beta"]))
    >>> brands.place([("number", "17"), ("email", "ann@example.com")], "beta")
    [('number@beta', '17'), ('email', 'ann@example.com')]
    """

    def __init__(self, rules: IdentityRules) -> None:
        self._scoped = frozenset(kind.base for kind in rules.types if kind.scope == "brand")

    def place(self, identifiers: Pairs, brand: str) -> Pairs:
        """The identifiers of one message.

        Args:
            identifiers: (type, raw value) pairs.
            brand: That it counts for.
        """
        scoped = self._scoped
        if not scoped:
            return identifiers
        return [
            (type_at(kind, brand) if kind in scoped else kind, raw) for kind, raw in identifiers
        ]

    def place_column(self, kinds: pa.Array, brands: pa.Array) -> pa.Array:
        """The same for many.

        Args:
            kinds: Type of each identifier.
            brands: The brand of its message.

        Returns:
            The types, one an identifier.
        """
        for brand in pc.unique(brands).to_pylist() if self._scoped else ():
            here = pc.equal(brands, brand)
            for kind in self._scoped:
                mask = pc.and_(here, pc.equal(kinds, kind))
                kinds = pc.if_else(mask, type_at(kind, brand), kinds)
        return kinds
