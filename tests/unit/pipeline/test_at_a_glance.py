"""What comes in, which segments moved, and what needs a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from patron.api.app import create_app
from patron.errors import StorageError
from unit.pipeline.shop import DAY, START, Shop

MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "data")
    yield made
    made.workspace.close()


def refuse(shop: Shop, message_id: str) -> None:
    item = {"type": "track", "event": "X", "userId": "ann", "messageId": message_id,
            "timestamp": "3000-01-01"}  # fmt: skip
    shop.workspace.collect_batch(json.dumps({"batch": [item]}).encode(), shop.key).result()


def needs(shop: Shop) -> dict[str, tuple[int, list[str]]]:
    data = shop.workspace.attention()["data"]
    return {one["kind"]: (one["count"], one["names"]) for one in data}


def test_messages_are_counted_by_the_minute_that_they_came_in(shop: Shop) -> None:
    shop.track("X", at=START - DAY)  # when it happened does not count
    shop.clock.advance(2 * MINUTE)
    shop.track("X")
    shop.track("X")
    refuse(shop, "bad")
    told = shop.workspace.inflow()
    [web] = told["data"]
    assert told["minutes"][-1] == "2018-01-01T12:02:00Z"
    assert (len(told["minutes"]), told["minutes"][0]) == (60, "2018-01-01T11:03:00Z")
    assert web["stored"] == [0] * 57 + [1, 0, 2]
    assert web["quarantined"] == [0] * 59 + [1]
    shop.clock.advance(timedelta(hours=1))
    [web] = shop.workspace.inflow()["data"]
    assert (sum(web["stored"]), sum(web["quarantined"])) == (0, 0)


def test_segments_that_moved_most_come_first(shop: Shop) -> None:
    shop.track("A", "ann")
    shop.segment("a", 'did "A" in the last 2 days')
    shop.segment("b", 'did "B"')
    shop.segment("still", 'did "Nothing"')
    began = shop.clock.now()
    shop.clock.advance(timedelta(hours=1))
    for user in ("bob", "cem"):
        shop.track("B", user)
    shop.track("A", "bob")
    shop.workspace.advance()
    shop.clock.advance(2 * DAY)
    shop.workspace.advance()
    rows = shop.workspace.segments_moved(began)["data"]
    told = [[row[name] for name in ("segment", "entered", "left", "before", "now", "new")]
            for row in rows]  # fmt: skip
    assert told == [["a", 1, 2, 1, 0, False], ["b", 2, 0, 0, 2, False]]
    assert [row["segment"] for row in shop.workspace.segments_moved(began, limit=1)["data"]] == [
        "a"
    ]
    assert shop.workspace.segments_moved(shop.clock.now())["data"] == []


def test_a_segment_that_was_made_meanwhile_is_said_to_be_new(shop: Shop) -> None:
    began = shop.clock.now() - DAY
    shop.track("A", "ann")
    shop.segment("a", 'did "A"')
    shop.clock.advance(MINUTE)
    shop.track("A", "bob")
    shop.workspace.advance()
    [row] = shop.workspace.segments_moved(began)["data"]
    assert (row["entered"], row["now"], row["new"]) == (1, 2, True)


def test_nothing_needs_anybody_in_a_workspace_that_is_well(shop: Shop) -> None:
    shop.track("A")
    assert needs(shop) == {}


def test_what_was_refused_needs_somebody_until_it_is_replayed(shop: Shop) -> None:
    refuse(shop, "one")
    refuse(shop, "two")
    assert needs(shop) == {"quarantine": (2, [])}


def test_what_is_not_as_planned_needs_somebody_for_a_week(shop: Shop) -> None:
    shop.workspace.put_tracking_plan("plan", {"events": {"A": {}}})
    shop.track("B")
    assert needs(shop) == {"plan_faults": (1, ["B"])}
    shop.clock.advance(8 * DAY)
    assert needs(shop) == {}


def test_an_import_that_failed_needs_somebody_until_one_goes_well(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {
        "source": "web", "file": "*.csv",
        "message": {"event": "A", "timestamp": "at", "identifiers": {"user_id": "who"}},
    }  # fmt: skip
    web = {"kind": "source", "name": "web", "body": {"type": "web"}}
    shop.workspace.apply([web, {"kind": "mapping", "name": "visits", "body": body}])
    (tmp_path / "a.csv").write_text("who,at\nann,2018-01-01\n")

    def full(*_: object) -> int:
        raise StorageError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr("patron.pipeline.imports.FileImport.prepare", full)
        imported(shop, tmp_path)
    [failed] = shop.workspace.attention()["data"]
    assert (failed["kind"], failed["count"], failed["names"]) == ("imports", 1, ["visits"])
    assert "The disk is full." in failed["message"]
    imported(shop, tmp_path)
    assert needs(shop) == {}


def imported(shop: Shop, folder: Path) -> None:
    shop.workspace.start_import("visits", str(folder))
    for thread in shop.workspace._imports._threads:
        thread.join(30)


def test_pulls_webhooks_and_reviews_that_wait_need_somebody(shop: Shop) -> None:
    web = {"kind": "source", "name": "web", "body": {"type": "web"}}
    hook = {
        "kind": "webhook",
        "name": "crm",
        "body": {"url": "https://crm.example/in", "secret": "crm"},
    }
    shop.workspace.apply([web, hook])
    ran = "('erp', ?, ?, 0, 0, 0, ?)"
    with shop.workspace._store.cursor() as cursor:
        cursor.execute(f"insert into pull_runs values {ran}", [START, START, None])
        later = START + MINUTE
        cursor.execute(f"insert into pull_runs values {ran}", [START, later, "No such table."])
        cursor.execute(
            "insert into webhook_states values ('crm', '0-0-0', null, 9, null, ?, "
            "'Answered 500.', 0, null)", [START],
        )  # fmt: skip
        cursor.execute(
            "insert into linking_reviews values (1, 1, 2, 'm', 1, 1, 0.9, '[]', 'pending', ?, "
            "null, null, null, null, null)", [START],
        )  # fmt: skip
    assert needs(shop) == {"pulls": (1, ["erp"]), "webhooks": (1, ["crm"]), "reviews": (1, [])}


def test_they_are_asked_over_http(shop: Shop) -> None:
    client = TestClient(create_app(shop.workspace), base_url="http://testserver/api/v1")
    client.headers["Authorization"] = f"Bearer {(shop.folder / 'admin-token').read_text().strip()}"
    refuse(shop, "one")
    assert client.get("/status/attention").json()["data"][0]["api"] == "/quarantine"
    assert len(client.get("/status/inflow").json()["minutes"]) == 60
    assert client.get("/segments/moved", params={"since": "2018-01-01"}).json()["data"] == []
    assert client.get("/segments/moved").status_code == 422
