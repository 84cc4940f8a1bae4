"""Recorded memberships by measures, single values, calendars and patterns follow commits and clock.

The shop opens on Monday, 2018-01-01, at noon UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from patron.clock import parse_time
from unit.pipeline.test_live import DAY, MICRO, START, Shop

HOUR = timedelta(hours=1)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    yield opened
    opened.workspace.close()


@pytest.mark.parametrize(
    ("window", "entered", "left"),
    [
        ("today", "2018-01-01T12:00:00Z", "2018-01-02T00:00:00Z"),
        ("yesterday", "2018-01-02T00:00:00Z", "2018-01-03T00:00:00Z"),
        ("this week", "2018-01-01T12:00:00Z", "2018-01-08T00:00:00Z"),
        ('in the last full month in zone "Europe/Amsterdam"',
         "2018-01-31T23:00:00Z", "2018-02-28T23:00:00Z"),
        ('today in zone "Asia/Bangkok"', "2018-01-01T12:00:00Z", "2018-01-01T17:00:00Z"),
    ],
)  # fmt: skip
def test_the_calendar_lets_in_and_out_on_time(
    shop: Shop, window: str, entered: str, left: str
) -> None:
    shop.segment("active", f'did "Seen" {window}')
    shop.track("Seen")
    shop.changes()
    shop.clock.advance(parse_time(left) - START - MICRO)
    came = ("entered", 1, parse_time(entered))
    assert [change[:3] for change in shop.story()] == [came]
    shop.clock.advance(MICRO)
    assert [change[:3] for change in shop.story()] == [came, ("left", 1, parse_time(left))]


def test_periods_count_whole_weeks_as_they_end(shop: Shop) -> None:
    shop.segment("steady", 'did "Seen" in at least 2 of the last 2 weeks')
    shop.track("Seen")
    shop.clock.advance(7 * DAY)
    shop.track("Seen")
    assert shop.story() == []
    shop.clock.advance(21 * DAY)
    weeks = [parse_time(f"2018-01-{day}T00:00:00Z") for day in (15, 22)]
    assert shop.story() == [("entered", 1, weeks[0], "time"), ("left", 1, weeks[1], "time")]


def test_stopped_comes_with_the_clock_and_goes_with_an_event(shop: Shop) -> None:
    shop.segment("gone", 'stopped "Seen" for 1 day')
    shop.track("Seen")
    shop.clock.advance(DAY - MICRO)
    assert shop.story() == []
    shop.clock.advance(MICRO)
    assert shop.story() == [("entered", 1, START + DAY, "time")]
    shop.track("Seen")
    assert shop.story()[1:] == [("left", 1, START + DAY, "data")]


def test_resumed_and_for_the_first_time(shop: Shop) -> None:
    shop.segment("back", 'resumed "Seen" after 1 day in the last 2 hours')
    shop.segment("new", 'did "Seen" for the first time in the last 2 hours')
    shop.track("Seen")
    assert shop.story("new") == [("entered", 1, START, "data")]
    shop.clock.advance(DAY)
    assert shop.story("new")[1:] == [("left", 1, START + 2 * HOUR, "time")]
    shop.track("Seen")
    assert shop.story("back") == [("entered", 1, START + DAY, "data")]
    shop.track("Seen", at=START + HOUR)  # late, and nothing was resumed
    assert shop.story("back")[1:] == [("left", 1, START + DAY, "data")]
    assert len(shop.story("new")) == 2


def test_what_another_event_moves(shop: Shop) -> None:
    shop.segment("since", 'did "Seen" since last "Bought"')
    shop.segment("more", 'count("Seen" in the last 1 day) > count("Bought")')
    shop.segment("red", 'last(colour of any event) = "red"')
    shop.track("Bought")
    shop.clock.advance(HOUR)
    shop.track("Seen", properties={"colour": "red"})
    shop.changes()
    shop.clock.advance(HOUR)
    shop.track("Bought")
    shop.track("Seen", at=START + HOUR)
    shop.track("Seen", at=START + HOUR)
    assert [(kind, at) for kind, _, at, _ in shop.story("since")] == [
        ("entered", START + HOUR), ("left", START + 2 * HOUR)]  # fmt: skip
    assert [(kind, at) for kind, _, at, _ in shop.story("more")] == [
        ("entered", START + 2 * HOUR)]  # fmt: skip
    assert [kind for kind, *_ in shop.story("red")] == ["entered"]
    shop.track("Bought", properties={"colour": "blue"})
    assert [kind for kind, *_ in shop.story("red")] == ["entered", "left"]
    shop.clock.advance(DAY)
    assert [kind for kind, *_ in shop.story("more")] == ["entered", "left"]
