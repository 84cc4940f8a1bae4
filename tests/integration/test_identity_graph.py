"""Why a profile is one person, from end to end: the library, the command line, the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from integration.cli_runs import answer, patron
from integration.harness import KEY, LiveServer
from patron.clock import ManualClock, parse_time
from patron.errors import NotFoundError
from patron.spec.identifiers import DEFAULTS
from patron.workspace import Workspace

EDITION = max(DEFAULTS)
NASTY = 'eve"><script>&\u0007\u202e'


class Shop:
    """A workspace whose clock stands still between messages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock(parse_time("2026-04-01T12:00:00Z"))
        Workspace.create(folder, clock=self.clock)
        self.workspace = Workspace(folder, clock=self.clock)
        self.source = {"kind": "source", "name": "web", "body": {"type": "web"}}
        self.key = self.workspace.apply([self.source])["write_keys"]["web"]
        self._sent = 0

    def send(self, day: int, **said: Any) -> None:
        """One message of a day of March: with an event a track call, otherwise an identify."""
        self._sent += 1
        said |= {"messageId": f"m{self._sent}", "timestamp": f"2026-03-{day:02}T10:00:00Z"}
        kind = "track" if "event" in said else "identify"
        said.setdefault("traits" if kind == "identify" else "properties", {})
        self.workspace.collect_one(json.dumps(said).encode(), kind, self.key).result(timeout=30)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "shop")
    with made.workspace:
        yield made


def links(graph: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The kept links by their ends."""
    names = {one["id"]: one["value"] for one in graph["identifiers"]}
    return {"-".join(sorted((names[x["a"]], names[x["b"]]))): x for x in graph["links"]}


def sides(link: dict[str, Any], graph: dict[str, Any], value: str) -> dict[str, Any]:
    """What lies on the side of one end."""
    ends = {one["id"]: one["value"] for one in graph["identifiers"]}
    return link["bridge"]["a" if ends[link["a"]] == value else "b"]


def test_every_link_says_what_it_rests_on_and_what_its_cut_would_part(shop: Shop) -> None:
    shop.send(1, event="Viewed", anonymousId="b1")
    shop.send(2, event="Viewed", anonymousId="b1")
    shop.send(3, userId="ann", anonymousId="b1", traits={"email": "Ann@Example.com"})
    shop.send(4, event="Bought", userId="ann")
    shop.send(5, anonymousId="b1", traits={"email": "ann@example.com"})
    shop.send(6, userId="ann", anonymousId="b2")
    graph = shop.workspace.identity_of("email:ann@example.com")
    assert graph["counts"] == {
        "identifiers": 4, "links": 4, "refused": 0, "bridges": 1, "changes": 0, "events": 3,
    }  # fmt: skip
    assert not any(graph["left_out"].values())
    assert [(one["type"], one["strength"], one["events"]) for one in graph["identifiers"]] == [
        ("user_id", 1, 1), ("email", 3, 0), ("anonymous_id", 5, 2), ("anonymous_id", 5, 0),
    ]  # fmt: skip
    found = links(graph)
    email = found["ann-ann@example.com"]
    assert email | {"recorded_at": "", "a": 0, "b": 0} == {
        "a": 0, "b": 0, "strength": 3, "rule": "same_message", "weight": None, "evidence": [],
        "rules": {"name": None, "version": EDITION}, "source": "web", "message_id": "m3",
        "first_observed_at": "2026-03-03T10:00:00Z", "recorded_at": "", "joined": True,
        "bridge": None, "reason": "Message m3 of source web carried the user_id and the email.",
    }  # fmt: skip
    # A triangle: the link between e-mail and browser confirms, and no one cut parts it.
    assert not found["ann@example.com-b1"]["joined"]
    assert found["ann-b1"]["bridge"] is None
    assert sides(found["ann-b2"], graph, "b2") == {"identifiers": 1, "events": 0}
    assert sides(found["ann-b2"], graph, "ann") == {"identifiers": 3, "events": 3}


def test_a_refused_link_says_to_whom_it_leads_and_what_would_be_held_twice(shop: Shop) -> None:
    shop.send(1, userId="ann", anonymousId="tablet")
    shop.send(9, userId="bob", anonymousId="tablet")
    bob = shop.workspace.profile("user_id:bob")["profile_id"]
    graph = shop.workspace.identity_of("anonymous_id:tablet")
    (refused,) = graph["refused"]
    assert refused["other"]["value"] == "bob"
    assert refused["other"]["profile_id"] == bob
    assert refused["conflicts"] == [{"type": "user_id", "own": "ann", "other": "bob"}]
    assert "each have their own user_id" in refused["refusal"]
    assert refused["message_id"] == "m2"
    # Seen from the other side it is the same link.
    (other,) = shop.workspace.identity_of(str(bob))["refused"]
    assert other["other"]["value"] == "tablet"
    assert other["conflicts"] == [{"type": "user_id", "own": "bob", "other": "ann"}]


def test_merges_and_splits_are_told_and_merged_ids_lead_here(shop: Shop) -> None:
    shop.send(5, userId="ann", anonymousId="tablet")
    shop.send(6, userId="bob", traits={"email": "bob@example.com"})
    shop.send(2, userId="bob", anonymousId="tablet")  # late: the tablet was Bob's first
    ann, bob = (shop.workspace.identity_of(f"user_id:{name}") for name in ("ann", "bob"))
    assert [change["kind"] for change in ann["changes"]] == ["split"]
    assert ann["changes"] == bob["changes"]
    assert [one["value"] for one in bob["identifiers"]] == ["bob", "bob@example.com", "tablet"]
    shop.send(7, event="Viewed", anonymousId="b9")
    shop.send(8, userId="ann", anonymousId="b9")
    merged = shop.workspace.identity_of("anonymous_id:b9")
    assert merged["profile_id"] == ann["profile_id"]
    (merge,) = [change for change in merged["changes"] if change["kind"] == "merge"]
    assert merge["message_id"] == "m5"
    assert shop.workspace.identity_of(str(merge["other_profile_id"])) == merged


def test_links_name_the_rules_that_held_when_they_were_recorded(shop: Shop) -> None:
    types = [{"name": "user_id", "unique": True, "fields": ["userId"]},
             {"name": "email", "normal_form": "email", "fields": ["traits.email"]}]  # fmt: skip
    rules = {"kind": "identity", "name": "people", "body": {"types": types}}
    shop.workspace.apply([shop.source, rules])
    shop.send(1, userId="ann", traits={"email": "a1@example.com"})
    shop.clock.advance(timedelta(hours=1))
    types.append({"name": "badge", "fields": ["traits.badge"]})
    shop.workspace.apply([shop.source, rules])
    shop.send(2, userId="ann", traits={"email": "a2@example.com", "badge": "7"})
    found = links(shop.workspace.identity_of("user_id:ann"))
    assert found["a1@example.com-ann"]["rules"] == {"name": "people", "version": 1}
    assert found["a2@example.com-ann"]["rules"] == {"name": "people", "version": 2}
    assert found["7-ann"]["rules"] == {"name": "people", "version": 2}


def test_of_a_large_profile_some_is_listed_and_all_is_counted(shop: Shop) -> None:
    for number in range(30):
        shop.send(1, userId="ann", anonymousId=f"b{number:02}")
    shop.send(2, anonymousId="b29", traits={"email": "far@example.com", "phone": "+4930123456"})
    graph = shop.workspace.identity_of("user_id:ann", most=5)
    assert len(graph["identifiers"]) == 5
    assert graph["counts"]["identifiers"] == 33  # ann, 30 browsers, an e-mail and a phone
    assert graph["left_out"]["identifiers"] == graph["counts"]["identifiers"] - 5
    listed = {one["id"] for one in graph["identifiers"]}
    assert all({link["a"], link["b"]} <= listed for link in graph["links"])
    # What would part it most evenly is listed, however far it lies from the strongest.
    assert {"ann", "b29", "far@example.com"} <= {one["value"] for one in graph["identifiers"]}
    picture = shop.workspace.identity_picture("user_id:ann", most=5)
    assert "Not drawn: 28 identifiers" in picture


def test_pictures_hold_whatever_customers_are_called(shop: Shop) -> None:
    shop.send(1, userId=NASTY, anonymousId="b" * 200)
    shop.send(2, userId="山本" * 20, anonymousId="b" * 200)
    picture = shop.workspace.identity_picture("1")
    root = ET.fromstring(picture)
    assert root.attrib["role"] == "img"
    assert "script" not in {element.tag.rpartition("}")[2] for element in root.iter()}
    told = "".join(root.itertext())
    assert "refused" in told
    assert "b" * 23 not in "".join(t.text or "" for t in root.findall(".//{*}text"))
    assert picture == shop.workspace.identity_picture("1")


def test_nobody_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFoundError):
        shop.workspace.identity_of("user_id:nobody")
    with pytest.raises(NotFoundError):
        shop.workspace.identity_picture("77")


# The command line and the API


def test_the_command_draws_a_tree_and_a_picture(shop: Shop, tmp_path: Path) -> None:
    shop.send(1, userId="ann", anonymousId="tablet", traits={"email": "ann@example.com"})
    shop.send(2, event="Viewed", anonymousId="tablet")
    shop.send(9, userId="bob", anonymousId="tablet")
    shop.workspace.close()
    told = patron("identity", "explain", "user_id:ann", "-w", shop.folder)
    assert told.exit_code == 0, told.output
    for line in (
        "Profile 1: 3 identifiers, 2 links, 1 refused link, 1 event",
        "├── email:ann@example.com  first seen 2026-03-01 10:00:00 UTC, 0 events",
        "Message m1 of source web carried the user_id and the email.",
        f"2026-03-01 10:00:00 UTC, rule same_message of the default rules, edition {EDITION}",
        "✗ user_id:bob  of profile 2",
        "user_id:ann from anonymous_id:tablet: 2 identifiers with 1 event on one side, 1 identifi",
        "  anonymous_id:tablet: user_id:ann of profile 1 from the start",
        "  anonymous_id:tablet: user_id:bob of profile 2 since 2026-03-09 10:00:00 UTC",
    ):
        assert line in told.stdout
    file = tmp_path / "ann.svg"
    found = answer("identity", "explain", "1", "-w", shop.folder, "--svg", file)
    assert found["counts"]["refused"] == 1
    assert ET.parse(file).getroot().tag.endswith("svg")
    missing = patron("identity", "explain", "user_id:eve", "-w", shop.folder)
    assert (missing.exit_code, missing.stdout) == (1, "")


def test_the_api_answers_both_ways_and_only_to_those_who_may_read(server: LiveServer) -> None:
    body = {"userId": "graph-ann", "anonymousId": "graph-b1", "messageId": "graph-1"}
    server.client.post(
        "/v1/identify", json={**body, "traits": {}}, auth=(KEY, "")
    ).raise_for_status()
    path = "/api/v1/profiles/user_id:graph-ann/identity"
    assert server.get("profiles/user_id:graph-ann/identity")["counts"]["links"] == 1
    assert server.get("profiles/user_id:graph-ann")["profile_id"]  # the other route still works
    for at in (path, f"{path}.svg"):
        assert server.client.get(at).status_code == 401
    key = {"Authorization": f"Bearer {server.token}"}
    picture = server.client.get(f"{path}.svg", headers=key)
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "no-store" in picture.headers["cache-control"]
    assert "default-src 'none'" in picture.headers["content-security-policy"]
    ET.fromstring(picture.content)
    assert server.client.get(f"{path}.svg?limit=0", headers=key).status_code == 422
    assert "graph-b1" not in server.printed()
