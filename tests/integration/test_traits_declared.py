"""Declared traits, from files to profiles, segments and SQL, over the API and the command line."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from integration.cli_runs import CliRunner, app
from patron.api.app import create_app
from patron.clock import ManualClock, parse_time
from patron.errors import DefinitionError
from patron.workspace import Workspace

DAY = timedelta(days=1)
DEFINITIONS: list[dict[str, Any]] = [
    {"kind": "source", "name": "crm", "body": {"type": "crm", "trust": 1}},
    {"kind": "source", "name": "web", "body": {"type": "web"}},
    {"kind": "source", "name": "cards", "body": {"type": "people"}},
    {
        "kind": "trait",
        "name": "city",
        "body": {"survivorship": "trusted", "personal": True, "provenance": "second"},
    },
    {"kind": "trait", "name": "plan", "body": {"trait": "Plan", "holds_for": "30 days"}},
    {"kind": "segment", "name": "paris", "body": {"rule": 'city = "Paris"'}},
    {"kind": "segment", "name": "pro", "body": {"rule": 'Plan = "pro"'}},
    {"kind": "segment", "name": "both", "body": {"rule": "in segment paris and in segment pro"}},
]
START = parse_time("2026-01-01")


class Shop:
    def __init__(self, folder: Path) -> None:
        self.token = Workspace.create(folder)
        self.clock = ManualClock(START)
        self.workspace = Workspace(folder, clock=self.clock)
        self.keys = self.workspace.apply(DEFINITIONS)["write_keys"]
        self.sent = 0
        self.workspace.advance()

    def say(self, source: str, *, days: float = 0, user: str = "ann", **traits: Any) -> None:
        self.sent += 1
        body = {
            "type": "identify", "userId": user, "traits": traits, "messageId": f"m{self.sent}",
            "timestamp": (self.clock.now() - days * DAY).isoformat() + "Z",
        }  # fmt: skip
        batch = json.dumps({"batch": [body]}).encode()
        assert self.workspace.collect_batch(batch, self.keys[source]).result().stored == 1

    def members(self, name: str) -> int:
        self.workspace.advance()
        live = self.workspace.live_members(name)
        assert live is not None
        found = self.workspace.members(name)["data"]
        assert [one["profile_id"] for one in found] == live.ids().tolist()
        return len(found)

    def value(self, trait: str) -> Any:
        shown = self.workspace.profile("user_id:ann")["traits"].get(trait)
        told = self.workspace.sql(f"select value from customer_traits where name = '{trait}'")
        assert [row[0] for row in told["rows"]] == ([] if shown is None else [shown["value"]])
        return None if shown is None else shown["value"]


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    made = Shop(tmp_path / "data")
    yield made
    made.workspace.close()


def test_the_trusted_source_wins_until_somebody_sets_the_value_by_hand(shop: Shop) -> None:
    shop.say("crm", days=9, city="Paris")
    shop.say("web", days=1, city="Rome")
    assert (shop.value("city"), shop.members("paris")) == ("Paris", 1)
    shop.say("cards", days=5, city="Oslo")
    shop.say("crm", city="Paris")
    assert (shop.value("city"), shop.members("paris")) == ("Oslo", 0)
    shop.say("cards", city=None)
    assert (shop.value("city"), shop.members("paris")) == ("Paris", 1)
    shop.say("crm", city=None)
    assert (shop.value("city"), shop.members("paris")) == ("Rome", 0)


def test_a_value_set_by_hand_wins_without_a_definition_too(shop: Shop) -> None:
    shop.say("cards", days=5, size="M")
    shop.say("web", size="XL")
    assert shop.value("size") == "M"


def test_what_is_written_on_a_card_is_set_by_hand(shop: Shop) -> None:
    shop.say("crm", days=1, city="Paris")
    shop.say("web", days=1, size="M")
    assert shop.members("paris") == 1
    writer = shop.workspace.writer("ann's token")
    by_hand = {"city": "Oslo", "size": "L"}
    told = shop.workspace.write("user_id:ann", writer, lambda card: card.set_traits(by_hand))
    assert told["traits"] == by_hand, "the first that is ever set by hand counts at once"
    assert shop.members("paris") == 0
    shop.clock.advance(DAY)
    shop.say("crm", city="Paris")
    shop.say("web", size="M")
    assert (shop.value("city"), shop.value("size")) == ("Oslo", "L")
    assert shop.members("paris") == 0
    writer = shop.workspace.writer("ann's token")
    shop.workspace.write("user_id:ann", writer, lambda card: card.set_traits({"city": None}))
    assert (shop.value("city"), shop.members("paris")) == ("Paris", 1)


def test_an_observation_that_grows_too_old_leaves_its_segments_by_time_alone(shop: Shop) -> None:
    shop.say("web", Plan="pro")
    assert (shop.value("Plan"), shop.members("pro")) == ("pro", 1)
    shop.clock.advance(30 * DAY - timedelta(microseconds=1))
    assert (shop.value("Plan"), shop.members("pro")) == ("pro", 1)
    shop.clock.advance(timedelta(microseconds=1))
    assert (shop.value("Plan"), shop.members("pro")) == (None, 0)
    with shop.workspace.reading() as reading:
        sql = "select changed_at from membership_changes where segment = 'pro' order by change_id"
        entered, left = (row[0] for row in reading.cursor.execute(sql).all())
    assert left - entered == 30 * DAY


def test_editing_a_trait_edits_every_segment_that_reads_it(shop: Shop) -> None:
    shop.say("crm", days=9, city="Paris")
    shop.say("web", days=1, city="Rome", Plan="pro")
    assert [shop.members(name) for name in ("paris", "both")] == [1, 1]
    edited = [one for one in DEFINITIONS if one["name"] != "city"]
    plan = shop.workspace.plan(edited, prune=True)
    effects = {row["name"]: row.get("leave") for row in plan["changes"]}
    assert effects == {"city": None, "paris": 1, "both": 1}
    shop.workspace.apply(edited, prune=True)
    assert [shop.members(name) for name in ("paris", "both")] == [0, 0]
    assert shop.value("city") == "Rome"


def test_another_trust_rank_is_an_edit_as_well(shop: Shop) -> None:
    shop.say("crm", days=9, city="Paris")
    shop.say("web", days=1, city="Rome")
    assert shop.members("paris") == 1
    trusted = {"kind": "source", "name": "crm", "body": {"type": "crm", "trust": 900}}
    edited = [trusted, *DEFINITIONS[1:]]
    leave = {row["name"]: row.get("leave") for row in shop.workspace.plan(edited)["changes"]}
    assert leave == {"crm": None, "paris": 1}
    shop.workspace.apply(edited)
    assert (shop.value("city"), shop.members("paris")) == ("Rome", 0)

    own = {"survivorship": "trusted", "trust_order": ["crm"]}
    edited = [one if one["name"] != "city" else {**one, "body": own} for one in edited]
    enter = {row["name"]: row.get("enter") for row in shop.workspace.plan(edited)["changes"]}
    assert enter == {"city": None, "paris": 1}
    shop.workspace.apply(edited)
    assert (shop.value("city"), shop.members("paris")) == ("Paris", 1)
    reasons = shop.workspace.traits_of("user_id:ann", name="city")["data"][0]["observations"]
    assert [one["reason"] for one in reasons] == ["less trusted", "holds"]
    shop.workspace.put_trait("city", {**own, "trust_order": ["web", "crm"]})
    assert (shop.value("city"), shop.members("paris")) == ("Rome", 0)
    with pytest.raises(DefinitionError, match="trust_order: there is no source wep"):
        shop.workspace.put_trait("city", {**own, "trust_order": ["wep"]})
    with pytest.raises(DefinitionError, match="survivorship: trusted"):
        shop.workspace.put_trait("city", {"trust_order": ["web"]})


def test_the_api_shows_definitions_conflicts_and_why_a_value_does_not_hold(shop: Shop) -> None:
    shop.say("crm", days=9, city="Paris", points=5)
    shop.say("web", days=1, city="Rome", points=5.0)
    client = TestClient(
        create_app(shop.workspace), headers={"Authorization": f"Bearer {shop.token}"}
    )
    listed = {one["trait"]: one for one in client.get("/api/v1/traits").json()["data"]}
    assert listed["city"]["segments"] == ["paris"]
    assert listed["city"]["personal"] is True
    assert listed["Plan"]["holds_for"] == "30 days"
    assert listed["points"]["definition"] is None
    assert listed["points"]["segments"] == []
    conflicts = {one["trait"]: one for one in client.get("/api/v1/traits/conflicts").json()["data"]}
    assert conflicts["city"]["conflicting"] == 1
    assert (conflicts["points"]["told_by_several"], conflicts["points"]["conflicting"]) == (1, 0)
    told = client.get("/api/v1/profiles/user_id:ann/traits", params={"trait": "city"}).json()
    (city,) = told["data"]
    assert (city["provenance"], city["basis"], city["personal"]) == ("second", None, True)
    # S1.4, S4.4: where a value comes from stands beside it, whichever part it is read in.
    profile = client.get("/api/v1/profiles/user_id:ann", params={"include": "observations"}).json()
    assert profile["traits"]["city"] == {
        "value": "Paris", "source": "crm", "occurred_at": "2025-12-23T00:00:00Z",
        "provenance": "second", "basis": None,
    }  # fmt: skip
    assert profile["traits"]["points"]["provenance"] is None
    said = [one for one in profile["observations"] if one["name"] == "city"]
    assert [one["provenance"] for one in said] == ["second", "second"]
    assert [(one["source"], one["reason"]) for one in city["observations"]] == [
        ("web", "less trusted"),
        ("crm", "holds"),
    ]


def test_the_explanation_names_the_value_that_holds(shop: Shop) -> None:
    shop.say("crm", days=9, city="Paris")
    shop.say("web", days=1, city="Rome")
    shop.say("web", Plan="pro")
    explained = shop.workspace.explain("user_id:ann", segment="paris")
    assert explained["member"]
    assert explained["condition"]["value"] == "Paris"
    assert explained["condition"]["evidence"]["total"] == 2
    until = shop.workspace.explain("user_id:ann", segment="pro")["changes_at"]
    assert until == "2026-01-31T00:00:00Z"


def test_the_command_line_lists_traits(shop: Shop) -> None:
    shop.say("crm", days=9, city="Paris")
    shop.say("web", days=1, city="Rome")
    folder = str(shop.workspace.folder)
    shop.workspace.close()
    runner = CliRunner()

    def run(*words: str) -> str:
        result = runner.invoke(app, [*words, "--workspace", folder])
        assert result.exit_code == 0, result.output
        return result.output

    try:
        assert "trusted" in run("trait", "list")
        assert json.loads(run("trait", "conflicts", "--json"))["data"][0]["conflicting"] == 1
        shown = run("profile", "user_id:ann")
        assert "provenance" in shown
        assert "second party" in shown
        told = run("trait", "of", "user_id:ann")
        assert "city: Paris (trusted; second party, personal)" in told
        assert "less trusted" in told
    finally:
        shop.workspace = Workspace(Path(folder), clock=shop.clock)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"survivorship": "union"}, "type: list"),
        ({"survivorship": "longest", "type": "number"}, "type: text"),
        ({"holds_for": "a month"}, "holds_for"),
        ({"survivorship": "loudest"}, "survivorship"),
        ({"trait": " "}, "trait"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(
    shop: Shop, body: dict[str, Any], said: str
) -> None:
    with pytest.raises(DefinitionError, match=said):
        shop.workspace.plan([*DEFINITIONS, {"kind": "trait", "name": "x", "body": body}])


def test_a_trait_is_declared_once(shop: Shop) -> None:
    twice = {"kind": "trait", "name": "town", "body": {"trait": "city"}}
    with pytest.raises(DefinitionError, match="city"):
        shop.workspace.plan([*DEFINITIONS, twice])
