"""What is made ready before a turn of the calendar, and what came in after that, is right at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest

from patron.pipeline.live import asker
from patron.pipeline.live.ahead import LEAD, SPARE, Ahead
from patron.segments.memberships import Ints
from unit.pipeline.shop import START, Shop

MIDNIGHT = START + timedelta(hours=12)
MINUTE = timedelta(minutes=1)
RULES = {
    "today": 'did "Seen" today',
    "twice": 'count("Seen" this month) >= 2',
    "weekly": 'did "Seen" in at least 1 of the last 2 weeks',
    "not_today": 'did not "Seen" today',
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    for name, rule in RULES.items():
        opened.segment(name, rule)
    yield opened
    opened.workspace.close()


def prepared(shop: Shop) -> Ahead | None:
    return shop.workspace._live.memberships._state.ahead


def asked_at_the_turn(shop: Shop) -> list[int]:
    """Moves the clock past midnight; gives of how many customers memory was asked for the turn."""
    sizes = []
    inside = asker.Asker._inside

    def counted(self: asker.Asker, rules: list[object], ids: Ints, as_of: datetime) -> object:
        sizes.append(len(ids))
        return inside(self, rules, ids, as_of)  # type: ignore[arg-type]

    with mock.patch.object(asker.Asker, "_inside", counted):
        shop.clock.advance(MIDNIGHT + MINUTE - shop.clock.now())
        shop.changes()
    return sizes


def test_a_turn_asks_only_those_of_whom_something_came_in_since_it_was_made_ready(
    shop: Shop,
) -> None:
    for user in "abcdef":
        shop.track("Seen", user=user)
    shop.changes()
    assert prepared(shop) is None
    shop.clock.advance(MIDNIGHT - SPARE - shop.clock.now())
    shop.changes()
    assert prepared(shop) is not None
    shop.track("Seen", user="b", at=START)
    shop.track("Seen", user="new")
    shop.changes()
    assert asked_at_the_turn(shop)[0] == 2
    assert {change.profile_id for change in shop.changes("today") if change.kind == "left"} == set(
        range(1, 8)
    )
    assert {change.changed_at for change in shop.changes("not_today")} == {MIDNIGHT}
    assert not shop.workspace.memberships.verify(0, 1)["differences"]


def test_it_is_made_ready_in_proportion_to_the_time_that_is_left(shop: Shop) -> None:
    for number in range(90):
        shop.track("Seen", user=f"u{number}")
    shop.changes()
    shop.clock.advance(MIDNIGHT - LEAD - shop.clock.now())
    shop.changes()
    ready = []
    for _ in range(9):
        shop.clock.advance(MINUTE)
        shop.changes()
        ahead = prepared(shop)
        assert ahead is not None
        ready.append(ahead._ready)
    assert ready[-1] == 90
    assert all(abs(number - 10 * (at + 1)) <= 2 for at, number in enumerate(ready))


@pytest.mark.parametrize("restarted", [False, True])
def test_merges_new_definitions_and_restarts_in_between_change_nothing(
    shop: Shop, restarted: bool
) -> None:
    shop.track("Seen", user="ann")
    shop.send("track", event="Seen", anonymousId="visitor")
    shop.send("track", event="Heard", userId="cec")
    shop.changes()
    shop.clock.advance(MIDNIGHT - 5 * MINUTE - shop.clock.now())
    shop.changes()
    shop.clock.advance(3 * MINUTE)
    shop.changes()
    shop.send("identify", userId="ann", anonymousId="visitor", traits={"plan": "pro"})
    shop.changes()
    if restarted:
        shop.restart()
    else:
        shop.segment("heard", 'did "Heard" today')
    shop.track("Seen", user="cec", at=MIDNIGHT + MINUTE / 2)
    shop.clock.advance(MIDNIGHT + MINUTE - shop.clock.now())
    shop.changes()
    assert not shop.workspace.memberships.verify(0, 1)["differences"]
    left = [c for c in shop.changes("today") if c.kind == "left" and c.reason == "time"]
    assert [(c.profile_id, c.changed_at) for c in left] == [(1, MIDNIGHT)]
