"""What is written shorter, said in full; and texts of rules in Unicode normal form C (M17)."""

from __future__ import annotations

import unicodedata
from typing import Any

from patron.testing.oracle.shapes import Rule

ORDER = "Order Completed"
SHORT_MEASURES: dict[str, tuple[str, Rule]] = {
    "orders": ("count", {"event": ORDER}),
    "revenue": ("sum", {"event": ORDER, "property": "revenue"}),
    "average_order_value": ("average", {"event": ORDER, "property": "revenue"}),
    "units": ("sum", {"event": ORDER, "lines": True, "property": "quantity"}),
    "returns": ("count", {"returns": True}),
    "net_revenue": ("sum", {"orders": True, "property": "net"}),
    "refunds": ("sum", {"orders": True, "property": "refunded"}),
    "margin": ("sum", {"orders": True, "property": "margin"}),
    "cancelled_orders": ("count", {"orders": True}),
    "exchanged_orders": ("count", {"orders": True}),
    "refunded_orders": ("count", {"orders": True}),
}
STATES = {
    "cancelled_orders": ["cancelled"],
    "exchanged_orders": ["exchanged"],
    "refunded_orders": ["refunded", "partly refunded"],
}
"""Of which states the orders are that some of them count."""
"""Each short measure: what is measured, and of which events."""


def in_full(rule: Any) -> Any:  # noqa: ANN401 - any part of a rule
    """A rule, or a part of one, with its short forms written out and its texts in normal form.

    >>> in_full({"orders": {"in": {"last": "90d"}}, "op": ">", "value": 2})
    {'count': {'event': 'Order Completed', 'in': {'last': '90d'}}, 'op': '>', 'value': 2}
    """
    if isinstance(rule, str):
        return unicodedata.normalize("NFC", rule)
    if isinstance(rule, list | tuple):
        return [in_full(part) for part in rule]
    if not isinstance(rule, dict):
        return rule
    if "bought" in rule:
        return in_full(bought(rule))
    if "cart_left" in rule:
        rest = {key: value for key, value in rule.items() if key != "cart_left"}
        stage = {} if rule["cart_left"] == "any" else {"stage": rule["cart_left"]}
        return in_full({"abandoned": "cart", **stage, **rest})
    if "last_order" in rule:
        return in_full(last_order(rule))
    written = {}
    for key, value in rule.items():
        # In a selection, "orders" says what is selected.
        short = SHORT_MEASURES.get(key) if isinstance(value, dict) else None
        kind, events = short or (key, {})
        written[kind] = in_full({**events, **in_states(key, value)} if short else value)
    return written


def in_states(form: str, selection: Rule) -> Rule:
    """The selection, of orders in the states that a short form is about."""
    if form not in STATES:
        return selection
    state: Rule = {"property": "state", "op": "in", "value": STATES[form]}
    where = selection.get("where")
    return {**selection, "where": state if where is None else {"all": [state, where]}}


def bought(rule: Rule) -> Rule:
    """There is an order with a line that fulfils a condition."""
    selection = {key: value for key, value in rule.items() if key != "bought"}
    line: Rule = {"any_line": rule["bought"]}
    where = {"all": [selection["where"], line]} if "where" in selection else line
    return {"count": {"event": ORDER, **selection, "where": where}, "op": ">=", "value": 1}


def last_order(rule: Rule) -> Rule:
    """There are orders, and the last one lies so long ago; or there is one within that time."""
    selection = {key: value for key, value in rule.items() if key not in ("last_order", "is")}
    if rule["is"] == "before":
        return {"stopped": {"event": ORDER, **selection}, "for": rule["last_order"]}
    within = {"event": ORDER, "in": {"last": rule["last_order"]}, **selection}
    return {"count": within, "op": ">=", "value": 1}
