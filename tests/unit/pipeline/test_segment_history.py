"""Sizes, entries and exits per day, and who was a member as it was known then; M19, M20, S1.23."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from patron.clock import ManualClock, format_time, parse_time
from patron.errors import InputError
from patron.segments.memberships import Change, read_changes
from patron.settings import Settings
from patron.workspace import Workspace

ZONE = "Europe/Amsterdam"
BEGAN = parse_time("2018-10-20T08:00:00Z")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class Shop:
    """A workspace whose memberships are recorded when told to."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(BEGAN)
        self.sent = 0
        Workspace.create(folder, clock=self.clock)
        self.workspace = Workspace(folder, clock=self.clock, settings=Settings(time_zone=ZONE))
        source = {"kind": "source", "name": "web", "body": {"type": "web"}}
        self.key = self.workspace.apply([source])["write_keys"]["web"]

    def send(self, kind: str = "track", at: datetime | None = None, **fields: Any) -> None:
        self.sent += 1
        said = {"type": kind, "messageId": f"m{self.sent}", **fields}
        said["timestamp"] = format_time(at or self.clock.now())
        body = json.dumps({"batch": [said]}).encode()
        assert self.workspace.collect_batch(body, self.key).result().stored == 1

    def segment(self, rule: str) -> None:
        self.workspace.put_segment("fresh", {"rule": rule}, allow_unknown=True)
        self.workspace.advance()

    def days(self, **period: str) -> list[dict[str, Any]]:
        return list(self.workspace.insights.history("fresh", **period)["data"])

    def members(self) -> set[int]:
        return {row["profile_id"] for row in self.workspace.members("fresh")["data"]}

    def known(self, at: datetime) -> set[int]:
        answer = self.workspace.insights.members_known("fresh", known_at=at)
        assert answer["count"] == len(answer["data"])
        return {row["profile_id"] for row in answer["data"]}

    def log(self) -> list[Change]:
        with self.workspace.reading() as reading:
            return read_changes(reading.cursor, segment="fresh", after=0, limit=10_000)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    yield opened
    opened.workspace.close()


def local(moment: datetime) -> str:
    utc = moment.replace(tzinfo=ZoneInfo("UTC"))
    return utc.astimezone(ZoneInfo(ZONE)).date().isoformat()


def holding(shop: Shop, end: datetime) -> set[int]:
    """Who was in just before a moment: the log played back change by change."""
    with shop.workspace.reading() as reading:
        every = read_changes(
            reading.cursor, segment="fresh", after=0, limit=10_000, first_fill=True
        )
    inside: set[int] = set()
    for one in every:
        if one.changed_at < end:
            (inside.add if one.kind == "entered" else inside.discard)(one.profile_id)
    return inside


def test_days_are_those_of_the_workspace_and_add_up(shop: Shop) -> None:
    """Across the end of summer time, with merges, and one who begins as a member."""
    chance = random.Random(1)
    shop.send(event="Seen", userId="u0")
    shop.segment('did "Seen" in the last 2 days')
    seen: set[str] = set()
    while local(shop.clock.now()) < "2018-10-31":
        for _ in range(chance.choice((0, 1, 2))):
            shop.send(event="Seen", userId=f"u{chance.randrange(6)}")
        if chance.random() < 0.3:
            number = chance.randrange(6)
            shop.send(event="Seen", anonymousId=f"a{number}")
            shop.workspace.advance()
            shop.send("identify", anonymousId=f"a{number}", userId=f"u{number}")
        shop.workspace.advance()
        assert holding(shop, shop.clock.now() + HOUR) == shop.members()
        seen.add(local(shop.clock.now()))
        shop.clock.advance(HOUR * 7 if chance.random() < 0.5 else HOUR * 3)
        shop.workspace.advance()
    days = shop.days(since="2018-10-20", until="2018-10-30")
    assert [day["day"] for day in days] == sorted(seen)
    assert len(days) == 11
    log = shop.log()
    entered = Counter(local(one.changed_at) for one in log if one.kind == "entered")
    left = Counter(local(one.changed_at) for one in log if one.kind == "left")
    merged = Counter(local(one.changed_at) for one in log if one.reason == "merged")
    assert sum(merged.values()) >= 1
    size = 0
    for day in days:
        name = day["day"]
        counted = (day["entered"], day["left"], day["merged"])
        assert counted == (entered[name], left[name], merged[name])
        size += day["entered"] + day["filled"] - day["left"]
        assert day["size"] == size
        end = parse_time(day["start"]) + (25 if name == "2018-10-28" else 24) * HOUR
        assert day["size"] == len(holding(shop, end))
    assert (days[0]["filled"], days[8]["start"]) == (1, "2018-10-27T22:00:00Z")
    assert days[9]["start"] == "2018-10-28T23:00:00Z"


def test_what_happened_before_the_first_day_counts_in_its_size(shop: Shop) -> None:
    shop.segment('did "Seen"')
    shop.send(event="Seen", userId="ann")
    shop.workspace.advance()
    shop.clock.advance(5 * DAY)
    shop.workspace.advance()
    (day,) = shop.days(since="2018-10-24", until="2018-10-24")
    assert (day["size"], day["entered"], day["filled"]) == (1, 0, 0)


def test_days_that_are_not_on_record_are_not_made_up(shop: Shop) -> None:
    shop.workspace.put_segment("fresh", {"rule": 'did "Seen"'}, allow_unknown=True)
    answer = shop.workspace.insights.history("fresh")
    assert (answer["recorded_until"], answer["data"]) == (None, [])
    shop.workspace.advance()
    shop.clock.advance(3 * DAY)
    answer = shop.workspace.insights.history("fresh", until="2018-12-31")
    assert answer["recorded_until"] == format_time(BEGAN)
    assert answer["data"] == []
    assert [day["day"] for day in shop.days()][-1] == "2018-10-20"


@pytest.mark.parametrize(
    "period",
    [
        {"since": "2018-10-20T00:00:00Z"},
        {"since": "2018-10-21", "until": "2018-10-20"},
        {"since": "1990-01-01"},
    ],
)
def test_what_are_no_days_is_refused(shop: Shop, period: dict[str, str]) -> None:
    shop.segment('did "Seen"')
    with pytest.raises(InputError, match="from"):
        shop.days(**period)


def test_what_was_known_then_stays_what_was_known_then(shop: Shop) -> None:
    shop.segment('did "Seen" in the last 1 day')
    shop.send(event="Seen", userId="ann")
    shop.workspace.advance()
    then = shop.clock.now()
    shop.clock.advance(HOUR)
    # Tells late that Bob was here at the same time; and somebody turns out to have been Ann.
    shop.send(event="Seen", userId="bob", at=then)
    shop.send(event="Seen", anonymousId="x", at=then)
    shop.workspace.advance()
    assert shop.known(then) == {1}
    assert len(shop.known(shop.clock.now())) == 3
    now_known = shop.workspace.members("fresh", as_of=then)["data"]
    assert {row["profile_id"] for row in now_known} == {1, 2, 3}
    met = shop.clock.now()
    shop.clock.advance(HOUR)
    shop.send("identify", anonymousId="x", userId="ann")
    shop.workspace.advance()
    assert shop.known(met) == {1, 2, 3}
    assert shop.known(shop.clock.now()) == {1, 2}
    rows = shop.workspace.insights.members_known("fresh", known_at=met)["data"]
    (gone,) = [row for row in rows if row["now_profile_id"] != row["profile_id"]]
    assert (gone["profile_id"], gone["now_profile_id"]) == (3, 1)
    assert gone["identifiers"]["user_id"] == ["ann"]


def test_known_then_can_be_asked_for_an_earlier_moment(shop: Shop) -> None:
    shop.segment('did "Seen"')
    shop.send(event="Seen", userId="ann")
    shop.workspace.advance()
    then = shop.clock.now()
    shop.clock.advance(HOUR)
    shop.send(event="Seen", userId="bob")
    shop.workspace.advance()
    asked = shop.workspace.insights.members_known(
        "fresh", known_at=shop.clock.now(), as_of=then, limit=1
    )
    assert (asked["count"], asked["next"]) == (1, None)


def test_pages_of_what_was_known_follow_one_another(shop: Shop) -> None:
    shop.segment('did "Seen"')
    for user in "abcde":
        shop.send(event="Seen", userId=user)
    shop.workspace.advance()
    found, cursor = [], None
    while True:
        page = shop.workspace.insights.members_known(
            "fresh", known_at=shop.clock.now(), limit=2, cursor=cursor
        )
        found += [row["profile_id"] for row in page["data"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == [1, 2, 3, 4, 5]
    with pytest.raises(InputError, match="cursor"):
        shop.workspace.insights.members_known("fresh", known_at=BEGAN, cursor="x")


def test_the_trend_in_the_list_is_the_end_of_the_history(shop: Shop) -> None:
    shop.send(event="Seen", userId="u0")
    shop.segment('did "Seen" in the last 2 days')
    for number in range(1, 40):
        if number % 3:
            shop.send(event="Seen", userId=f"u{number}")
        shop.workspace.advance()
        shop.clock.advance(DAY)
        shop.workspace.advance()
    days = shop.days()
    (listed,) = shop.workspace.segments(trends=True)["data"]
    trend = listed["trend"]
    assert trend["sizes"] == [day["size"] for day in days]
    assert trend["entered"] == sum(day["entered"] for day in days) > 0
    assert trend["left"] == sum(day["left"] for day in days) > 0
    assert trend["last_change"] == format_time(shop.log()[-1].changed_at)
    before = shop.workspace.segments(trends=True, as_of=shop.clock.now() - 20 * DAY)["data"]
    assert before[0]["trend"]["sizes"][-9:] == trend["sizes"][1:10]
