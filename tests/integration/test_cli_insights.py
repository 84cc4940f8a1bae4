"""What segments are worth, on the command line and so over the API; S1.22, S1.23, S4.15."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration.cli_runs import AS_OF, ORDERS, answer, patron, write_files

RULE = 'did "Order Completed" in the last 365 days'
GOAL = """\
kind: segment
name: aimed
rule: did "Order Completed" in the last 365 days
goal: {measure: revenue, target: 1000, currency: EUR}
owner: Ann
journey_stage: loyalty
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with orders of 80.50 and 40 by Ann, and of 99.99 by Bob."""
    base = tmp_path_factory.mktemp("insights")
    answer("init", base / "data")
    write_files(base / "definitions")
    (base / "definitions" / "segments" / "aimed.yaml").write_text(GOAL, encoding="utf-8")
    (base / "orders.csv").write_text(ORDERS, encoding="utf-8")
    answer("apply", base / "definitions", "--yes", "-w", base / "data")
    answer("import", "orders", base, "-w", base / "data")
    return base / "data"


def test_overlap_in_the_terminal(shop: Path) -> None:
    at = ("--as-of", AS_OF, "-w", shop)
    found = answer("segments", "overlap", "buyers", "big-spenders", *at)
    assert [list(row) for row in found["pairs"]] == [[2, 1], [1, 1]]
    assert [(row["mask"], row["count"]) for row in found["regions"]] == [(1, 1), (3, 1)]
    shown = patron("segment", "overlap", "buyers", "big-spenders", *at).stdout
    assert "\nbuyers + big-spenders                 1\n" in shown
    assert "2 customers in at least one." in shown


def test_performance_in_the_terminal(shop: Path) -> None:
    period = ("--from", "2017-06-01", "--to", "2017-06-30", "-w", shop)
    found = answer("segment", "performance", "aimed", *period)
    own = found["measured"]["segment"]
    assert (own["members"], own["orders"], own["repeat_rate"]) == (2, 2, "0")
    (euros,) = own["by_currency"]
    assert (euros["revenue"], euros["average_order_value"]) == ("139.99", "69.995")
    assert found["measured"]["segment_before"]["orders"] == 0
    assert (found["goal"]["actual"], found["goal"]["reached"]) == ("139.99", False)
    shown = patron("segment", "performance", "aimed", *period).stdout
    assert "revenue EUR" in shown
    assert "Goal: revenue 1,000.00 EUR, now 139.99: not reached." in shown
    assert "Owner: Ann" in shown
    assert "goal           revenue 1,000.00 EUR" in patron("segment", "show", "aimed", "-w",
                                                           shop).stdout  # fmt: skip


def test_backtest_in_the_terminal(shop: Path) -> None:
    found = answer("segment", "backtest", RULE, "--months", "8", "--as-of", AS_OF, "-w", shop)
    sizes = [(row["month"][:7], row["members"], row["orders"]) for row in found["data"]]
    assert sizes[:3] == [("2017-05", 1, 1), ("2017-06", 2, 0), ("2017-07", 2, 0)]
    assert [row["complete"] for row in found["data"]] == [True] * 7 + [False]
    shown = patron("segment", "backtest", "--name", "buyers", "--as-of", AS_OF, "-w", shop).stdout
    assert "2017-05-31" in shown
    assert "2017-12-31 *" in shown
    wrong = patron("segment", "backtest", 'did "Order"', "-w", shop)
    assert (wrong.exit_code, "No event is called" in wrong.stderr) == (1, True)


def test_compare_in_the_terminal(shop: Path) -> None:
    rule = 'count("Order Completed") >= 2'
    found = answer("segment", "compare", "buyers", rule, "--as-of", AS_OF, "-w", shop)
    counts = {side: found[side]["count"] for side in ("entering", "leaving", "staying")}
    assert counts == {"entering": 0, "leaving": 1, "staying": 1}
    shown = patron("segment", "compare", "buyers", rule, "--as-of", AS_OF, "-w", shop).stdout
    assert "1 customer would leave" in shown
    assert "email:bob@example.com" in shown


def test_versions_come_back_in_the_terminal(shop: Path) -> None:
    folder = shop.parent / "definitions"
    path = folder / "segments" / "changing.yaml"
    for rule in ("revenue exists", "in segment buyers"):
        path.write_text(f"kind: segment\nname: changing\nrule: {rule}\n", encoding="utf-8")
        answer("apply", folder, "--yes", "-w", shop)
    said = patron("segment", "restore", "changing", "1", "-w", shop).stdout
    assert said.startswith("changing says what version 1 said; it is version 3.")
    rows = answer("segment", "versions", "changing", "-w", shop)["data"]
    assert [row["definition"]["rule"] for row in rows] == [
        "revenue exists", "in segment buyers", "revenue exists",
    ]  # fmt: skip
    assert "in segment buyers" in patron("segment", "versions", "changing", "-w", shop).stdout
    assert patron("segment", "restore", "changing", "9", "-w", shop).exit_code == 1


def test_without_a_record_history_says_so(shop: Path) -> None:
    assert answer("segment", "history", "buyers", "-w", shop)["data"] == []
    assert "Nothing is on record yet" in patron("segment", "history", "buyers", "-w", shop).stdout
    known = answer("segment", "members", "buyers", "--known-at", AS_OF, "-w", shop)
    assert (known["count"], known["known_at"]) == (0, "2018-01-01T00:00:00Z")


def test_lists_from_a_csv_file_and_from_a_segment(shop: Path) -> None:
    people = shop.parent / "people.csv"
    people.write_text('name,mail\n"Bell, Ann",Ann@Example.com\nNobody,\n', encoding="utf-8-sig")
    taken = ("list", "set", "mailed", "--file", people, "-w", shop)
    made = answer(*taken, "--column", "mail", "--type", "email")
    assert made["entries"] == 1
    assert patron(*taken, "--column", "post").exit_code == 1
    assert "It has name, mail." in patron(*taken, "--column", "post").stderr
    assert patron("list", "set", "x", "a:b", "--column", "c", "-w", shop).exit_code == 2
    kept = answer("lists", "snapshot", "old", "--of", "buyers", "--as-of", AS_OF, "-w", shop)
    assert (kept["entries"], kept["segment"], kept["as_of"]) == (
        2,
        "buyers",
        "2018-01-01T00:00:00Z",
    )
    seen = answer("segment", "preview", "in list old and not in list mailed", "-w", shop)
    assert [row["identifiers"] for row in seen["sample"]] == [{"email": ["bob@example.com"]}]
