"""What decays, what was earlier, and the lesser and the greater of two numbers (S5.14)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from patron.errors import RuleError
from patron.segments import tree
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode_expression
from patron.segments.concerns import concerns
from patron.segments.printer import print_expression
from patron.segments.text import parse, parse_expression
from unit.pipeline.shop import DAY, START, Shop

VISITS = 'decayed(count("Page Viewed"), 50 % after 30 days, 0 % after 90 days)'


@pytest.mark.parametrize(
    "text",
    [
        VISITS,
        'decayed(sum(revenue of "Order Completed" in EUR), 10 % after 12 hours)',
        'decayed(count("X"), at most 3 each day, 50 % after 30 days)',
        'decayed(sum(revenue of "X" in EUR), at most 7.5 each week)',
        "earlier(spent, 7 days)",
        'spent - earlier(count("X" in the last 3 days), 1 week)',
        "least(spent, 5) + greatest(0, least(often, 3)) * 2",
    ],
)
def test_both_faces_say_the_same(text: str) -> None:
    expression = parse_expression(text)
    assert print_expression(expression) == text
    assert decode_expression(json.loads(tree.encode(expression))) == expression


def test_more_than_two_numbers_are_compared_pair_by_pair() -> None:
    assert print_expression(parse_expression("least(1, 2, 3)")) == "least(least(1, 2), 3)"
    # They remain names where no bracket follows.
    assert parse_expression("least + earlier + decayed").both[1] == tree.Named("decayed")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('decayed(max(a of "X"), 5 % after 1 day)', "Counts and sums decay"),
        ('decayed(count("X" today), 5 % after 1 day)', "of any time"),
        ('decayed(count("X"), 5 % after 3 days, 0 % after 3 days)', "Steps rise"),
        ('decayed(count("X"), 101 % after 3 days)', "0 to 100 %"),
        ('decayed(count("X"), 1.5 % after 3 days)', "whole"),
        ('decayed(count("X"))', "1 to 50 steps"),
        ('decayed(count("X"), at most 0 each day)', "more than 0"),
        ('decayed(count("X"), at most 3 each hour)', "no unit of the calendar"),
        ('earlier(count("X" this month), 3 days)', "was earlier"),
        ("least(1)", "','"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, said: str) -> None:
    with pytest.raises(RuleError, match=said):
        parse_expression(text)


def test_the_clock_matters_at_each_step_and_as_long_after_as_it_is_asked_earlier() -> None:
    rule = parse(f"calculate({VISITS} - earlier({VISITS}, 7 days)) > 1")
    ages = {edge.length.days for edge in concerns(rule, Catalogue()).edges}
    assert ages == {0, 7, 30, 37, 90, 97}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    yield opened
    opened.workspace.close()


def value(shop: Shop, name: str, user: str = "ann", **at: Any) -> Any:
    rows = shop.workspace.computed_values(name, **at)["data"]
    return next(row["value"] for row in rows if row["identifiers"]["user_id"] == [user])


def test_what_is_older_counts_for_less_to_the_microsecond(shop: Shop) -> None:
    shop.track("Page Viewed", at=START)
    shop.track("Page Viewed", at=START - 40 * DAY)
    shop.track("Page Viewed", at=START - 100 * DAY)
    shop.workspace.put_computed_trait("worth", {"value": VISITS})
    assert value(shop, "worth") == "1.5"
    before = START + 30 * DAY - timedelta(microseconds=1)
    assert value(shop, "worth", as_of=before) == "1.5"
    assert value(shop, "worth", as_of=before + timedelta(microseconds=1)) == "1"
    assert value(shop, "worth", as_of=START + 90 * DAY) == "0"


def test_time_alone_moves_members_live_as_in_bulk(shop: Shop) -> None:
    for days in (0, 1, 5, 20):
        shop.track("Page Viewed", at=START - days * DAY)
        shop.track("Order Completed", "bob", at=START - days * DAY,
                   properties={"order_id": f"o{days}", "revenue": 0.01})  # fmt: skip
    spent = 'decayed(sum(revenue of "Order Completed"), 55 % after 3 days, 0 % after 9 days)'
    traits = {
        "viewed": 'decayed(count("Page Viewed"), 50 % after 3 days, 0 % after 9 days)',
        "grown": "viewed - earlier(viewed, 2 days)",
        "capped": "least(viewed * 3, 4)",
        "spent": f"{spent} * 100",
        "rationed": 'decayed(count("Page Viewed"), at most 1 each week, 50 % after 3 days)',
        "best": "greatest(grown, capped)",
    }
    for name, text in traits.items():
        shop.workspace.put_computed_trait(name, {"value": text}, allow_unknown=True)
    rules = {
        "viewing": "viewed >= 2",
        "growing": "grown > 0",
        "at_the_cap": "capped = 4",
        "spending": "spent >= 1.55",
        "rationing": "rationed >= 2",
        "best_of": "best between 2 and 3",
        "missing": "calculate(least(viewed / 0, 1)) < 5",
    }
    for name, rule in rules.items():
        shop.segment(name, rule)
    seen: set[tuple[str, int]] = set()
    for hours in range(0, 14 * 24, 30):
        shop.workspace.advance()
        for name in rules:
            live = shop.workspace.live_members(name)
            assert live is not None
            bulk = shop.workspace.members(name)["data"]
            assert sorted(live.ids().tolist()) == [row["profile_id"] for row in bulk], (name, hours)
            seen.add((name, len(bulk)))
        shop.clock.advance(timedelta(hours=30))
    assert {name for name, size in seen if size} == rules.keys() - {"missing"}
    assert {name for name, size in seen if not size} == rules.keys()
    # By then: ann saw pages when 0, 1 and 5 days old, and one long ago.
    assert value(shop, "viewed", as_of=START) == "2.5"
    assert value(shop, "grown", as_of=START) == "2"
    assert value(shop, "spent", "bob", as_of=START) == "2.55"


def test_of_each_day_what_came_first_counts_and_ages(shop: Shop) -> None:
    midnight = START + DAY / 2
    for hours in (-3, 1, 2, 3, 7, 8):
        shop.track("Page Viewed", at=midnight + timedelta(hours=hours), properties={"spent": hours})
    shop.clock.advance(2 * DAY)
    daily = 'decayed(count("Page Viewed"), at most 2 each day, 50 % after 10 hours)'
    shop.workspace.put_computed_trait("pages", {"value": daily})
    limited = 'decayed(sum(spent of "Page Viewed"), at most 4 each day, 50 % after 20 hours)'
    shop.workspace.put_computed_trait("some", {"value": limited}, allow_unknown=True)
    # Of the day before that at -3; of the day those at 1 and 2, as far as they have happened.
    counts = {-4: None, -3: "1", 1: "2", 3: "3", 6.5: "3", 7: "2.5", 11: "2", 24: "1.5"}
    for hours, wanted in counts.items():
        rows = shop.workspace.computed_values("pages", as_of=midnight + timedelta(hours=hours))[
            "data"
        ]
        assert [row["value"] for row in rows if row["value"] != "0"] == ([wanted] if wanted else [])
    # -3, then 1 and 2, and 1 of 3.
    sums = {-3: "-3", 2: "0", 3: "1", 8: "1", 17: "2.5", 22: "1", 23: "0.5"}
    for hours, wanted in sums.items():
        assert value(shop, "some", as_of=midnight + timedelta(hours=hours)) == wanted
