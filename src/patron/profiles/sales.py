"""What groups of customers bought in a period, set at a time.

Orders mean what they mean on a profile (`orders.py`): a customer's order is (brand, order id) in
its latest state; an `Order Completed` without an order id is one by itself. One that was cancelled
does not count. An order lies in the period in which it was first completed or updated; a refund in
the one in which it happened, with what it comes to by all that is known of its order (M44).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

import msgspec

from patron.engines.duckdb import Cursor
from patron.spec.commerce import ORDER_EVENTS, REFUNDS, TELLING
from patron.warehouse.order_rows import order_rows, refund_rows, texts

_SIX_PLACES = Decimal("0.000001")
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)


class Cohort(msgspec.Struct, frozen=True):
    """Customers, and a period in which their orders count.

    Attributes:
        members: Query for their profile ids.
        start: The first moment of the period, in UTC.
        end: The first moment after it.
    """

    members: str
    start: datetime
    end: datetime


class CurrencySales(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold in one currency.

    Attributes:
        currency: None for orders that name none.
        orders: How many.
        revenue: Sum of their revenue.
        average_order_value: Revenue by order that has one, half-even to 6 places.
        revenue_per_member: Revenue by member, half-even to 6 places.
        refunded: What was paid back in the period, for whichever orders: see
            `order_rows.refund_rows`. Refunds of which that cannot be known are left out.
        net_revenue: What is left of these orders: see `order_worth`. Orders of which that cannot
            be known are left out.
        margin: The same without what the goods cost; None where the costs of no order are known.
        orders_with_margin: Of how many orders the margin is known.
    """

    currency: str | None
    orders: int
    revenue: Decimal
    average_order_value: Decimal | None
    revenue_per_member: Decimal | None
    refunded: Decimal
    net_revenue: Decimal
    margin: Decimal | None
    orders_with_margin: int


class Sales(msgspec.Struct, frozen=True, kw_only=True):
    """What a cohort bought in its period; rates are None where there is nothing to divide by.

    Attributes:
        members: How many customers the cohort has.
        buyers: How many of them have an order in the period.
        buyer_rate: Buyers by member.
        repeat_buyers: How many have two orders or more in it.
        repeat_rate: Repeat buyers by buyer.
        orders: Orders of all currencies.
        orders_per_member: Orders by member.
        orders_per_buyer: Orders by buyer: how often who buys does so.
        by_currency: Amounts of different currencies are never added.
    """

    members: int
    buyers: int
    buyer_rate: Decimal | None
    repeat_buyers: int
    repeat_rate: Decimal | None
    orders: int
    orders_per_member: Decimal | None
    orders_per_buyer: Decimal | None
    by_currency: tuple[CurrencySales, ...]


_ORDERS = """
with members as materialized ({members}),
periods as (
    select unnest($numbers::INTEGER[]) as cohort,
        unnest($starts::TIMESTAMP[]) as start_at, unnest($ends::TIMESTAMP[]) as end_at
),
-- Read anew by each that needs it: to keep all of them would take longer.
order_events as not materialized (
    select profile_id, brand, coalesce('i' || order_id, 'p' || position) as order_key, name,
        occurred_at, source_id, message_id, currency, revenue
    from {events}
    where name in ('Order Completed', 'Order Updated', 'Order Cancelled')
        and (order_id is not null or name = 'Order Completed') and occurred_at <= $as_of
        and profile_id in (select profile_id from members)
),
touched as (
    select distinct profile_id, brand, order_key from order_events
    where occurred_at >= (select min(start_at) from periods)
        and occurred_at < (select max(end_at) from periods)
),
orders as materialized (
    select profile_id, brand, order_key,
        min(occurred_at) filter (name in ('Order Completed', 'Order Updated')) as ordered_at,
        arg_max(
            {{'currency': currency, 'revenue': revenue}}, row(occurred_at, source_id, message_id)
        ) filter (name in ('Order Completed', 'Order Updated')) as said,
        arg_max(name = 'Order Cancelled', row(occurred_at, source_id, message_id)) as cancelled
    from order_events semi join touched using (profile_id, brand, order_key)
    group by profile_id, brand, order_key
),
sold as materialized (
    select m.cohort, m.profile_id, o.said.currency as currency, o.said.revenue as revenue
    from orders as o join members as m using (profile_id) join periods as p using (cohort)
    where o.ordered_at >= p.start_at and o.ordered_at < p.end_at and not o.cancelled
)
select 'members' as what, cohort, null as currency, count(*) as number, 0 as of_these,
    null as amount
from members group by cohort
union all
select 'buyers', cohort, null, count(*), count(*) filter (orders >= 2), null
from (select cohort, profile_id, count(*) as orders from sold group by cohort, profile_id)
group by cohort
union all
select 'sold', cohort, currency, count(*), count(revenue), sum(revenue)
from sold group by cohort, currency
"""

_OF_ORDERS = """
with members as materialized ({members}),
periods as (
    select unnest($numbers::INTEGER[]) as cohort,
        unnest($starts::TIMESTAMP[]) as start_at, unnest($ends::TIMESTAMP[]) as end_at
),
touched as materialized (
    select distinct profile_id, brand, coalesce('i' || order_id, 'p' || position) as order_key
    from {events}
    where name in ({touching}) and occurred_at <= $as_of
        and occurred_at >= (select min(start_at) from periods)
        and occurred_at < (select max(end_at) from periods)
        and profile_id in (select profile_id from members)
),
own_events as materialized (
    select e.* from {events} as e semi join touched as t on t.profile_id = e.profile_id
        and t.brand = e.brand and t.order_key = coalesce('i' || e.order_id, 'p' || e.position)
    where e.name in ({names}) and e.occurred_at <= $as_of
),
own_lines as materialized (
    select l.* from {lines} as l semi join own_events as e on e.position = l.position
    where l.name in ({names})
)
select cohort, currency, {amounts}
from ({rows}) as o join members as m using (profile_id) join periods as p using (cohort)
where o.occurred_at >= p.start_at and o.occurred_at < p.end_at and {counting}
group by cohort, currency
"""
"""Sums over orders of which something happened in the periods: all that was said of these."""

_READ = ("own_events", "own_lines", "profile_id")


def sales(cursor: Cursor, cohorts: Sequence[Cohort], *, as_of: datetime) -> list[Sales]:
    """What each cohort bought in its period, in three statements.

    Args:
        cursor: On the workspace, in the transaction that the queries for members were made in.
        cohorts: At least one.
        as_of: Orders are in the state that they had at this moment.
    """
    waiting = cursor.execute("select exists (select 1 from profile_map)").value()
    members = " union all ".join(
        f"select {number}::INTEGER as cohort, profile_id from ({cohort.members})"
        for number, cohort in enumerate(cohorts)
    )
    current = "current_" if waiting else ""
    read = {"members": members, "events": f"{current}events"}
    asked = {
        "numbers": list(range(len(cohorts))),
        "starts": [cohort.start for cohort in cohorts],
        "ends": [cohort.end for cohort in cohorts],
        "as_of": as_of,
    }

    def of_orders(**parts: str) -> dict[tuple[int, str | None], tuple[Any, ...]]:
        sql = _OF_ORDERS.format(
            **read, **parts, lines=f"{current}order_lines", names=texts(ORDER_EVENTS)
        )
        found = cursor.execute(sql, asked).all()
        return {(cohort, currency): tuple(rest) for cohort, currency, *rest in found}

    rows = [_Counted(*row) for row in cursor.execute(_ORDERS.format(**read), asked).all()]
    worth = of_orders(
        touching=texts(TELLING),
        rows=order_rows(*_READ),
        amounts="sum(net), sum(margin), count(margin)",
        counting="state <> 'cancelled'",
    )
    refunded = of_orders(
        touching=texts(REFUNDS),
        rows=refund_rows(*_READ),
        amounts="sum(amount)",
        counting="amount is not null",
    )
    return [
        _sales(
            [row for row in rows if row.cohort == number],
            {code: _Worth(*one) for (cohort, code), one in worth.items() if cohort == number},
            {code: one for (cohort, code), (one,) in refunded.items() if cohort == number},
        )
        for number in range(len(cohorts))
    ]


class _Worth(msgspec.Struct, frozen=True):
    """What is left of orders."""

    net: Decimal | None = None
    margin: Decimal | None = None
    orders_with_margin: int = 0


class _Counted(msgspec.Struct, frozen=True):
    """A row of the answer: what is counted, and how many of these are special."""

    what: str
    cohort: int
    currency: str | None
    number: int
    of_these: int
    amount: Decimal | None


def _sales(
    rows: list[_Counted],
    worth: dict[str | None, _Worth],
    refunded: dict[str | None, Decimal],
) -> Sales:
    members = next((row.number for row in rows if row.what == "members"), 0)
    buyers = next((row for row in rows if row.what == "buyers"), None)
    number, repeating = (buyers.number, buyers.of_these) if buyers else (0, 0)
    sold = {row.currency: row for row in rows if row.what == "sold"}
    orders = sum(row.number for row in sold.values())
    currencies = sorted(sold.keys() | refunded.keys(), key=lambda code: (code is None, code or ""))
    return Sales(
        members=members,
        buyers=number,
        buyer_rate=_rate(number, members),
        repeat_buyers=repeating,
        repeat_rate=_rate(repeating, number),
        orders=orders,
        orders_per_member=_rate(orders, members),
        orders_per_buyer=_rate(orders, number),
        by_currency=tuple(
            _in_currency(
                code, sold.get(code), refunded.get(code), members, worth.get(code, _Worth())
            )
            for code in currencies
        ),
    )


def _in_currency(
    currency: str | None,
    sold: _Counted | None,
    refunded: Decimal | None,
    members: int,
    worth: _Worth,
) -> CurrencySales:
    revenue = Decimal(0) if sold is None or sold.amount is None else sold.amount
    return CurrencySales(
        currency=currency,
        orders=sold.number if sold else 0,
        revenue=revenue,
        average_order_value=_rate(revenue, sold.of_these if sold else 0),
        revenue_per_member=_rate(revenue, members),
        refunded=refunded or Decimal(0),
        net_revenue=worth.net or Decimal(0),
        margin=worth.margin,
        orders_with_margin=worth.orders_with_margin,
    )


def _rate(amount: Decimal | int, by: int) -> Decimal | None:
    if not by:
        return None
    return _EXACT.quantize(_EXACT.divide(Decimal(amount), Decimal(by)), _SIX_PLACES)
