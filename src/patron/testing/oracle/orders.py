"""Orders as they stand: what each came to after all that happened to it (M44)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from patron.testing.oracle.conditions import events_of
from patron.testing.oracle.shapes import Event, Question, Rule
from patron.testing.oracle.values import number

TELLING = ("Order Completed", "Order Updated")
ONE_PRODUCT = "Product Returned"
CHANGES = {
    "Order Refunded": "refund_id",
    ONE_PRODUCT: "refund_id",
    "Order Exchanged": "exchange_id",
}
Key = tuple[str, object]
Life = list[Event]


def orders_of(question: Question) -> list[Event]:
    """Every order that was placed, as an event at the moment that it was placed."""
    lives: dict[Key, Life] = {}
    for event in events_of(question):
        if event["name"] not in (*TELLING, "Order Cancelled", *CHANGES):
            continue
        if event.get("order_id") is not None:
            lives.setdefault((event["brand"], event["order_id"]), []).append(event)
        elif event["name"] == "Order Completed":
            lives[event["brand"], (event["source_id"], event["message_id"])] = [event]
    found = [order for life in lives.values() if (order := standing(life)) is not None]
    return sorted(found, key=lambda one: (one["occurred_at"], one["source_id"], one["message_id"]))


def standing(life: Life) -> Event | None:
    """One order, given the events about it in their order; None: it was never placed."""
    told = [event for event in life if event["name"] in TELLING]
    if not told:
        return None
    last = told[-1]
    states = [event for event in life if event["name"] not in CHANGES]
    amounts = worth(life, last)
    if states[-1]["name"] == "Order Cancelled":
        amounts |= {"state": "cancelled", "net": Fraction(0), "cost": Fraction(0)}
    net, cost = amounts["net"], amounts["cost"]
    amounts["margin"] = None if net is None or cost is None else net - cost
    fitted = {
        name: fits(value) if isinstance(value, Fraction) else value
        for name, value in amounts.items()
    }
    return {**last, **fitted, "occurred_at": told[0]["occurred_at"]}


def worth(life: Life, last: Event) -> dict[str, Any]:
    """What an order that is not cancelled comes to, and how it stands."""
    refunds = [*latest(life, "Order Refunded"), *returned(life)]
    exchanges = latest(life, "Order Exchanged")
    amount = first_of(exact(last.get("revenue")), exact(last.get("total")), price_of(last, last))
    discount = exact(last.get("discount")) or Fraction(0)
    found = {"gross": None if amount is None else amount + discount}
    differences = [difference(one, last) for one in exchanges]
    given_back = [refunded(one, last) for one in refunds if says_what(one)]
    foreign = any(
        one.get("currency") not in (None, last.get("currency")) for one in (*refunds, *exchanges)
    )
    whole = not all(map(says_what, refunds))
    unclear = foreign or None in (*differences, *given_back)
    exchanged = None if unclear else sum(filter(None, differences), Fraction(0))
    back = None if unclear else sum(filter(None, given_back), Fraction(0))
    kept = None if exchanged is None or amount is None else amount + exchanged
    spent = cost_left(last, refunds, exchanges)
    net: Fraction | None
    if whole:
        state, net, spent, back = "refunded", Fraction(0), Fraction(0), kept
    else:
        net = None if kept is None or back is None else kept - back
        nothing_left = net is not None and net <= 0
        state = (
            "refunded" if back and nothing_left
            else "partly refunded" if refunds and back != 0
            else "exchanged" if exchanges
            else "completed"
        )  # fmt: skip
    return {**found, "exchanged": exchanged, "refunded": back, "net": net, "cost": spent,
            "state": state}  # fmt: skip


def latest(life: Life, name: str) -> list[Event]:
    """The refunds or exchanges of an order; of those that share an id the last one."""
    named: dict[object, Event] = {}
    for at, event in enumerate(life):
        if event["name"] == name:
            ident = event.get(CHANGES[name])
            named[("nameless", at) if ident is None else str(ident)] = event
    return list(named.values())


def returned(life: Life) -> list[Event]:
    """The products of an order that were brought back, but for those that a refund speaks of."""
    spoken_of = {
        str(event["refund_id"])
        for event in life
        if event["name"] == "Order Refunded" and event.get("refund_id") is not None
    }
    return [
        event
        for event in life
        if event["name"] == ONE_PRODUCT and str(event.get("refund_id")) not in spoken_of
    ]


def says_what(event: Event) -> bool:
    """Whether a refund or exchange names an amount or lines; a refund that does not is of all."""
    one_product = event["name"] == ONE_PRODUCT
    return one_product or event.get("total") is not None or bool(event["lines"])


def refunded(event: Event, order: Event) -> Fraction | None:
    """What a refund says it pays back."""
    return first_of(exact(event.get("total")), price_of(event, order))


def difference(event: Event, order: Event) -> Fraction | None:
    """What was paid beside when things were exchanged; less than nothing for what came back."""
    return refunded(event, order) if says_what(event) else Fraction(0)


def cost_left(order: Event, refunds: Life, exchanges: Life) -> Fraction | None:
    """What the goods cost that the customer has; a refund of an amount alone leaves the goods."""
    found = first_of(number_of(order.get("cost")), cost_of(order, order))
    for event, sign in [*((one, -1) for one in refunds), *((one, 1) for one in exchanges)]:
        one_product = event["name"] == ONE_PRODUCT
        cost = first_of(
            None if one_product else number_of(event.get("cost")),
            cost_of(event, order) if event["lines"] or one_product else Fraction(0),
        )
        found = None if found is None or cost is None else found + sign * cost
    return found


def price_of(event: Event, order: Event) -> Fraction | None:
    """Price by quantity of all its lines; None where one has no price."""
    return total(event, order, "price")


def cost_of(event: Event, order: Event) -> Fraction | None:
    """Cost by quantity of all its lines; None where one has no cost."""
    return total(event, order, "cost")


def total(event: Event, order: Event, name: str) -> Fraction | None:
    """A property of the lines by their quantity; what a line does not say, its order's may."""
    found = Fraction(0)
    for line in event["lines"]:
        value = first_of(
            value_of(line, name), *(value_of(other, name) for other in alike(line, event, order))
        )
        if value is None:
            return None
        quantity = exact(line.get("quantity"))
        found += value * (1 if quantity is None else quantity)
    return Fraction(round(found * 1_000_000), 1_000_000) if event["lines"] else None


def alike(line: Rule, event: Event, order: Event) -> list[Rule]:
    """The lines of the order about the same product, where the event is another one."""
    product = line.get("product_id") or line.get("sku")
    if event is order or product is None:
        return []
    return [one for one in order["lines"] if (one.get("product_id") or one.get("sku")) == product]


def value_of(line: Rule, name: str) -> Fraction | None:
    """A price, which has a column; or a cost, which is a property."""
    return exact(line.get(name)) if name == "price" else number_of(line.get(name))


def first_of(*values: Fraction | None) -> Fraction | None:
    """The first that is there."""
    return next((value for value in values if value is not None), None)


def exact(value: Any) -> Fraction | None:  # noqa: ANN401 - a decimal, or nothing
    """An amount of a column of its own."""
    return None if value is None else Fraction(value)


def number_of(value: Any) -> Fraction | None:  # noqa: ANN401 - any JSON
    """A number among properties."""
    return exact(number(value))


def fits(value: Fraction) -> Decimal | None:
    """A decimal of six places, missing with more than 12 digits before the point."""
    millionths = round(value * 1_000_000)
    return Decimal(millionths).scaleb(-6) if abs(millionths) < 10**18 else None
