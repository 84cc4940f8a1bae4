"""How a customer's orders stand, and what is left of them: see `warehouse.order_rows`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec

from patron.engines.duckdb import Cursor
from patron.profiles.encoding import decode
from patron.profiles.events import EventRow, Line
from patron.spec.commerce import ORDER_EVENTS
from patron.warehouse.order_rows import order_rows, texts
from patron.warehouse.rows import Rows

State = Literal["completed", "exchanged", "partly refunded", "refunded", "cancelled"]


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """What one order comes to, in its currency; amounts are None where they cannot be known.

    Attributes:
        state: How it stands.
        channel: Where it was placed: store, web, …
        payment_method: How it was paid, where a text says so.
        discount: What was taken off.
        gross: Its amount before that.
        exchanged: What was paid beside for exchanges; less than 0 for what was paid back.
        net: Its amount, with exchanges, without refunds; 0 of a cancelled order.
        cost: What the goods cost that the customer has.
        margin: Net without cost.
    """

    state: State
    channel: str | None = None
    payment_method: str | None = None
    discount: Decimal | None = None
    gross: Decimal | None = None
    exchanged: Decimal | None = None
    net: Decimal | None = None
    cost: Decimal | None = None
    margin: Decimal | None = None


class Left(NamedTuple):
    """What an order comes to after its refunds.

    Attributes:
        worth: What is left.
        refunds: How many refunds count: of those that bear one id the latest.
        refunded: What they come to, in its currency; None where that cannot be known.
    """

    worth: Worth
    refunds: int
    refunded: Decimal | None


FEW = 1_000
"""Of so many rows at most each is named."""

_WORTH = """
with owned as (
    select unnest($stored::bigint[]) as profile_id, unnest($owners::bigint[]) as own
),
own_events as materialized (
    select own, seen.* exclude (profile_id) from {events} as seen join owned using (profile_id)
),
own_lines as materialized (
    select own, seen.* exclude (profile_id) from {lines} as seen join owned using (profile_id)
    where position in (select position from own_events)
)
select position, state, channel,
    case when variant_typeof(properties['payment_method']) = 'VARCHAR'
        then try_cast(properties['payment_method'] as varchar) end,
    discount, gross, exchanged, net, cost, margin, refunds, refunded
from ({orders})
"""


_NOTHING = Decimal("0.000000")

_TOO_LARGE = 10**12
"""Amounts have twelve digits before the point."""


def worth_as_placed(
    placed: EventRow, lines: Sequence[Line], costs_are_declared: Callable[[], bool]
) -> Left | None:
    """What an order comes to of which nothing more is known than that it was placed.

    As `worth` has it, but without a query, of which planning alone takes twenty milliseconds.

    Args:
        placed: The only event that tells of it.
        lines: Its lines.
        costs_are_declared: Whether products may have costs of their own.

    Returns:
        None where amounts or costs follow from the lines: then `worth` has to be asked.
    """
    amount = placed.total if placed.revenue is None else placed.revenue
    said = decode(placed.properties)
    said = said if isinstance(said, dict) else {}
    cost = said.get("cost")
    if amount is None or isinstance(cost, float):
        return None
    own = Decimal(cost) if type(cost) is int and abs(cost) < _TOO_LARGE else None
    if own is None and lines:
        untold = any(_tells_no_cost(line) for line in lines)
        if not untold or costs_are_declared():
            return None
    method = said.get("payment_method")
    gross = amount + (placed.discount or _NOTHING)
    return Left(
        Worth(
            state="completed",
            channel=placed.channel,
            payment_method=method if isinstance(method, str) else None,
            discount=placed.discount,
            gross=gross if abs(gross) < _TOO_LARGE else None,
            exchanged=_NOTHING,
            net=amount,
            cost=own,
            margin=None if own is None or abs(amount - own) >= _TOO_LARGE else amount - own,
        ),
        refunds=0,
        refunded=_NOTHING,
    )


def _tells_no_cost(line: Line) -> bool:
    """Whether it is certain; numbers that the engine has to read are not."""
    said = line.properties
    cost = said.get("cost") if isinstance(said, dict) else None
    return cost is None or isinstance(cost, str | bool)


def worth(
    cursor: Cursor,
    owned: Mapping[int, int],
    rows: Rows,
    as_of: datetime,
    positions: Sequence[int],
    *,
    alone: bool = False,
) -> dict[int, Left]:
    """What each order of customers comes to, by the position of the event that tells of it.

    Args:
        cursor: On the workspace.
        owned: The ids under which rows of customers are stored, and whose rows those are.
        rows: Of these customers.
        as_of: What happened after it is not known yet.
        positions: Of all events that tell of the orders that are asked for.
        alone: Whether nothing more was said of any order that is asked for than that it was placed.
    """
    where = f"occurred_at <= $as_of and name in ({texts(ORDER_EVENTS)})"
    # To look for the rows of a customer takes ten times as long as to read those that are known.
    few = f" and position in ({', '.join(map(str, positions))})" if len(positions) <= FEW else ""
    cursor.execute(
        _WORTH.format(
            events=rows.of("events", "*", where + few),
            lines=rows.of("order_lines", "*", where),
            orders=order_rows("own_events", "own_lines", "own", alone=alone),
        ),
        {"as_of": as_of, "stored": list(owned), "owners": list(owned.values())},
    )
    names = Worth.__struct_fields__
    return {
        position: Left(Worth(**dict(zip(names, values, strict=True))), refunds, refunded)
        for position, *values, refunds, refunded in cursor.all()
    }
