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
    "returns": ("count", {"event": "Order Refunded"}),
}
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
    if "last_order" in rule:
        return in_full(last_order(rule))
    written = {}
    for key, value in rule.items():
        kind, events = SHORT_MEASURES.get(key, (key, None))
        written[kind] = in_full(value if events is None else {**events, **value})
    return written


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
