"""What came in last, with what became of each, as a page and as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from integration.harness import LiveServer
from integration.harness.server import KEY, OTHER_KEY
from patron.errors import InputError
from patron.pipeline import arrivals
from unit.pipeline.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "data")
    yield made
    made.workspace.close()


def batch(shop: Shop, *items: dict[str, Any]) -> None:
    body = json.dumps({"batch": items}).encode()
    shop.workspace.collect_batch(body, shop.key).result()


def view(message_id: str, **fields: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Page Viewed", "userId": "ann", "messageId": message_id,
            **fields}  # fmt: skip


def fates(shop: Shop, **asked: Any) -> list[tuple[str | None, str]]:
    data = shop.workspace.newest_messages(**asked)["data"]
    return [(one["message_id"], one["fate"]) for one in data]


def test_every_message_is_there_with_its_fate_the_newest_first(shop: Shop) -> None:
    batch(shop, view("a"), view("b", timestamp="3000-01-01"), view("a"), view("c"))
    assert fates(shop) == [
        ("c", "stored"), ("a", "duplicate"), ("b", "quarantined"), ("a", "stored"),
    ]  # fmt: skip
    stored, _, refused, _ = shop.workspace.newest_messages()["data"]
    assert stored["profile_id"] == 1
    assert (stored["source"], stored["type"], stored["name"]) == ("web", "track", "Page Viewed")
    assert json.loads(stored["body"])["messageId"] == "c"
    assert refused["profile_id"] is None
    assert refused["reason"]
    assert (refused["code"], refused["field"]) == ("time_out_of_range", "timestamp")


def test_what_identifies_nobody_is_shown_with_its_reason(shop: Shop) -> None:
    batch(shop, view("a", userId="unknown"), view("b"))
    [_, refused] = shop.workspace.newest_messages()["data"]
    assert (refused["message_id"], refused["fate"]) == ("a", "quarantined")
    assert refused["reason"]
    assert refused["told"] == {"code": "nobody", "values": {"why": ["user_id:listed"]}}


def test_only_what_is_new_or_wanted_is_told(shop: Shop) -> None:
    batch(shop, view("a"))
    after = shop.workspace.newest_messages()["next"]
    assert fates(shop, after=after) == []
    batch(shop, view("a"), view("b"), {"type": "identify", "userId": "bob", "messageId": "i"})
    assert fates(shop, after=after) == [("i", "stored"), ("b", "stored"), ("a", "duplicate")]
    assert fates(shop, type_="identify") == [("i", "stored")]
    assert fates(shop, fate="duplicate") == [("a", "duplicate")]
    assert fates(shop, source="till") == []
    page = shop.workspace.newest_messages(limit=1)
    assert (len(page["data"]), page["left_out"]) == (1, 3)


def test_a_restart_keeps_what_is_stored_and_forgets_duplicates(shop: Shop) -> None:
    batch(shop, view("a"), view("a"), view("b", timestamp="3000-01-01"))
    old = shop.workspace.newest_messages()["next"]
    shop.clock.advance(timedelta(seconds=1))
    shop.restart()
    assert sorted(fates(shop)) == [("a", "stored"), ("b", "quarantined")]
    assert sorted(fates(shop, after=old)) == sorted(fates(shop))
    [stored] = shop.workspace.newest_messages(fate="stored")["data"]
    assert (stored["profile_id"], stored["name"]) == (1, "Page Viewed")


def test_so_many_are_remembered_and_no_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "LONGEST", 10)
    batch(shop, *(view(f"m{number}") for number in range(arrivals.KEPT + 5)))
    shown = fates(shop, limit=2_000)
    assert len(shown) == arrivals.KEPT
    assert (shown[0][0], shown[-1][0]) == (f"m{arrivals.KEPT + 4}", "m5")
    assert len(shop.workspace.newest_messages()["data"][0]["body"]) == 10


def test_a_cursor_that_is_none_is_refused(shop: Shop) -> None:
    with pytest.raises(InputError, match="after"):
        shop.workspace.newest_messages(after="yesterday")


def test_the_stream_tells_what_comes_in(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "workspace") as server:
        headers = {"Authorization": f"Bearer {server.token}"}
        url = f"{server.url}/api/v1/messages"
        with httpx.stream(
            "GET", f"{url}/stream?source=web", headers=headers, timeout=60, trust_env=False
        ) as lines:
            coming = lines.iter_lines()
            assert next(coming).startswith("retry")
            for key, message_id in ((OTHER_KEY, "x"), (KEY, "a"), (KEY, "a")):
                body = view(message_id)
                sent = server.client.post("/v1/track", json=body, auth=(key, ""))
                assert sent.status_code == 200
            told: list[dict[str, Any]] = []
            while len(told) < 2:
                line = next(coming)
                if line.startswith("data: "):
                    told.append(json.loads(line.removeprefix("data: ")))
        assert [(one["message_id"], one["fate"]) for one in told] == [
            ("a", "stored"), ("a", "duplicate"),
        ]  # fmt: skip
        page = server.client.get(url, headers=headers, params={"type": "track"}).json()
        assert [one["source"] for one in page["data"]] == ["web", "web", "stores"]
        assert server.client.get(url, params={"fate": "lost"}, headers=headers).status_code == 422
