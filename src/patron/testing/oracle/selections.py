"""Which events, or lines of orders, a measure is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from patron.testing.oracle.conditions import event_holds, events_of, line_holds
from patron.testing.oracle.orders import orders_of
from patron.testing.oracle.shapes import Event, Question, Rule, brands_of
from patron.testing.oracle.values import dig, steps
from patron.testing.oracle.windows import window_of


class Row(NamedTuple):
    """One event or one line that a selection takes in.

    Attributes:
        at: When it happened.
        properties: Its properties: of the event, or of the line where lines are asked for.
        currency: Of its amounts.
    """

    at: datetime
    properties: dict[str, object]
    currency: object = None

    def value(self, path: str) -> object:
        """The value of a property, None where it has none.

        What a product is said to cost counts where that is in the currency of the row, if both say
        one.
        """
        found, way = dig(self.properties, steps(path)), steps(path)
        if len(way) == 2 and way[0] == "product" and way[1] in _MONEY:
            product: Any = self.properties.get("product") or {}
            said = product.get("currency")
            if way[1] == "cost":
                said = product.get("cost_currency", said)
            if None not in (said, self.currency) and said != self.currency:
                return None
        return found


RETURNS = ("Order Refunded", "Product Returned")
_MONEY = ("price", "sale_price", "cost", "margin")


def rows_of(question: Question, selection: Rule) -> list[Row]:
    """The rows that a selection takes in, in tie order; lines in their order within the event."""
    brands = brands_of(selection)
    inside = window_of(question, selection, brands)
    where = selection.get("where")
    rows = []
    for event in _events(question, selection, brands):
        if not inside(event["occurred_at"]):
            continue
        if "currency" in selection and event.get("currency") != selection["currency"]:
            continue
        if selection.get("lines"):
            rows += [
                Row(event["occurred_at"], line, event.get("currency"))
                for line in event["lines"]
                if where is None or line_holds(event, line, where)
            ]
        elif where is None or event_holds(event, where):
            rows.append(Row(event["occurred_at"], event, event.get("currency")))
    return rows


def _events(question: Question, selection: Rule, brands: list[str] | None) -> list[Event]:
    if selection.get("returns"):
        return [
            event for event in events_of(question, None, None, brands) if event["name"] in RETURNS
        ]
    if not selection.get("orders"):
        return events_of(question, selection.get("event"), None, brands)
    return [one for one in orders_of(question) if brands is None or one["brand"] in brands]


def whenever(selection: Rule) -> Rule:
    """The same selection without its window."""
    return {key: value for key, value in selection.items() if key != "in"}
