"""Orders in their latest state, and what they come to."""

from __future__ import annotations

import base64
import itertools
from decimal import Decimal
from typing import Any

import pytest

from patron.errors import InputError
from patron.profiles import Amount, Order, OrderSummary, Spending, order_summary, orders, plain


def only(world: Any, minute: float = 1000) -> Order:
    (order,) = orders(world.cursor, 1, world.at(minute)).orders
    return order


LIFE: list[tuple[str, float, dict[str, Any]]] = [
    ("Order Completed", 1, {"revenue": "10", "total": "12", "lines": [{"product_id": "a"}]}),
    ("Order Updated", 5, {"revenue": "8", "total": "9", "lines": [{"product_id": "b"}]}),
    ("Order Refunded", 9, {"total": "2.5"}),
    ("Order Refunded", 10, {"total": "0.1"}),
    ("Order Refunded", 11, {}),
]


@pytest.mark.parametrize("arrival", list(itertools.permutations(range(5)))[::11])
def test_an_order_is_its_latest_state_whatever_order_it_came_in(
    world: Any, arrival: tuple[int, ...]
) -> None:
    for index in arrival:
        name, minute, fields = LIFE[index]
        world.event(1, name, minute, order_id="o1", currency="EUR", **fields)
    order = only(world)
    assert (order.state, order.cancelled, order.revenue, order.total, order.currency) == (
        "refunded",
        False,
        Decimal(8),
        Decimal(9),
        "EUR",
    )
    assert (order.ordered_at, order.changed_at) == (world.at(1), world.at(11))
    assert (order.refunds, order.refunded) == (3, (Amount("EUR", Decimal(8)),))
    assert [line.product_id for line in order.lines] == ["b"]


def test_as_of_a_moment_only_what_happened_by_then_counts(world: Any) -> None:
    for name, minute, fields in LIFE:
        world.event(1, name, minute, order_id="o1", currency="EUR", **fields)
    assert orders(world.cursor, 1, world.at(0.5)).orders == ()
    seen = [only(world, minute) for minute in (1, 5, 9)]
    assert [(one.state, one.revenue, one.refunds) for one in seen] == [
        ("completed", Decimal(10), 0),
        ("completed", Decimal(8), 0),
        ("partly refunded", Decimal(8), 1),
    ]
    assert [line.product_id for line in seen[0].lines] == ["a"]


@pytest.mark.parametrize("arrival", [(0, 1), (1, 0)])
def test_two_states_of_one_moment_are_ordered_by_source_and_message_id(
    world: Any, arrival: tuple[int, ...]
) -> None:
    both = [("m1", "1"), ("m2", "2")]
    for index in arrival:
        id_, revenue = both[index]
        world.event(1, "Order Updated", 1, order_id="o1", id_=id_, revenue=revenue)
        world.event(
            1, "Order Updated", 1, order_id="o2", source=2 - index, id_="m", revenue=revenue
        )
    found = {order.order_id: order.revenue for order in orders(world.cursor, 1, world.at(1)).orders}
    assert found == {"o1": Decimal(2), "o2": Decimal(1)}


def test_the_same_number_at_two_brands_is_two_orders(world: Any) -> None:
    world.event(1, "Order Completed", 1, order_id="7", brand="north")
    world.event(1, "Order Completed", 2, order_id="7", brand="south")
    world.event(1, "Order Cancelled", 3, order_id="7", brand="north")
    found = orders(world.cursor, 1, world.at(9)).orders
    assert [(one.brand, one.order_id, one.cancelled) for one in found] == [
        ("south", "7", False),
        ("north", "7", True),
    ]
    assert [one.brand for one in orders(world.cursor, 1, world.at(9), limit=1).orders] == ["south"]


def test_an_order_without_an_id_stands_alone(world: Any) -> None:
    world.event(1, "Order Completed", 1, revenue="1")
    world.event(1, "Order Completed", 2, revenue="2")
    world.event(1, "Order Refunded", 3, total="1")
    world.event(1, "Page Viewed", 3)
    found = orders(world.cursor, 1, world.at(9)).orders
    assert [(one.order_id, one.revenue, one.refunds) for one in found] == [
        (None, Decimal(2), 0),
        (None, Decimal(1), 0),
    ]


def test_a_cancelled_order_comes_back_when_it_is_updated_later(world: Any) -> None:
    world.event(1, "Order Completed", 1, order_id="o1")
    world.event(1, "Order Cancelled", 2, order_id="o1")
    world.event(1, "Order Refunded", 3, order_id="o1", total="0")
    world.event(1, "Order Updated", 4, order_id="o1")
    assert [only(world, minute).cancelled for minute in (1, 2, 3, 4)] == [False, True, True, False]
    assert [only(world, minute).state for minute in (2, 3, 4)] == [
        "cancelled",
        "cancelled",
        "completed",
    ]


def test_an_order_known_only_by_its_refund_was_never_placed_here(world: Any) -> None:
    world.event(1, "Order Refunded", 2, order_id="o1", currency="EUR", total="3")
    world.event(1, "Order Cancelled", 3, order_id="o2")
    first, second = orders(world.cursor, 1, world.at(9)).orders
    assert (first.order_id, first.ordered_at, first.cancelled) == ("o2", None, True)
    assert (second.ordered_at, second.revenue, second.lines) == (None, None, ())
    assert order_summary(world.cursor, 1, world.at(9)) == OrderSummary(
        orders=0,
        cancelled=1,
        by_currency=(
            Spending(
                currency="EUR",
                orders=0,
                revenue=Decimal(0),
                total=Decimal(0),
                average=None,
                refunded=Decimal(3),
                first_order_at=None,
                last_order_at=None,
            ),
        ),
    )


def test_amounts_of_different_currencies_are_never_added(world: Any) -> None:
    for number, (currency, revenue) in enumerate(
        [("EUR", "0.1"), ("EUR", "0.2"), ("EUR", "1"), ("VND", "999999999999.999999"), (None, "5")]
    ):
        world.event(
            1, "Order Completed", number, order_id=f"o{number}", currency=currency, revenue=revenue
        )
    world.event(1, "Order Completed", 7, order_id="o7", currency="EUR")
    world.event(1, "Order Completed", 8, order_id="o8", currency="EUR", revenue="100")
    world.event(1, "Order Cancelled", 9, order_id="o8", currency="EUR", revenue="100")
    world.event(1, "Order Refunded", 9, order_id="o3", currency="USD", total="4")
    world.event(1, "Order Refunded", 9, order_id="o0", total="0.05")
    found = order_summary(world.cursor, 1, world.at(99))
    assert (found.orders, found.cancelled) == (6, 1)
    assert [
        (one.currency, one.orders, one.revenue, one.average, one.refunded)
        for one in found.by_currency
    ] == [
        ("EUR", 4, Decimal("1.3"), Decimal("0.433333"), Decimal("0.05")),
        ("USD", 0, Decimal(0), None, Decimal(4)),
        ("VND", 1, Decimal("999999999999.999999"), Decimal("999999999999.999999"), Decimal(0)),
        (None, 1, Decimal(5), Decimal(5), Decimal(0)),
    ]
    euro = found.by_currency[0]
    assert (euro.first_order_at, euro.last_order_at) == (world.at(0), world.at(7))
    assert plain(found)["by_currency"][2]["revenue"] == "999999999999.999999"


def test_what_no_order_told_is_missing_and_not_nothing(world: Any) -> None:
    world.event(1, "Order Completed", 1, order_id="a", currency="EUR", total="9")
    world.event(1, "Order Completed", 2, order_id="b", currency="USD", revenue="5")
    world.event(1, "Order Completed", 3, order_id="c", currency="THB")
    world.event(1, "Order Refunded", 4, order_id="c", currency="THB", lines=[{"product_id": "x"}])
    told = {one.currency: one for one in order_summary(world.cursor, 1, world.at(9)).by_currency}
    assert [
        (one.revenue, one.total, one.average, one.refunded)
        for one in (told["EUR"], told["USD"], told["THB"])
    ] == [
        (None, Decimal(9), None, Decimal(0)),
        (Decimal(5), None, Decimal(5), Decimal(0)),
        (None, None, None, None),
    ]


def test_what_was_refunded_is_the_same_in_the_summary_and_of_the_order(world: Any) -> None:
    lines = [{"product_id": "a", "price": "30", "quantity": "2"}]
    world.event(1, "Order Completed", 1, order_id="o1", currency="EUR", revenue="60", lines=lines)
    corrected = {"order_id": "o1", "properties": '{"refund_id": "r1"}'}
    world.event(1, "Order Refunded", 2, total="30", **corrected)
    world.event(1, "Order Refunded", 3, total="25", **corrected)
    back = [{"product_id": "a", "quantity": "1"}]
    world.event(1, "Product Returned", 4, order_id="o1", lines=back)
    order = only(world)
    assert (order.refunds, order.refunded) == (2, (Amount("EUR", Decimal(55)),))
    (one,) = order_summary(world.cursor, 1, world.at(9)).by_currency
    assert one.refunded == Decimal(55)


def test_sums_are_exact_and_averages_round_half_to_even(world: Any) -> None:
    world.event(1, "Order Completed", 1, order_id="a", currency="EUR", revenue="0.000001")
    world.event(1, "Order Completed", 2, order_id="b", currency="EUR", revenue="0.000002")
    (one,) = order_summary(world.cursor, 1, world.at(9)).by_currency
    assert (one.revenue, one.average) == (Decimal("0.000003"), Decimal("0.000002"))
    for number in range(9):
        world.event(
            1, "Order Completed", 3, order_id=f"c{number}", currency="EUR", revenue="999999999999"
        )
    (one,) = order_summary(world.cursor, 1, world.at(9)).by_currency
    assert one.revenue == Decimal("8999999999991.000003")


def test_orders_of_merged_profiles_are_one_list(world: Any) -> None:
    world.event(2, "Order Completed", 1, order_id="o1", lines=[{"product_id": "a"}])
    world.event(1, "Order Updated", 2, order_id="o1", lines=[{"product_id": "b"}])
    assert only(world).ordered_at == world.at(2)
    world.merge(2, 1, "r")
    assert only(world).ordered_at == world.at(1)
    assert [line.product_id for line in only(world).lines] == ["b"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_pages_of_orders_repeat_nothing_and_leave_nothing_out(world: Any, size: int) -> None:
    """Some were placed at one moment, and some of these have no id."""
    at = [1, 2, 2, 2, 2, 3, 4]
    for number, minute in enumerate(at):
        order_id = None if number in (2, 3) else f"o{number}"
        world.event(1, "Order Completed", minute, order_id=order_id, revenue=number)
    whole = orders(world.cursor, 1, world.at(9))
    assert whole.next is None
    assert len(whole.orders) == len(at)
    found, after = [], None
    while True:
        page = orders(world.cursor, 1, world.at(9), after=after, limit=size)
        found += page.orders
        after = page.next
        if after is None:
            break
        assert len(page.orders) == size
    assert tuple(found) == whole.orders


ZONED = base64.urlsafe_b64encode(b'["2018-01-01T00:00:00Z", "north", "1", 1]').decode()


@pytest.mark.parametrize("token", ["", "x", "bm9uZQ==", "é", ZONED])
def test_a_token_that_no_page_gave_is_refused(world: Any, token: str) -> None:
    with pytest.raises(InputError, match="earlier page"):
        orders(world.cursor, 1, world.at(9), after=token)


def test_orders_of_one_brand(world: Any) -> None:
    for brand in ("alpha", "beta"):
        world.event(1, "Order Completed", 1, brand=brand, order_id="1", revenue=3)
    (order,) = orders(world.cursor, 1, world.at(9), brand="beta").orders
    assert order.brand == "beta"
