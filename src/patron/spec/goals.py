"""What a segment is for: a number that it is to reach."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from patron.errors import DefinitionError

Measure = Literal[
    "members", "buyers", "buyer_rate", "repeat_buyers", "repeat_rate", "orders",
    "orders_per_member", "orders_per_buyer", "revenue", "average_order_value",
    "revenue_per_member", "refunded", "net_revenue", "margin",
]  # fmt: skip
"""What can be measured of a segment in a period."""

MONEY = frozenset(
    {"revenue", "average_order_value", "revenue_per_member", "refunded", "net_revenue", "margin"}
)
"""Measures that are asked in one currency."""

LOW = frozenset({"refunded"})
"""Measures of which less is better: the goal is reached at the target or below it."""


class Goal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number that a segment is to reach in whatever period it is measured over.

    Attributes:
        measure: What is measured.
        target: The number, 0 or more; rates are shares such as 0.25.
        currency: Of a measure that is money; others have none.

    >>> Goal(measure="revenue", target=Decimal(100), currency="EUR").reached(Decimal("99.99"))
    False
    """

    measure: Measure
    target: Decimal
    currency: str | None = None

    def __post_init__(self) -> None:
        if not self.target.is_finite() or self.target < 0:
            raise DefinitionError("goal.target: expected a number, 0 or more.", field="goal.target")
        if self.measure in MONEY and not self.currency:
            raise DefinitionError(
                f"goal.currency: {self.measure} is money; say in which currency.",
                field="goal.currency",
            )
        if self.measure not in MONEY and self.currency is not None:
            raise DefinitionError(
                f"goal.currency: {self.measure} is not money and has none.",
                field="goal.currency",
            )

    def reached(self, actual: Decimal) -> bool:
        """Whether a measured number is good enough."""
        return actual <= self.target if self.measure in LOW else actual >= self.target
