"""Orders as their events tell of them: each (brand, order id) in its latest state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Annotated

import msgspec

from patron.engines.duckdb import Cursor
from patron.profiles.events import Line, message_ids
from patron.profiles.order_worth import State, Worth
from patron.profiles.own_events import OwnEvents
from patron.spec.commerce import ORDER_EVENTS, ORDER_STATES, REFUNDS, TELLING
from patron.warehouse.order_rows import texts
from patron.warehouse.rows import Rows

_NEVER_PLACED: dict[str, State] = {
    "Order Refunded": "refunded",
    "Product Returned": "partly refunded",
    "Order Exchanged": "exchanged",
    "Order Cancelled": "cancelled",
}
"""How an order stands of which only this is known."""

_FIELDS = (
    "position", "occurred_at", "source_id", "name", "brand", "order_id", "currency", "revenue",
    "total",
)  # fmt: skip


EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
"""For sums of any number of amounts of 18 digits."""


class Amount(msgspec.Struct, frozen=True):
    """Money of one currency."""

    currency: str | None
    amount: Decimal


class Order(Worth, frozen=True, kw_only=True):
    """One order in its latest state, with what it comes to.

    Attributes:
        brand: Where it was placed.
        order_id: Unique within the brand; None for an order that came without.
        cancelled: Whether it was cancelled, and not completed or updated after that.
        ordered_at: When it was first completed or updated; None when only a refund or a
            cancellation of it is known.
        changed_at: Time of the latest event about it.
        currency: Of revenue and total.
        revenue: As sent, refunds not subtracted.
        total: As sent, refunds not subtracted.
        refunds: How many refunds count: of those that bear one id the latest.
        refunded: What they come to; where that cannot be known in the order's currency, the amounts
            that they name, by currency.
        lines: What was bought.
    """

    brand: str
    order_id: str | None
    cancelled: bool
    ordered_at: datetime | None
    changed_at: datetime
    currency: str | None
    revenue: Decimal | None
    total: Decimal | None
    refunds: int
    refunded: tuple[Amount, ...]
    lines: tuple[Line, ...] = ()


Place = tuple[Annotated[datetime, msgspec.Meta(tz=False)], str, str, int]
"""Where an order stands among a customer's."""


@dataclass(slots=True)
class _Row:
    position: int
    occurred_at: datetime
    source_id: int
    name: str
    brand: str
    order_id: str | None
    currency: str | None
    revenue: Decimal | None
    total: Decimal | None
    message_id: str = field(default="")


@dataclass(slots=True)
class Known:
    """An order without its lines, the event that tells them, and its first event's position."""

    order: Order
    position: int | None
    first: int
    positions: list[int]  # of all of its events
    alone: bool  # one event tells of it, and no other

    @property
    def place(self) -> Place:
        """Where it stands among a customer's orders, which are told from the last one on."""
        order = self.order
        at = order.ordered_at or order.changed_at
        return at, order.brand, order.order_id or "", self.first


def known_orders(
    cursor: Cursor,
    owner: Mapping[int, int],
    rows: Rows,
    as_of: datetime,
    brand: str | None = None,
    own_events: OwnEvents | None = None,
) -> dict[int, list[Known]]:
    """All orders without lines, of each owner the one last placed first.

    Args:
        cursor: On the workspace.
        owner: The ids under which rows of customers are stored, and whose rows those are.
        rows: Of these customers.
        as_of: What happened after it is not known yet.
        brand: Only those that were placed there.
        own_events: The events, where they were read already.
    """
    told = _read(cursor, owner, rows, as_of, brand) if own_events is None else _among(own_events)
    groups: dict[tuple[int, str, str | int], list[_Row]] = {}
    for own, row in told:
        if row.order_id is not None:
            groups.setdefault((own, row.brand, row.order_id), []).append(row)
        elif row.name == "Order Completed":
            groups.setdefault((own, row.brand, row.position), []).append(row)
    _break_ties(cursor, groups.values())
    known: dict[int, list[Known]] = {}
    for (own, _, _), every in groups.items():
        known.setdefault(own, []).append(_order(every))
    for orders_of_one in known.values():
        orders_of_one.sort(key=lambda one: one.place, reverse=True)
    return known


def _read(
    cursor: Cursor, owner: Mapping[int, int], rows: Rows, as_of: datetime, brand: str | None
) -> list[tuple[int, _Row]]:
    """The events of orders, each with whose it is."""
    where = f"occurred_at <= $as_of and name in ({texts(ORDER_EVENTS)})"
    values: dict[str, object] = {"as_of": as_of}
    if brand is not None:
        where, values["brand"] = f"{where} and brand = $brand", brand
    cursor.execute(f"from {rows.of('events', ', '.join(('profile_id', *_FIELDS)), where)}", values)
    return [(owner[stored], _Row(*told)) for stored, *told in cursor.all()]


def _among(own_events: OwnEvents) -> list[tuple[int, _Row]]:
    return [
        (own, _Row(**{name: getattr(event, name) for name in _FIELDS}))
        for own, every in own_events.by_owner.items()
        for event in every
        if event.name in ORDER_EVENTS
    ]


def _break_ties(cursor: Cursor, groups: Iterable[list[_Row]]) -> None:
    """Fetch message ids where time and source leave the order of two events open."""
    tied: list[_Row] = []
    for rows in groups:
        if len(rows) > 1:
            at = Counter((row.occurred_at, row.source_id) for row in rows)
            tied += [row for row in rows if at[row.occurred_at, row.source_id] > 1]
    if tied:
        found = message_ids(cursor, [row.position for row in tied])
        for row in tied:
            row.message_id = found.get(row.position, "")


def _order(rows: list[_Row]) -> Known:
    rows.sort(key=lambda row: (row.occurred_at, row.source_id, row.message_id))
    told = [row for row in rows if row.name in TELLING]
    refunds = [row for row in rows if row.name in REFUNDS]
    lasting = [row for row in rows if row.name in ORDER_STATES]
    details = told[-1] if told else None
    currency = details.currency if details else None
    refunded: dict[str | None, Decimal] = {}
    for refund in refunds:
        if refund.total is not None:
            # A refund that names no currency is in that of its order.
            code = refund.currency or currency
            refunded[code] = EXACT.add(refunded.get(code, Decimal(0)), refund.total)
    order = Order(
        brand=rows[-1].brand,
        order_id=rows[-1].order_id,
        state=_NEVER_PLACED.get(rows[-1].name, "completed"),
        cancelled=bool(lasting) and lasting[-1].name == "Order Cancelled",
        ordered_at=told[0].occurred_at if told else None,
        changed_at=rows[-1].occurred_at,
        currency=currency,
        revenue=details.revenue if details else None,
        total=details.total if details else None,
        refunds=len(refunds),
        refunded=tuple(Amount(code, refunded[code]) for code in sorted(refunded, key=str)),
    )
    first, alone = min(row.position for row in rows), len(rows) == len(told) == 1
    positions = [row.position for row in rows]
    return Known(order, details.position if details else None, first, positions, alone)
