"""What is left of an order after all that happened to it (M44, S1.10, S3.6), case by case."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

import pytest

from patron.profiles import OwnEvents, Standing, orders, orders_of, plain
from patron.warehouse.order_rows import order_rows
from patron.warehouse.rows import Rows

A = {"product_id": "a", "price": "30", "quantity": "2", "cost": 10}
B = {"product_id": "b", "price": "20", "quantity": "1", "cost": 5}
ORDER = ("Order Completed", 1, {"revenue": "80", "discount": "4", "lines": [A, B]})


def refund(minute: float, total: str | None = None, **fields: Any) -> tuple[str, float, Any]:
    return "Order Refunded", minute, {**({"total": total} if total else {}), **fields}


def returned(
    minute: float, line: Any, quantity: str = "1", refund: str | None = None, **fields: Any
) -> tuple[str, float, Any]:
    said = {**line, "quantity": quantity}
    properties = json.dumps({"refund_id": refund} if refund else {})
    return "Product Returned", minute, {"lines": [said], "properties": properties, **fields}


CASES: dict[str, tuple[list[tuple[str, float, Any]], tuple[str, str | None, str | None]]] = {
    "as it came": ([ORDER], ("completed", "80", "55")),
    "refunded in part, by amount": ([ORDER, refund(2, "20")], ("partly refunded", "60", "35")),
    "returned in part, by line": (
        [ORDER, refund(2, lines=[{"product_id": "a", "quantity": "1"}])],
        ("partly refunded", "50", "35"),
    ),
    "returned whole, without a word": ([ORDER, refund(2)], ("refunded", "0", "0")),
    "returned twice": ([ORDER, refund(2, "30"), refund(3, "30")], ("partly refunded", "20", "-5")),
    "the same return told twice": (
        [ORDER, refund(2, "30", properties='{"refund_id": "r1"}'),
         refund(3, "25", properties='{"refund_id": "r1"}')],
        ("partly refunded", "55", "30"),
    ),
    "a refund before its order": ([ORDER, refund(0.5, "20")], ("partly refunded", "60", "35")),
    "a refund above the total": ([ORDER, refund(2, "100")], ("refunded", "-20", "-45")),
    "cancelled": ([ORDER, ("Order Cancelled", 2, {})], ("cancelled", "0", "0")),
    "cancelled after a return": (
        [ORDER, refund(2, "20"), ("Order Cancelled", 3, {})], ("cancelled", "0", "0"),
    ),
    "refunded after it was cancelled": (
        [ORDER, ("Order Cancelled", 2, {}), refund(3, "80")], ("cancelled", "0", "0"),
    ),
    "cancelled, and placed again": (
        [ORDER, ("Order Cancelled", 2, {}), ("Order Updated", 3, {"revenue": "10"})],
        ("completed", "10", None),
    ),
    "exchanged for something dearer": (
        [ORDER, ("Order Exchanged", 2, {"lines": [
            {"product_id": "b", "quantity": "-1"},
            {"product_id": "c", "price": "25", "quantity": "1", "cost": 7}]})],
        ("exchanged", "85", "58"),
    ),
    "exchanged, and the difference said": (
        [ORDER, ("Order Exchanged", 2, {"total": "-3"})], ("exchanged", "77", "52"),
    ),
    "exchanged, then returned in part": (
        [ORDER, ("Order Exchanged", 2, {"total": "5"}), refund(3, "5")],
        ("partly refunded", "80", "55"),
    ),
    "refunded in another currency": (
        [ORDER, refund(2, "20", currency="USD")], ("partly refunded", None, None),
    ),
    "a line without a cost": (
        [("Order Completed", 1, {"revenue": "9", "lines": [A, {"product_id": "x"}]})],
        ("completed", "9", None),
    ),
    "one product returned": (
        [ORDER, returned(2, A, quantity="1")], ("partly refunded", "50", "35"),
    ),
    "two products returned under one id": (
        [ORDER, returned(2, A, quantity="1", refund="r1"), returned(3, B, refund="r1")],
        ("partly refunded", "30", "20"),
    ),
    "a product returned, and its refund told": (
        [ORDER, returned(2, A, quantity="1", refund="r1"),
         refund(3, "25", properties='{"refund_id": "r1"}',
                lines=[{"product_id": "a", "quantity": "1"}])],
        ("partly refunded", "55", "40"),
    ),
    "a product returned, and the amount told": (
        [ORDER, returned(2, A, quantity="1", total="20")], ("partly refunded", "60", "45"),
    ),
    "something returned, nobody says what": (
        [ORDER, ("Product Returned", 2, {})], ("partly refunded", None, None),
    ),
    "without a revenue": (
        [("Order Completed", 1, {"lines": [A, B]})], ("completed", "80", "55"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_what_is_left_of_an_order(world: Any, case: str, backwards: bool) -> None:
    life, (state, net, margin) = CASES[case]
    for name, minute, fields in life[::-1] if backwards else life:
        world.event(1, name, minute, order_id="o1", **{"currency": "EUR", **fields})
    (order,) = orders(world.cursor, 1, world.at(99)).orders
    found = (order.state, *(None if n is None else Decimal(n) for n in (order.net, order.margin)))
    assert found == (state, *(None if n is None else Decimal(n) for n in (net, margin)))


def test_a_refund_waits_for_its_order(world: Any) -> None:
    world.event(1, "Order Refunded", 1, order_id="o1", currency="EUR", total="20")
    world.event(1, "Order Completed", 3, order_id="o1", currency="EUR", revenue="80")
    before, after = (orders(world.cursor, 1, world.at(minute)).orders[0] for minute in (2, 3))
    assert (before.state, before.net, before.ordered_at) == ("refunded", None, None)
    assert (after.state, after.net) == ("partly refunded", Decimal(60))


def test_the_cost_of_a_product_is_known_from_the_catalogue(world: Any) -> None:
    world.cursor.execute("insert into brands values ('north'), ('south')")
    for brand, ident, sku, attributes in (
        ("", "a", "k1", {"cost": 10, "currency": "EUR"}),
        ("", "b", "k2", {"cost": 5.5, "cost_currency": "USD", "currency": "EUR"}),
        ("south", "a", "k1", {"cost": 12}),
    ):
        world.insert(
            "entities", kind="product", brand=brand, entity_id=ident, alias=sku,
            attributes_json=json.dumps(attributes), words="", observed_at=world.at(0),
        )  # fmt: skip
    for number, (brand, line) in enumerate((
        ("north", {"product_id": "a", "quantity": "2"}),
        ("north", {"sku": "k1"}),
        ("north", {"product_id": "a", "cost": 3}),
        ("north", {"product_id": "b"}),
        ("south", {"product_id": "a"}),
    )):  # fmt: skip
        world.event(1, "Order Completed", number, order_id=f"o{number}", brand=brand,
                    currency="EUR", revenue="50", lines=[line])  # fmt: skip
    found = {one.order_id: one.cost for one in orders(world.cursor, 1, world.at(99)).orders}
    assert found == {"o0": 20, "o1": 10, "o2": 3, "o3": None, "o4": 12}


def test_an_order_says_how_and_where_it_was_paid(world: Any) -> None:
    world.event(
        1, "Order Completed", 1, order_id="o1", channel="store", revenue="9",
        properties='{"payment_method": "cash"}',
    )  # fmt: skip
    (order,) = orders(world.cursor, 1, world.at(9)).orders
    assert (order.channel, order.payment_method) == ("store", "cash")
    assert plain(order)["net"] == "9"


def test_orders_that_stand_alone_come_to_the_same_by_the_short_way(world: Any) -> None:
    chance = random.Random(7)
    for serial in range(300):
        name = chance.choice(["Order Completed", "Order Updated", "Order Completed", "Page Viewed"])
        said = {"revenue": chance.choice([None, "9.5", "80"]), "total": chance.choice([None, "12"])}
        lines = [
            {"product_id": chance.choice("ab"), "price": chance.choice([None, "3"]),
             "quantity": chance.choice([None, "2"]), "cost": chance.choice([None, 1, 2.5])}
            for _ in range(chance.randrange(3))
        ]  # fmt: skip
        world.event(
            1 + serial % 9, name, chance.randrange(50), id_=f"m{serial}", lines=lines,
            order_id=chance.choice([None, f"o{serial}"]), discount=chance.choice([None, "1.5"]),
            currency=chance.choice(["EUR", "USD"]), **said,
        )  # fmt: skip
    long, short = (
        world.cursor.execute(
            f"from ({order_rows('events', 'order_lines', 'profile_id', alone=alone)}) "
            "order by position"
        ).all()
        for alone in (False, True)
    )
    assert len(short) > 150
    assert short == long


SAID = [None, 3, -2, 2.5, "4", True, 10**12, 9_007_199_254_740_993]


def test_orders_come_to_the_same_by_the_events_that_were_read_already(world: Any) -> None:
    chance = random.Random(11)
    for serial in range(400):
        name = chance.choice(["Order Completed"] * 4 + ["Order Updated", "Order Refunded"])
        properties = {"cost": chance.choice(SAID), "payment_method": chance.choice(["cash", 3])}
        lines = [
            {"product_id": chance.choice("ab"), "price": chance.choice([None, "3"]),
             "quantity": chance.choice([None, "2"]), "cost": chance.choice(SAID)}
            for _ in range(chance.choice([0, 0, 1, 2]))
        ]  # fmt: skip
        world.event(
            1 + serial % 9, name, chance.randrange(50), id_=f"m{serial}", lines=lines,
            order_id=chance.choice([None, f"o{serial}", f"p{chance.randrange(8)}"]),
            discount=chance.choice([None, "1.5", "999999999999"]), currency="EUR",
            revenue=chance.choice([None, "9.5", "-4", "999999999999"]),
            total=chance.choice([None, "12"]),
            properties=json.dumps(chance.choice([properties, {}])),
        )  # fmt: skip
    who = [Standing(number, world.at(0), [number]) for number in range(1, 10)]
    rows = Rows(tuple(range(1, 10)))
    read = OwnEvents.read(world.cursor, who, world.at(40), brand=None, rows=rows)
    assert read is not None
    asked: list[str] = []
    by_query = orders_of(world.cursor, who, world.at(40), limit=30)
    for declared in (False, True):
        if declared:
            world.cursor.execute("insert into brands values ('north')")
            world.insert(
                "entities", kind="product", brand="", entity_id="a", alias="k", words="",
                attributes_json='{"cost": 2}', observed_at=world.at(0),
            )  # fmt: skip
            by_query = orders_of(world.cursor, who, world.at(40), limit=30)
            read = OwnEvents.read(world.cursor, who, world.at(40), brand=None, rows=rows)
        by_events = orders_of(world.cursor, who, world.at(40), limit=30, own_events=read)
        assert by_events.keys() == by_query.keys()
        for own, every in by_events.items():
            assert plain(every) == plain(by_query[own])
            asked += [order.state for order in every]
    assert len(asked) > 300


def test_one_customer_with_a_refund_has_all_looked_at_the_long_way(world: Any) -> None:
    for customer in (1, 2):
        world.event(customer, "Order Completed", 1, order_id="o1", revenue="80")
    world.event(2, "Order Exchanged", 2, order_id="o1", total="5")
    both = orders_of(world.cursor, [Standing(n, world.at(0), [n]) for n in (1, 2)], world.at(9))
    assert [both[customer][0].net for customer in (1, 2)] == [Decimal(80), Decimal(85)]
