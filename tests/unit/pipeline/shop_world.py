"""A simulated shop in a workspace, and its numbers counted by hand in plain Python."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from patron import profiles
from patron.clock import ManualClock, format_time, parse_time
from patron.settings import Settings
from patron.testing.customers import Habits, simulate
from patron.testing.oracle import orders as oracle
from patron.workspace import Workspace

ZONE = "Europe/Amsterdam"
NOW = parse_time("2025-07-15T12:00:00Z")
EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
SEGMENTS = {
    "recent": 'did "Order Completed" in the last 60 days',
    "north": 'did "Order Completed" on brand "north"',
    "browsers": 'count("Page Viewed") >= 6',
    "loyal": "in segment north and in segment recent",
}


def open_world(folder: Path, customers: int = 30) -> Workspace:
    """A shop of two brands, with orders that are changed, cancelled and refunded."""
    clock = ManualClock(NOW)
    Workspace.create(folder, clock=clock)
    workspace = Workspace(folder, clock=clock, settings=Settings(time_zone=ZONE))
    names = [f"{brand}-{kind}" for brand in ("north", "south") for kind in ("web", "app", "store")]
    keys = workspace.apply(
        [
            {
                "kind": "source",
                "name": name,
                "body": {"type": name.split("-")[1], "brand": name.split("-")[0]},
            }
            for name in names
        ]
    )["write_keys"]
    made = simulate(customers, seed=11, habits=Habits(sessions=8.0, orders=0.6), days=190)
    by_source = defaultdict(list)
    chance = random.Random(5)
    for source, message in zip(made.sources, made.messages, strict=True):
        by_source[source] += [message, *_what_follows(message, chance)]
    for source, messages in by_source.items():
        for first in range(0, len(messages), 200):
            body = json.dumps({"batch": messages[first : first + 200]}).encode()
            workspace.collect_batch(body, keys[source]).result()
    for name, rule in SEGMENTS.items():
        workspace.put_segment(name, {"rule": rule})
    return workspace


def _what_follows(message: dict[str, Any], chance: random.Random) -> list[dict[str, Any]]:
    """Changes of an order, some at the very same moment; the order itself may change too."""
    if message.get("event") != "Order Completed":
        return []
    properties = message["properties"]
    if chance.random() < 0.3:
        properties["currency"] = "USD"
    if chance.random() < 0.1:
        del properties["order_id"]
        return []
    if chance.random() < 0.1:
        del properties["revenue"]
    more = []
    for serial in range(chance.choice((0, 0, 1, 2))):
        event = chance.choice(("Order Updated", "Order Cancelled", *["Order Refunded"] * 2,
                               "Product Returned", "Order Exchanged"))  # fmt: skip
        one = {**chance.choice(properties["products"]), "quantity": 1}
        said: dict[str, Any] = {"order_id": properties["order_id"]}
        if event == "Order Updated":
            said |= {"revenue": chance.randint(1, 300), "currency": chance.choice(("EUR", "USD"))}
        elif event == "Order Refunded":
            ways = ({"total": 5.5}, {"total": 3, "currency": "USD"}, {},
                    {"products": [one]}, {"total": 2, "refund_id": "r1"})  # fmt: skip
            said |= chance.choice(ways)
        elif event == "Product Returned":
            said |= {**one, "refund_id": chance.choice(("r1", "r2"))}
        elif event == "Order Exchanged":
            said |= {"total": chance.choice((-1, 2))}
        later = timedelta(days=chance.choice((0, 0, 1, 40)))
        at = parse_time(message["timestamp"]) + later
        carried = {k: message[k] for k in ("anonymousId", "userId", "context") if k in message}
        if "loyalty_card" in properties:
            said["loyalty_card"] = properties["loyalty_card"]
        more.append(
            {
                "type": "track",
                "event": event,
                "messageId": f"{message['messageId']}-{serial}",
                "timestamp": format_time(at),
                "properties": said,
                **carried,
            }
        )
    return more


def members(workspace: Workspace, name: str, as_of: datetime) -> set[int]:
    answer = workspace.members(name, as_of=as_of, limit=10_000)
    return {row["profile_id"] for row in answer["data"]}


def everybody(workspace: Workspace, as_of: datetime) -> set[int]:
    rows = workspace.sql("select profile_id, first_seen_at from customers")["rows"]
    found = set()
    for profile_id, first_seen_at in rows:
        text = str(first_seen_at)
        if parse_time(text) <= as_of:
            found.add(profile_id)
    return found


def bought(workspace: Workspace, who: set[int], start: datetime, end: datetime) -> dict[str, Any]:
    """What some customers bought in [start, end), counted row by row."""
    numbers: dict[int, int] = defaultdict(int)
    sold: dict[str | None, list[Decimal | None]] = defaultdict(list)
    refunded: dict[str | None, Decimal] = {}
    for (profile_id, _, _), rows in _orders(workspace).items():
        if profile_id not in who:
            continue
        told = [row for row in rows if row["name"] in ("Order Completed", "Order Updated")]
        lasting = [row for row in rows if row["name"] not in oracle.CHANGES]
        currency = told[-1]["currency"] if told else None
        for at, code, amount in paid_back(rows):
            if start <= at < end:
                refunded[code] = refunded.get(code, Decimal(0)) + amount
        stands = bool(told) and lasting[-1]["name"] != "Order Cancelled"
        if stands and start <= told[0]["occurred_at"] < end:
            numbers[profile_id] += 1
            sold[currency].append(told[-1]["revenue"])
    worth = _worth(workspace, who, start, end)
    buyers, orders = len(numbers), sum(numbers.values())
    repeating = sum(number > 1 for number in numbers.values())
    return {
        "members": len(who),
        "buyers": buyers,
        "buyer_rate": rate(buyers, len(who)),
        "repeat_buyers": repeating,
        "repeat_rate": rate(repeating, buyers),
        "orders": orders,
        "orders_per_member": rate(orders, len(who)),
        "orders_per_buyer": rate(orders, buyers),
        "by_currency": [
            _money(code, sold.get(code, []), refunded.get(code, Decimal(0)), len(who))
            | _left(worth[code])
            for code in sorted(sold.keys() | refunded.keys(), key=lambda c: (c is None, c or ""))
        ],
    }


def paid_back(life: list[dict[str, Any]]) -> list[tuple[datetime, str | None, Decimal]]:
    """Every refund of an order that counts: when it was, and what it comes to (M44)."""
    told = [row for row in life if row["name"] in oracle.TELLING]
    refunds = [*oracle.latest(life, "Order Refunded"), *oracle.returned(life)]
    stands = oracle.standing(life)
    if stands is None or stands["refunded"] is None:
        code = told[-1]["currency"] if told else None
        return [
            (one["occurred_at"], one["currency"] or code, one["total"])
            for one in refunds
            if one["total"] is not None
        ]
    amounts = [oracle.refunded(one, told[-1]) if oracle.says_what(one) else None for one in refunds]
    rest = stands["refunded"] - sum(_decimal(one) for one in amounts if one is not None)
    found = []
    for one, amount in zip(refunds, amounts, strict=True):
        comes_to = rest if amount is None else _decimal(amount)
        rest = Decimal(0) if amount is None else rest
        found.append((one["occurred_at"], told[-1]["currency"], comes_to))
    return found


def _decimal(amount: Fraction) -> Decimal:
    return Decimal(round(amount * 1_000_000)).scaleb(-6)


def _worth(
    workspace: Workspace, who: set[int], start: datetime, end: datetime
) -> dict[str | None, list[profiles.Order]]:
    """The orders that profiles show, by currency: those of the period that stand."""
    with workspace.reading(as_of=NOW) as reading:
        customers = list(profiles.standings(reading.cursor, who).values())
        shown = profiles.orders_of(reading.cursor, customers, reading.as_of) if customers else {}
    found = defaultdict(list)
    for order in (order for every in shown.values() for order in every):
        if order.ordered_at is not None and start <= order.ordered_at < end and not order.cancelled:
            found[order.currency].append(order)
    return found


def _left(orders: list[profiles.Order]) -> dict[str, Any]:
    margins = [order.margin for order in orders if order.margin is not None]
    nets = [order.net for order in orders if order.net is not None]
    return {
        "net_revenue": profiles.plain(sum(nets, Decimal(0))),
        "margin": profiles.plain(sum(margins, Decimal(0))) if margins else None,
        "orders_with_margin": len(margins),
    }


def _orders(workspace: Workspace) -> dict[tuple[int, str, str], list[dict[str, Any]]]:
    with workspace.reading() as reading:
        rows = reading.cursor.execute(
            "select * exclude (properties), try_cast(properties['refund_id'] as varchar) as "
            "refund_id from current_events where occurred_at <= ? "
            "and (name like 'Order %' or name = 'Product Returned')",
            [NOW],
        ).records()
        lines = defaultdict(list)
        for line in reading.cursor.execute(
            "select position, product_id, price, quantity from current_order_lines order by line"
        ).records():
            lines[line["position"]].append(line)
    found = defaultdict(list)
    for row in rows:
        row["lines"] = lines[row["position"]]
    for row in sorted(rows, key=lambda r: (r["occurred_at"], r["source_id"], r["message_id"])):
        if row["order_id"] is not None or row["name"] == "Order Completed":
            own = row["order_id"] or f"without an id, at {row['position']}"
            found[row["profile_id"], row["brand"], own].append(row)
    return found


def _money(
    code: str | None, revenues: list[Decimal | None], refunded: Decimal, size: int
) -> dict[str, Any]:
    known = [revenue for revenue in revenues if revenue is not None]
    total = sum(known, Decimal(0))
    return {
        "currency": code,
        "orders": len(revenues),
        "revenue": profiles.plain(total),
        "average_order_value": rate(total, len(known)),
        "revenue_per_member": rate(total, size),
        "refunded": profiles.plain(refunded),
    }


def rate(amount: Decimal | int, by: int) -> str | None:
    if not by:
        return None
    exact = EXACT.divide(Decimal(amount), Decimal(by))
    return profiles.plain(EXACT.quantize(exact, Decimal("0.000001")))
