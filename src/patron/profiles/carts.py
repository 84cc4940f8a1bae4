"""What a customer left behind: per brand, how far they came since their last order, and with what.

The same cart as conditions ask about (M33), but for one brand at a time, and with a stage more:
who only looked at products has `viewed` some.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from patron.engines.duckdb import Cursor
from patron.profiles.lookup import Profile, stored_ids
from patron.spec.commerce import CART_STAGES, ORDERED

Stage = Literal["viewed", "cart", "checkout", "shipping", "payment"]

_EVENTS: dict[str, Stage] = {
    "Product Viewed": "viewed",
    **{event: stage for stage, event in CART_STAGES.items()},  # type: ignore[misc]
}
_IN_AND_OUT = {"Product Added": 1, "Product Removed": -1}

_SINCE = """
with since as (
    select brand, max(occurred_at) as ordered_at from events
    where profile_id in ({ids}) and name = '{ordered}' and occurred_at <= $as_of
    group by brand
)
"""
_FURTHEST = """
select e.brand, e.name, max(e.occurred_at) as at
from events as e left join since as s on s.brand = e.brand
where e.profile_id in ({ids}) and e.name in ({names}) and e.occurred_at <= $as_of
    and (s.ordered_at is null or e.occurred_at > s.ordered_at)
group by e.brand, e.name
"""
_INSIDE = """
select l.brand, l.name, l.product_id, l.sku, l.product_name, l.price, l.currency, l.quantity
from order_lines as l left join since as s on s.brand = l.brand
where l.profile_id in ({ids}) and l.name in ({names}) and l.occurred_at <= $as_of
    and (s.ordered_at is null or l.occurred_at > s.ordered_at)
order by l.occurred_at, l.position, l.line
"""


class CartItem(msgspec.Struct, frozen=True):
    """A product that lies in a cart; its price is the one that was seen last."""

    product_id: str | None
    sku: str | None
    product_name: str | None
    quantity: Decimal
    price: Decimal | None
    currency: str | None


class Cart(msgspec.Struct, frozen=True):
    """What was left at one brand.

    Attributes:
        brand: The brand.
        stage: The furthest that was reached since the last order there.
        last_at: When something last happened in it.
        items: What was put in and not taken out.
    """

    brand: str
    stage: Stage
    last_at: datetime
    items: tuple[CartItem, ...]


def carts(
    cursor: Cursor, profile: Profile, as_of: datetime, *, brand: str | None = None
) -> list[Cart]:
    """A customer's open carts, the latest first.

    Args:
        cursor: On the workspace.
        profile: One that stands.
        as_of: What happened after it is not known yet.
        brand: Only the one at this brand.
    """
    ids = ", ".join(map(str, stored_ids(cursor, profile)))
    since = _SINCE.format(ids=ids, ordered=ORDERED)

    def rows(sql: str, names: list[str]) -> list[Any]:
        named = ", ".join(f"'{name}'" for name in names)
        return cursor.execute(since + sql.format(ids=ids, names=named), {"as_of": as_of}).all()

    reached: dict[str, list[tuple[str, datetime]]] = {}
    for at_brand, name, at in rows(_FURTHEST, [*_EVENTS]):
        reached.setdefault(at_brand, []).append((name, at))
    inside = _items(rows(_INSIDE, [*_IN_AND_OUT])) if reached else {}
    found = [
        Cart(
            at_brand,
            _furthest(names),
            max(at for _, at in names),
            tuple(inside.get(at_brand, ())),
        )
        for at_brand, names in reached.items()
        if brand in (None, at_brand)
    ]
    return sorted(found, key=lambda cart: (cart.last_at, cart.brand), reverse=True)


def _furthest(names: list[tuple[str, datetime]]) -> Stage:
    order = list(_EVENTS)
    return _EVENTS[max((name for name, _ in names), key=order.index)]


def _items(rows: list[Any]) -> dict[str, list[CartItem]]:
    inside: dict[tuple[str, str], CartItem] = {}
    for brand, event, product_id, sku, name, price, currency, quantity in rows:
        key = brand, product_id or sku or name or ""
        before = inside.get(key)
        moved = _IN_AND_OUT[event] * (Decimal(1) if quantity is None else quantity)
        there, seen = (before.quantity, before.price) if before else (Decimal(0), None)
        left = max(there + moved, Decimal(0))
        last = seen if price is None else price
        inside[key] = CartItem(product_id, sku, name, left, last, currency)
    found: dict[str, list[CartItem]] = {}
    for (brand, _), item in inside.items():
        if item.quantity > 0:
            found.setdefault(brand, []).append(item)
    return found
