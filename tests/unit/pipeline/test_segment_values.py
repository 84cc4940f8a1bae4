"""Segments with values instead of yes or no: the first that matches counts."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from patron.clock import ManualClock, format_time, parse_time
from patron.errors import ConflictError, DefinitionError, RuleError
from patron.segments.memberships import read_changes
from patron.workspace import Workspace

NOW = parse_time("2018-01-01")
TIER = [
    {"value": "gold", "rule": 'count("Bought") >= 3'},
    {"value": "silver", "rule": 'count("Bought") >= 2'},
    {"value": "d'or brûlé", "rule": 'did "Bought"'},
]


class Shop:
    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(NOW)
        self.sent = 0
        Workspace.create(folder, clock=self.clock)
        self.workspace = Workspace(folder, clock=self.clock)
        source = {"kind": "source", "name": "web", "body": {"type": "web"}}
        self.key = self.workspace.apply([source])["write_keys"]["web"]

    def buy(self, *users: str) -> None:
        batch = []
        for user in users:
            self.sent += 1
            said = {"type": "track", "event": "Bought", "userId": user}
            at = format_time(self.clock.now())
            batch.append({**said, "messageId": f"m{self.sent}", "timestamp": at})
        self.workspace.collect_batch(json.dumps({"batch": batch}).encode(), self.key).result()

    def members(self, name: str) -> dict[str, Any]:
        rows = self.workspace.members(name)["data"]
        return {row["identifiers"]["user_id"][0]: row.get("value") for row in rows}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    opened.buy("ann", "ann", "ann", "bob", "bob", "eve")
    opened.workspace.put_segment("tier", {"values": TIER})
    yield opened
    opened.workspace.close()


def test_each_member_has_the_first_value_whose_rule_holds(shop: Shop) -> None:
    assert shop.members("tier") == {"ann": "gold", "bob": "silver", "eve": "d'or brûlé"}
    assert shop.members("tier=silver") == {"bob": None}
    shown = shop.workspace.segment("tier")["segment"]
    assert shown["count"] == 3
    assert [(one["value"], one["count"]) for one in shown["values"]] == [
        ("gold", 1), ("silver", 1), ("d'or brûlé", 1),
    ]  # fmt: skip
    listed = shop.workspace.segments(counts=True)["data"]
    assert [(one["name"], one["count"]) for one in listed] == [("tier", 3)]
    assert shop.workspace.status()["segments"] == 1


def test_a_value_is_a_condition(shop: Shop) -> None:
    preview = shop.workspace.preview('segment tier = "silver" or segment tier = "gold"')
    assert preview["count"] == 2
    assert shop.workspace.preview('segment tier != "gold"')["count"] == 2
    assert shop.workspace.preview({"in_segment": "tier", "value": "gold"})["count"] == 1
    assert shop.workspace.preview("in segment tier")["count"] == 3
    with pytest.raises(RuleError, match="tier=golden"):
        shop.workspace.preview('segment tier = "golden"')


def test_the_export_and_the_profile_show_the_value(shop: Shop, tmp_path: Path) -> None:
    made = shop.workspace.export("tier", "csv", path=tmp_path / "tier.csv")
    rows = list(csv.DictReader(made.path.open(encoding="utf-8")))
    assert {row["user_id"]: row["value"] for row in rows} == shop.members("tier")
    profile = shop.workspace.profile("user_id:bob", include=("segments",))
    assert profile["segments"] == ["tier", "tier=silver"]


def test_moving_from_value_to_value_is_recorded(shop: Shop) -> None:
    shop.workspace.advance()
    shop.buy("bob", "new")
    shop.workspace.advance()
    with shop.workspace.reading() as reading:
        found = read_changes(reading.cursor, segment=None, after=0, limit=100)
    story = {(one.segment, one.kind, one.profile_id) for one in found}
    new = 4
    assert story == {
        ("tier=silver", "left", 2), ("tier=gold", "entered", 2),
        ("tier", "entered", new), ("tier=d'or brûlé", "entered", new),
    }  # fmt: skip
    day = shop.workspace.insights.history("tier=gold")["data"][-1]
    assert (day["size"], day["filled"], day["entered"]) == (2, 1, 1)


def test_what_others_use_stays(shop: Shop) -> None:
    shop.workspace.put_segment("best", {"rule": 'segment tier = "gold"'})
    with pytest.raises(ConflictError, match="used by best"):
        shop.workspace.delete_segment("tier")
    with pytest.raises(ConflictError, match="tier=gold: used by best"):
        shop.workspace.put_segment("tier", {"values": TIER[1:]})
    shop.workspace.put_segment("tier", {"values": TIER[:1]})
    assert shop.members("tier") == {"ann": "gold"}
    assert shop.workspace.insights.compare("tier", 'did "Bought"')["used_by"] == ["best"]


def test_a_value_may_not_rest_on_its_own_segment(shop: Shop) -> None:
    with pytest.raises(RuleError, match="circle"):
        shop.workspace.put_segment("tier", {"values": [*TIER, {"value": "x", "rule":
                                            "in segment tier"}]})  # fmt: skip


def test_files_hold_values_too(shop: Shop) -> None:
    body = {"values": TIER[:2], "owner": "Ann"}
    document = {"kind": "segment", "name": "tier", "body": body}
    planned = shop.workspace.plan([document])
    (row,) = [one for one in planned["changes"] if one["name"] == "tier"]
    assert (row["enter"], row["leave"], row["count"]) == (0, 1, 2)
    shop.workspace.put_segment("best", {"rule": 'segment tier = "gold"'})
    lost = {**document, "body": {"values": TIER[1:]}}
    with pytest.raises(RuleError, match="tier=gold"):
        shop.workspace.apply([lost])
    source = {"kind": "source", "name": "web", "body": {"type": "web"}}
    shop.workspace.apply([source, document])
    assert shop.members("tier") == {"ann": "gold", "bob": "silver"}
    shop.workspace.restore_segment("tier", 1)
    assert len(shop.members("tier")) == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "rule"),
        ({"rule": "x exists", "values": TIER}, "rule"),
        ({"values": [TIER[0], TIER[0]]}, "values[1].value"),
        ({"values": [{"value": " ", "rule": "x exists"}]}, "values[0].value"),
        ({"values": [{"value": "a", "rule": "x ~ 1"}]}, "values[0].rule"),
    ],
)
def test_what_has_no_meaning_is_refused(shop: Shop, body: dict[str, Any], field: str) -> None:
    with pytest.raises((DefinitionError, RuleError)) as raised:
        shop.workspace.put_segment("wrong", body)
    assert raised.value.field == field
