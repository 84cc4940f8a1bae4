"""Orders: each (brand, order id) in its latest state, and what they come to by currency.

The latest `Order Completed` or `Order Updated` says what an order is: its amounts and its lines, as
a whole. Refunds are counted beside it; what is left of it is its net. An `Order Completed` without
an order id is an order of its own; other order events without one belong to none that is known.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Annotated

import msgspec

from patron import structs
from patron.engines.duckdb import Cursor
from patron.errors import InputError
from patron.profiles.events import Line, lines, message_ids
from patron.profiles.lookup import Profile, owners, stored_ids
from patron.profiles.order_worth import Left, State, Worth, worth
from patron.spec.commerce import ORDER_EVENTS, ORDER_STATES, REFUNDS, TELLING
from patron.warehouse.order_rows import texts
from patron.warehouse.rows import Rows
from patron.warehouse.standing import Standing

_NEVER_PLACED: dict[str, State] = {
    "Order Refunded": "refunded",
    "Product Returned": "partly refunded",
    "Order Exchanged": "exchanged",
    "Order Cancelled": "cancelled",
}
"""How an order stands of which only this is known."""

_SIX_PLACES = Decimal("0.000001")
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)  # for sums of any number of 18-digit amounts

_ORDER_COLUMNS = """profile_id, position, occurred_at, source_id, name, brand, order_id, currency,
revenue, total"""


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


class Spending(msgspec.Struct, frozen=True, kw_only=True):
    """What the orders of one currency come to; cancelled ones are not among them.

    Attributes:
        currency: None for orders that name none.
        orders: How many.
        revenue: Sum of their revenue; None where none of them tells any.
        total: Sum of their totals; likewise.
        average: Revenue by order that has one, half-even to 6 places; None without any.
        refunded: Sum of refunds in this currency, of all orders; None where there were some and it
            is known of none what it came to.
        first_order_at: When the first was placed.
        last_order_at: When the last was placed.
    """

    currency: str | None
    orders: int
    revenue: Decimal | None
    total: Decimal | None
    average: Decimal | None
    refunded: Decimal | None
    first_order_at: datetime | None
    last_order_at: datetime | None


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """All orders of a customer in short; amounts of different currencies are never added."""

    orders: int
    cancelled: int
    by_currency: tuple[Spending, ...]


class OrderPage(msgspec.Struct, frozen=True):
    """Some orders of a customer.

    Attributes:
        orders: The one last placed first.
        next: What to give as `after` for the page that follows; None when this is the last.
    """

    orders: tuple[Order, ...]
    next: str | None


_Place = tuple[Annotated[datetime, msgspec.Meta(tz=False)], str, str, int]


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
class _Known:
    """An order without its lines, the event that tells them, and its first event's position."""

    order: Order
    position: int | None
    first: int
    positions: list[int]  # of all of its events
    alone: bool  # one event tells of it, and no other

    @property
    def place(self) -> _Place:
        """Where it stands among a customer's orders, which are told from the last one on."""
        order = self.order
        at = order.ordered_at or order.changed_at
        return at, order.brand, order.order_id or "", self.first


def orders(
    cursor: Cursor,
    profile: Profile,
    as_of: datetime,
    *,
    brand: str | None = None,
    after: str | None = None,
    limit: int | None = None,
    rows: Rows | None = None,
) -> OrderPage:
    """A page of a customer's orders with their lines, the one last placed first.

    Args:
        cursor: On the workspace.
        profile: One that stands.
        as_of: What happened after it is not known yet.
        brand: Only those that were placed there.
        after: `next` of the page before.
        limit: How many at most; None for all.
        rows: Where the rows of the customer are; the tables when None.

    Raises:
        InputError: `after` is no such token.
    """
    own = dict.fromkeys(stored_ids(cursor, profile), 0)
    rows = rows or Rows(tuple(own))
    known = _known(cursor, own, rows, as_of, brand).get(0, [])
    if after is not None:
        place = _read_token(after)
        known = [one for one in known if one.place < place]
    shown = known[:limit]
    found = _with_lines(cursor, own, rows, as_of, {0: shown}).get(0, [])
    return OrderPage(tuple(found), _token(shown[-1].place) if len(known) > len(shown) else None)


def orders_of(
    cursor: Cursor,
    profiles: Sequence[Standing],
    as_of: datetime,
    *,
    brand: str | None = None,
    limit: int | None = None,
    rows: Rows | None = None,
) -> dict[int, list[Order]]:
    """As `orders`, of several: by profile id, so many of each."""
    owned = owners(profiles)
    rows = rows or Rows(tuple(owned))
    known = _known(cursor, owned, rows, as_of, brand)
    return _with_lines(
        cursor, owned, rows, as_of, {own: every[:limit] for own, every in known.items()}
    )


def _with_lines(
    cursor: Cursor,
    owned: Mapping[int, int],
    rows: Rows,
    as_of: datetime,
    shown: Mapping[int, list[_Known]],
) -> dict[int, list[Order]]:
    told = [one.position for every in shown.values() for one in every if one.position is not None]
    lines_of = lines(cursor, told, rows)
    alone = all(one.alone for every in shown.values() for one in every)
    comes_to = worth(cursor, owned, rows, as_of, _positions(shown), alone=alone) if told else {}
    return {
        own: [
            msgspec.structs.replace(
                _settled(one, comes_to), lines=tuple(lines_of.get(one.position or 0, ()))
            )
            for one in every
        ]
        for own, every in shown.items()
    }


def _settled(one: _Known, comes_to: Mapping[int, Left]) -> Order:
    """An order with what it comes to; of one that was never placed only its events are known."""
    left = comes_to.get(one.position or 0)
    if left is None:
        return one.order
    refunded = one.order.refunded
    if left.refunded is not None:
        refunded = (Amount(one.order.currency, left.refunded),) if left.refunds else ()
    return msgspec.structs.replace(
        one.order, **msgspec.structs.asdict(left.worth), refunds=left.refunds, refunded=refunded
    )


def order_summary(cursor: Cursor, profile: Profile, as_of: datetime) -> OrderSummary:
    """What a customer's orders come to, by currency.

    Args:
        cursor: On the workspace.
        profile: One that stands.
        as_of: What happened after it is not known yet.
    """
    own = dict.fromkeys(stored_ids(cursor, profile), 0)
    rows = Rows(tuple(own))
    return _summed(cursor, own, rows, as_of, _known(cursor, own, rows, as_of), [0])[0]


def order_summaries(
    cursor: Cursor,
    profiles: Sequence[Standing],
    as_of: datetime,
    *,
    brand: str | None = None,
    rows: Rows | None = None,
) -> dict[int, OrderSummary]:
    """As `order_summary`, of several: by profile id; of one brand where it is given."""
    owned, asked = owners(profiles), [one.profile_id for one in profiles]
    rows = rows or Rows(tuple(owned))
    return _summed(cursor, owned, rows, as_of, _known(cursor, owned, rows, as_of, brand), asked)


def _summed(
    cursor: Cursor,
    owned: Mapping[int, int],
    rows: Rows,
    as_of: datetime,
    known: Mapping[int, list[_Known]],
    asked: Iterable[int],
) -> dict[int, OrderSummary]:
    # What refunds come to takes a query of its own, which most customers do not need.
    refunded = {
        own: every for own, every in known.items() if any(one.order.refunds for one in every)
    }
    owned = {stored: own for stored, own in owned.items() if own in refunded}
    comes_to = worth(cursor, owned, rows, as_of, _positions(refunded)) if owned else {}
    return {own: _summary([_settled(one, comes_to) for one in known.get(own, ())]) for own in asked}


def _summary(every: list[Order]) -> OrderSummary:
    placed = [order for order in every if order.ordered_at is not None and not order.cancelled]
    currencies = {order.currency for order in placed} | {
        amount.currency for order in every for amount in order.refunded
    }
    return OrderSummary(
        orders=len(placed),
        cancelled=sum(order.cancelled for order in every),
        by_currency=tuple(
            _spending(currency, placed, every)
            for currency in sorted(currencies, key=lambda code: (code is None, code or ""))
        ),
    )


def _spending(currency: str | None, placed: list[Order], every: list[Order]) -> Spending:
    own = [order for order in placed if order.currency == currency]
    revenues = [order.revenue for order in own if order.revenue is not None]
    revenue = _sum(revenues, untold=bool(own))
    refunds = [one.amount for order in every for one in order.refunded if one.currency == currency]
    times = [order.ordered_at for order in own if order.ordered_at is not None]
    return Spending(
        currency=currency,
        orders=len(own),
        revenue=revenue,
        total=_sum([one.total for one in own if one.total is not None], untold=bool(own)),
        average=(
            _EXACT.quantize(_EXACT.divide(revenue, Decimal(len(revenues))), _SIX_PLACES)
            if revenue is not None and revenues
            else None
        ),
        refunded=_sum(refunds, untold=any(one.refunds and not one.refunded for one in own)),
        first_order_at=min(times, default=None),
        last_order_at=max(times, default=None),
    )


def _sum(amounts: Sequence[Decimal], *, untold: bool) -> Decimal | None:
    """Exactly. Of no amounts it is 0, and None where there is something that told none."""
    total = Decimal(0)
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return None if untold and not amounts else total


def _known(
    cursor: Cursor,
    owner: Mapping[int, int],
    rows: Rows,
    as_of: datetime,
    brand: str | None = None,
) -> dict[int, list[_Known]]:
    """All orders without lines, of each owner the one last placed first."""
    where = f"occurred_at <= $as_of and name in ({texts(ORDER_EVENTS)})"
    values: dict[str, object] = {"as_of": as_of}
    if brand is not None:
        where, values["brand"] = f"{where} and brand = $brand", brand
    cursor.execute(f"from {rows.of('events', _ORDER_COLUMNS, where)}", values)
    groups: dict[tuple[int, str, str | int], list[_Row]] = {}
    for stored, *told in cursor.all():
        row = _Row(*told)
        if row.order_id is not None:
            groups.setdefault((owner[stored], row.brand, row.order_id), []).append(row)
        elif row.name == "Order Completed":
            groups.setdefault((owner[stored], row.brand, row.position), []).append(row)
    _break_ties(cursor, groups.values())
    known: dict[int, list[_Known]] = {}
    for (own, _, _), every in groups.items():
        known.setdefault(own, []).append(_order(every))
    for orders_of_one in known.values():
        orders_of_one.sort(key=lambda one: one.place, reverse=True)
    return known


def _positions(known: Mapping[int, list[_Known]]) -> list[int]:
    return [at for every in known.values() for one in every for at in one.positions]


def _token(place: _Place) -> str:
    at, *rest = place
    return base64.urlsafe_b64encode(msgspec.json.encode([at.isoformat(), *rest])).decode()


def _read_token(token: str) -> _Place:
    try:
        place: _Place = structs.decode(base64.urlsafe_b64decode(token), _Place)
    except (ValueError, msgspec.DecodeError):
        raise InputError(
            "cursor: expected one that an earlier page gave.", field="cursor"
        ) from None
    return place


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


def _order(rows: list[_Row]) -> _Known:
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
            refunded[code] = _EXACT.add(refunded.get(code, Decimal(0)), refund.total)
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
    return _Known(order, details.position if details else None, first, positions, alone)
