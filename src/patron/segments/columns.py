"""Which properties have a column of their own, and what it holds; others lie in `properties`."""

from __future__ import annotations

from typing import Literal

ColumnType = Literal["text", "number"]

EVENT_COLUMNS: dict[str, ColumnType] = {
    "order_id": "text",
    "currency": "text",
    "coupon": "text",
    "channel": "text",
    "brand": "text",
    "revenue": "number",
    "total": "number",
    "tax": "number",
    "shipping": "number",
    "discount": "number",
}
"""Columns of `events`; `brand` is the brand that the event happened at."""

ORDER_COLUMNS: dict[str, ColumnType] = {
    **EVENT_COLUMNS,
    "state": "text",
    "gross": "number",
    "exchanged": "number",
    "refunded": "number",
    "net": "number",
    "cost": "number",
    "margin": "number",
}
"""Columns of orders, as `warehouse.order_rows` makes them."""

OF_COSTS = frozenset({"cost", "margin"})
"""Those of them that the catalogue has a part in."""

LINE_COLUMNS: dict[str, ColumnType] = {
    "product_id": "text",
    "sku": "text",
    "product_name": "text",
    "category": "text",
    "product_brand": "text",
    "variant": "text",
    "colour": "text",
    "price": "number",
    "quantity": "number",
}
"""Columns of `order_lines`."""

MONEY = frozenset(
    {
        "revenue", "total", "tax", "shipping", "discount", "price",
        "gross", "exchanged", "refunded", "net", "cost", "margin",
    }
)  # fmt: skip
"""Amounts in the currency of their row."""


def column_type(path: tuple[str, ...], *, lines: bool, orders: bool = False) -> ColumnType | None:
    """What the column of this property holds; None when the property has none."""
    if len(path) > 1:
        return None
    columns = LINE_COLUMNS if lines else ORDER_COLUMNS if orders else EVENT_COLUMNS
    return columns.get(path[0])
