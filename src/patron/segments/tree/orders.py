"""Short forms for what is asked of orders most. Reading one gives the conditions it stands for."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from patron.segments import durations
from patron.segments.tree.base import Node, Rule, ShortForm, Window
from patron.segments.tree.comparisons import AnyLine, Property
from patron.segments.tree.logic import All
from patron.segments.tree.measures import Amounts, Average, Count, Events, Sum
from patron.segments.tree.patterns import Stopped
from patron.segments.tree.sequences import CartLeft
from patron.segments.tree.windows import Last
from patron.spec.commerce import ORDERED


class Clauses(Node, frozen=True, rename={"within": "in"}):
    """Which orders, or which of their lines: the clauses of `Events` but for the event."""

    where: Rule | None = None
    within: Window | None = None
    on_brand: str | tuple[str, ...] = ()
    currency: str | None = None
    convert: str | None = None

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
            "convert": self.convert,
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
    """How often something was sent or paid back, compared with a number."""

    returns: Clauses
    op: str
    value: Any

    def expand(self) -> Rule:
        """A count of returns."""
        return Count(Events(returns=True, **self.returns.said()), self.op, self.value)


class Standing(ShortForm):
    """A short form for orders as they stand: what is measured of those in some states."""

    __slots__ = ()
    PROPERTY: ClassVar[str | None] = None
    STATES: ClassVar[tuple[str, ...]] = ()
    op: str
    value: Any

    def expand(self) -> Rule:
        """A count of orders, or a sum of what they come to."""
        clauses: Clauses = getattr(self, self.__struct_fields__[0])  # type: ignore[attr-defined]
        said = clauses.said()
        if self.STATES:
            (only, *more) = self.STATES
            state = Property("state", *(("in", self.STATES) if more else ("=", only)))
            said["where"] = state if said["where"] is None else All((state, said["where"]))
        if self.PROPERTY is None:
            return Count(Events(orders=True, **said), self.op, self.value)
        return Sum(Amounts(orders=True, property=self.PROPERTY, **said), self.op, self.value)


class NetRevenue(Node, Standing, frozen=True):
    """What is left of what orders brought in, compared with a number."""

    PROPERTY: ClassVar[str] = "net"
    net_revenue: Clauses
    op: str
    value: Any


class Refunds(Node, Standing, frozen=True):
    """What of orders was paid back, compared with a number."""

    PROPERTY: ClassVar[str] = "refunded"
    refunds: Clauses
    op: str
    value: Any


class Margin(Node, Standing, frozen=True):
    """What orders brought in beyond what their products cost, compared with a number."""

    PROPERTY: ClassVar[str] = "margin"
    margin: Clauses
    op: str
    value: Any


class CancelledOrders(Node, Standing, frozen=True):
    """How many orders are cancelled, compared with a number."""

    STATES: ClassVar[tuple[str, ...]] = ("cancelled",)
    cancelled_orders: Clauses
    op: str
    value: Any


class ExchangedOrders(Node, Standing, frozen=True):
    """How many orders stand with something exchanged, compared with a number."""

    STATES: ClassVar[tuple[str, ...]] = ("exchanged",)
    exchanged_orders: Clauses
    op: str
    value: Any


class RefundedOrders(Node, Standing, frozen=True):
    """How many orders were paid back, whole or in part, compared with a number."""

    STATES: ClassVar[tuple[str, ...]] = ("refunded", "partly refunded")
    refunded_orders: Clauses
    op: str
    value: Any


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
    "net_revenue": NetRevenue,
    "refunds": Refunds,
    "margin": Margin,
    "cancelled_orders": CancelledOrders,
    "exchanged_orders": ExchangedOrders,
    "refunded_orders": RefundedOrders,
    "bought": Bought,
    "last_order": LastOrder,
    "cart_left": CartLeft,
}
"""What a short form is, by the key that it holds."""

SHORT_MEASURES = tuple(
    name for name in SHORT_FORMS if name not in ("bought", "last_order", "cart_left")
)
"""Those that stand for one measure."""
