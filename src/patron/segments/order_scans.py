"""Where orders are read from: a table for given customers, a query over the events for all."""

from __future__ import annotations

from sqlglot import exp

from patron.segments.conditions import DIALECT, column
from patron.segments.frames import Asked, Frame, Rows, table
from patron.segments.moments import AS_OF, Moment
from patron.warehouse.order_rows import order_rows

READS = frozenset(
    {
        "position", "line", "name", "occurred_at", "source_id", "message_id", "brand", "channel",
        "order_id", "currency", "revenue", "total", "tax", "shipping", "discount", "coupon",
        "properties", "product_id", "sku", "price", "quantity",
    }
)  # fmt: skip
"""The columns of events and their lines that orders follow from."""


def orders(frame: Frame, upto: Moment, *, costs: bool) -> exp.Select:
    """The orders of customers as they stood at a moment, with their key, to be narrowed."""
    if isinstance(frame, Asked):
        if upto == AS_OF:
            return frame.rows("orders")
        frame.need("orders")  # with all columns that they follow from
    events, lines = (_seen(frame, name, upto) for name in ("events", "order_lines"))
    # Embedded as text: to take it apart into a tree takes longer than all else.
    made = exp.Var(this=f"({order_rows(events, lines, frame.key, costs=costs)})")
    query = exp.select(column(frame.key)).from_(exp.alias_(made, "orders"))
    if isinstance(frame, Asked):
        # The moments that orders are compared with stand beside the questions.
        return query.join(table("asked"), using=[frame.key])
    return query


def _seen(frame: Frame, name: Rows, upto: Moment) -> str:
    rows = frame.rows(name).select(exp.Star(), append=False).where(*frame.seen(upto))
    return f"({rows.sql(DIALECT)})"


def asked_orders() -> str:
    """The orders of the customers asked about, each as of its question, from what was gathered."""
    return f"({order_rows('asked_events', 'asked_order_lines', 'ask')})"


def of_state(state: int) -> exp.Expr:
    """Always true: says in the text of a query which state of the catalogue it is about."""
    return exp.LTE(this=exp.Literal.number(0), expression=exp.Literal.number(state))
