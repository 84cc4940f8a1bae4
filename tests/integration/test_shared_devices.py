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


def test_whoever_asks_for_the_device_gets_who_has_it(family: Family) -> None:
    family.send(family.login("ann", 18), family.login("bob", 42), family.login("ann", 24 * 30))
    held = {who: family.workspace.profile(f"user_id:{who}")["profile_id"] for who in ("ann", "bob")}
    assert family.workspace.profile("anonymous_id:tablet")["profile_id"] == held["bob"]
    earlier = family.workspace.profile("anonymous_id:tablet", as_of=MONDAY + 20 * HOUR)
    assert earlier["profile_id"] == held["ann"]
    later = family.workspace.profile("anonymous_id:tablet", as_of=MONDAY + timedelta(days=40))
    assert later["profile_id"] == held["ann"]
    graph = family.workspace.identity_of("anonymous_id:tablet")
    assert graph["profile_id"] == held["ann"]
    (shared,) = graph["shared_devices"]
    turns = [(turn["since"], turn["value"], turn["profile_id"]) for turn in shared["turns"]]
    assert turns == [
        (None, "ann", held["ann"]),
        (format_time(MONDAY + 42 * HOUR), "bob", held["bob"]),
        (format_time(MONDAY + 24 * 30 * HOUR), "ann", held["ann"]),
    ]


def test_who_loses_and_gets_what_was_done_there_is_told(family: Family) -> None:
    family.send(family.login("ann", 18), family.seen(44), family.login("bob", 41, "phone"))
    assert family.hours("user_id:ann") == [44]
    family.send(family.login("bob", 42))
    (entry,) = family.workspace.identity_history("user_id:bob")["data"]
    assert entry["kind"] == "move"
    assert entry["link"] == ["anonymous_id:tablet", "user_id:bob"]
    assert "who was logged in there then" in entry["reason"]
    assert "bob" not in entry["reason"]


def test_a_decision_takes_the_tablet_from_her_and_gives_it_back(family: Family) -> None:
    family.send(family.login("ann", 18), family.seen(20), family.login("bob", 42), family.seen(44))
    made = family.workspace.unmerge(
        link=("user_id:ann", "anonymous_id:tablet"), reason="She lent her name."
    )
    assert family.hours("user_id:ann") == []
    assert family.hours("user_id:bob") == [20, 44]
    family.workspace.withdraw(made["decision"]["decision_id"], reason="She did not.")
    assert family.hours("user_id:ann") == [20]
    assert family.hours("user_id:bob") == [44]


def test_people_who_are_one_have_the_device_together(family: Family) -> None:
    family.send(family.login("ann", 18), family.seen(20), family.login("bob", 42), family.seen(44))
    freer: dict[str, Any] = {"types": [
        {"name": "user_id", "fields": ["userId"]},
        {"name": "anonymous_id", "fields": ["anonymousId"]},
    ]}  # fmt: skip
    planned = family.workspace.plan_identity(freer)["plan"]
    assert [(one["before"], one["after"]) for one in planned["segments"]] == [(0, 1)]
    family.workspace.apply_identity(freer, fingerprint=None)
    assert family.hours("user_id:ann") == [20, 44]
    reverted = family.workspace.plan_identity_revert()["plan"]
    assert [(one["before"], one["after"]) for one in reverted["segments"]] == [(1, 0)]
    family.workspace.revert_identity(fingerprint=None)
    assert family.hours("user_id:ann") == [20]
    assert family.hours("user_id:bob") == [44]


def test_a_kiosk_lends_nothing(family: Family) -> None:
    family.send(*(family.login(f"guest{n}", 10 + n) for n in range(10)), family.seen(30))
    assert family.hours("user_id:guest9") == [30]
    family.send(family.login("guest10", 20), family.seen(31))
    assert family.hours("user_id:guest9") == []
    assert family.hours("anonymous_id:tablet") == [30, 31]


def test_a_folder_that_was_filled_before_is_read_once(family: Family) -> None:
    family.send(family.login("ann", 18), family.seen(20), family.login("bob", 42), family.seen(44))
    with family.workspace.reading() as reading:
        tablet = reading.cursor.execute(
            "select identifier_id, profile_id from identifiers where value = 'tablet'"
        ).one()
    assert tablet is not None
    cursor = family.workspace._ingest.cursor
    with cursor.transaction():  # as the version before left it
        for table in ("device_uses", "device_turns"):
            cursor.execute(f"delete from {table}")
        cursor.execute(
            "update events set identifier_id = ?, profile_id = ? where name = 'Seen'", list(tablet)
        )
        cursor.execute("insert into meta values ('device_uses', 'unread')")
    family.restart()
    assert family.hours("user_id:ann") == [20]
    assert family.hours("user_id:bob") == [44]
    family.send(family.login("ann", 30), family.seen(31))
    assert family.hours("user_id:ann") == [20, 31]


def test_nobody_is_a_member_before_being_seen(family: Family) -> None:
    """The tablet is Bob's by the stronger link, and what was seen before any login is Ann's."""
    seen = {"kind": "segment", "name": "seen", "body": {"rule": 'did "Seen"'}}
    family.workspace.apply([*DEFINITIONS, seen])
    email = {"type": "identify", "traits": {"email": "ann@shop.eu"}}
    by_email = family.message(18, email | {"anonymousId": "tablet"})
    family.send(family.message(30, email | {"userId": "ann"}), by_email, family.login("bob", 42))
    family.send(family.seen(1))
    assert family.hours("email:ann@shop.eu") == [1]
    for rule in ('did "Seen"', "was in segment seen on 2026-01-05T02:00:00Z"):
        counts = []
        for hour in (2, 20):
            moment = MONDAY + hour * HOUR
            people = family.workspace.preview(rule, as_of=moment)["count"]
            assert people == family.workspace.preview(f"not (not ({rule}))", as_of=moment)["count"]
            counts.append(people)
        assert counts == ([0, 1] if rule.startswith("did") else [0, 0]), rule


def test_nobody_takes_a_place_before_being_seen(family: Family) -> None:
    """What Ann did on the tablet before she was seen would put Cyd behind her."""
    email = {"type": "identify", "traits": {"email": "ann@shop.eu"}}
    by_email = family.message(18, email | {"anonymousId": "tablet"})
    family.send(family.message(30, email | {"userId": "ann"}), by_email, family.login("bob", 42))
    family.send(*(family.seen(1) for _ in range(3)))
    family.send(family.login("cyd", 0, "phone"), *(family.seen(1, "phone") for _ in range(2)))
    assert family.hours("email:ann@shop.eu") == [1, 1, 1]
    first = 'top 1 by count("Seen") refreshed hourly'
    alone = 'rfm("at" of "Seen") in ("*3*") refreshed hourly'
    for hour, counts in ((2, (1, 1)), (20, (1, 0))):
        moment = MONDAY + hour * HOUR
        found = [family.workspace.preview(rule, as_of=moment) for rule in (first, alone)]
        assert tuple(one["count"] for one in found) == counts, hour
