"""What somebody who writes a rule is offered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from patron.errors import InputError
from patron.warehouse import vocabulary
from unit.pipeline.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "data")
    made.send(
        "identify", userId="ann",
        traits={"email": "ann@example.com", "city": "Bangkok", "age": 30, "tags": ["a", "b"],
                "address": {"city": "Chiang Mai", "street": "Main Road 1"}},
    )  # fmt: skip
    made.send("identify", userId="bob", traits={"city": "Berlin", "tags": ["b"]})
    made.send("identify", userId="cem", traits={"city": "Berlin"})
    products = [{"product_id": "p", "category": "tea", "size": "L"}]
    payment = {"method": "card"}
    made.track("Order Completed", properties={
        "order_id": "o1", "total": 5, "currency": "EUR", "payment": payment, "products": products,
    })  # fmt: skip
    made.track("Page Viewed", "bob", properties={"page": "Home", "at": "2018-01-01"})
    made.track("Page Viewed", "bob", properties={"page": "50 % off"})
    yield made
    made.workspace.close()


def kinds(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row["name"]: row["kind"] for row in rows}


def found(shop: Shop, *asked: Any, **more: Any) -> list[tuple[Any, int | None]]:
    data = shop.workspace.vocabulary_values(*asked, **more)["data"]
    return [(row["value"], row["count"]) for row in data]


def test_events_come_with_counts_and_the_kinds_of_their_properties(shop: Shop) -> None:
    events = shop.workspace.vocabulary()["events"]
    assert [(one["name"], one["count"]) for one in events] == [
        ("Page Viewed", 2),
        ("Order Completed", 1),
    ]
    assert kinds(events[0]["properties"]) == {"page": "text", "at": "date"}
    assert kinds(events[1]["properties"]) == {
        "order_id": "text", "total": "whole", "currency": "text", "payment": "object",
    }  # fmt: skip
    assert kinds(shop.workspace.vocabulary()["line_properties"])["size"] == "text"


def test_events_that_bring_lines_of_orders_are_told_apart(shop: Shop) -> None:
    events = {one["name"]: one["lines"] for one in shop.workspace.vocabulary()["events"]}
    assert events == {"Page Viewed": False, "Order Completed": True}


def test_rows_are_looked_through_again_when_enough_came_in(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = shop.workspace
    first = workspace.vocabulary()
    with monkeypatch.context() as only:
        only.delattr(vocabulary, "events")
        assert workspace.vocabulary() == first
    shop.track("Seen", "bob")
    assert [one["name"] for one in workspace.vocabulary()["events"]][-1] == "Seen"
    monkeypatch.setattr("patron.pipeline.vocabulary.GROWTH", 1)
    shop.track("Heard", "bob")
    kept = workspace.vocabulary()
    assert "Heard" not in [one["name"] for one in kept["events"]]
    newest = workspace.vocabulary(min_position=kept["position"] + 1)
    assert "Heard" in [one["name"] for one in newest["events"]]


def test_an_event_of_long_ago_has_its_properties_too(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "RECENT", 1)
    events = {one["name"]: one for one in shop.workspace.vocabulary()["events"]}
    assert "total" in kinds(events["Order Completed"]["properties"])


def test_computed_traits_are_told_apart(shop: Shop) -> None:
    shop.workspace.put_computed_trait("spent", {"value": 'sum(total of "Order Completed")'})
    traits = {one["name"]: one for one in shop.workspace.vocabulary()["traits"]}
    assert {name: one["kind"] for name, one in traits.items()} == {
        "email": "text", "city": "text", "age": "whole", "tags": "list", "address": "object",
        "spent": "number",
    }  # fmt: skip
    assert [name for name, one in traits.items() if one["computed"]] == ["spent"]
    assert (traits["city"]["count"], traits["spent"]["count"]) == (3, None)


def test_names_of_everything_else_are_there(shop: Shop) -> None:
    workspace = shop.workspace
    workspace.put_segment(
        "tier",
        {
            "values": [
                {"value": "gold", "rule": "age > 5"},
                {"value": "rest", "rule": "not age > 5"},
            ]
        },
    )
    workspace.put_list("vip", ["user_id:ann"])
    known = workspace.vocabulary()
    assert known["segments"] == [{"name": "tier", "description": None, "values": ["gold", "rest"]}]
    assert (known["lists"], known["brands"], known["sources"]) == (["vip"], ["main"], ["web"])
    assert (known["channels"], known["currencies"]) == (["web"], ["EUR"])
    assert [one["name"] for one in known["entities"]] == ["product"]


def test_values_are_the_most_frequent_first(shop: Shop) -> None:
    assert found(shop, "trait", "city") == [("Berlin", 2), ("Bangkok", 1)]
    assert found(shop, "trait", "tags") == [("b", 2), ("a", 1)]
    assert found(shop, "trait", "age") == [(30, 1)]
    assert found(shop, "trait", "address.city") == [("Chiang Mai", 1)]
    assert found(shop, "trait", "city", limit=1) == [("Berlin", 2)]


def test_values_of_properties_are_those_of_one_event_or_of_any(shop: Shop) -> None:
    assert found(shop, "event-property", "page", event="Page Viewed") == [
        ("50 % off", 1), ("Home", 1),
    ]  # fmt: skip
    assert found(shop, "event-property", "page", event="Order Completed") == []
    assert found(shop, "event-property", "payment.method") == [("card", 1)]
    assert found(shop, "event-property", "brand") == [("main", 3)]
    assert found(shop, "line-property", "category") == [("tea", 1)]
    assert found(shop, "line-property", "size") == [("L", 1)]


def test_values_can_be_asked_for_by_what_they_begin_with(shop: Shop) -> None:
    assert found(shop, "trait", "city", starting="BANG") == [("Bangkok", 1)]
    assert found(shop, "event-property", "page", starting="%") == []
    assert found(shop, "event-property", "page", starting="50 %") == [("50 % off", 1)]


def test_values_of_classes_come_from_their_definition(shop: Shop) -> None:
    source = {"kind": "source", "name": "web", "body": {"type": "web"}}
    levels = {"of": '"Page Viewed" in the last 30 days', "levels": {"active": 2, "low": 1}}
    shop.workspace.apply([source, {"kind": "activity", "name": "activity", "body": levels}])
    assert ("active", None) in found(shop, "trait", "activity")
    assert found(shop, "trait", "activity", starting="lo") == [("low", None)]


def test_personal_values_are_kept_from_who_may_not_see_them(shop: Shop) -> None:
    traits = {one["name"]: one["personal"] for one in shop.workspace.vocabulary()["traits"]}
    assert traits == {
        "email": True, "address": True, "city": False, "age": False, "tags": False,
    }  # fmt: skip
    kept = shop.workspace.vocabulary_values("trait", "email")
    assert (kept["withheld"], kept["data"]) == (True, [])
    assert shop.workspace.vocabulary_values("trait", "address.street")["withheld"]
    assert found(shop, "trait", "email", with_personal=True) == [("ann@example.com", 1)]


def test_a_trait_that_is_declared_personal_is(shop: Shop) -> None:
    source = {"kind": "source", "name": "web", "body": {"type": "web"}}
    trait = {"kind": "trait", "name": "age", "body": {"type": "number", "personal": True}}
    shop.workspace.apply([source, trait])
    asked = shop.workspace.vocabulary_values("trait", "age")
    assert (asked["personal"], asked["data"]) == (True, [])


def test_a_sample_is_said_to_be_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not shop.workspace.vocabulary_values("trait", "city")["sampled"]
    monkeypatch.setattr(vocabulary, "VALUES_FROM", 2)
    asked = shop.workspace.vocabulary_values("trait", "city")
    assert (asked["sampled"], asked["rows"]) == (True, 2)
    assert [row["value"] for row in asked["data"]] == ["Berlin"]


def test_what_is_no_name_is_refused(shop: Shop) -> None:
    with pytest.raises(InputError, match="name: "):
        shop.workspace.vocabulary_values("trait", "a..b")
