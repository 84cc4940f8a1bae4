"""What a customer did, event by event, with the order lines."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from patron.engines.duckdb import Cursor
from patron.profiles.encoding import decode
from patron.profiles.lookup import marks
from patron.profiles.traits import source_names

_EVENTS = """
select position, name, type, occurred_at, received_at, source_id, brand, channel, properties::JSON,
    order_id, currency, revenue, total, tax, shipping, discount, coupon, message_id
from events
where rowid in ({rows})
"""

_LINES = """
select position, product_id, sku, product_name, category, product_brand, variant, colour, price,
    quantity, properties::JSON
from order_lines
where position in ({positions})
order by position, line
"""

_MESSAGE_IDS = "select position, message_id from messages where position in (select unnest(?))"


class Line(msgspec.Struct, frozen=True):
    """One product of an order, cart or view; `properties` is the whole object as sent."""

    product_id: str | None
    sku: str | None
    product_name: str | None
    category: str | None
    product_brand: str | None
    variant: str | None
    colour: str | None
    price: Decimal | None
    quantity: Decimal | None
    properties: Any


class Event(msgspec.Struct, frozen=True, tag_field="kind", tag="event"):
    """One thing that a customer did. Times are UTC; amounts are in `currency`."""

    name: str
    type: str
    occurred_at: datetime
    received_at: datetime
    source: str | None
    brand: str
    channel: str
    message_id: str | None
    properties: Any
    order_id: str | None
    currency: str | None
    revenue: Decimal | None
    total: Decimal | None
    tax: Decimal | None
    shipping: Decimal | None
    discount: Decimal | None
    coupon: str | None
    lines: tuple[Line, ...]


def events(cursor: Cursor, rows: list[int]) -> dict[int, Event]:
    """Events by position, given the numbers of their rows in the table."""
    if not rows:
        return {}
    found = cursor.execute(_EVENTS.format(rows=marks(rows)), rows).all()
    names = source_names(cursor)
    lines_of = lines(cursor, [row[0] for row in found])
    return {
        row[0]: _event(row, names.get(row[5]), tuple(lines_of.get(row[0], ()))) for row in found
    }


def lines(cursor: Cursor, positions: list[int]) -> dict[int, list[Line]]:
    """The lines of some events, by the event's position, in the order they were sent."""
    found: dict[int, list[Line]] = {}
    if not positions:
        return found
    for row in cursor.execute(_LINES.format(positions=marks(positions)), positions).all():
        fields = [*row[1:-1], decode(row[-1])]
        found.setdefault(row[0], []).append(Line(*fields))
    return found


def message_ids(cursor: Cursor, positions: list[int]) -> dict[int, str]:
    """The message ids of some events, by position."""
    return dict(cursor.execute(_MESSAGE_IDS, [positions]).all())


def _event(row: tuple[Any, ...], source: str | None, own_lines: tuple[Line, ...]) -> Event:
    fields = [*row[1:5], source, *row[6:8], row[17], decode(row[8]), *row[9:17], own_lines]
    return Event(*fields)
