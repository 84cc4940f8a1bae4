"""Recorded memberships in sequences and abandoned carts follow every commit, and the clock."""

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


def test_a_sequence_is_entered_by_its_last_event_and_left_with_its_first(shop: Shop) -> None:
    shop.segment("led", 'sequence ("A" then "B" without "D") in the last 1 day')
    shop.track("A")
    shop.clock.advance(HOUR)
    assert shop.story() == []
    shop.track("B")
    assert shop.story() == [("entered", 1, START + HOUR, "data")]
    shop.clock.advance(DAY - HOUR - MICRO)
    assert len(shop.story()) == 1
    shop.clock.advance(MICRO)
    assert shop.story()[1:] == [("left", 1, START + DAY, "time")]


def test_a_step_may_come_at_the_very_end_of_its_time(shop: Shop) -> None:
    shop.segment("led", 'sequence ("A" then "B" within 1 hour)')
    shop.track("A")
    shop.track("A", user="bob")
    shop.changes()
    shop.clock.advance(HOUR)
    shop.track("B")
    shop.clock.advance(MICRO)
    shop.track("B", user="bob")
    assert shop.story() == [("entered", 1, START + HOUR + MICRO, "data")]


def test_what_comes_in_late_between_two_steps_ends_a_sequence(shop: Shop) -> None:
    shop.segment("led", 'sequence ("A" then "B" without "D")')
    shop.track("A", at=START - 2 * HOUR)
    shop.track("B")
    assert [kind for kind, *_ in shop.story()] == ["entered"]
    shop.track("D", at=START - HOUR)
    assert [kind for kind, *_ in shop.story()] == ["entered", "left"]


def test_what_did_not_follow_is_sure_when_its_time_is_over(shop: Shop) -> None:
    shop.segment("waiting", 'sequence ("A" then "B" then not "C" within 1 hour)')
    shop.track("A", at=START - HOUR)
    shop.track("B")
    shop.clock.advance(HOUR - MICRO)
    assert shop.story() == []
    shop.clock.advance(MICRO)
    assert shop.story() == [("entered", 1, START + HOUR, "time")]
    shop.track("C", at=START + HOUR)
    assert [kind for kind, *_ in shop.story()] == ["entered", "left"]


def test_a_cart_is_abandoned_on_time_until_it_is_ordered(shop: Shop) -> None:
    """S2.3."""
    shop.segment("left", "abandoned cart for at least 1 hour in the last 1 day")
    shop.segment("paying", 'abandoned cart for at least 1 hour at "payment"')
    shop.track("Product Added")
    assert shop.story() == []
    shop.clock.advance(HOUR)
    assert shop.story("left") == [("entered", 1, START + HOUR, "time")]
    shop.track("Payment Info Entered")
    assert shop.story("left")[1:] == [("left", 1, START + HOUR, "data")]
    shop.clock.advance(HOUR)
    assert shop.story("left")[2:] == [("entered", 1, START + 2 * HOUR, "time")]
    assert shop.story("paying") == [("entered", 1, START + 2 * HOUR, "time")]
    shop.clock.advance(DAY - HOUR)
    assert shop.story("left")[3:] == [("left", 1, START + HOUR + DAY, "time")]
    shop.track("Order Completed")
    assert shop.story("paying")[1:] == [("left", 1, START + HOUR + DAY, "data")]
