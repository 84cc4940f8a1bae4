"""Random rules on orders as they stand, and on amounts of several currencies."""

from __future__ import annotations

from patron.testing.differential.drawing import Draw
from patron.testing.differential.drawn_values import Rule
from patron.testing.differential.rules_on_events import MEASURED

WORTH = ("gross", "exchanged", "refunded", "net", "cost", "margin")
"""What an order as it stands comes to."""

STATES = ("completed", "exchanged", "partly refunded", "refunded", "cancelled")


def selected_orders(draw: Draw) -> Rule:
    """Some orders as they stand."""
    found: Rule = {"orders": True}
    if draw.maybe(0.4):
        found["where"] = _filter(draw)
    if draw.maybe(0.6):
        found["in"] = draw.window("Order Completed")
    return {**found, **draw.scope()}


def _filter(draw: Draw, depth: int = 1) -> Rule:
    if depth and draw.maybe(0.25):
        return draw.logic(lambda: _filter(draw, depth - 1))
    if draw.maybe(0.4):
        op = draw.pick(("=", "!=", "in"))
        some = [draw.pick(STATES), draw.pick(STATES)]
        return {"property": "state", "op": op, "value": some if op == "in" else some[0]}
    if draw.maybe(0.4):
        return {"property": draw.pick(WORTH), **draw.ordered(draw.limit("revenue"))}
    return draw.event_filter("Order Completed", 1)


def standing(draw: Draw) -> Rule:
    """Orders as they stand: how many, what they come to, or one value of them."""
    form = draw.pick(("count", "count", "amount", "amount", "amount", "pick", "short"))
    if form == "count":
        return {"count": selected_orders(draw), **draw.counted()}
    if form == "pick":
        which = draw.pick(("first", "last", "most_frequent"))
        path = draw.pick(("state", "payment_method", "channel"))
        kind = "any" if path == "payment_method" else "text"
        seen = [*(order.get(path) for order in draw.of_event("Order Completed")), "refunded"]
        return {
            which: {**selected_orders(draw), "property": path},
            **draw.comparison(seen, kind=kind),
        }
    if form == "short":
        return _standing_short(draw)
    selected = {**selected_orders(draw), "property": draw.pick(WORTH)}
    if draw.maybe(0.2):
        return {"distinct": {**selected, "currency": "EUR"}, **draw.counted()}
    selected[draw.pick(("currency", "convert"))] = draw.pick(("EUR", "EUR", "THB"))
    return {draw.pick(MEASURED): selected, **draw.totalled("revenue")}


def amounts(draw: Draw) -> Rule:
    """What orders come to, at any time, in one currency."""
    found = {**selected_orders(draw), "property": draw.pick(WORTH), "convert": "EUR"}
    return {key: value for key, value in found.items() if key != "in"}


def converted(draw: Draw) -> Rule:
    """Amounts of several currencies in one."""
    lines = draw.maybe(0.3)
    selected = draw.selection(lines=lines, event="Order Completed")
    selected["property"] = "price" if lines else draw.pick(("revenue", "total"))
    selected["convert"] = draw.pick(("EUR", "EUR", "THB"))
    return {draw.pick(MEASURED): selected, **draw.totalled(selected["property"])}


def _standing_short(draw: Draw) -> Rule:
    counted = draw.maybe(0.5)
    names = ("cancelled_orders", "exchanged_orders", "refunded_orders")
    form = draw.pick(names if counted else ("net_revenue", "refunds", "margin"))
    clauses = {name: value for name, value in selected_orders(draw).items() if name != "orders"}
    if counted:
        return {form: clauses, **draw.counted()}
    clauses["currency"] = draw.pick(("EUR", "EUR", "THB"))
    return {form: clauses, **draw.totalled("revenue")}
