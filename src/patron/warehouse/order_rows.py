"""Orders as rows: each (brand, order id) of a customer as it stood at a moment (M44).

Profiles show orders and segments ask of them; both read what is made here, so an order comes to the
same wherever it is looked at. What an order is worth hangs on several events, which may come in any
order, so nothing is stored: the rows follow from the events that were seen by then.
"""

from __future__ import annotations

from collections.abc import Iterable

from patron.spec.commerce import (
    ORDER_CHANGES,
    ORDER_EVENTS,
    ORDER_STATES,
    REFUNDS,
    RETURNED,
    TELLING,
)


def order_rows(
    events: str, lines: str, key: str, *, costs: bool = True, alone: bool = False
) -> str:
    """A query for the orders of customers, with what each comes to.

    Args:
        events: What to read events from: those that were seen by then, with the columns of
            `events` and `key`.
        lines: The same of order lines.
        key: The column that says whose a row is, or which question it is gathered for.
        costs: Whether `cost` and `margin` are asked for; most lines need not be read otherwise.
        alone: Whether each order is known to be told by one event, and by no other: all that
            updates, cancellations, refunds and exchanges have a part in is left out, which takes
            the engine two thirds of the time for one customer: it has less to plan.

    Returns:
        The columns of `events` as the latest `Order Completed` or `Order Updated` says them, but
        `occurred_at` is when the order was placed; and `state`, `gross`, `exchanged`, `refunded`,
        `refunds` (how many), `net`, `cost`, `margin`.
    """
    return _query(_ALONE if alone else _STANDING, _ORDERS, events, lines, key, costs=costs)


def refund_rows(events: str, lines: str, key: str) -> str:
    """A query for what was paid back, refund by refund, as `order_rows` counts it.

    Args:
        events: What to read events from, as of `order_rows`: whoever asks for a refund has to give
            all events of its order.
        lines: The same of order lines.
        key: The column that says whose a row is.

    Returns:
        `key`, `occurred_at`, `currency` and `amount` of every refund that counts. Those of an order
        add up to its `refunded`: one that takes all takes what the others left, which is less than
        nothing where they took more than there was. Where `refunded` cannot be known in the order's
        currency, or the order was never placed, the amount is what the refund names, in its own
        currency; NULL where it names none.
    """
    return _query(_STANDING, _REFUNDS, events, lines, key, costs=False)


def _query(
    stages: tuple[str, ...], asked: str, events: str, lines: str, key: str, *, costs: bool
) -> str:
    return f"\nwith {','.join(stages)}{asked}".format(
        events=events,
        lines=lines,
        key=f'"{key}"',
        only="" if costs else "and position in (select position from wanted)",
        every=texts(ORDER_EVENTS),
        states=texts(ORDER_STATES),
        changes=texts(ORDER_CHANGES),
        back=texts(REFUNDS),
        returned=f"'{RETURNED}'",
        telling=texts(TELLING),
        own_cost=_number("properties['cost']"),
        order_cost=_number("e.properties['cost']"),
        known_cost=_number("attributes['cost']"),
        amount=_six("amount"),
        cost=_six("cost"),
    )


def texts(names: Iterable[str]) -> str:
    """Names of events as SQL, always in the same order.

    >>> texts({"Order Updated", "Order Completed"})
    "'Order Completed', 'Order Updated'"
    """
    return ", ".join(f"'{name}'" for name in sorted(names))


def _number(value: str) -> str:
    """A number of JSON as a decimal of six places; NULL for anything else."""
    cases = " ".join(
        f"when '{stored}' then try_cast({cast} as decimal(18, 6))"
        for stored, cast in (
            ("UINT64", f"try_cast({value} as ubigint)"),
            ("INT64", f"try_cast({value} as bigint)"),
            ("DOUBLE", f"round_even(try_cast({value} as double), 6)"),
        )
    )
    return f"case variant_typeof({value}) {cases} end"


def _six(column: str) -> str:
    """A column of twelve places in six, half to even.

    The engine rounds halves away from zero: too far, where the digit before is even.
    """
    away, too_far = f"try_cast({column} as decimal(30, 6))", f"abs({column}) % 0.000002 = 0.0000005"
    return f"case when {too_far} then {away} - sign({column}) * 0.000001 else {away} end"


_PLACED = """
told as (
    select {key}, position, brand, order_id, case when order_id is null then position end as alone,
        occurred_at, source_id, message_id, name in ({telling}) as tells
    from {events}
    where name in ({states}) and (order_id is not null or name = 'Order Completed')
),
counted as (
    select {key}, brand, order_id, alone, count(*) as events, any_value(position) as position,
        any_value(occurred_at) as placed_at, any_value(tells) as tells
    from told group by {key}, brand, order_id, alone
),
placed as (
    select {key}, brand, order_id, position, placed_at, false as cancelled
    from counted where events = 1 and tells
    union all
    select {key}, brand, order_id, arg_max(position, place) filter (where tells),
        min(occurred_at) filter (where tells), arg_max(not tells, place)
    from (
        select t.{key}, t.brand, t.order_id, t.position, t.occurred_at, t.tells,
            row(t.occurred_at, t.source_id, t.message_id) as place
        from told as t semi join counted as c
            on c.{key} = t.{key} and c.brand = t.brand and c.order_id = t.order_id and c.events > 1
    )
    group by {key}, brand, order_id having bool_or(tells)
)"""

_PLACED_ALONE = """
placed as (
    select {key}, brand, order_id, position, occurred_at as placed_at, false as cancelled
    from {events}
    where name in ({telling}) and (order_id is not null or name = 'Order Completed')
)"""

_CATALOGUE = """
known as (
    select brand, {known_cost} as cost, entity_id, alias,
        coalesce(try_cast(attributes['cost_currency'] as varchar),
            try_cast(attributes['currency'] as varchar)) as currency
    from reachable_entities where kind = 'product'
),
by_id as (
    select brand, entity_id as product_id, any_value(cost) as cost, any_value(currency) as currency
    from known where cost is not null group by brand, entity_id
),
by_sku as (
    select brand, alias as sku, any_value(cost) as cost, any_value(currency) as currency
    from known where cost is not null group by brand, alias
    having count(distinct row(cost, currency)) = 1
)"""

_CHANGES = """
changes as (
    select {key}, position, occurred_at, source_id, message_id, name in ({back}) as refund,
        name = {returned} as one_product, brand, order_id, currency, total,
        case when name <> {returned} then {own_cost} end as cost,
        try_cast(case when name in ({back}) then properties['refund_id']
            else properties['exchange_id'] end as varchar) as change_id
    from {events} where name in ({changes}) and order_id is not null
    qualify change_id is null
        or case when name = {returned}
            then bool_and(one_product) over (partition by {key}, brand, order_id, refund, change_id)
            else row_number() over (
                partition by {key}, brand, order_id, name, change_id
                order by occurred_at desc, source_id desc, message_id desc
            ) = 1 end
),
touched as (
    select c.{key}, c.position, p.position as order_position, c.total is null as by_line
    from changes as c
    join placed as p on p.{key} = c.{key} and p.brand = c.brand and p.order_id = c.order_id
),
wanted as (
    select position from touched where by_line
    union all select order_position from touched where by_line
    union all select position from {events}
        where name in ({telling}) and revenue is null and total is null
)"""

_NO_CHANGES = """
wanted as (
    select position from {events} where name in ({telling}) and revenue is null and total is null
)"""

_COSTED = """
costed as (
    select l.{key}, l.position, l.line, coalesce(l.product_id, l.sku) as product, l.price,
        coalesce(l.quantity, 1) as quantity, l.cost as own_cost,
        coalesce(
            case when coalesce(i.currency, l.currency, '') = coalesce(l.currency, '')
                then i.cost end,
            case when coalesce(s.currency, l.currency, '') = coalesce(l.currency, '')
                then s.cost end) as known_cost
    from (
        select {key}, position, line, brand, currency, product_id, sku, price, quantity,
            {own_cost} as cost
        from {lines} where name in ({every}) {only}
    ) as l
    left join by_id as i on i.brand = l.brand and i.product_id = l.product_id
    left join by_sku as s on s.brand = l.brand and s.sku = l.sku
)"""

_FILLED = """
bought as (
    select l.{key}, l.position, l.product, arg_min(l.price, l.line) as price,
        arg_min(coalesce(l.own_cost, l.known_cost), l.line) as cost
    from costed as l
    semi join touched as t on t.{key} = l.{key} and t.order_position = l.position
    group by l.{key}, l.position, l.product
),
filled as (
    select l.{key}, l.position, l.quantity,
        cast(coalesce(l.price, b.price) as decimal(20, 6)) as wide_price,
        cast(coalesce(l.own_cost, b.cost, l.known_cost) as decimal(20, 6)) as wide_cost
    from costed as l
    left join touched as t on t.{key} = l.{key} and t.position = l.position
    left join bought as b
        on b.{key} = t.{key} and b.position = t.order_position and b.product = l.product
)"""

_FILLED_ALONE = """
filled as (
    select {key}, position, quantity, cast(price as decimal(20, 6)) as wide_price,
        cast(coalesce(own_cost, known_cost) as decimal(20, 6)) as wide_cost
    from costed
)"""

_AMOUNTS = """
summed as (
    select {key}, position, {amount} as amount, {cost} as cost
    from (
        select {key}, position,
            case when count(wide_price) = count(*)
                then sum(try_cast(wide_price * quantity as decimal(30, 12))) end as amount,
            case when count(wide_cost) = count(*)
                then sum(try_cast(wide_cost * quantity as decimal(30, 12))) end as cost
        from filled group by {key}, position
    )
),
orders as (
    select p.{key}, p.placed_at, p.cancelled, e.position, e.source_id, e.message_id,
        e.brand, e.channel, e.order_id, e.currency, e.revenue, e.total, e.tax, e.shipping,
        e.discount, e.coupon, e.properties,
        coalesce(e.revenue, e.total, l.amount) as amount,
        coalesce({order_cost}, l.cost) as cost
    from placed as p
    join {events} as e on e.{key} = p.{key} and e.position = p.position
    left join summed as l on l.{key} = p.{key} and l.position = p.position
)"""

_LEFT = """
valued as (
    select c.{key}, c.brand, c.order_id, c.refund, c.currency, c.total, c.occurred_at, c.source_id,
        c.message_id,
        coalesce(c.total, l.amount, case when not c.refund and l.position is null then 0 end)
            as amount,
        coalesce(c.cost, l.cost, case when l.position is null and not c.one_product then 0 end)
            as cost,
        c.refund and not c.one_product and c.total is null and l.position is null as whole
    from changes as c
    left join summed as l on l.{key} = c.{key} and l.position = c.position
),
changed as (
    select o.{key}, o.brand, o.order_id, count(*) filter (where c.refund) as refunds,
        count(*) filter (where not c.refund) as exchanges,
        sum(c.amount) filter (where c.refund) as refunded,
        sum(c.amount) filter (where not c.refund) as exchanged,
        sum(case when c.refund then -c.cost else c.cost end) as cost,
        bool_or(c.whole) as whole,
        bool_or((c.amount is null and not c.whole)
            or coalesce(c.currency, o.currency, '') <> coalesce(o.currency, '')) as unclear,
        bool_or(c.cost is null) as cost_unclear
    from orders as o
    join valued as c on c.{key} = o.{key} and c.brand = o.brand and c.order_id = o.order_id
    group by o.{key}, o.brand, o.order_id
),
stands as (
    select o.*, coalesce(c.refunds, 0) as refunds, coalesce(c.exchanges, 0) as exchanges,
        coalesce(c.whole, false) as whole, o.cancelled or coalesce(c.whole, false) as nothing_left,
        case when c.unclear then null else o.amount + coalesce(c.exchanged, 0) end as kept,
        case when c.unclear then null else coalesce(c.refunded, 0) end as given_back,
        case when c.unclear then null else coalesce(c.exchanged, 0) end as difference,
        case when c.cost_unclear then null else o.cost + coalesce(c.cost, 0) end as cost_kept
    from orders as o
    left join changed as c on c.{key} = o.{key} and c.brand = o.brand and c.order_id = o.order_id
)
"""

_ALL_LEFT = """
stands as (
    select *, 0 as refunds, 0 as exchanges, false as whole, cancelled as nothing_left,
        amount as kept, 0 as given_back, 0 as difference, cost as cost_kept
    from orders
)
"""

_STANDING = (_PLACED, _CATALOGUE, _CHANGES, _COSTED, _FILLED, _AMOUNTS, _LEFT)
_ALONE = (
    _PLACED_ALONE, _CATALOGUE, _NO_CHANGES, _COSTED, _FILLED_ALONE, _AMOUNTS, _ALL_LEFT,
)  # fmt: skip

_ORDERS = """
select {key}, position, placed_at as occurred_at, source_id, message_id, brand, channel, order_id,
    currency, revenue, total, tax, shipping, discount, coupon, properties,
    case when cancelled then 'cancelled'
        when whole or coalesce(given_back >= kept and given_back <> 0, false) then 'refunded'
        when refunds > 0 and given_back is distinct from 0 then 'partly refunded'
        when exchanges > 0 then 'exchanged' else 'completed' end as state,
    try_cast(amount + coalesce(discount, 0) as decimal(18, 6)) as gross,
    try_cast(difference as decimal(18, 6)) as exchanged, refunds,
    try_cast(case when whole then kept else given_back end as decimal(18, 6)) as refunded,
    try_cast(case when nothing_left then 0 else kept - given_back end as decimal(18, 6)) as net,
    try_cast(case when nothing_left then 0 else cost_kept end as decimal(18, 6)) as cost,
    try_cast(case when nothing_left then 0 else kept - given_back - cost_kept end
        as decimal(18, 6)) as margin
from stands
"""

_REFUNDS = """
select c.{key}, c.occurred_at,
    case when s.known then s.currency else coalesce(c.currency, s.currency) end as currency,
    case when not coalesce(s.known, false) then c.total
        when not c.whole then c.amount
        when row_number() over (
            partition by c.{key}, c.brand, c.order_id, c.refund, c.whole
            order by c.occurred_at, c.source_id, c.message_id
        ) = 1 then s.kept - s.given_back
        else 0 end as amount
from valued as c
left join (
    select *, case when whole then kept else given_back end is not null as known from stands
) as s on s.{key} = c.{key} and s.brand = c.brand and s.order_id = c.order_id
where c.refund
"""
