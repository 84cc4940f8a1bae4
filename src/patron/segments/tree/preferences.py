"""What customers prefer: values that their interactions name, weighed by kind and by age.

{"preferred": [{"of": {"event": "Product Viewed", "property": "category"}, "weight": 1},
{"of": {"event": "Order Completed", "lines": true, "property": "category"},
"weight": 10, "steps": [{"after": "90d", "worth": 50}]}]}
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

import msgspec

from patron.segments import paths, values
from patron.segments.tree.ageing import Worth
from patron.segments.tree.base import Expression, Node, Rule, operand
from patron.segments.tree.categories import Category
from patron.segments.tree.comparisons import Property
from patron.segments.tree.logic import All, AnyOf, Not
from patron.segments.tree.measures import Events, Selecting, one_by_one
from patron.segments.tree.walking import join

MAX_KINDS = 30
MAX_WEIGHT = 1_000_000
_FINEST = 4
_ANY_NUMBER = [("between", (-(10**12) + 1, 10**12 - 1))]


class Weighed(Node, frozen=True, rename={"constant": "is"}):
    """One kind of interaction, and what it says of the value that it names.

    Attributes:
        of: The events, or the lines; of any time.
        weight: How much; less than 0 for what speaks against the value.
        property: What names the value; None where every one of them names the same.
        constant: JSON key ``is``. That same value.
        steps: What it is worth as it ages.
    """

    of: Events
    weight: Any
    property: str | None = None
    constant: str | None = None
    steps: tuple[Worth, ...] = ()

    def __post_init__(self) -> None:
        self.keep("weight", values.number(self.weight))
        if not 0 < abs(self.weight) <= MAX_WEIGHT:
            raise ValueError(f"A weight is up to {MAX_WEIGHT}, or as much below 0, and not 0")
        if isinstance(self.weight, Decimal) and self.weight != round(self.weight, _FINEST):
            raise ValueError(f"A weight has at most {_FINEST} digits after the point")
        if (self.property is None) == (self.constant is None):
            raise ValueError("A kind of interaction names values by a property, or is one value")
        if self.property is not None:
            self.keep("property", paths.canonical(self.property))
        else:
            self.keep("constant", values.name(self.constant))
        one_by_one(self.of)
        if self.of.orders:
            raise ValueError("What customers do names values: say events or their lines, no orders")
        if self.of.within is not None:
            raise ValueError("What is preferred is of any time: its steps say how long it counts")


class Preferred(Node, Expression, frozen=True):
    """The value with the largest weight; missing where none has any.

    Attributes:
        preferred: What weighs.
        bands: Names for numbers within bounds: the first that fits is the value.
        at_least: Values of less weight are not preferred.
    """

    NUMBER: ClassVar[bool] = False
    preferred: tuple[Weighed, ...]
    bands: tuple[Category, ...] = ()
    at_least: Any = 0

    def __post_init__(self) -> None:
        self.keep("at_least", values.number(self.at_least))
        if not all(isinstance(band.value, str) for band in self.bands):
            raise ValueError("Bands are named by texts")
        if not 0 < len(self.preferred) <= MAX_KINDS:
            raise ValueError(f"Name 1 to {MAX_KINDS} kinds of interactions")
        if all(one.weight < 0 for one in self.preferred):
            raise ValueError("Some kind of interaction has to speak for a value")

    def naming(self, one: Weighed, wanted: str | Any) -> Events | None:  # noqa: ANN401 - a value
        """Those of one kind that name a value; None where none can.

        Args:
            one: The kind.
            wanted: The value; None for any.
        """
        if one.property is None:
            return one.of if wanted in (None, one.constant) else None
        found: Rule
        if self.bands:
            found = self._banded(one.property, wanted)
        else:
            op = "exists" if wanted is None else "="
            found = Property(one.property, op, wanted)
        where = found if one.of.where is None else All((one.of.where, found))
        return msgspec.structs.replace(one.of, where=where)

    def _banded(self, path: str, wanted: Any) -> Rule:  # noqa: ANN401 - a value
        inside = [
            All(tuple(Property(path, op, value) for op, value in band.bounds() or _ANY_NUMBER))
            for band in self.bands
        ]
        if wanted is None:
            return AnyOf(tuple(inside))
        ways = tuple(
            All((inside[place], *map(Not, inside[:place])))
            for place, band in enumerate(self.bands)
            if band.value == wanted
        )
        return AnyOf(ways) if ways else All((inside[0], Not(inside[0])))


class Favourite(Node, Selecting, frozen=True):
    """A comparison of what is preferred, as it is planned; no rule holds one.

    Attributes:
        favourite: What is preferred.
        op: A positive operator on one value.
        value: As of a property.
    """

    favourite: Preferred
    op: str
    value: Any = None

    def __post_init__(self) -> None:
        self.keep("value", operand(self.op, self.value))

    def selections(self) -> Iterator[tuple[str, Events]]:
        """What weighs."""
        for number, one in enumerate(self.favourite.preferred):
            yield join("favourite", f"preferred[{number}].of"), one.of
