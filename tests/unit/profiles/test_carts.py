"""What a customer left behind, and how far they came (S2.3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from patron.profiles import Cart, CartItem, carts
from patron.spec.commerce import CART_STAGES

TEA = {"product_id": "tea", "price": "4", "quantity": "2"}
CUP = {"product_id": "cup", "price": "9"}


def test_a_cart_is_at_the_furthest_stage_since_the_last_order(world: Any) -> None:
    stages = ["Product Viewed", *CART_STAGES.values(), "Order Completed"]
    for minute, name in enumerate(stages):
        world.event(1, name, minute, order_id="o1" if name == "Order Completed" else None)
    world.event(1, "Product Added", 9)
    found = [carts(world.cursor, 1, world.at(minute)) for minute in range(len(stages))]
    reached = [cart.stage for (cart,) in found[:-1]]
    assert reached == ["viewed", "cart", "checkout", "shipping", "payment"]
    assert found[-1] == []
    assert [cart.stage for cart in carts(world.cursor, 1, world.at(9))] == ["cart"]


def test_a_cart_holds_what_was_put_in_and_not_taken_out(world: Any) -> None:
    world.event(1, "Product Added", 1, currency="EUR", lines=[TEA])
    world.event(1, "Product Added", 2, currency="EUR", lines=[CUP])
    world.event(1, "Product Added", 3, currency="EUR", lines=[{**TEA, "price": "5"}])
    world.event(1, "Product Removed", 4, lines=[{"product_id": "tea"}])
    world.event(1, "Product Removed", 5, lines=[{"product_id": "cup", "quantity": "3"}])
    tea = CartItem("tea", None, None, Decimal(3), Decimal(5), None)
    assert carts(world.cursor, 1, world.at(9)) == [Cart("north", "cart", world.at(3), (tea,))]


def test_each_brand_has_a_cart_of_its_own(world: Any) -> None:
    world.event(1, "Product Added", 1, brand="north", lines=[TEA])
    world.event(1, "Checkout Started", 2, brand="south")
    world.event(1, "Order Completed", 3, brand="north")
    assert [(one.brand, one.stage, one.items) for one in carts(world.cursor, 1, world.at(9))] == [
        ("south", "checkout", ())
    ]
