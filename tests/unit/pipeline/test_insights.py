"""What segments share and bring, against plain Python; S1.22, S1.23, S4.15."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from patron import profiles
from patron.clock import format_time, parse_time
from patron.engines.duckdb import Database
from patron.errors import ConflictError, DefinitionError, InputError, NotFoundError, RuleError
from patron.segments import overlap as overlapping
from patron.workspace import Workspace
from unit.pipeline.shop import Shop
from unit.pipeline.shop_world import NOW, SEGMENTS, bought, everybody, members, open_world

MICRO = timedelta(microseconds=1)
AMSTERDAM_MAY = (parse_time("2025-04-30T22:00:00Z"), parse_time("2025-05-31T22:00:00Z"))
AMSTERDAM_APRIL_30 = parse_time("2025-03-30T22:00:00Z")
"""31 days before May begins."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Tests may only add to it what others do not look at."""
    workspace = open_world(tmp_path_factory.mktemp("shop") / "data")
    yield workspace
    workspace.close()


# ── overlap ──


def test_overlap_is_that_of_the_sets_of_members(shop: Workspace) -> None:
    names = list(SEGMENTS)
    answer = shop.insights.overlap(names)
    sets = [members(shop, name, NOW) for name in names]
    assert 0 < len(sets[1] & sets[2]) < len(sets[1] | sets[2])
    assert [row["count"] for row in answer["segments"]] == [len(one) for one in sets]
    assert [list(row) for row in answer["pairs"]] == [[len(a & b) for b in sets] for a in sets]
    assert answer["union"] == len(set().union(*sets))
    masks = Counter(
        sum(1 << number for number, one in enumerate(sets) if customer in one)
        for customer in set().union(*sets)
    )
    assert {row["mask"]: row["count"] for row in answer["regions"]} == masks
    for row in answer["regions"]:
        assert row["segments"] == [n for i, n in enumerate(names) if row["mask"] >> i & 1]
    assert answer["regions_in_all"] == len(masks)


def test_overlap_of_twenty_is_exact() -> None:
    chance = random.Random(3)
    sets = [{n for n in range(2_000) if chance.random() < 0.3} for _ in range(overlapping.MOST)]
    queries = [f"select unnest({sorted(one)}) as profile_id" for one in sets]
    with Database(threads=2) as database:
        found = overlapping.overlap(database.cursor(), queries)
    expected = Counter(
        sum(1 << i for i, one in enumerate(sets) if n in one) for n in set().union(*sets)
    )
    assert found.regions == expected
    assert max(found.regions) > 1 << 19
    assert found.pairs == tuple(tuple(len(a & b) for b in sets) for a in sets)
    assert list(found.regions.values()) == sorted(found.regions.values(), reverse=True)


@pytest.mark.parametrize("names", [["recent"], ["recent", "recent"], ["recent"] * 21])
def test_overlap_is_about_2_to_20_different_segments(shop: Workspace, names: list[str]) -> None:
    with pytest.raises(InputError, match="2 to 20"):
        shop.insights.overlap(names)


def test_only_as_many_regions_are_shown_as_asked_for(shop: Workspace) -> None:
    answer = shop.insights.overlap(["north", "browsers"], regions=1)
    assert len(answer["regions"]) == 1
    assert answer["regions_in_all"] == 3


# ── performance ──


def test_performance_is_what_the_rows_say(shop: Workspace) -> None:
    answer = shop.insights.performance("north", since="2025-05-01", until="2025-05-31")
    start, end = AMSTERDAM_MAY
    assert answer["period"] == {"from": format_time(start), "to": format_time(end)}
    assert answer["before"] == {"from": format_time(AMSTERDAM_APRIL_30), "to": format_time(start)}
    measured = answer["measured"]
    for who, since, until in (("", start, end), ("_before", AMSTERDAM_APRIL_30, start)):
        inside = members(shop, "north", until - MICRO)
        everyone = everybody(shop, until - MICRO)
        assert 0 < len(inside) < len(everyone)
        assert measured[f"segment{who}"] == bought(shop, inside, since, until)
        assert measured[f"everybody{who}"] == bought(shop, everyone, since, until)
    assert measured["segment"] != measured["everybody"]
    assert {row["currency"] for row in measured["everybody"]["by_currency"]} == {"EUR", "USD"}
    assert any(row["refunded"] != "0" for row in measured["everybody"]["by_currency"])


def test_over_all_time_it_adds_up_to_what_profiles_show(shop: Workspace) -> None:
    answer = shop.insights.performance("north", since="2025-01-01", until="2025-07-15")
    own = answer["measured"]["everybody"]
    orders, revenue, refunded = 0, Counter[str | None](), Counter[str | None]()
    with shop.reading() as reading:
        for one in everybody(shop, NOW):
            summary = profiles.order_summary(reading.cursor, one, reading.as_of)
            orders += summary.orders
            for spent in summary.by_currency:
                revenue[spent.currency] += spent.revenue or 0  # type: ignore[assignment]
                refunded[spent.currency] += spent.refunded or 0  # type: ignore[assignment]
    assert own["orders"] == orders > 50
    found = {row["currency"]: row for row in own["by_currency"]}
    assert {c: Decimal(row["revenue"]) for c, row in found.items()} == revenue
    assert {c: Decimal(row["refunded"]) for c, row in found.items()} == refunded


def test_a_period_that_is_not_over_ends_now(shop: Workspace) -> None:
    answer = shop.insights.performance("north", since="2025-07-01", until="2025-07-31")
    start = parse_time("2025-06-30T22:00:00Z")
    assert answer["period"]["to"] == format_time(NOW + MICRO)
    assert answer["before"]["from"] == format_time(start - (NOW + MICRO - start))
    assert answer["measured"]["segment"]["members"] == len(members(shop, "north", NOW))


def test_without_a_period_it_is_the_last_30_days(shop: Workspace) -> None:
    answer = shop.insights.performance("north")
    start = NOW + MICRO - timedelta(days=30)
    assert answer["period"] == {"from": format_time(start), "to": format_time(NOW + MICRO)}


@pytest.mark.parametrize(
    ("since", "until"),
    [("2025-06-02", "2025-06-01"), ("2026-01-01", "2026-02-01"), ("yesterday", None)],
)
def test_what_is_no_period_is_refused(shop: Workspace, since: str, until: str | None) -> None:
    with pytest.raises(InputError, match="from"):
        shop.insights.performance("north", since=since, until=until)


def test_days_that_the_clocks_change_on_are_whole_days(shop: Workspace) -> None:
    answer = shop.insights.performance("north", since="2025-03-30", until="2025-03-30")
    assert answer["period"] == {"from": "2025-03-29T23:00:00Z", "to": "2025-03-30T22:00:00Z"}
    assert answer["before"] == {"from": "2025-03-28T23:00:00Z", "to": "2025-03-29T23:00:00Z"}


# ── goals ──


def goal_of(shop: Workspace, goal: dict[str, Any], **more: Any) -> dict[str, Any]:
    shop.put_segment("aimed", {"rule": SEGMENTS["north"], "goal": goal, **more})
    answer = shop.insights.performance("aimed", since="2025-05-01", until="2025-05-31")
    return {**answer["goal"], "own": answer["measured"]["segment"], "answer": answer}


def test_performance_is_shown_against_the_goal(shop: Workspace) -> None:
    found = goal_of(
        shop,
        {"measure": "revenue", "target": 0.1, "currency": "EUR"},
        owner="Ann",
        journey_stage="loyalty",
    )
    euros = next(row for row in found["own"]["by_currency"] if row["currency"] == "EUR")
    assert (found["actual"], found["target"], found["reached"]) == (euros["revenue"], "0.1", True)
    assert found["answer"]["owner"] == "Ann"
    assert found["answer"]["journey_stage"] == "loyalty"
    shown = shop.segment("aimed")["segment"]
    assert shown["goal"] == {"measure": "revenue", "target": "0.1", "currency": "EUR"}
    assert (shown["owner"], shown["journey_stage"]) == ("Ann", "loyalty")


@pytest.mark.parametrize("measure", ["members", "buyers", "repeat_rate", "orders_per_member"])
def test_a_goal_that_is_missed_says_by_what(shop: Workspace, measure: str) -> None:
    found = goal_of(shop, {"measure": measure, "target": 1_000_000})
    assert Decimal(found["actual"]) == Decimal(found["own"][measure])
    assert not found["reached"]
    assert goal_of(shop, {"measure": measure, "target": float(found["actual"])})["reached"]


def test_a_goal_for_refunds_is_reached_below_it(shop: Workspace) -> None:
    goal = {"measure": "refunded", "currency": "EUR"}
    assert goal_of(shop, {**goal, "target": 1_000_000})["reached"]
    assert not goal_of(shop, {**goal, "target": 0})["reached"]


@pytest.mark.parametrize(
    ("goal", "field"),
    [
        ({"measure": "fame", "target": 1}, "goal.measure"),
        ({"measure": "orders", "target": -1}, "goal.target"),
        ({"measure": "orders"}, "goal.target"),
        ({"measure": "revenue", "target": 1}, "goal.currency"),
        ({"measure": "orders", "target": 1, "currency": "EUR"}, "goal.currency"),
    ],
)
def test_a_goal_that_means_nothing_is_refused(
    shop: Workspace, goal: dict[str, Any], field: str
) -> None:
    with pytest.raises(DefinitionError) as raised:
        shop.put_segment("wrong", {"rule": SEGMENTS["north"], "goal": goal})
    assert raised.value.field == field


def test_an_owner_has_a_name(shop: Workspace) -> None:
    with pytest.raises(DefinitionError, match="owner"):
        shop.put_segment("wrong", {"rule": SEGMENTS["north"], "owner": " "})


# ── backtest ──


def test_a_backtest_is_what_would_have_been(shop: Workspace) -> None:
    answer = shop.insights.backtest(SEGMENTS["recent"], months=5)
    ends = [datetime(2025, month, 1) - timedelta(hours=2) for month in range(4, 8)]
    ends.insert(0, datetime(2025, 2, 28, 23))
    for row, end in zip(answer["data"], ends, strict=True):
        inside = members(shop, "recent", end - MICRO)
        expected = bought(shop, inside, end, end + timedelta(days=30))
        said = {"month": format_time(end - MICRO), "complete": end < ends[-1]}
        assert row == {**said, **expected}
    sizes = [row["members"] for row in answer["data"]]
    assert len(set(sizes)) > 2
    by_name = shop.insights.backtest(None, name="recent", months=5)
    assert by_name["data"] == answer["data"]


def test_a_backtest_is_of_a_rule_or_a_segment(shop: Workspace) -> None:
    with pytest.raises(InputError, match="one of them"):
        shop.insights.backtest(None)
    with pytest.raises(RuleError, match="No event is called"):
        shop.insights.backtest('did "Order Complete"')


# ── comparing, and going back ──


def test_comparing_says_who_would_enter_and_leave(shop: Workspace) -> None:
    rule = 'did "Order Completed" in the last 90 days on brand "north"'
    answer = shop.insights.compare("recent", rule, sample=100)
    before = members(shop, "recent", NOW)
    shop.put_segment("other", {"rule": rule})
    after = members(shop, "other", NOW)
    expected = {"entering": after - before, "leaving": before - after, "staying": before & after}
    for side, who in expected.items():
        assert who
        assert answer[side]["count"] == len(who)
        assert {row["profile_id"] for row in answer[side]["sample"]} == who
    assert answer["used_by"] == ["loyal"]
    assert members(shop, "recent", NOW) == before
    few = shop.insights.compare("recent", rule, sample=1)
    assert [few[side]["count"] for side in expected] == [len(who) for who in expected.values()]
    assert all(len(few[side]["sample"]) == 1 for side in expected)


def test_a_rule_that_would_make_a_circle_cannot_be_compared(shop: Workspace) -> None:
    with pytest.raises(RuleError, match="circle"):
        shop.insights.compare("recent", "in segment loyal")


def test_versions_are_kept_with_all_that_they_said_and_come_back(shop: Workspace) -> None:
    first = {
        "rule": SEGMENTS["north"],
        "goal": {"measure": "buyers", "target": 3},
        "owner": "Bo",
    }
    shop.put_segment("kept", first)
    shop.put_segment("kept", {"rule": SEGMENTS["recent"]})
    shop.delete_segment("kept")
    kept = shop.insights.versions("kept")["data"]
    assert [(one["version"], one["removed"]) for one in kept] == [
        (3, True), (2, False), (1, False),
    ]  # fmt: skip
    assert kept[2]["definition"] == first
    assert shop.restore_segment("kept", 1)["version"] == 4
    assert shop.segment("kept")["segment"]["owner"] == "Bo"
    with pytest.raises(NotFoundError, match="version 3"):
        shop.restore_segment("kept", 3)
    with pytest.raises(NotFoundError, match="no segment"):
        shop.insights.versions("nothing")


def test_one_that_others_use_is_not_removed(shop: Workspace) -> None:
    with pytest.raises(ConflictError, match="loyal"):
        shop.delete_segment("north")


# ── static lists ──


def test_a_snapshot_holds_exactly_the_members_and_keeps_them(shop: Workspace) -> None:
    then = parse_time("2025-04-01")
    answer = shop.snapshot_list("april", "recent", as_of=then)
    before = members(shop, "recent", then)
    assert answer["entries"] == len(before) > 5
    shop.put_segment("of-april", {"rule": "in list april"})
    assert members(shop, "of-april", NOW) == before != members(shop, "recent", NOW)
    kinds = {one.split(":")[0] for one in _entries(shop, "april")}
    assert "user_id" in kinds


def _entries(shop: Workspace, name: str) -> list[str]:
    held = {(d["kind"], d["name"]): d["body"] for d in shop.definitions()["data"]}
    return list(held["list", name]["members"])


def test_lists_and_rules_nest_in_one_another(shop: Workspace) -> None:
    shop.put_segment("mixed", {"rule": "in segment north and not in segment recent"})
    shop.snapshot_list("mixed", "mixed")
    shop.put_segment("again", {"rule": "in list mixed or in segment loyal"})
    north, recent = (members(shop, name, NOW) for name in ("north", "recent"))
    assert members(shop, "again", NOW) == (north - recent) | (north & recent)


def test_performance_says_what_is_left_after_refunds_and_costs(tmp_path: Path) -> None:
    """S1.10: margin where costs are known, and of how many orders that is."""
    shop = Shop(tmp_path / "data")
    shop.segment("buyers", 'did "Order Completed"')

    def order(number: str, revenue: int, **line: int) -> None:
        lines = [{"product_id": number, "quantity": 2, "price": revenue / 2, **line}]
        said = {"order_id": number, "revenue": revenue, "currency": "EUR", "products": lines}
        shop.track("Order Completed", properties=said)

    order("a", 100, cost=30)
    order("b", 50, cost=10)
    order("c", 7)
    order("d", 1000, cost=1)
    refund = {"order_id": "b", "total": 25, "currency": "EUR",
              "products": [{"product_id": "b", "quantity": 1}]}  # fmt: skip
    shop.track("Order Refunded", properties=refund)
    shop.track("Order Cancelled", properties={"order_id": "d"})
    workspace = shop.workspace
    shop.clock.advance(timedelta(hours=1))
    found = workspace.insights.performance("buyers", since="2018-01-01", until="2018-01-01")
    (sold,) = found["measured"]["segment"]["by_currency"]
    assert (sold["revenue"], sold["refunded"], sold["net_revenue"]) == ("157", "25", "132")
    # Of the first 100 less 60 are left; of the second one cup is, at 25 less 10.
    assert (sold["margin"], sold["orders_with_margin"]) == ("55", 2)
    workspace.close()
