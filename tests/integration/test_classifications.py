"""What sorts customers, from definitions to profiles, segments, movements and points.

RFM, lifecycle, loyalty and activity across brands: S4.10 to S4.12, S5.17, S5.18, S5.20.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patron.api.app import create_app
from patron.clock import ManualClock, parse_time
from patron.errors import ConflictError, DefinitionError, RuleError
from patron.segments.frames import Relations
from patron.segments.rfm import RfmScored
from patron.workspace import Workspace

DAY = timedelta(days=1)
START = parse_time("2026-01-01")
POINTS = {
    "earning": [
        {"earn": 1, "per": 'revenue of "Order Completed"'},
        {"earn": 50, "for": '"Review Written"'},
    ],
    "expire_after": "30d",
}
SOURCES: list[dict[str, Any]] = [
    {"kind": "source", "name": name, "body": {"type": "web", "brand": name.title()}}
    for name in ("orchid", "lotus", "tulip")
]
DEFINITIONS: list[dict[str, Any]] = [
    {"kind": "lifecycle", "name": "lifecycle",
     "body": {"active_for": "10d", "inactive_after": "40d", "per_brand": ["Orchid"]}},
    {"kind": "activity", "name": "activity",
     "body": {"of": '"Page Viewed" in the last 30 days',
              "levels": {"very_active": 4, "active": 2, "low": 1}, "per_brand": ["Lotus"]}},
    {"kind": "loyalty", "name": "club",
     "body": {"spend": "revenue()", "points": POINTS,
              "tiers": [{"tier": "high", "at_least": 100}, {"tier": "low"}]}},
    {"kind": "rfm", "name": "rfm", "body": {}},
    {"kind": "segment", "name": "rich", "body": {"rule": "club_points >= 100"}},
]  # fmt: skip
DEFINED = {one["name"]: one for one in DEFINITIONS}


def only(*names: str) -> Any:
    return pytest.mark.parametrize("shop", [names], indirect=True, ids=["-".join(names)])


class Shop:
    def __init__(self, folder: Path, definitions: list[dict[str, Any]]) -> None:
        self.token = Workspace.create(folder)
        self.clock = ManualClock(START)
        self.workspace = Workspace(folder, clock=self.clock)
        self.keys = self.workspace.apply(definitions)["write_keys"]
        self.sent = 0
        self.workspace.advance()

    def say(
        self, event: str, *, user: str = "ann", brand: str = "orchid", days: float = 0, **more: Any
    ) -> None:
        self.sent += 1
        body = {
            "type": "track", "event": event, "userId": user, "messageId": f"m{self.sent}",
            "timestamp": (self.clock.now() - days * DAY).isoformat() + "Z", "properties": more,
        }  # fmt: skip
        batch = json.dumps({"batch": [body]}).encode()
        assert self.workspace.collect_batch(batch, self.keys[brand]).result().stored == 1

    def order(self, revenue: float = 10, **more: Any) -> None:
        self.say("Order Completed", order_id=f"o{self.sent}", revenue=revenue, **more)

    def value(self, trait: str, user: str = "ann") -> Any:
        traits = self.workspace.profile(f"user_id:{user}", include=("computed",))["traits"]
        return traits.get(trait, {}).get("value")

    def members(self, segment: str) -> set[str]:
        """Who is in a segment, which live membership has to agree on."""
        self.workspace.advance()
        live = self.workspace.live_members(segment)
        assert live is not None
        found = self.workspace.members(segment)["data"]
        assert [one["profile_id"] for one in found] == live.ids().tolist()
        return {one["identifiers"]["user_id"][0] for one in found}

    def passed(self, days: float) -> None:
        self.clock.advance(days * DAY)
        self.workspace.advance()


@pytest.fixture
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """A workspace with the definitions that the test names."""
    wanted = getattr(request, "param", ("lifecycle", "rfm", "club", "rich"))
    made = Shop(tmp_path / "data", [*SOURCES, *(DEFINED[name] for name in wanted)])
    yield made
    made.workspace.close()


@only("lifecycle")
def test_a_customer_goes_through_the_stages_of_a_lifecycle(shop: Shop) -> None:
    shop.say("Page Viewed")
    seen = [shop.value("lifecycle")]
    shop.order()
    seen.append(shop.value("lifecycle"))
    shop.passed(1)
    shop.order()
    seen.append(shop.value("lifecycle"))
    for _ in range(2):
        shop.passed(30)
        seen.append(shop.value("lifecycle"))
    shop.order(brand="lotus")
    seen.append(shop.value("lifecycle"))
    assert seen == ["lead", "first_time", "active", "defecting", "inactive", "won_back"]
    assert shop.members("lifecycle=won_back") == {"ann"}
    assert shop.members("lifecycle on Orchid=inactive") == {"ann"}
    rule = 'lifecycle = "first_time" on brand "Lotus"'
    assert shop.workspace.preview(rule)["count"] == 1
    changes = shop.workspace.memberships.changes(after="0", limit=100)["data"]
    entered = [one["segment"] for one in changes if one["kind"] == "entered"]
    stages = [name for name in entered if name.startswith("lifecycle=")]
    assert stages == [f"lifecycle={stage}" for stage in seen[1:]], "movements are on record"
    rows = shop.workspace.class_movements("lifecycle", since=START + DAY)["data"]
    assert rows == [{"from": "active", "to": "won_back", "customers": 1}]


@only("activity")
def test_activity_is_per_brand_and_across_brands(shop: Shop) -> None:
    for user, brands in {"ann": "orchid lotus", "bob": "orchid", "cem": ""}.items():
        for brand in ("orchid", "lotus", "tulip"):
            for _ in range(4 if brand in brands.split() else 1):
                shop.say("Page Viewed", user=user, brand=brand)
    across = "activity_across_brands"
    assert [shop.value(across, user) for user in ("ann", "bob", "cem")] == [
        "on_several", "on_one", "on_none"
    ]  # fmt: skip
    assert shop.members(f"{across}=on_several") == {"ann"}
    assert shop.value("activity", "cem") == "active", "three of all brands together"
    found = shop.workspace.classes("activity", brand="Lotus")["data"]
    assert {row["value"]: row["customers"] for row in found} == {
        "very_active": 1, "active": 0, "low": 2, "none": 0
    }  # fmt: skip
    assert shop.members("activity on Lotus=low") == {"bob", "cem"}, "S5.20: there are movements"
    shop.passed(31)
    assert shop.members("activity on Lotus=none") == {"ann", "bob", "cem"}
    assert shop.members(f"{across}=on_none") == {"ann", "bob", "cem"}
    rows = shop.workspace.class_movements("activity", since=START, trait=across)["data"]
    assert {(row["from"], row["to"]): row["customers"] for row in rows} == {
        (before, "on_none"): 1 for before in ("on_several", "on_one", "on_none")
    }
    with pytest.raises(RuleError, match="names brands of its own"):
        shop.workspace.preview(f'{across} = "on_one" on brand "Lotus"')


@only("rfm")
def test_equal_values_score_alike_and_one_customer_scores_three(shop: Shop) -> None:
    shop.passed(0.5)
    shop.order(user="ann")
    shop.passed(1)
    assert [shop.value(f"rfm_{one}") for one in ("recency", "frequency", "monetary")] == [3, 3, 3]
    for user in ("bob", "cem", "dan", "eve"):
        shop.order(user=user, revenue=20)
    assert shop.value("rfm_group", "bob") is None, "scores are those of the last midnight"
    shop.passed(1)
    scores = {user: shop.value("rfm_monetary", user) for user in ("ann", "bob", "cem", "eve")}
    assert scores == {"ann": 1, "bob": 4, "cem": 4, "eve": 4}
    assert shop.value("rfm_frequency", "eve") == 3
    assert shop.members(f"rfm_group={shop.value('rfm_group', 'ann')}") == {"ann"}


@only("club", "rich")
def test_points_are_a_ledger_and_burning_stops_at_the_balance(shop: Shop) -> None:
    shop.order(60.9)
    shop.passed(10)
    shop.say("Review Written")
    shop.say("Points Redeemed", points=40)
    assert shop.value("club_points") == 70
    assert shop.members("rich") == set()
    shop.order(30)
    assert shop.members("rich") == {"ann"}
    here = shop.workspace

    def burn(number: int, key: str) -> dict[str, Any]:
        writer = here.writer("tester", message_id=key)
        return here.write(
            "user_id:ann", writer, lambda card: here.burn_points(card, "club", number)
        )

    with pytest.raises(ConflictError, match="has 100 points"):
        burn(101, "a")
    assert burn(5, "b")["balance"] == 95
    assert burn(5, "b") == {**burn(5, "b"), "repeated": True, "balance": 95}
    assert shop.members("rich") == set()
    shop.passed(25)
    found = here.points("club", "user_id:ann")
    assert [(row["kind"], row["points"], row["balance"]) for row in found["data"]] == [
        ("expired", -15, 80), ("burned", -5, 95), ("burned", -40, 100), ("earned", 30, 140),
        ("earned", 50, 110), ("earned", 60, 60),
    ]  # fmt: skip
    assert found["balance"] == shop.value("club_points") == 80
    due = START + 30 * DAY
    for as_of, left in ((due - timedelta(microseconds=1), 95), (due, 80)):
        assert here.points("club", "user_id:ann", as_of=as_of)["balance"] == left


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["Order Completed", "Review Written", "Points Redeemed"]),
        st.integers(0, 90),
        st.integers(0, 120),
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = Shop(tmp_path_factory.mktemp("ledgers") / "data", [*SOURCES, DEFINED["club"]])
    yield made
    made.workspace.close()


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(MOVES)
def test_a_balance_is_the_sum_of_its_entries_at_every_moment(
    ledgers: Shop, moves: list[tuple[str, int, int]]
) -> None:
    user = f"u{ledgers.sent}"
    for event, days, amount in moves:
        name = "revenue" if event == "Order Completed" else "points"
        ledgers.say(event, user=user, days=days, **{name: amount})
    for days in (61, 30, 12, 0):
        as_of = START - days * DAY
        here = ledgers.workspace
        found = here.points("club", f"user_id:{user}", as_of=as_of)
        entries = found["data"][::-1]
        assert found["balance"] == sum(row["points"] for row in entries)
        sums = [
            sum(row["points"] for row in entries[: number + 1]) for number in range(len(entries))
        ]
        assert [row["balance"] for row in entries] == sums
        lived = [one for one in moves if one[1] >= days]
        assert found["balance"] == left_over(lived, days)
        values = here.profile(f"user_id:{user}", include=("computed",), as_of=as_of)["traits"]
        assert values.get("club_points", {"value": 0})["value"] == found["balance"]


def left_over(moves: list[tuple[str, int, int]], now: int) -> int:
    """The balance so many days ago, by lots: the oldest are burned first, and expire in 30 days."""
    order = ["Order Completed", "Review Written", "Points Redeemed"]
    lots: list[list[int]] = []
    debt = 0
    for event, days, amount in sorted(moves, key=lambda one: (-one[1], one[0] == order[2])):
        lots = [lot for lot in lots if lot[0] - days < 30]
        if event != order[2]:
            earned = amount if event == order[0] else 50
            lots.append([days, earned - min(debt, earned)])
            debt -= min(debt, earned)
            continue
        left = amount
        for lot in lots:
            taken = min(lot[1], left)
            lot[1] -= taken
            left -= taken
        debt += left
    return sum(points for days, points in lots if days - now < 30) - debt


@only("rfm")
def test_segments_by_scores_are_verified_from_one_making_of_the_scores(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        shop.say("Order Completed", user=f"u{number}", days=number, revenue=number + 1)
    shop.passed(1)
    made: list[tuple[str, datetime]] = []
    query = RfmScored.cells_query

    def counted(self: RfmScored, made_for: datetime, relations: Relations) -> Any:
        made.append((self.base, made_for))
        return query(self, made_for, relations)

    monkeypatch.setattr(RfmScored, "cells_query", counted)
    found = shop.workspace.memberships.verify(0, 1)
    assert found["differences"] == []
    assert found["segments"] > 5
    assert len(made) == len(set(made)) > 0


def test_what_a_classification_makes_is_its_own(shop: Shop) -> None:
    here = shop.workspace
    with pytest.raises(ConflictError, match="follows from lifecycle lifecycle"):
        here.put_computed_trait("lifecycle", {"value": "orders()"}, allow_unknown=True)
    with pytest.raises(ConflictError, match="follows from rfm rfm"):
        here.delete_segment("rfm_group")
    with pytest.raises(ConflictError, match="club is used by segment rich"):
        here.delete_classification("club")
    with pytest.raises(ConflictError, match="makes the computed trait rfm_group"):
        here.plan([*SOURCES, DEFINED["rfm"], {"kind": "computed_trait", "name": "rfm_group",
                                  "body": {"value": "orders()"}}])  # fmt: skip
    with pytest.raises(DefinitionError, match="longer time than active_for"):
        here.put_classification("other", {"kind": "lifecycle", "inactive_after": "9d"})
    assert here.delete_classification("rfm")["version"] is None
    assert "rfm_group" not in {one["name"] for one in here.computed_traits()["data"]}


@only("lifecycle")
def test_a_change_of_a_file_changes_what_rests_on_it(shop: Shop) -> None:
    shop.order()
    shop.passed(7)
    assert shop.members("lifecycle=first_time") == {"ann"}
    body = {"active_for": "5d", "inactive_after": "40d"}
    shop.workspace.apply([*SOURCES, {"kind": "lifecycle", "name": "lifecycle", "body": body}])
    assert shop.members("lifecycle=defecting") == {"ann"}
    assert "lifecycle on Orchid" not in {one["name"] for one in shop.workspace.segments()["data"]}


@only("club")
def test_the_api_answers_the_same(shop: Shop) -> None:
    shop.order(150)
    shop.say("Page Viewed", user="bob")
    client = TestClient(create_app(shop.workspace))
    client.headers["Authorization"] = f"Bearer {shop.token}"
    made = client.put(
        "/api/v1/classifications/steps",
        json={"kind": "rfm", "thresholds": {
            "recency": ["1d", "7d", "30d", "90d"], "frequency": [10, 5, 3, 2],
            "monetary": [500, 100, 50, 20]}},
    )  # fmt: skip
    assert made.status_code == 200, made.text
    (group,) = [one for one in client.get("/api/v1/classifications").json()["data"]
                if one["name"] == "steps"]  # fmt: skip
    assert len(group["classes"][0]["values"]) == 11
    sizes = client.get("/api/v1/classifications/steps/classes").json()["data"]
    assert {row["value"]: row["customers"] for row in sizes if row["customers"]} == {
        "potential_loyalists": 1, None: 1
    }  # fmt: skip
    moved = client.get("/api/v1/classifications/club/movements", params={"since": "2025-12-01"})
    assert moved.json()["data"] == [
        {"from": None, "to": "high", "customers": 1}, {"from": None, "to": "low", "customers": 1}
    ]  # fmt: skip
    card = "/api/v1/profiles/user_id:ann/points/club"
    assert client.get(card).json()["balance"] == 150
    assert client.post(f"{card}/burn", json={"points": 151}).status_code == 409
    assert client.post(f"{card}/burn", json={"points": 150}).json()["balance"] == 0
    assert client.delete("/api/v1/classifications/steps").status_code == 200
    assert client.get("/api/v1/classifications/steps").status_code == 404


@only("lifecycle", "club", "rfm")
def test_the_timeline_tells_changes_of_class_by_what_they_are_about(shop: Shop) -> None:
    score = {"interactions": [{"event": "Order Completed", "points": 1}]}
    levels = {
        "values": [{"value": "high", "rule": "keen >= 2"}, {"value": "low", "rule": "keen < 2"}]
    }
    plain = {"values": [{"value": "yes", "rule": 'did "Page Viewed"'}]}
    shop.workspace.put_score("keen", score, allow_unknown=True)
    shop.workspace.put_segment("keenness", levels)
    shop.workspace.put_segment("looker", plain, allow_unknown=True)
    shop.order(60)
    shop.workspace.advance()
    shop.clock.advance(DAY)
    shop.order(60)
    shop.say("Page Viewed")
    shop.workspace.advance()

    def changes(*kinds: Any) -> list[tuple[str, str]]:
        found = shop.workspace.timeline("user_id:ann", kinds=kinds or None, limit=200)["data"]
        told = [one for one in found if one["kind"] == "segment"]
        assert not kinds or told == found
        assert all(one["about"] in kinds for one in told if kinds and "segment" not in kinds)
        return [(one["change"], one["segment"]) for one in reversed(told)]

    tiers = [("entered", "club_tier=low"), ("left", "club_tier=low"), ("entered", "club_tier=high")]
    assert sorted(changes("loyalty_tier")) == sorted(tiers)
    keen = [("entered", "keenness=low"), ("left", "keenness=low"), ("entered", "keenness=high")]
    assert sorted(changes("score_class")) == sorted(keen)
    assert changes("class") == [("entered", "looker=yes")]
    assert {name.split("=")[0] for _, name in changes("lifecycle_stage")} == {
        "lifecycle", "lifecycle on Orchid"
    }  # fmt: skip
    assert {name.split("=")[0] for _, name in changes("rfm_group")} <= {"rfm_group", "rfm"}
    assert sorted(changes("loyalty_tier", "score_class")) == sorted([*tiers, *keen])
    every = changes("segment")
    assert changes() == every
    # Those of the whole are no change of class.
    assert {*tiers, *keen, ("entered", "club_tier")} < set(every)
    page = shop.workspace.timeline("user_id:ann", kinds=["loyalty_tier"], limit=2)
    rest = shop.workspace.timeline("user_id:ann", kinds=["loyalty_tier"], cursor=page["next"])
    assert [len(page["data"]), len(rest["data"]), rest["next"]] == [2, 1, None]
