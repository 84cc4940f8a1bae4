"""Live membership, killed at random moments, against a run that nothing broke (issue 3, 3)."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from integration.harness import KEY, LiveServer, make_workspace
from integration.harness.waiting import until
from patron.clock import SystemClock, format_time, parse_time
from patron.workspace import Workspace

ROUNDS = 3
DEEP_ROUNDS = 60
USERS = 8
DAY = timedelta(days=1)

ONCE = {
    "viewers": 'count("Viewed") >= 3',
    "buyers": 'sum(total of "Order Completed" in EUR) >= 20',
    "strangers": 'did not "Viewed"',
    "golden": 'plan = "gold"',
    "both": "in segment viewers and in segment buyers",
}
"""What happens moves each customer over the edge of these once at most: whatever the steps are,
the same entries and exits must be recorded."""

PASSING = {
    "passing": 'did "Passed" in the last 1 day',
    "gone": 'did not "Passed" in the last 1 day',
}
"""These end by time, at the very moments that the tests run over."""


class Sender(threading.Thread):
    """Sends one message after another, each until it is acknowledged."""

    def __init__(self, url: str, rng: random.Random) -> None:
        super().__init__(daemon=True)
        self.sent: list[dict[str, Any]] = []
        self.retries = 0
        self._url = url
        self._rng = rng
        self._ending = threading.Event()

    def run(self) -> None:
        with httpx.Client(base_url=self._url, timeout=10, trust_env=False) as client:
            while not self._ending.is_set():
                message = self.message(len(self.sent))
                body = json.dumps({"batch": [message]}).encode()
                while not _accepted(client, body):
                    self.retries += 1
                    time.sleep(0.01)
                self.sent.append(message)

    def stop(self) -> None:
        self._ending.set()
        self.join(60)
        assert not self.is_alive()

    def message(self, number: int) -> dict[str, Any]:
        rng, now = self._rng, SystemClock().now()
        user, at = f"user-{rng.randrange(USERS)}", now
        message: dict[str, Any] = {"messageId": f"m-{number}", "userId": user, "type": "track"}
        match rng.randrange(8):
            case 0:
                message |= {"type": "identify", "traits": {"plan": "gold"}}
            case 1:
                total = {"total": rng.randrange(1, 9), "currency": "EUR", "order_id": str(number)}
                message |= {"event": "Order Completed", "properties": total}
            case 2:
                device = {"anonymousId": f"device-{rng.randrange(USERS)}", "event": "Viewed"}
                message |= device
                del message["userId"]
            case 3:
                # The device's customer, if it was one of its own, becomes part of the user.
                message |= {"type": "identify", "anonymousId": f"device-{user[5:]}"}
            case 4 | 5:
                at = now - DAY + timedelta(seconds=rng.uniform(0.05, 2))
                message |= {"event": "Passed"}
            case _:
                message |= {"event": "Viewed"}
        return {**message, "timestamp": format_time(at)}


def _accepted(client: httpx.Client, body: bytes) -> bool:
    try:
        return client.post("/v1/batch", content=body, auth=(KEY, "")).status_code == 200
    except httpx.TransportError:
        return False


def beginning() -> list[dict[str, Any]]:
    """All users are known before any segment is made."""
    return [
        {"type": "identify", "userId": f"user-{n}", "messageId": f"first-{n}"} for n in range(USERS)
    ]


def test_killed_at_random_moments_it_records_what_an_unbroken_run_does(
    tmp_path: Path, seed: int, deep: bool
) -> None:
    print(f"--seed={seed}")
    rng = random.Random(f"{seed}-live-killed")
    with LiveServer(tmp_path / "killed") as server:
        body = json.dumps({"batch": beginning()}).encode()
        assert _accepted(server.client, body)
        for name, rule in {**ONCE, **PASSING}.items():
            server.ask("PUT", f"segments/{name}", json={"rule": rule},
                       params={"allow_unknown": True})  # fmt: skip
        sender = Sender(server.url, rng)
        sender.start()
        for _ in range(DEEP_ROUNDS if deep else ROUNDS):
            time.sleep(rng.uniform(0.05, 1.0))  # the random moment
            server.kill()
            if rng.random() < 0.25:
                server.spawn()
                time.sleep(rng.uniform(0, 0.6))  # another one, perhaps while it starts
                server.kill()
            server.restart()
        sender.stop()
        assert sender.retries > 0, "the sender has met no kill"
        until(lambda: server.get("status")["live"]["behind"] == 0)

        verified = server.ask("POST", "verification", json={"shares": 1, "share": 0})
        assert verified["differences"] == []
        assert verified["segments"] == len(ONCE) + len(PASSING)
        changes = whole(lambda **at: server.get("segments/changes", **at))
    assert_alternating(changes)
    assert_on_time(changes, sender.sent)

    unbroken = replayed(tmp_path / "unbroken", sender.sent, rng)
    assert_alternating(unbroken)
    assert transitions(changes) == transitions(unbroken)
    assert members(changes) == members(unbroken)


def replayed(folder: Path, sent: list[dict[str, Any]], rng: random.Random) -> list[dict[str, Any]]:
    """The changes that a run without a break records."""
    make_workspace(folder)
    with Workspace(folder) as workspace:

        def send(messages: list[dict[str, Any]]) -> None:
            body = json.dumps({"batch": messages}).encode()
            assert workspace.collect_batch(body, KEY).result().stored == len(messages)

        send(beginning())
        for name, rule in ONCE.items():
            workspace.put_segment(name, {"rule": rule}, allow_unknown=True)
        workspace.advance()
        for message in sent:
            send([message])
            if rng.random() < 0.1:
                workspace.advance()
        workspace.advance()
        return whole(workspace.memberships.changes)


def whole(page: Any) -> list[dict[str, Any]]:
    """The feed from its beginning to its end."""
    found = page(limit=10_000, first_fill=True)
    assert not found["more"]
    data: list[dict[str, Any]] = found["data"]
    return data


def assert_alternating(changes: list[dict[str, Any]]) -> None:
    """Nobody enters twice without having left in between, nor leaves twice."""
    assert [int(change["cursor"]) for change in changes] == list(range(1, len(changes) + 1))
    inside = set()
    for change in changes:
        who = change["segment"], change["profile_id"]
        assert (change["kind"] == "left") == (who in inside), change
        inside ^= {who}


def assert_on_time(changes: list[dict[str, Any]], sent: list[dict[str, Any]]) -> None:
    """What time alone changed has changed at a moment at which it had to.

    What is stored while a step runs can be dated after the moment of that step: it then takes
    effect when its time has come, in the next one.
    """
    happened = {parse_time(message["timestamp"]) for message in sent}
    ends = {parse_time(m["timestamp"]) + DAY for m in sent if m.get("event") == "Passed"}
    timed = [change for change in changes if change["reason"] == "time"]
    assert ends & {parse_time(change["changed_at"]) for change in timed}
    for change in timed:
        left = (change["segment"], change["kind"]) == ("passing", "left")
        assert parse_time(change["changed_at"]) in (ends if left else ends | happened), change


def transitions(changes: list[dict[str, Any]]) -> dict[tuple[str, int], list[tuple[str, bool]]]:
    """Per segment and customer that was a user from the start, what was recorded, in order."""
    found = defaultdict(list)
    for change in changes:
        if change["segment"] in ONCE and change["profile_id"] <= USERS:
            who = change["segment"], change["profile_id"]
            found[who].append((change["kind"], change["first_fill"]))
    return dict(found)


def members(changes: list[dict[str, Any]]) -> set[tuple[str, int]]:
    """Who is in what, in the end."""
    inside: set[tuple[str, int]] = set()
    for change in changes:
        if change["segment"] in ONCE:
            inside ^= {(change["segment"], change["profile_id"])}
    return inside
