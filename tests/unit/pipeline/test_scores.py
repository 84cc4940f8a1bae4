"""Scores: declared, used in rules, shown with growth and curve, edited and removed (S5.14)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from patron.errors import ConflictError, DefinitionError, NotFoundError, RuleError
from patron.pipeline.score_definitions import read_score
from unit.pipeline.shop import DAY, START, Shop

ENGAGEMENT: dict[str, Any] = {
    "interactions": [
        {"event": "Page Viewed", "points": 1, "at_most": 3},
        {"event": "Order Completed", "where": 'place = "store"', "points": 10},
        {"event": "Order Completed", "per": "revenue", "points": 0.5},
        {"event": "Order Refunded", "points": -4, "at_most": 6},
    ],
    "decay": [{"after": "10d", "worth": 50}, {"after": "40d", "worth": 0}],
    "at_least": 0,
    "at_most": 30,
}
SENT = [
    ("ann", "Page Viewed", (0, 1, 2, 3, 8, 9, 12, 45), {}),
    ("ann", "Order Completed", (3, 20), {"revenue": 7.5, "place": "store"}),
    ("ann", "Order Refunded", (2, 2.5), {}),
    ("bob", "Page Viewed", (5,), {}),
    ("bob", "Order Completed", (11,), {"revenue": 100, "place": "web"}),
    ("eve", "Order Refunded", (1,), {}),
]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    for user, event, days, properties in SENT:
        for day in days:
            order = {"order_id": f"{user}{day}"} if event.startswith("Order") else {}
            opened.track(event, user, at=START - day * DAY, properties={**order, **properties})
    yield opened
    opened.workspace.close()


def plainly(user: str, now: datetime) -> Decimal:
    """The score, by hand."""

    def worth(day: float) -> Decimal:
        age = now - (START - day * DAY)
        if age < timedelta(0) or age >= 40 * DAY:
            return Decimal(0)
        return Decimal(1) if age < 10 * DAY else Decimal("0.5")

    found = Decimal(0)
    for who, event, days, properties in SENT:
        total = sum(map(worth, days), Decimal(0)) if who == user else Decimal(0)
        if event == "Page Viewed":
            found += min(total, Decimal(3))
        elif event == "Order Completed":
            found += total * 10 if properties["place"] == "store" else 0
            found += total * Decimal(properties["revenue"]) / 2
        else:
            found -= min(total * 4, Decimal(6))
    return max(min(found, Decimal(30)), Decimal(0))


def test_the_score_is_that_of_plain_python_at_any_moment(shop: Shop) -> None:
    shop.workspace.put_score("engagement", ENGAGEMENT)
    seen = set()
    for days in (0, 0.5, 6, 10, 11, 39, 41, -3):
        now = START + days * DAY
        rows = shop.workspace.score_values("engagement", as_of=now)["data"]
        found = {row["identifiers"]["user_id"][0]: Decimal(row["value"]) for row in rows}
        assert found == {user: plainly(user, now) for user in found}
        for row in rows:
            user = row["identifiers"]["user_id"][0]
            for length, grown in row["growth"].items():
                before = now - int(length) * DAY
                assert Decimal(grown) == plainly(user, now) - plainly(user, before)
        seen |= set(found.values())
    assert {Decimal(0), Decimal(30)} < seen
    assert len(seen) > 6


def test_rules_ask_of_the_score_and_of_its_growth_live_as_in_bulk(shop: Shop) -> None:
    shop.workspace.put_score("engagement", ENGAGEMENT)
    shop.segment("hot", "engagement >= 20")
    shop.segment("rising", "engagement_growth_7 > 0 and not engagement < 5")
    sizes = set()
    for _ in range(12):
        shop.workspace.advance()
        now = shop.clock.now()
        for name in ("hot", "rising"):
            live = shop.workspace.live_members(name)
            assert live is not None
            rows = shop.workspace.members(name)["data"]
            assert live.ids().tolist() == [row["profile_id"] for row in rows]
            users = {row["identifiers"]["user_id"][0] for row in rows}
            wanted = set()
            for user in ("ann", "bob", "eve"):
                score = plainly(user, now)
                grown = score - plainly(user, now - 7 * DAY)
                if score >= 20 if name == "hot" else grown > 0 and score >= 5:
                    wanted.add(user)
            assert users == wanted
            sizes.add((name, len(users)))
        shop.clock.advance(3 * DAY + timedelta(hours=6))
    assert {("hot", 1), ("hot", 0), ("rising", 1), ("rising", 0)} <= sizes


def test_one_customer_has_growth_and_a_curve_and_the_points_of_each_interaction(
    shop: Shop,
) -> None:
    shop.workspace.put_score("engagement", ENGAGEMENT)
    found = shop.workspace.explain_score("engagement", "user_id:ann", days=21, step=7)
    assert found["value"] == str(plainly("ann", START))
    ages = [(START - timedelta(days=age)) for age in (21, 14, 7, 0)]
    assert [Decimal(point["value"]) for point in found["curve"]] == [
        plainly("ann", at) for at in ages
    ]
    assert [one["points"] for one in found["interactions"]] == ["3", "15", "5.625", "-6"]
    profile = shop.workspace.profile("user_id:ann", include=("scores", "computed"))
    shown = profile["scores"]["engagement"]
    assert shown["value"] == found["value"]
    assert len(shown["curve"]) == 13
    assert shown["growth"] == found["growth"]
    assert profile["traits"]["engagement"]["value"] == found["value"]
    assert profile["traits"]["engagement_growth_7"]["value"] == found["growth"]["7"]


def test_the_highest_come_first_page_by_page(shop: Shop) -> None:
    shop.workspace.put_score("engagement", ENGAGEMENT)
    pages = []
    cursor = None
    while True:
        page = shop.workspace.score_values("engagement", highest=True, limit=2, cursor=cursor)
        pages += [row["value"] for row in page["data"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert pages == sorted(pages, key=Decimal, reverse=True)
    assert len(pages) == 3
    # Those who did nothing that counts are among them, in their place.
    shop.workspace.put_score("loss", {"interactions": [{"event": "Order Refunded", "points": -1}]})
    rows = shop.workspace.score_values("loss", highest=True)["data"]
    assert [row["value"] for row in rows] == ["0", "-1", "-2"]


def test_a_half_life_is_steps(shop: Shop) -> None:
    body = {"interactions": [{"event": "Page Viewed", "points": 1}], "decay": {"half_life": "10d"}}
    shop.workspace.put_score("fading", body)
    found = shop.workspace.explain_score("fading", "user_id:bob")
    # At 5 days, half the time of a half: 71 %.
    assert found["value"] == "0.71"
    later = shop.workspace.explain_score("fading", "user_id:bob", as_of=START + 16 * DAY)
    assert later["value"] == "0.25"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"interactions": []}, "interactions: name 1 to 30"),
        ({"interactions": [{"event": "X"}]}, "points"),
        (
            {"interactions": [{"event": "X", "points": "1"}]},
            r"interactions\[0\]: Expected a number",
        ),
        ({"interactions": [{"event": "X", "points": 0.00001}]}, "4 digits"),
        ({"interactions": [{"event": "X", "points": 1, "where": "a ="}]}, r"interactions\[0\]"),
        ({"interactions": [{"event": "X", "points": 1, "where": "a = 1 today"}]}, "nothing behind"),
        (
            {"interactions": [{"event": "X", "points": 1, "where": 'a = 1) + count("Y"'}]},
            "a filter",
        ),
        ({"decay": [{"after": "3 months", "worth": 1}]}, "decay: A month has no fixed length"),
        ({"decay": [{"after": "3d", "worth": 1}, {"after": "2d", "worth": 0}]}, "Steps rise"),
        ({"decay": {"half_live": "3d"}}, "decay"),
        ({"at_most": 10**13}, "at_most"),
    ],
)
def test_what_makes_no_sense_is_refused(shop: Shop, change: dict[str, Any], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        shop.workspace.put_score("wrong", {**ENGAGEMENT, **change})


def test_names_belong_to_one_and_what_is_used_stays(shop: Shop) -> None:
    work = shop.workspace
    work.put_computed_trait("visits", {"value": 'count("Page Viewed")'})
    with pytest.raises(ConflictError, match="visits already"):
        work.put_score("visits", ENGAGEMENT)
    work.put_score("engagement", ENGAGEMENT)
    with pytest.raises(ConflictError, match="follows from score engagement"):
        work.put_computed_trait("engagement_growth_7", {"value": "visits"})
    with pytest.raises(ConflictError, match="follows from score engagement"):
        work.delete_computed_trait("engagement_growth_7")
    work.put_segment("rising", {"rule": "engagement_growth_7 > 0"})
    work.put_computed_trait("double", {"value": "engagement * 2"})
    shown = work.score("engagement")["score"]
    assert shown["segments"] == ["rising"]
    assert shown["computed_traits"] == ["double"]
    with pytest.raises(ConflictError, match="used by segment rising, computed trait double"):
        work.delete_score("engagement")
    with pytest.raises(RuleError, match="No event is called"):
        work.put_score("other", {"interactions": [{"event": "Page Seen", "points": 1}]})
    work.delete_segment("rising")
    work.delete_computed_trait("double")
    work.delete_score("engagement")
    with pytest.raises(NotFoundError):
        work.score("engagement")


def test_scores_and_classifications_make_no_name_twice(shop: Shop) -> None:
    work = shop.workspace
    lifecycle = {"kind": "lifecycle", "active_for": "10d", "inactive_after": "40d"}
    work.put_classification("stage", lifecycle)
    with pytest.raises(ConflictError, match="a computed trait stage already"):
        work.put_score("stage", ENGAGEMENT)
    work.put_score("engagement", ENGAGEMENT)
    said = "lifecycle engagement makes the computed trait engagement"
    with pytest.raises(ConflictError, match=said):
        work.put_classification("engagement", lifecycle)
    source = {"kind": "source", "name": "web", "body": {"type": "web"}}
    body = {name: value for name, value in lifecycle.items() if name != "kind"}
    score = {"kind": "score", "name": "engagement", "body": ENGAGEMENT}
    sorting = {"kind": "lifecycle", "name": "engagement", "body": body}
    with pytest.raises(ConflictError, match=said):
        work.plan([source, score, sorting])
    # One takes the name of another that goes.
    work.apply([source, {**score, "name": "stage"}], prune=True)
    assert work.computed_trait("stage")["computed_trait"]["made_by"] == "score stage"
    # Segments have names of their own.
    work.put_segment("stage", {"rule": "stage >= 5"})
    work.delete_segment("stage")


def test_files_hold_them_and_edits_move_members(shop: Shop) -> None:
    work = shop.workspace
    segment = {"kind": "segment", "name": "hot", "body": {"rule": "engagement >= 20"}}
    score = {"kind": "score", "name": "engagement", "body": ENGAGEMENT}
    source = {"kind": "source", "name": "web", "body": {"type": "web"}}
    work.apply([source, score, segment])
    edited = {**score, "body": {**ENGAGEMENT, "at_most": 19}}
    planned = work.plan([source, edited, segment])["changes"]
    assert [(one["kind"], one["action"], one.get("leave")) for one in planned] == [
        ("score", "change", None),
        ("segment", "keep", 1),
    ]
    with pytest.raises(ConflictError, match="used by segment hot"):
        work.plan([source, segment])
    assert {one["action"] for one in work.plan([source])["changes"]} == {"remove"}


def test_what_a_week_brings_is_capped_before_it_ages(shop: Shop) -> None:
    pages = {"event": "Page Viewed", "points": 2.5, "at_most_each": {"week": 5}}
    shop.workspace.put_score("reading", {**ENGAGEMENT, "interactions": [pages], "at_most": 100})
    shop.segment("readers", "reading >= 7.5")
    for now in (START + hours * timedelta(hours=13) for hours in range(-20, 60, 9)):
        wanted, weeks = Decimal(0), dict[datetime, int]()
        for sent in sorted(START - day * DAY for day in SENT[0][2]):
            monday = sent - sent.weekday() * DAY
            weeks[monday] = weeks.get(monday, 0) + 1
            if sent <= now < sent + 40 * DAY and weeks[monday] <= 2:
                wanted += Decimal("2.5") if now < sent + 10 * DAY else Decimal("1.25")
        rows = shop.workspace.score_values("reading", as_of=now)["data"]
        (found,) = [row for row in rows if row["identifiers"]["user_id"] == ["ann"]]
        assert Decimal(found["value"]) == wanted
        shop.workspace.advance()
    told = shop.workspace.explain_score("reading", "user_id:ann")
    assert told["interactions"][0]["points"] == told["value"]


@pytest.mark.parametrize(
    ("points", "each", "said"),
    [
        (3, {"day": 10}, "a multiple of points, which are 3"),
        (3, {"day": 9, "week": 12}, "name one of day"),
        (3, {}, "name one of day"),
        (3, {"day": -3}, "more than 0"),
    ],
)
def test_a_cap_of_each_day_that_makes_no_sense_is_refused(
    shop: Shop, points: float, each: Any, said: str
) -> None:
    one = {"event": "Page Viewed", "points": points, "at_most_each": each}
    with pytest.raises(DefinitionError, match=said):
        shop.workspace.put_score("reading", {"interactions": [one]})


def test_a_floor_above_the_cap_is_refused() -> None:
    body = {"interactions": [{"event": "Page Viewed", "points": 1}], "at_least": 5, "at_most": 1}
    with pytest.raises(DefinitionError, match="at_least"):
        read_score("reading", body)
