"""Orders (M44): what memory is sure of is what the query over everybody says."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from patron.engines.duckdb import Cursor
from patron.segments.catalogue import Catalogue
from patron.segments.frames import Relations
from patron.segments.memory.answers import Answers
from patron.segments.memory.histories import Memory
from patron.segments.plan import Planner
from patron.segments.query import members
from patron.segments.text import parse
from patron.segments.tree import Rule
from unit.segments import worlds
from unit.segments.worlds import NOW, event, person, world

HOUR = timedelta(hours=1)
Told = tuple[str, str, int, int, str, str, str]
NAMES = [
    *["Order Completed"] * 6,
    "Order Updated", "Order Cancelled", "Order Refunded", "Product Returned", "Order Exchanged",
    "Page Viewed",
]  # fmt: skip
PEOPLE = 600
BRANDS = Catalogue(brands=frozenset({"A", "B"}))
OF_ORDERS = set(NAMES) - {"Page Viewed"}
RULES = [
    "sum(revenue of orders in the last 24 hours) > 20",
    "sum(net of orders) >= 30",
    "count(orders) = 2",
    "average(gross of orders) < 30",
    "count(orders where net > 10) >= 1",
    'count(orders where state = "completed" and revenue >= 10) >= 1',
    'last(coupon of orders) = "10"',
    'first(coupon of orders in the last 25 hours) = "20"',
    "max(revenue of orders) > sum(net of orders)",
    "distinct(order_id of orders) >= 2",
    "sum(refunded of orders) > 0",
    "sum(net of orders in EUR) >= 20",
    "on at least 2 brands (count(orders) >= 1 and sum(net of orders) > 0)",
    'sum(revenue of orders where brand = "B" and discount > 1) >= 10',
    "sum(gross of orders in the last 25 hours) between 12 and 52",
]


@pytest.fixture(scope="module")
def cursor() -> Any:
    return worlds.open_cursor()


@pytest.mark.parametrize("ago", [0, 1, 24])
def test_what_memory_is_sure_of_holds(cursor: Cursor, ago: int) -> None:
    chance = random.Random(ago)
    everybody = [[_draw(chance) for _ in range(chance.randint(0, 4))] for _ in range(PEOPLE)]
    people = [
        person(number, events=[_event(*one) for one in told])
        for number, told in enumerate(everybody, 1)
    ]
    worlds.store(cursor, world(*people))
    # An order that one event tells of, with an amount, is never asked of the tables.
    plain = {number for number, told in enumerate(everybody, 1) if _plain(told)}
    as_of = NOW - ago * HOUR
    for rule in map(parse, RULES):
        inside = set(members(cursor, rule, as_of=as_of, catalogue=BRANDS, limit=PEOPLE))
        sure = _sure(cursor, rule, as_of)
        assert {one for one, true in sure.items() if true} == inside & sure.keys()
        assert plain <= sure.keys()
        assert inside, rule
        assert plain - inside


def _draw(chance: random.Random) -> Told:
    return (
        chance.choice(NAMES),
        chance.choice(["one", "two", "three", ""]),
        chance.choice([0, 1, 2, 23, 24, 25, 100, 100, 101]),
        chance.choice([-1, 0, 10, 20, 50]),
        f"{chance.random()}",
        chance.choice(["A", "A", "B"]),
        chance.choice(["EUR", "EUR", "PLN"]),
    )


def _plain(told: list[Told]) -> bool:
    names = [(order, brand) for name, order, *_, brand, _ in told if order]
    completed = all(name == "Order Completed" and amount >= 0 for name, _, _, amount, *_ in told)
    return completed and len(set(names)) == len(names)


def _event(
    name: str, order: str, hours: int, amount: int, message_id: str, brand: str, currency: str
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "currency": currency, "coupon": str(amount), "message_id": message_id, "brand": brand,
        "discount": hours % 7,
    }  # fmt: skip
    if order:
        said["order_id"] = order
    if amount < 0:
        return event(name, NOW - hours * HOUR, lines=[{"price": 40, "quantity": 1}], **said)
    said["total" if "Re" in name else "revenue"] = amount
    return event(name, NOW - hours * HOUR, **said)


def _sure(cursor: Cursor, rule: Rule, as_of: Any) -> dict[int, bool]:
    """What memory says of whom it is sure of."""
    plan = Planner(BRANDS, largest=0).plan(rule)
    answers = Answers()
    answers.add(plan)
    memory, relations = Memory(answers.columns), Relations.of(cursor)
    memory.read(cursor, relations, known=0, upto=10**9)
    # What is no order is not remembered for their sake.
    cursor.execute(
        "select count(*) from events where name in (select unnest(?))", [list(OF_ORDERS)]
    )
    assert memory.sizes(np.arange(1, PEOPLE + 1)).sum() <= int(cursor.value() or 0)
    ids = np.arange(1, PEOPLE + 1)
    batch = memory.batch(cursor, relations, ids, np.full(PEOPLE, np.datetime64(as_of, "us")))
    true, unsure = answers.answer(plan, batch)
    known = np.ones(PEOPLE, dtype=bool) if unsure is None else ~unsure
    return dict(zip(ids[known].tolist(), true[known].tolist(), strict=True))
