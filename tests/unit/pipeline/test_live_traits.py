"""Recorded memberships follow dates, anniversaries and the history of traits, on time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from unit.pipeline.test_live import DAY, MICRO, START, Shop

HOUR = timedelta(hours=1)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    yield opened
    opened.workspace.close()


def test_a_date_comes_near_and_passes(shop: Shop) -> None:
    shop.segment("soon", "renewal within the next 2 days")
    shop.segment("lately", "renewal within the last 1 day")
    shop.send("identify", userId="ann", traits={"renewal": "2018-01-05T07:00:00+07:00"})
    assert shop.story() == []
    renewal = START + 3 * DAY + 12 * HOUR
    shop.clock.advance(DAY + 12 * HOUR - MICRO)
    assert shop.story() == []
    shop.clock.advance(4 * DAY)
    assert shop.story("soon") == [
        ("entered", 1, renewal - 2 * DAY, "time"),
        ("left", 1, renewal, "time"),
    ]
    assert shop.story("lately") == [
        ("entered", 1, renewal, "time"),
        ("left", 1, renewal + DAY, "time"),
    ]


def test_a_date_that_comes_in_when_the_next_minutes_were_read_already(shop: Shop) -> None:
    shop.segment("lately", "renewal within the last 1 day")
    shop.clock.advance(timedelta(seconds=1))
    assert shop.story() == []
    shop.send("identify", userId="ann", traits={"renewal": "2018-01-01T12:00:10Z"})
    shop.changes()
    shop.clock.advance(timedelta(seconds=9))
    assert shop.story() == [("entered", 1, START + timedelta(seconds=10), "time")]
    shop.send("identify", userId="bob", traits={"renewal": "2018-01-01T12:00:05Z"})
    assert shop.story()[1:] == [("entered", 2, START + timedelta(seconds=10), "data")]


def test_a_birthday_begins_and_ends_with_the_day(shop: Shop) -> None:
    shop.segment("party", "birthday is today")
    shop.segment("month", "birthday is this month")
    shop.send("identify", userId="ann", traits={"birthday": "1980-01-31"})
    assert [(kind, at) for kind, _, at, _ in shop.story()] == [("entered", START)]
    shop.clock.advance(40 * DAY)
    midnight = START - 12 * HOUR
    assert shop.story("party") == [
        ("entered", 1, midnight + 30 * DAY, "time"),
        ("left", 1, midnight + 31 * DAY, "time"),
    ]
    assert shop.story("month")[1:] == [("left", 1, midnight + 31 * DAY, "time")]


def test_what_has_been_so_for_long_enough(shop: Shop) -> None:
    shop.segment("loyal", 'plan = "pro" for at least 1 day')
    shop.segment("unpaid", 'plan != "pro" for at least 1 day')
    shop.send("identify", userId="ann", traits={"plan": "pro"})
    assert shop.story() == []
    shop.clock.advance(2 * DAY)
    assert shop.story() == [("entered", 1, START + DAY, "time")]
    shop.send("identify", userId="ann", traits={"plan": "free"})
    assert shop.story()[1:] == [("left", 1, START + 2 * DAY, "data")]
    shop.clock.advance(DAY - MICRO)
    assert shop.story("unpaid") == []
    shop.clock.advance(MICRO)
    assert shop.story("unpaid") == [("entered", 1, START + 3 * DAY, "time")]


def test_a_change_is_remembered_for_the_window(shop: Shop) -> None:
    shop.segment("upgraded", 'plan changed from "free" to "pro" in the last 1 day')
    shop.send("identify", userId="ann", traits={"plan": "free"})
    shop.clock.advance(HOUR)
    shop.send("identify", userId="ann", traits={"plan": "pro"})
    assert shop.story() == [("entered", 1, START + HOUR, "data")]
    shop.clock.advance(2 * DAY)
    assert shop.story()[1:] == [("left", 1, START + HOUR + DAY, "time")]
