"""What is taken for a product or another entity, and what is not (S2.9, S5.30, S1.10)."""

from __future__ import annotations

from typing import Any

import pytest

from patron.errors import DefinitionError
from patron.spec.entities import PRODUCTS, EntityKind, read_entity
from patron.spec.entity_items import merged, read_items

STORE = read_entity(
    "store",
    {
        "found_in": {"events": ["store_id"]},
        "attributes": {"region": "text", "size": "number", "open": "boolean", "since": "date",
                       "tags": "list"},
    },
)  # fmt: skip


def attributes(kind: EntityKind, **said: Any) -> Any:
    taken = read_items(kind, [{"id": "1", **said}])
    return taken.items[0].attributes if taken.items else taken.refused[0].field


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ({"price": "12.50 EUR"}, {"price": 12.5, "currency": "EUR"}),
        ({"price": 12.50, "currency": "EUR"}, {"price": 12.5, "currency": "EUR"}),
        ({"price": "0"}, "price"),  # in no currency
        ({"price": "12,50 EUR"}, "price"),
        ({"price": "EUR 12.50 EUR"}, "price"),
        ({"price": "-1 EUR"}, "price"),
        ({"price": "1e3 EUR"}, "price"),
        ({"price": -1, "currency": "EUR"}, "price"),
        ({"price": float("nan"), "currency": "EUR"}, "price"),
        ({"price": 10**12, "currency": "EUR"}, "price"),
        ({"price": "1 EUR", "currency": "USD"}, "currency"),
        ({"price": "2 EUR", "sale_price": "1 USD"}, "currency"),
        ({"price": 1, "currency": "euro"}, "currency"),
        ({"cost": "7 USD"}, {"cost": 7, "cost_currency": "USD"}),
        ({"cost": 7, "currency": "EUR"}, {"cost": 7, "cost_currency": "EUR"}),
        ({"category": ["Food ", " Tea"]}, {"category": "Food > Tea"}),
        ({"sku": 7, "size": 42.0}, {"sku": "7", "size": "42"}),
        ({"margin": 3}, "margin"),
        ({"name": ["a"]}, "name"),
        ({"anything": {"deep": [1, None]}}, {"anything": {"deep": [1, None]}}),
        ({"anything": "a" * 40_000}, None),
        ({"anything": "\ud800"}, None),
    ],
)
def test_products(said: dict[str, Any], known: Any) -> None:
    assert attributes(PRODUCTS, **said) == known


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ({"region": "North", "size": "12.5", "open": "true", "since": "2019-05-01"},
         {"region": "North", "size": 12.5, "open": True, "since": "2019-05-01"}),
        ({"region": None}, {"region": None}),
        ({"size": "large"}, "size"),
        ({"size": True}, "size"),
        ({"open": 1}, "open"),
        ({"since": "May"}, "since"),
        ({"tags": ["a", 1]}, {"tags": ["a", 1]}),
        ({"tags": "a"}, "tags"),
        ({"colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_declared_entities(said: dict[str, Any], known: Any) -> None:
    assert attributes(STORE, **said) == known


@pytest.mark.parametrize(
    "item", ["text", 5, None, [], {}, {"id": ""}, {"id": True}, {"id": "a" * 501}]
)
def test_what_has_no_id_is_refused_by_itself(item: Any) -> None:
    taken = read_items(PRODUCTS, [item, {"product_id": 7}])
    assert [(one.entity_id, one.attributes) for one in taken.items] == [("7", {})]
    assert [one.item for one in taken.refused] == [1]


def test_levels_of_a_category_follow_from_its_path() -> None:
    """S5.15: a feed tells one path, and preferences ask for its ends."""
    path = {"category": "Clothing > Accessories > Hats"}
    assert merged("product", [path]) == {
        **path, "main_category": "Clothing", "subcategory": "Hats",
    }  # fmt: skip
    assert merged("product", [{"subcategory": "Caps"}, path])["subcategory"] == "Caps"
    assert merged("product", [{"category": "Tea"}]) == {"category": "Tea", "main_category": "Tea"}
    assert merged("store", [path]) == path


def test_margin_is_that_of_one_currency() -> None:
    """S1.10: what the price leaves over the cost."""
    cost = {"cost": 7.1, "cost_currency": "EUR"}
    price = {"price": 12.3, "currency": "EUR"}
    assert merged("product", [cost, price])["margin"] == 5.2
    assert merged("product", [cost, {**price, "sale_price": 6}])["margin"] == -1.1
    assert "margin" not in merged("product", [cost, {**price, "currency": "USD"}])
    assert "margin" not in merged("store", [cost, price])


def test_a_price_keeps_the_currency_that_it_was_said_with() -> None:
    newer = {"price": 5, "currency": "USD"}
    older = {"price": 4, "sale_price": 3, "currency": "EUR", "name": "Cup", "colour": None}
    assert merged("product", [newer, older]) == {"price": 5, "currency": "USD", "name": "Cup"}
    assert merged("product", [{"colour": None}, {"colour": "red"}]) == {}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("product", {}),
        ("store", {"found_in": {"events": ["a..b"]}}),
        ("store", {"found_in": {"traits": ["a"]}}),
        ("store", {"attributes": {"a": "float"}}),
        ("store", {"attributes": {"": "text"}}),
    ],
)
def test_wrong_definitions(name: str, body: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError):
        read_entity(name, body)
