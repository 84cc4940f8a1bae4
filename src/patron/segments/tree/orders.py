"""Short forms for what is asked of orders most. Reading one gives the conditions it stands for."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from patron.segments import durations
from patron.segments.tree.base import Node, Rule, Window
from patron.segments.tree.comparisons import AnyLine
from patron.segments.tree.logic import All
from patron.segments.tree.measures import Amounts, Average, Count, Events, Sum
from patron.segments.tree.patterns import Stopped
from patron.segments.tree.windows import Last

ORDERED = "Order Completed"
"""The event of an order; it closes a cart."""

RETURNED = "Order Refunded"


class ShortForm:
    """What is written shortly and kept at length."""

    __slots__ = ()

    def expand(self) -> Rule:
        """The condition that it stands for."""
        raise NotImplementedError


class Clauses(Node, frozen=True, rename={"within": "in"}):
    """Which orders, or which of their lines: the clauses of `Events` but for the event."""

    where: Rule | None = None
    within: Window | None = None
    on_brand: str | tuple[str, ...] = ()
    currency: str | None = None

    def events(self, event: str = ORDERED) -> Events:
        """They, of events of a name."""
        return Events(event, **self.said())

    def amounts(self, property: str, *, lines: bool = False) -> Amounts:  # noqa: A002
        """A property of orders, or of their lines."""
        return Amounts(ORDERED, lines=lines, property=property, **self.said())

    def said(self) -> dict[str, Any]:
        """The clauses by their names."""
        return {
            "where": self.where,
            "within": self.within,
            "on_brand": self.on_brand,
            "currency": self.currency,
        }


class Orders(Node, ShortForm, frozen=True):
    """How many orders, compared with a number."""

    orders: Clauses
    op: str
    value: Any

    def expand(self) -> Rule:
        """A count of orders."""
        return Count(self.orders.events(), self.op, self.value)


class Returns(Node, ShortForm, frozen=True):
    """How many orders were sent back, compared with a number."""

    returns: Clauses
    op: str
    value: Any

    def expand(self) -> Rule:
        """A count of refunds."""
        return Count(self.returns.events(RETURNED), self.op, self.value)


class Revenue(Node, ShortForm, frozen=True):
    """What orders brought in, compared with a number."""

    revenue: Clauses
    op: str
    value: Any

    def expand(self) -> Rule:
        """A sum of revenue."""
        return Sum(self.revenue.amounts("revenue"), self.op, self.value)


class AverageOrderValue(Node, ShortForm, frozen=True):
    """What an order brought in on average, compared with a number."""

    average_order_value: Clauses
    op: str
    value: Any

    def expand(self) -> Rule:
        """An average of revenue."""
        return Average(self.average_order_value.amounts("revenue"), self.op, self.value)


class Units(Node, ShortForm, frozen=True):
    """How many pieces were bought, compared with a number; `where` is about lines."""

    units: Clauses
    op: str
    value: Any

    def expand(self) -> Rule:
        """A sum of quantities."""
        return Sum(self.units.amounts("quantity", lines=True), self.op, self.value)


class Bought(Clauses, ShortForm, frozen=True, kw_only=True):
    """Ordered something; `bought` is about one line, `where` about its order."""

    bought: Rule

    def expand(self) -> Rule:
        """At least one order with such a line."""
        line = AnyLine(self.bought)
        where = line if self.where is None else All((line, self.where))
        return Count(Events(ORDERED, **{**self.said(), "where": where}), ">=", 1)


class LastOrder(Node, ShortForm, frozen=True, rename={"how": "is"}):
    """How long ago the last order was.

    Attributes:
        last_order: The length of time.
        how: JSON key ``is``. ``within`` it, or ``before`` it: there is an order, and none since.
        where: A condition on orders.
        on_brand: Of these brands only; empty for all.
    """

    last_order: str
    how: Literal["before", "within"]
    where: Rule | None = None
    on_brand: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.keep("last_order", durations.span(self.last_order))

    def expand(self) -> Rule:
        """An order in that time; or orders that stopped before it."""
        orders = Events(ORDERED, where=self.where, on_brand=self.on_brand)
        if self.how == "before":
            return Stopped(orders, self.last_order)
        return Count(msgspec.structs.replace(orders, within=Last(self.last_order)), ">=", 1)


SHORT_FORMS: dict[str, type[ShortForm]] = {
    "orders": Orders,
    "returns": Returns,
    "revenue": Revenue,
    "average_order_value": AverageOrderValue,
    "units": Units,
    "bought": Bought,
    "last_order": LastOrder,
}
"""What a short form is, by the key that it holds."""

SHORT_MEASURES = ("orders", "returns", "revenue", "average_order_value", "units")
"""Those that stand for one measure."""
