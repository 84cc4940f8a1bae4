"""How active customers are: on a brand, and across brands."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from patron.errors import DefinitionError
from patron.pipeline.classification_kinds import written
from patron.pipeline.classification_kinds.kind import Described, Expressions
from patron.segments import tree
from patron.segments.tree import Case, Cases


class Levels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many events each class of activity takes at least."""

    very_active: int = 20
    active: int = 5
    low: int = 1


class ActivityDefinition(Described, frozen=True, kw_only=True):
    """How active customers are: on a brand, and across brands.

    Attributes:
        of: The events, as inside ``count(…)``.
        levels: How many make each class.
        brands: Those that are looked at across brands; all unless said.
    """

    CLASSES: ClassVar = ("very_active", "active", "low", "none")
    ACROSS: ClassVar = ("on_several", "on_one", "on_none")

    of: str = "any event in the last 30 days"
    levels: Levels = Levels()
    brands: tuple[str, ...] = ()

    def expressions(self, name: str) -> Expressions:
        """The class, and on how many brands it is the highest."""
        limits = (self.levels.very_active, self.levels.active, self.levels.low)
        if not limits[0] > limits[1] > limits[2] > 0:
            raise DefinitionError(
                "levels: expected very_active > active > low > 0.", field="levels"
            )
        bounds = [tree.Category(one, at_least=limit)
                  for one, limit in zip(self.CLASSES, limits, strict=False)]  # fmt: skip
        own = tree.Categories(
            tree.Taken(count=written.events(self.of)), (*bounds, tree.Category("none"))
        )
        very = tree.Trait(name, "=", "very_active")
        across = Cases(
            (
                Case("on_several", tree.OnBrands(very, ">=", 2, self.brands)),
                Case("on_one", tree.OnBrands(very, "=", 1, self.brands)),
                Case("on_none", tree.OnBrands(very, "=", 0, self.brands)),
            )
        )
        return {name: own, f"{name}_across_brands": across}

    def classes(self, name: str) -> dict[str, tuple[str, ...]]:
        """The classes of one brand or all together, and those across brands."""
        return {name: self.CLASSES, f"{name}_across_brands": self.ACROSS}

    def across(self, name: str) -> frozenset[str]:
        """On how many brands customers are very active."""
        return frozenset({f"{name}_across_brands"})
