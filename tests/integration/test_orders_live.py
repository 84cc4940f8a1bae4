"""Orders, carts and rates in a workspace: live, on profiles, explained, and what edits do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from patron.clock import ManualClock, format_time, parse_time
from patron.workspace import Workspace

START = parse_time("2026-03-01T12:00:00Z")
RULES = {
    "worthy": "net revenue(converted to EUR) >= 50",
    "profitable": "margin(in EUR) > 20",
    "fickle": "calculate(refunded orders() / count(orders)) >= 0.5",
    "lost": 'count(orders where state = "cancelled" and channel = "web") >= 1',
    "shipping": "cart left at shipping for 1 hour",
    "recent": "net revenue(in EUR in the last 2 days) > 0",
    "returner": "returns(in the last 2 days) >= 2",
}
DOCUMENTS: list[dict[str, Any]] = [
    {"kind": "source", "name": "web", "body": {"type": "web"}},
    *({"kind": "segment", "name": name, "body": {"rule": rule}} for name, rule in RULES.items()),
]
RATES = {
    "kind": "exchange_rates", "name": "eur",
    "body": {"rates": [{"currency": "USD", "from": "2026-01-01", "rate": 0.5}]},
}  # fmt: skip


class Shop:
    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(START)
        Workspace.create(folder, clock=self.clock)
        self.workspace = Workspace(folder, clock=self.clock)
        self.sent = 0
        self.key = self.apply(RATES)["web"]

    def apply(self, *others: dict[str, Any]) -> dict[str, str]:
        keys: dict[str, str] = self.workspace.apply([*DOCUMENTS, *others])["write_keys"]
        self.workspace.advance()
        return keys

    def send(self, event: str, *, minutes: int = 0, **properties: Any) -> None:
        self.sent += 1
        at = format_time(self.clock.now() - timedelta(minutes=minutes))
        message = {"userId": "ann", "messageId": f"m{self.sent}", "event": event, "timestamp": at,
                   "properties": properties}  # fmt: skip
        sent = self.workspace.collect_one(json.dumps(message).encode(), "track", self.key)
        assert sent.result().stored == 1
        self.workspace.advance()

    def segments(self, user: str = "ann", rules: Iterable[str] = RULES) -> set[str]:
        """Those on record, which are those that the rules give when they are asked anew."""
        who = self.workspace.profile(f"user_id:{user}", include=("memberships",))
        found = {held["segment"] for held in who["memberships"]}
        for name in rules:
            asked = self.workspace.explain(f"user_id:{user}", segment=name)
            assert asked["member"] is (name in found), name
        return found & set(rules)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "data")
    yield made
    made.workspace.close()


JACKET = {"product_id": "jacket", "price": 60, "quantity": 1}


def test_what_happens_to_orders_moves_their_customer_at_once(shop: Shop) -> None:
    """S1.10, S1.13, S3.6."""
    jacket = {**JACKET, "cost": 30}
    shop.send("Order Refunded", order_id="o1", currency="EUR", total=15, refund_id="r1", minutes=9)
    assert shop.segments() == set()
    shop.send("Order Completed", order_id="o1", currency="EUR", revenue=60, products=[jacket],
              minutes=10)  # fmt: skip
    assert shop.segments() == {"fickle", "recent"}
    shop.send("Order Refunded", order_id="o1", currency="EUR", total=5, refund_id="r1")
    assert shop.segments() == {"fickle", "recent", "worthy", "profitable"}
    shop.send("Order Completed", order_id="o2", currency="EUR", revenue=1)
    shop.send("Order Completed", order_id="o3", currency="EUR", revenue=1)
    assert shop.segments() == {"recent", "worthy", "profitable"}, "what they cost is unknown"
    shop.send("Order Cancelled", order_id="o1")
    assert shop.segments() == {"recent", "lost"}
    shop.clock.advance(timedelta(days=2, minutes=1))
    shop.workspace.advance()
    assert shop.segments() == {"lost"}


def test_a_return_counts_once_however_many_messages_tell_of_it(shop: Shop) -> None:
    parcel = {"order_id": "o1", "refund_id": "r1"}
    for product in ("jacket", "scarf"):
        shop.send("Product Returned", product_id=product, **parcel)
    shop.send("Order Refunded", total=60, **parcel)
    assert shop.segments() == set()
    shop.send("Order Refunded", order_id="o2", refund_id="r1", minutes=5)
    assert shop.segments() == {"returner"}
    told = shop.workspace.explain("user_id:ann", segment="returner")["condition"]
    assert (told["value"], len(told["evidence"]["rows"])) == (2, 4)
    assert {row["value"] for row in told["evidence"]["rows"]} == {"r1"}
    shop.clock.advance(timedelta(days=2, minutes=-2))
    shop.workspace.advance()
    assert shop.segments() == set()
    shop.send("Product Returned", product_id="jacket")
    assert shop.segments() == {"returner"}


def test_another_rate_is_an_edit_of_the_rules_that_convert_by_it(shop: Shop) -> None:
    shop.send("Order Completed", order_id="o1", currency="USD", revenue=80)
    assert shop.segments() == set()
    dearer = {**RATES, "body": {"rates": [{"currency": "USD", "from": "2026-01-01", "rate": 1}]}}
    planned = shop.workspace.plan([*DOCUMENTS, dearer])["changes"]
    assert [(c["kind"], c["name"], c.get("enter")) for c in planned] == [
        ("exchange_rates", "eur", None),
        ("segment", "worthy", 1),
    ]
    shop.apply(dearer)
    assert shop.segments() == {"worthy"}


def test_what_was_converted_is_explained_by_its_rate(shop: Shop) -> None:
    """Which rate of which day, and who declares it."""
    later = [{"currency": "USD", "from": "2026-01-01", "rate": 0.5},
             {"currency": "USD", "from": "2026-02-15", "rate": 0.625}]  # fmt: skip
    shop.apply({**RATES, "body": {"rates": later}})
    day = 24 * 60
    for number, (currency, days) in enumerate(
        [("USD", 0), ("USD", 14), ("USD", 15), ("USD", 70), ("EUR", 20), (None, 30)]
    ):
        said = {} if currency is None else {"currency": currency}
        shop.send("Order Completed", order_id=f"o{number}", revenue=10 + number,
                  minutes=days * day, **said)  # fmt: skip
    found = shop.workspace.explain("user_id:ann", segment="worthy")["condition"]
    assert found["value"] == "33.125"
    rates = [
        (row["value"], row["converted"] and tuple(row["converted"].values()))
        for row in found["evidence"]["rows"]
    ]
    mid, first = "2026-02-15T00:00:00Z", "2026-01-01T00:00:00Z"
    assert rates == [
        ("10", ("EUR", "USD", "6.25", "0.625", mid, "eur")),
        ("11", ("EUR", "USD", "6.875", "0.625", mid, "eur")),
        ("12", ("EUR", "USD", "6", "0.5", first, "eur")),
        ("14", None),
        ("15", ("EUR", None, None, None, None, "eur")),
        ("13", ("EUR", "USD", None, None, None, "eur")),
    ]


def test_orders_age_and_are_asked_as_they_stood(shop: Shop) -> None:
    rules = {
        "grew": "calculate(net revenue(converted to EUR) - "
        "earlier(net revenue(converted to EUR), 1 day)) > 0",
        "held": "calculate(decayed(sum(net of orders converted to EUR), 50 % after 1 day)) >= 30",
        "fell": "calculate(earlier(decayed(sum(gross of orders converted to EUR), "
        "0 % after 2 days), 1 day)) = 60",
        "then": "was in segment recent on 2026-03-01",
    }
    shop.apply(
        *({"kind": "segment", "name": name, "body": {"rule": rule}} for name, rule in rules.items())
    )
    shop.send("Order Completed", order_id="o1", currency="EUR", revenue=60)
    assert shop.segments(rules=rules) == {"grew", "held", "then"}
    shop.clock.advance(timedelta(days=1))
    shop.workspace.advance()
    assert shop.segments(rules=rules) == {"held", "fell", "then"}
    shop.send("Order Refunded", order_id="o1", currency="EUR", total=10)
    assert shop.segments(rules=rules) == {"fell", "then"}
    shop.clock.advance(timedelta(days=2))
    shop.workspace.advance()
    assert shop.segments(rules=rules) == {"then"}


def test_a_cost_in_the_catalogue_reaches_orders_from_before(shop: Shop) -> None:
    shop.send("Order Completed", order_id="o1", currency="EUR", revenue=60, products=[JACKET])
    assert "profitable" not in shop.segments()
    shop.workspace.put_entities("product", [{"id": "jacket", "cost": 39, "currency": "EUR"}])
    shop.workspace.advance()
    assert "profitable" in shop.segments()
    shop.workspace.put_entities("product", [{"id": "jacket", "cost": 41, "currency": "EUR"}])
    shop.workspace.advance()
    assert "profitable" not in shop.segments()


def test_a_cart_is_left_where_it_came_to(shop: Shop) -> None:
    """S2.3."""
    shop.send("Product Added", product_id="jacket", name="Rain jacket", price=60, quantity=2)
    shop.send("Checkout Started")
    shop.send("Shipping Info Entered")
    (cart,) = shop.workspace.profile("user_id:ann", include=("carts",))["carts"]
    assert (cart["stage"], cart["items"][0]["product_name"]) == ("shipping", "Rain jacket")
    assert shop.segments() == set()
    shop.clock.advance(timedelta(hours=1))
    shop.workspace.advance()
    assert shop.segments() == {"shipping"}
    shop.send("Payment Info Entered")
    assert shop.segments() == set()


def test_an_explanation_shows_the_orders_and_what_they_come_to(shop: Shop) -> None:
    shop.send("Order Completed", order_id="o1", currency="USD", revenue=80, minutes=20)
    shop.send("Order Refunded", order_id="o1", currency="USD", total=10)
    shop.send("Order Completed", order_id="o2", currency="EUR", revenue=7)
    told = shop.workspace.explain("user_id:ann", segment="worthy")["condition"]
    assert told["value"] == "42"
    assert [(row["name"], row["value"]) for row in told["evidence"]["rows"]] == [
        ("completed", "7"),
        ("partly refunded", "70"),
    ]
