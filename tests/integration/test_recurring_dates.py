"""Dates that come back every year write an event at the beginning of their day (M30)."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from integration.cli_runs import CliRunner, app
from patron.api.app import create_app
from patron.clock import ManualClock, format_time, parse_time
from patron.errors import DefinitionError
from patron.settings import Settings
from patron.workspace import Workspace

ZONE = "Europe/Amsterdam"
START = parse_time("2026-02-26T12:00:00Z")
BORN = {
    "ann": "2000-02-29", "bob": "1990-02-28", "eve": "1990-03-01", "dan": "1980-12-31",
    "kim": "2030-03-01", "lee": "soon", "joe": "1990-03-01T23:30:00-05:00",
}  # fmt: skip


class Shop:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.token = Workspace.create(folder)
        self.clock = ManualClock(START)
        self.open()
        source = {"kind": "source", "name": "web", "body": {"type": "web"}}
        self.key = self.workspace.apply([source])["write_keys"]["web"]

    def open(self) -> None:
        settings = Settings(time_zone=ZONE)
        self.workspace = Workspace(self.folder, clock=self.clock, settings=settings)

    def send(self, user: str, at: datetime, **said: Any) -> None:
        kind = "identify" if "traits" in said else "track"
        item = {"type": kind, "userId": user, "timestamp": format_time(at), **said}
        body = json.dumps({"batch": [item]}).encode()
        assert self.workspace.collect_batch(body, self.key).result().stored == 1

    def births(self) -> None:
        for user, born in BORN.items():
            self.send(user, START, traits={"birthday": born})

    def written(self, name: str) -> list[tuple[str, str]]:
        rows = self.workspace.sql(
            "select i.value, e.occurred_at from customer_events as e join customer_identifiers "
            f"as i using (profile_id) where e.name = '{name}' order by all"
        )["rows"]
        return [(user, str(at)[:19]) for user, at in rows]

    def days(self, number: int) -> None:
        for _ in range(number):
            self.clock.advance(timedelta(days=1))
            self.workspace.recurring_dates.run_what_is_due()


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    made = Shop(tmp_path / "data")
    yield made
    made.workspace.close()


def falls_due(born: str, day: date) -> bool:
    """Whether a birthday is on a day, worked out by itself."""
    try:
        was = date.fromisoformat(born[:10])
    except ValueError:
        return False
    try:
        this = was.replace(year=day.year)
    except ValueError:
        this = date(day.year, 2, 28)
    return this == day and was <= day


def midnight(day: date) -> str:
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE))
    return format_time(local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None))[:19]


@pytest.mark.parametrize("days_before", [0, 2])
def test_each_birthday_is_written_once_when_its_day_begins(shop: Shop, days_before: int) -> None:
    shop.births()
    body = {"trait": "birthday", "event": "Birthday", "days_before": days_before}
    shop.workspace.put_recurring_date("birthday", body)
    for _ in range(2):
        shop.workspace.recurring_dates.run_what_is_due()
    shop.days(4)
    shop.workspace.recurring_dates.run_what_is_due()
    today = START.date()
    expected = sorted(
        (user, midnight(day))
        for user, born in BORN.items()
        for day in (today + timedelta(days=number) for number in range(1, 5))
        if falls_due(born, day + timedelta(days=days_before))
    )
    assert expected
    assert shop.written("Birthday") == expected


def test_days_without_a_server_are_made_up_for_in_order(shop: Shop) -> None:
    shop.births()
    shop.workspace.put_recurring_date("b", {"trait": "birthday", "event": "Birthday"})
    shop.workspace.recurring_dates.run_what_is_due()
    shop.workspace.close()
    shop.clock.advance(timedelta(days=10))
    shop.open()
    due = shop.workspace.recurring_dates.run_what_is_due()
    assert due == parse_time("2026-03-08T23:00:00Z")
    assert shop.written("Birthday") == [
        ("ann", "2026-02-27T23:00:00"), ("bob", "2026-02-27T23:00:00"),
        ("eve", "2026-02-28T23:00:00"), ("joe", "2026-02-28T23:00:00"),
    ]  # fmt: skip
    [state] = shop.workspace.recurring_dates.states()
    assert state["written_until"] == "2026-03-08"


def test_a_definition_begins_on_its_own_day_though_no_server_ran(shop: Shop) -> None:
    shop.births()
    shop.clock.advance(timedelta(days=1))
    shop.workspace.put_recurring_date("b", {"trait": "birthday", "event": "Birthday"})
    shop.clock.advance(timedelta(days=2))
    shop.workspace.put_recurring_date("b", {"trait": "birthday", "event": "Born"})
    shop.workspace.close()
    shop.clock.advance(timedelta(days=1))
    shop.open()
    shop.workspace.recurring_dates.run_what_is_due()
    assert shop.written("Born") == [
        ("ann", "2026-02-27T23:00:00"), ("bob", "2026-02-27T23:00:00"),
        ("eve", "2026-02-28T23:00:00"), ("joe", "2026-02-28T23:00:00"),
    ]  # fmt: skip


def test_the_first_event_comes_back_by_the_calendar_of_the_workspace(shop: Shop) -> None:
    shop.send("ann", parse_time("2024-02-29T10:00:00Z"), event="Order Completed")
    shop.send("ann", parse_time("2024-03-01T10:00:00Z"), event="Order Completed")
    shop.send("bob", parse_time("2025-02-27T23:30:00Z"), event="Order Completed")
    shop.send("eve", parse_time("2026-02-28T10:00:00Z"), event="Order Completed")
    shop.send("kim", parse_time("2026-02-27T23:00:00Z"), event="Order Completed")
    shop.send("joe", parse_time("2025-02-28T10:00:00Z"), event="Page Seen")
    shop.workspace.put_recurring_date("o", {"first": "Order Completed", "event": "A Year"})
    shop.workspace.put_recurring_date("j", {"first": "any event", "event": "Joined"})
    shop.days(4)
    at = "2026-02-27T23:00:00"
    assert shop.written("A Year") == [("ann", at), ("bob", at)]
    assert shop.written("Joined") == [("ann", at), ("bob", at), ("joe", at)]


def test_segments_count_the_event_and_enter_at_the_same_moment_as_by_the_rule(shop: Shop) -> None:
    shop.births()
    shop.workspace.put_recurring_date("b", {"trait": "birthday", "event": "Birthday"})
    shop.workspace.put_segment("wished", {"rule": 'did "Birthday" today'}, allow_unknown=True)
    shop.workspace.put_segment("today", {"rule": "birthday is today"})
    shop.workspace.put_segment("soon", {"rule": "birthday is in 2 days"})
    shop.workspace.advance()
    for _ in range(3):
        shop.clock.advance(timedelta(days=1))
        shop.workspace.recurring_dates.run_what_is_due()
        shop.workspace.advance()
    rows = shop.workspace.sql(
        "select segment, entered_at from memberships where not first_fill and segment <> 'wished' "
        "group by all order by all"
    )["rows"]
    assert [(segment, str(at)[:19]) for segment, at in rows] == [
        ("soon", "2026-02-26T23:00:00"),
        ("today", "2026-02-27T23:00:00"),
        ("today", "2026-02-28T23:00:00"),
    ]
    live = shop.workspace.live_members("wished")
    assert live is not None
    assert live.ids().tolist() == [
        one["profile_id"] for one in shop.workspace.members("today")["data"]
    ]


@pytest.mark.parametrize("looked", [True, False])
def test_one_that_was_removed_makes_up_for_nothing(shop: Shop, looked: bool) -> None:
    """Whether or not a day was looked at while it was away."""
    shop.births()
    body = {"trait": "birthday", "event": "Birthday"}
    shop.workspace.put_recurring_date("b", body)
    shop.workspace.recurring_dates.run_what_is_due()
    shop.workspace.delete_recurring_date("b")
    shop.clock.advance(timedelta(days=1))
    if looked:
        shop.workspace.recurring_dates.run_what_is_due()
    shop.clock.advance(timedelta(days=2))
    shop.workspace.put_recurring_date("b", body)
    shop.workspace.recurring_dates.run_what_is_due()
    assert {user for user, _ in shop.written("Birthday")} == {"eve", "joe"}


@pytest.mark.parametrize(
    "body",
    [
        {"event": "X"},
        {"event": "X", "trait": "a", "first": "b"},
        {"event": " ", "trait": "a"},
        {"event": "X", "trait": "a", "days_before": 366},
    ],
)
def test_one_that_makes_no_sense_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError):
        shop.workspace.put_recurring_date("b", body)


def test_the_api_and_the_command_line_write_them(shop: Shop) -> None:
    client = TestClient(create_app(shop.workspace))
    client.headers["Authorization"] = f"Bearer {shop.token}"
    body = {"trait": "birthday", "event": "Birthday"}
    assert client.put("/api/v1/recurring-dates/b", json=body).status_code == 200
    [ran] = client.post("/api/v1/recurring-dates/run").json()["data"]
    assert (ran["written_until"], ran["days_before"]) == ("2026-02-26", 0)
    assert client.get("/api/v1/recurring-dates").json()["data"] == [ran]
    shop.workspace.close()
    run, where = CliRunner(), ["--workspace", str(shop.folder)]
    assert "birthday" in run.invoke(app, ["recurring-date", "run", *where]).output
    listed = run.invoke(app, ["recurring-date", "list", "--json", *where]).output
    assert json.loads(listed)["data"][0]["written_until"] > "2026-02-26"
    shop.open()
    client = TestClient(create_app(shop.workspace))
    client.headers["Authorization"] = f"Bearer {shop.token}"
    assert client.delete("/api/v1/recurring-dates/b").status_code == 200
