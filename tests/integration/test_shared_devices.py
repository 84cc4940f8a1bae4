"""M22: what is done on a device belongs to whoever was logged in there then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from patron.clock import ManualClock, format_time, parse_time
from patron.workspace import Workspace

MONDAY = parse_time("2026-01-05T00:00:00Z")
HOUR = timedelta(hours=1)
DEFINITIONS = [
    {"kind": "source", "name": "web", "body": {"type": "web"}},
    {"kind": "segment", "name": "often", "body": {"rule": 'count("Seen") >= 2'}},
]


class Family:
    """A workspace whose customers share a tablet; what is seen there has the hour as its page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock(MONDAY + timedelta(days=9))
        Workspace.create(folder, clock=self.clock)
        self.workspace = Workspace(folder, clock=self.clock)
        self.key = self.workspace.apply(DEFINITIONS)["write_keys"]["web"]
        self.sent = 0

    def login(self, who: str, hour: int, device: str = "tablet") -> dict[str, Any]:
        return self.message(hour, {"type": "identify", "userId": who, "anonymousId": device})

    def seen(self, hour: int, device: str = "tablet") -> dict[str, Any]:
        return self.message(
            hour,
            {"type": "track", "event": "Seen", "anonymousId": device, "properties": {"at": hour}},
        )

    def message(self, hour: int, body: dict[str, Any]) -> dict[str, Any]:
        self.sent += 1
        return body | {
            "messageId": f"m{self.sent}",
            "timestamp": format_time(MONDAY + hour * HOUR),
        }

    def send(self, *messages: dict[str, Any]) -> None:
        text = json.dumps({"batch": messages}).encode()
        assert self.workspace.collect_batch(text, self.key).result().stored == len(messages)
        self.clock.advance(HOUR)

    def restart(self) -> None:
        self.workspace.close()
        self.workspace = Workspace(self.folder, clock=self.clock)

    def hours(self, who: str) -> list[int]:
        """The hours of what somebody saw, and that live membership says the same."""
        self.workspace.advance()
        assert self.workspace.memberships.verify(share=0, shares=1)["differences"] == []
        page = self.workspace.timeline(who, events=["Seen"], limit=100)
        return sorted(row["properties"]["at"] for row in page["data"])


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    made = Family(tmp_path / "w")
    yield made
    made.workspace.close()


def test_monday_evening_is_hers_and_tuesday_evening_his(family: Family) -> None:
    family.send(family.login("ann", 18), family.seen(20))
    family.send(family.login("bob", 42), family.seen(44))
    family.send(family.seen(21), family.seen(45))
    assert family.hours("user_id:ann") == [20, 21]
    assert family.hours("user_id:bob") == [44, 45]


def test_what_came_before_any_login_joins_the_first(family: Family) -> None:
    family.send(family.seen(1), family.login("bob", 42), family.login("ann", 18))
    family.send(family.seen(2))
    assert family.hours("user_id:ann") == [1, 2]
    assert family.hours("user_id:bob") == []


def test_a_login_that_comes_late_takes_what_is_hers(family: Family) -> None:
    family.send(family.login("bob", 42), family.login("ann", 10), family.login("bob", 12))
    family.send(family.seen(20), family.seen(44))
    assert family.hours("user_id:bob") == [20, 44]
    family.send(family.login("ann", 18))
    assert family.hours("user_id:ann") == [20]
    assert family.hours("user_id:bob") == [44]


def test_a_restart_forgets_nothing(family: Family) -> None:
    family.send(family.login("ann", 18), family.login("bob", 42), family.seen(20))
    family.restart()
    family.send(family.seen(21), family.login("ann", 50), family.seen(51))
    family.restart()
    family.send(family.login("bob", 30), family.seen(31))
    assert family.hours("user_id:ann") == [20, 21, 51]
    assert family.hours("user_id:bob") == [31]
