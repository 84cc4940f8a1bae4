"""What a computed trait is computed of: measures, single values, arithmetic, and categories.

The JSON of an expression is the JSON of these values; the key that an object holds says what it is:

    {"sum": {"event": "Order Completed", "property": "revenue"}}
    {"most_frequent": {"event": "Order Completed", "lines": true, "property": "category"}, "times": 2}
    {"list": {"event": "Order Completed", "property": "coupon"}}
    {"trait": "lifetime_value"}   {"number": 1.21}
    {"divide": [{"trait": "lifetime_value"}, {"count": {"event": "Order Completed"}}]}
    {"decayed": {"count": {"event": "Page Viewed"}}, "steps": [{"after": "30d", "worth": 50}]}
    {"earlier": {"trait": "lifetime_value"}, "by": "30d"}
    {"affinity": "preferred_category", "to": "Tea"}
    {"of": {"trait": "lifetime_value"}, "categories": [{"value": "gold", "at_least": 1000}]}
    {"cases": [{"value": "new", "when": {"count": {"event": "Order Completed"}, "op": "=", "value": 1}}]}
"""  # noqa: E501 - one example a line

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from patron.segments.tree.ageing import Decayed, Earlier
from patron.segments.tree.arithmetic import Add, Divide, Greatest, Least, Multiply, Subtract
from patron.segments.tree.base import Expression, Node, threshold
from patron.segments.tree.categories import Cases, Categories
from patron.segments.tree.expressions import (
    NUMBERS,
    TAKEN,
    Affinity,
    Constant,
    Named,
    Taken,
    expressions,
    names_in,
)
from patron.segments.tree.measures import Events, Selecting
from patron.segments.tree.points import Balance
from patron.segments.tree.rfm import RfmScore
from patron.segments.tree.walking import join

EXPRESSIONS: dict[str, type[Expression]] = {
    **dict.fromkeys(TAKEN, Taken),
    "trait": Named,
    "number": Constant,
    "add": Add,
    "subtract": Subtract,
    "multiply": Multiply,
    "divide": Divide,
    "least": Least,
    "greatest": Greatest,
    "affinity": Affinity,
    "decayed": Decayed,
    "earlier": Earlier,
    "categories": Categories,
    "cases": Cases,
    "rfm": RfmScore,
    "points": Balance,
}
"""What an expression is, by the key that it holds."""


class Calculate(Node, Selecting, frozen=True):
    """A comparison of what is calculated of measures; missing where any of it is.

    Attributes:
        calculate: What is calculated.
        op: A comparison of numbers.
        value: The number, or two of them.
    """

    calculate: Expression
    op: str
    value: Any

    def __post_init__(self) -> None:
        self.keep("value", threshold(self.op, self.value))
        for _, part in expressions(self.calculate):
            if isinstance(part, Taken) and part.taken()[0] not in NUMBERS:
                name = part.taken()[0].replace("_", " ")
                raise ValueError(f"{name} is no number to calculate with")
            if not part.NUMBER:
                raise ValueError("A category is no number to calculate with")

    def names(self) -> frozenset[str]:
        """The computed traits that it is calculated of."""
        return names_in(self.calculate)

    def selections(self) -> Iterator[tuple[str, Events]]:
        """What is measured."""
        for path, part in expressions(self.calculate, "calculate"):
            if isinstance(part, Taken):
                name, events = part.taken()
                yield join(path, name), events
