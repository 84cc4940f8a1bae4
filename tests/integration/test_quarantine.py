"""What waits in quarantine: in groups, by choice, and tried again in portions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from patron.api.app import create_app
from patron.workspace import Workspace

SOURCES = [
    {"kind": "source", "name": "web", "body": {"type": "web"}},
    {"kind": "source", "name": "till", "body": {"type": "store"}},
]
STRICT = {"refuse": ["wrong_type"], "events": {"Paid": {"properties": {"total": "number"}}}}
"""A plan that refuses."""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[TestClient]:
    token = Workspace.create(tmp_path / "data")
    with Workspace(tmp_path / "data") as workspace:
        keys = workspace.apply(SOURCES)["write_keys"]
        workspace.put_tracking_plan("shop", STRICT)
        send(workspace, keys["web"], *(paid(f"w{n}", total=f"{n}") for n in range(5)))
        send(workspace, keys["web"], {"type": "track", "event": "Paid", "messageId": "nobody"})
        send(workspace, keys["web"], paid("fine", total=5))
        send(workspace, keys["till"], paid("t0", total="much"))
        send(workspace, keys["till"], "no message")
        with TestClient(create_app(workspace)) as client:
            client.headers["Authorization"] = f"Bearer {token}"
            yield client


def paid(message_id: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "track", "event": "Paid", "userId": "ann", "messageId": message_id,
        "properties": properties,
    }  # fmt: skip


def send(workspace: Workspace, key: str, *items: Any) -> None:
    workspace.collect_batch(json.dumps({"batch": items}).encode(), key).result()


def groups(api: TestClient, **asked: Any) -> list[tuple[Any, ...]]:
    rows = api.get("/api/v1/quarantine/groups", params=asked).json()["data"]
    return [tuple(row[n] for n in ("source", "code", "field", "messages", "rows")) for row in rows]


def test_refusals_are_grouped_with_the_newest_as_a_sample(api: TestClient) -> None:
    assert groups(api) == [
        ("web", "against_plan", "properties.total", 5, 0),
        ("till", "wrong_type", "message", 1, 0),
        ("till", "against_plan", "properties.total", 1, 0),
        ("web", "no_identity", "userId", 1, 0),
    ]
    answer = api.get("/api/v1/quarantine/groups", params={"source": "web", "limit": 1}).json()
    [first] = answer["data"]
    assert json.loads(first["body"])["messageId"] == "w4"
    assert "properties.total" in first["reason"]
    # The same by a code, for another language.
    faults = ["properties.total:wrong_type"]
    assert first["told"] == {"code": "against_plan", "values": {"faults": faults, "more": 0}}
    [nobody] = api.get("/api/v1/quarantine/groups", params={"field": "userId"}).json()["data"]
    assert nobody["told"] == {"code": "nobody", "values": {"why": [":none"]}}
    [message] = api.get("/api/v1/messages/w4").json()["data"]
    assert message["told"] == first["told"]
    assert answer["left_out"] == 1
    assert groups(api, field="userId") == [("web", "no_identity", "userId", 1, 0)]
    assert groups(api, waiting=False) == []


def test_a_choice_is_tried_again_in_portions_and_what_stands_says_why(api: TestClient) -> None:
    api.put("/api/v1/tracking-plans/shop", json={**STRICT, "refuse": []})
    choice = {"source": "web", "code": "against_plan", "field": "properties.total", "limit": 3}
    first = api.post("/api/v1/quarantine/replay/all", json=choice).json()
    assert (first["stored"], first["quarantined"]) == (3, 0)
    then = api.post("/api/v1/quarantine/replay/all", json={**choice, "after": first["next"]}).json()
    assert (then["stored"], then["next"], then["failed"]) == (2, None, [])
    again = api.post("/api/v1/quarantine/replay/all", json=choice).json()
    assert (again["stored"], again["duplicate"], again["quarantined"]) == (0, 0, 0)

    wants_identity = {"refuse": ["unknown_event"], "events": {"Sold": {}}}
    api.put("/api/v1/tracking-plans/shop", json=wants_identity)
    rest = api.post("/api/v1/quarantine/replay/all", json={}).json()
    assert (rest["stored"], rest["quarantined"]) == (0, 3)
    # The reason is that of today's rules, in the answer and from now on in the list.
    assert {one["code"] for one in rest["failed"]} == {"against_plan", "no_identity", "wrong_type"}
    assert ("till", "against_plan", "event", 1, 0) in groups(api)
    told = {one["reason"] for one in rest["failed"] if one["code"] == "against_plan"}
    listed = api.get("/api/v1/quarantine", params={"waiting": True, "code": "against_plan"}).json()
    assert {one["reason"] for one in listed["data"]} == told
    events = [{"faults": ["event:unknown_event"], "more": 0}]
    assert [one["told"]["values"] for one in listed["data"]] == events
    assert [
        one["told"]["values"] for one in rest["failed"] if one["code"] == "against_plan"
    ] == events
    assert len(api.get("/api/v1/quarantine", params={"waiting": False}).json()["data"]) == 5


def test_a_choice_of_an_unknown_field_is_refused(api: TestClient) -> None:
    answer = api.post("/api/v1/quarantine/replay/all", json={"sauce": "web"})
    assert answer.status_code == 422
    assert "sauce" in answer.text
