"""The timeline: what a customer did, newest first, a page at a time."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from patron.engines.duckdb import Cursor
from patron.errors import InputError
from patron.profiles.encoding import decode
from patron.profiles.lookup import Profile, marks, stored_ids
from patron.profiles.traits import source_names

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC by convention
_MICROSECOND = timedelta(microseconds=1)

# The page is chosen from three narrow columns; the wide ones are read for its rows only.
_PAGE = """
with page as materialized (
    select rowid as row_number
    from events
    where {where}
    order by occurred_at desc, position desc
    limit ?
)
select position, name, type, occurred_at, received_at, source_id, brand, channel, properties::JSON,
    order_id, currency, revenue, total, tax, shipping, discount, coupon, message_id
from events
where rowid in (select row_number from page)
order by occurred_at desc, position desc
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


class Event(msgspec.Struct, frozen=True):
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


class Page(msgspec.Struct, frozen=True):
    """Some events, newest first.

    Attributes:
        events: The events.
        next: What to give as `before` for the page that follows; None when this is the last.
    """

    events: tuple[Event, ...]
    next: str | None


def timeline(
    cursor: Cursor,
    profile: Profile,
    as_of: datetime,
    *,
    before: str | None = None,
    limit: int = 50,
    names: Sequence[str] | None = None,
) -> Page:
    """One page of what a customer did, newest first.

    Pages that follow each other repeat nothing and leave nothing out, also while events arrive: a
    new event is on a later page if its time lies there, and on none if the pages have passed it.

    Args:
        cursor: On the workspace.
        profile: One that stands.
        as_of: Events after it are left out.
        before: `next` of the page before.
        limit: How many events at most.
        names: Only events of these names.

    Raises:
        InputError: `before` is no such token, or `limit` is smaller than 1.
    """
    if limit < 1:
        raise InputError("limit: expected 1 or more.", field="limit")
    ids = stored_ids(cursor, profile)
    where = [f"profile_id in ({marks(ids)})", "occurred_at <= ?"]
    params: list[Any] = [*ids, as_of]
    if before is not None:
        moment, position = _read_token(before)
        where.append("occurred_at <= ? and (occurred_at < ? or position < ?)")
        params += [moment, moment, position]
    if names is not None:
        where.append("name in (select unnest(?))")
        params.append(list(names))
    # One more than asked for tells whether another page follows.
    cursor.execute(_PAGE.format(where=" and ".join(where)), [*params, limit + 1])
    rows = cursor.all()
    shown = rows[:limit]
    positions = [row[0] for row in shown]
    names_of = source_names(cursor)
    lines_of = lines(cursor, positions)
    return Page(
        events=tuple(
            _event(row, names_of.get(row[5]), tuple(lines_of.get(row[0], ()))) for row in shown
        ),
        next=_token(shown[-1][3], shown[-1][0]) if len(rows) > limit else None,
    )


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


def _token(occurred_at: datetime, position: int) -> str:
    text = f"{(occurred_at - _EPOCH) // _MICROSECOND},{position}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_token(token: str) -> tuple[datetime, int]:
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        moment, position = base64.b64decode(padded, altchars=b"-_", validate=True).split(b",")
        if int(position) < 0 or int(position) >= 2**63:
            raise ValueError(position)
        return _EPOCH + int(moment) * _MICROSECOND, int(position)
    except (ValueError, UnicodeEncodeError, binascii.Error, OverflowError):
        raise InputError(
            "before: expected the token that came with the page before.", field="before"
        ) from None
