"""Orders: each (brand, order id) in its latest state, and what they come to by currency.

The latest `Order Completed` or `Order Updated` says what an order is: its amounts and its lines, as
a whole. Refunds are counted beside it; what is left of it is its net. An `Order Completed` without
an order id is an order of its own; other order events without one belong to none that is known.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from patron import structs
from patron.engines.duckdb import Cursor
from patron.errors import InputError
from patron.profiles.events import lines
from patron.profiles.known_orders import EXACT, Amount, Known, Order, Place, known_orders
from patron.profiles.lookup import Profile, owners, stored_ids
from patron.profiles.order_worth import Left, worth, worth_as_placed
from patron.profiles.own_events import OwnEvents
from patron.warehouse.rows import Rows
from patron.warehouse.standing import Standing

_SIX_PLACES = Decimal("0.000001")


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
    known = known_orders(cursor, own, rows, as_of, brand).get(0, [])
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
    own_events: OwnEvents | None = None,
) -> dict[int, list[Order]]:
    """As `orders`, of several: by profile id, so many of each.

    `own_events` are their events, where they were read already.
    """
    owned = owners(profiles)
    rows = rows or Rows(tuple(owned))
    known = known_orders(cursor, owned, rows, as_of, brand, own_events)
    shown = {own: every[:limit] for own, every in known.items()}
    return _with_lines(cursor, owned, rows, as_of, shown, own_events)


def _with_lines(
    cursor: Cursor,
    owned: Mapping[int, int],
    rows: Rows,
    as_of: datetime,
    shown: Mapping[int, list[Known]],
    own_events: OwnEvents | None = None,
) -> dict[int, list[Order]]:
    told = [one.position for every in shown.values() for one in every if one.position is not None]
    comes_to: dict[int, Left] = {}
    if own_events is None:
        lines_of = lines(cursor, told, rows)
    else:
        lines_of = own_events.lines
        comes_to = _as_placed(shown, own_events)
    left = {
        own: [one for one in every if one.position not in comes_to] for own, every in shown.items()
    }
    if any(one.position is not None for every in left.values() for one in every):
        alone = all(one.alone for every in left.values() for one in every)
        comes_to |= worth(cursor, owned, rows, as_of, _positions(left), alone=alone)
    return {
        own: [
            msgspec.structs.replace(
                _settled(one, comes_to), lines=tuple(lines_of.get(one.position or 0, ()))
            )
            for one in every
        ]
        for own, every in shown.items()
    }


def _as_placed(shown: Mapping[int, list[Known]], own_events: OwnEvents) -> dict[int, Left]:
    """What those orders come to that were placed, and of which nothing follows from lines."""
    found = {
        one.position: worth_as_placed(
            own_events.by_position[one.position],
            own_events.lines.get(one.position, ()),
            lambda: own_events.costs_are_declared,
        )
        for every in shown.values()
        for one in every
        if one.alone and one.position is not None
    }
    return {position: left for position, left in found.items() if left is not None}


def _settled(one: Known, comes_to: Mapping[int, Left]) -> Order:
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
    return _summed(cursor, own, rows, as_of, known_orders(cursor, own, rows, as_of), [0])[0]


def order_summaries(
    cursor: Cursor,
    profiles: Sequence[Standing],
    as_of: datetime,
    *,
    brand: str | None = None,
    rows: Rows | None = None,
    own_events: OwnEvents | None = None,
) -> dict[int, OrderSummary]:
    """As `order_summary`, of several: by profile id; of one brand where it is given.

    `own_events` are their events, where they were read already.
    """
    owned, asked = owners(profiles), [one.profile_id for one in profiles]
    rows = rows or Rows(tuple(owned))
    known = known_orders(cursor, owned, rows, as_of, brand, own_events)
    return _summed(cursor, owned, rows, as_of, known, asked)


def _summed(
    cursor: Cursor,
    owned: Mapping[int, int],
    rows: Rows,
    as_of: datetime,
    known: Mapping[int, list[Known]],
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
            EXACT.quantize(EXACT.divide(revenue, Decimal(len(revenues))), _SIX_PLACES)
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
        total = EXACT.add(total, amount)
    return None if untold and not amounts else total


def _positions(known: Mapping[int, list[Known]]) -> list[int]:
    return [at for every in known.values() for one in every for at in one.positions]


def _token(place: Place) -> str:
    at, *rest = place
    return base64.urlsafe_b64encode(msgspec.json.encode([at.isoformat(), *rest])).decode()


def _read_token(token: str) -> Place:
    try:
        place: Place = structs.decode(base64.urlsafe_b64decode(token), Place)
    except (ValueError, msgspec.DecodeError):
        raise InputError(
            "cursor: expected one that an earlier page gave.", field="cursor"
        ) from None
    return place
