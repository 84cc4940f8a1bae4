"""The feed of a running server: prompt, resumable, ended in good order (issue 3, section 2)."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from integration.cli_runs import answer, patron
from integration.harness import KEY, LiveServer
from integration.harness.consumer import Consumer
from integration.harness.waiting import until
from patron.clock import SystemClock, format_time, parse_time

DAY = timedelta(days=1)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveServer]:
    with LiveServer(tmp_path / "workspace") as server:
        define(server, "seen", 'did "Seen"')
        define(server, "fresh", 'did "Seen" in the last 1 day')
        yield server


def define(server: LiveServer, name: str, rule: str) -> None:
    server.ask("PUT", f"segments/{name}", json={"rule": rule}, params={"allow_unknown": True})


def track(server: LiveServer, user: str, **fields: Any) -> int:
    """Send an event until it is acknowledged; returns the position of the answer."""
    fields.setdefault("messageId", f"{user}-seen")
    body = {"userId": user, "event": "Seen", **fields}

    def send() -> int | None:
        try:
            answer = server.client.post("/v1/track", json=body, auth=(KEY, ""))
        except httpx.TransportError:
            return None
        return int(answer.headers.get("patron-position", 0)) if answer.is_success else None

    found = until(lambda: (sent,) if (sent := send()) is not None else None)
    return found[0]


def cursors(changes: list[dict[str, Any]]) -> list[int]:
    return [int(change["cursor"]) for change in changes]


def test_an_event_is_seen_after_its_commit_and_ends_by_time_alone_within_a_second(
    live: LiveServer,
) -> None:
    at = SystemClock().now() - DAY + timedelta(seconds=1.5)
    began = time.monotonic()
    track(live, "ann", timestamp=format_time(at))
    [entry] = until(lambda: live.get("segments/fresh/changes")["data"])
    assert time.monotonic() - began < 1.4
    assert (entry["kind"], entry["reason"]) == ("entered", "data")
    assert entry["identifiers"] == {"user_id": ["ann"]}

    [gone] = until(lambda: live.get("segments/fresh/changes", after=entry["cursor"])["data"])
    assert (gone["kind"], gone["reason"]) == ("left", "time")
    assert gone["changed_at"] == format_time(at + DAY)
    recorded = parse_time(gone["recorded_at"])
    assert timedelta() <= recorded - (at + DAY) < timedelta(seconds=1)
    assert SystemClock().now() - (at + DAY) < timedelta(seconds=1.5)

    shown = live.get("profiles/user_id:ann", include=["segments", "memberships"])
    assert shown["segments"] == ["seen"]
    assert [held["segment"] for held in shown["memberships"]] == ["seen"]


def test_min_position_waits_until_an_event_was_taken_in(live: LiveServer) -> None:
    for number in range(10):
        track(live, f"user-{number}")
        position = live.get("status")["position"]
        page = live.get("segments/seen/changes", min_position=position)
        assert len(page["data"]) == number + 1
        assert page["position"] >= position


def test_a_stream_goes_on_from_a_cursor_and_ends_when_the_server_does(live: LiveServer) -> None:
    track(live, "ann")
    until(lambda: live.get("segments/seen/changes")["data"])
    lines: list[str] = []
    ended = threading.Event()

    def listen() -> None:
        with httpx.stream(
            "GET", f"{live.url}/api/v1/segments/seen/changes/stream",
            headers={"Authorization": f"Bearer {live.token}"}, timeout=60, trust_env=False,
        ) as response:  # fmt: skip
            assert response.headers["content-type"].startswith("text/event-stream")
            lines.extend(response.iter_lines())  # ends without an error, or raises
        ended.set()

    reader = threading.Thread(target=listen, daemon=True)
    reader.start()
    for user in ("bob", "eve"):
        track(live, user)
    last = until(lambda: page if len((page := live.get("segments/seen/changes"))["data"]) == 3
                 else None)  # fmt: skip
    began = time.monotonic()
    assert live.stop() == 0
    assert time.monotonic() - began < 10
    assert ended.wait(5)
    events = [line.split(": ", 1) for line in lines if line and not line.startswith(":")]
    assert events[0] == ["retry", "1000"]
    assert [value for name, value in events if name == "event"] == ["entered"] * 3
    data = [json.loads(value) for name, value in events if name == "data"]
    assert data == last["data"]
    assert [value for name, value in events if name == "id"] == [c["cursor"] for c in data]


def test_what_is_wrong_with_a_stream_is_said_before_it_begins(live: LiveServer) -> None:
    def asked(path: str, **more: Any) -> int:
        return live.client.get(
            f"/api/v1/segments/{path}", headers={"Authorization": f"Bearer {live.token}"}, **more
        ).status_code

    assert asked("nobody/changes/stream") == 404
    assert asked("seen/changes/stream", params={"after": "999"}) == 422
    assert live.client.get("/api/v1/segments/seen/changes/stream").status_code == 401


def test_a_consumer_and_a_server_that_are_killed_lose_and_repeat_nothing(
    live: LiveServer, tmp_path: Path, seed: int
) -> None:
    print(f"--seed={seed}")
    rng = random.Random(f"{seed}-consumer")
    consumer = Consumer(live, "changes/stream", tmp_path / "processed")
    consumer.start()
    stop = threading.Event()
    sent: list[str] = []

    def send() -> None:
        client = httpx.Client(base_url=live.url, timeout=10, trust_env=False)
        with client:
            while not stop.is_set():
                user = f"user-{len(sent)}"
                body = {"userId": user, "event": "Seen", "messageId": user}
                try:
                    if client.post("/v1/track", json=body, auth=(KEY, "")).is_success:
                        sent.append(user)
                except httpx.TransportError:
                    time.sleep(0.01)

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    for number in range(8):
        before = len(consumer.processed)
        until(lambda before=before: len(consumer.processed) > before)
        time.sleep(rng.uniform(0, 0.1))  # the random moment
        if number % 3 == 2:
            live.kill()
            live.restart()
        else:
            consumer.kill()
            consumer.start()
    stop.set()
    sender.join(30)
    until(lambda: live.get("segments/seen")["segment"]["count"] == len(sent))
    position = live.get("status")["position"]
    whole = live.get("segments/changes", limit=10_000, min_position=position)["data"]
    assert len(whole) == 2 * len(sent)
    until(lambda: len(consumer.processed) >= len(whole))
    consumer.kill()
    assert cursors(consumer.processed) == cursors(whole)
    assert [
        {**change, "identifiers": {}} for change in consumer.processed
    ] == [{**change, "identifiers": {}} for change in whole]  # fmt: skip


def test_a_reader_that_does_not_read_holds_nobody_up(live: LiveServer) -> None:
    with httpx.stream(
        "GET", f"{live.url}/api/v1/segments/changes/stream",
        headers={"Authorization": f"Bearer {live.token}"}, timeout=60, trust_env=False,
    ):  # fmt: skip
        batch = [
            {"type": "track", "userId": f"u{n}", "event": "Seen", "messageId": f"u{n}"}
            for n in range(4_000)
        ]
        for start in range(0, len(batch), 1_000):
            body = {"batch": batch[start : start + 1_000]}
            assert live.client.post("/v1/batch", json=body, auth=(KEY, "")).is_success
        position = live.get("status")["position"]
        page = live.get("segments/seen/changes", min_position=position, limit=10_000)
        assert len(page["data"]) == 4_000
    assert live.get("status")["live"]["behind"] == 0


def test_the_command_line_lists_follows_and_verifies(live: LiveServer) -> None:
    track(live, "ann")
    folder = live.folder
    position = live.get("status")["position"]
    found = answer("segment", "changes", "seen", "--min-position", str(position), "-w", folder)
    assert [change["kind"] for change in found["data"]] == ["entered"]
    shown = patron("segment", "changes", "-w", folder)
    assert shown.exit_code == 0
    assert "user_id:ann" in shown.stdout
    assert "Go on with --after 2." in shown.stdout

    verified = answer("verify", "--all", "--shares", "4", "-w", folder)
    assert (verified["customers"], verified["segments"], verified["differences"]) == (1, 2, [])
    assert verified["verified_shares"] == [0, 1, 2, 3]
    assert live.get("verification")["shares"] >= 4
    assert "patron_live_step_seconds_bucket" in live.client.get("/metrics").text

    command = [sys.executable, "-m", "patron.cli", "segment", "changes", "seen", "--follow",
               "--json", "-w", str(folder)]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        first = json.loads(following.stdout.readline())
        track(live, "bob")
        second = json.loads(following.stdout.readline())
        assert live.stop() == 0
        assert following.wait(20) == 0
    assert first == found["data"][0]
    assert second["identifiers"] == {"user_id": ["bob"]}


def test_without_a_server_nothing_can_be_followed_but_all_be_verified(live: LiveServer) -> None:
    track(live, "ann")
    live.stop()
    refused = patron("segment", "changes", "--follow", "-w", live.folder)
    assert refused.exit_code == 1
    assert "patron serve" in refused.stderr
    assert answer("verify", "--all", "--shares", "2", "-w", live.folder)["differences"] == []
    with_mistake(live.folder)
    wrong = patron("verify", "--all", "--shares", "2", "-w", live.folder)
    assert wrong.exit_code == 1
    assert "seen" in wrong.stdout
    assert "1 membership" in wrong.stderr


def with_mistake(folder: Path) -> None:
    """Let one entry disappear from the record."""
    from integration.harness import open_folder

    with open_folder(folder) as cursor:
        cursor.execute("delete from membership_changes where segment = 'seen'")
