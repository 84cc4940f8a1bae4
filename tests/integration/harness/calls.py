"""The six calls that every client library offers, and what must have arrived after them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from integration.harness.server import LiveServer

HAPPENED_AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
"""What the clients are told; minutes may pass between that and the clock's correction."""

ORDER: dict[str, Any] = {
    "order_id": "o-1",
    "currency": "EUR",
    "revenue": 12.5,
    "products": [
        {"product_id": "p-1", "name": "Größe L", "price": 2.5, "quantity": 3},
        {"product_id": "p-2", "category": "Tea", "price": 5, "quantity": 1},
    ],
}
TRAITS: dict[str, Any] = {"plan": "gold", "address": {"city": "Köln"}}


def email_of(user: str) -> str:
    """The e-mail address in the traits of a user."""
    return f"{user}@shop.example"


def assert_arrived_once(server: LiveServer, user: str) -> None:
    """Each of the six calls of this user is stored exactly once, with its fields."""
    messages = server.sql(
        "select type, count(*) from messages "
        f"where body like '%\"{user}\"%' group by type order by type"
    )
    assert messages == [(kind, 1) for kind in
                        ("alias", "group", "identify", "page", "screen", "track")]  # fmt: skip
    (profile,) = {
        row[0]
        for row in server.sql(
            "select profile_id from customer_identifiers where (type, value) in "
            f"(('user_id', '{user}'), ('email', '{email_of(user)}'), "
            f"('anonymous_id', '{user}-before'))"
        )
    }
    _assert_events(server, int(profile))
    _assert_traits(server, int(profile), user)


def _assert_events(server: LiveServer, profile: int) -> None:
    events = {
        name: (when, json.loads(properties))
        for name, when, properties in server.sql(
            "select name, occurred_at, properties::json::varchar from customer_events "
            f"where profile_id = {profile}"
        )
    }
    assert sorted(events) == [
        "Group Joined", "Identity Aliased", "Order Completed", "Page Viewed", "Screen Viewed",
    ]  # fmt: skip
    for when, _ in events.values():
        off = datetime.fromisoformat(when) - HAPPENED_AT
        assert abs(off) < timedelta(minutes=2), "the client's clock was not corrected"
    assert events["Page Viewed"][1] == {
        "name": "Home", "category": "Shop", "url": "https://shop.example/",
    }  # fmt: skip
    assert events["Screen Viewed"][1]["name"] == "Cart"
    assert events["Group Joined"][1] == {"group_id": "g-1", "traits": {"name": "The Millers"}}
    # Products stand in the order lines, and only there.
    order = {name: value for name, value in ORDER.items() if name != "products"}
    assert events["Order Completed"][1] == order
    orders = server.sql(
        "select order_id, currency, revenue from customer_events "
        f"where name = 'Order Completed' and profile_id = {profile}"
    )
    assert orders == [("o-1", "EUR", "12.500000")]
    lines = server.sql(
        "select product_id, product_name, category, price, quantity, properties::json::varchar "
        f"from customer_order_lines where profile_id = {profile} order by line"
    )
    assert [line[:-1] for line in lines] == [
        ("p-1", "Größe L", None, "2.500000", "3.000000"),
        ("p-2", None, "Tea", "5.000000", "1.000000"),
    ]
    assert [json.loads(line[-1]) for line in lines] == ORDER["products"]


def _assert_traits(server: LiveServer, profile: int, user: str) -> None:
    traits = server.sql(
        "select name, value::json::varchar from customer_traits "
        f"where profile_id = {profile} order by name"
    )
    assert {name: json.loads(value) for name, value in traits} == {
        **TRAITS,
        "email": email_of(user),
    }
