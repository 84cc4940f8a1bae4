"""Recorded memberships follow every commit, and the clock, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from unit.pipeline.shop import DAY, START, Shop

MICRO = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    yield opened
    opened.workspace.close()


def test_an_event_enters_and_the_clock_alone_ends_it_on_time(shop: Shop) -> None:
    shop.segment("fresh", 'did "Seen" in the last 1 day')
    assert shop.story() == []
    shop.track("Seen")
    assert shop.story() == [("entered", 1, START, "data")]
    shop.clock.advance(DAY - MICRO)
    assert len(shop.story()) == 1
    shop.clock.advance(MICRO)
    assert shop.story()[1:] == [("left", 1, START + DAY, "time")]


def test_an_exit_is_recorded_for_when_it_came_not_for_when_it_was_noticed(shop: Shop) -> None:
    shop.segment("fresh", 'did "Seen" in the last 1 day')
    shop.track("Seen")
    shop.changes()
    shop.clock.advance(3 * DAY)
    assert shop.story()[-1] == ("left", 1, START + DAY, "time")


def test_edges_that_passed_while_down_are_made_up_for_in_order(shop: Shop) -> None:
    shop.segment("two", 'count("Seen" in the last 1 day) = 1')
    shop.track("Seen")
    shop.clock.advance(timedelta(hours=6))
    shop.track("Seen")
    shop.changes()
    shop.clock.advance(10 * DAY)
    shop.restart()
    assert shop.story() == [
        ("entered", 1, START + DAY, "time"),
        ("left", 1, START + DAY + timedelta(hours=6), "time"),
    ]


def test_a_future_event_enters_when_its_time_comes(shop: Shop) -> None:
    shop.segment("anyone", 'did "Seen"')
    shop.track("Seen", at=START + DAY)
    assert shop.story() == []
    shop.clock.advance(2 * DAY)
    assert shop.story() == [("entered", 1, START + DAY, "time")]


def test_who_appears_is_asked_once_whatever_turns_of_the_calendar_follow(shop: Shop) -> None:
    shop.segment("calm", 'stopped "Seen" for 36 hours')
    shop.segment("yesterday", 'did "Seen" in the last 1 full day')
    shop.track("Seen", at=START + SECOND)
    shop.changes()
    shop.clock.advance(5 * DAY)
    entered = START + SECOND + timedelta(hours=36)
    assert shop.story("calm") == [("entered", 1, entered, "time")]


def test_not_takes_in_who_is_seen_for_the_first_time(shop: Shop) -> None:
    shop.segment("idle", 'did not "Seen"')
    shop.send("identify", userId="bob")
    shop.track("Other", at=START + DAY, user="ann")
    assert shop.story() == [("entered", 1, START, "data")]
    shop.clock.advance(2 * DAY)
    assert shop.story()[1:] == [("entered", 2, START + DAY, "time")]


def test_a_new_segment_fills_from_history_and_the_fill_is_no_entry(shop: Shop) -> None:
    shop.track("Seen")
    shop.changes()
    shop.segment("anyone", 'did "Seen"')
    assert shop.story() == []
    assert [c.kind for c in shop.changes(fill=True)] == ["entered"]
    shop.track("Seen", user="bob")
    assert shop.story() == [("entered", 2, START, "data")]


def test_an_edited_rule_moves_people_at_once(shop: Shop) -> None:
    shop.segment("some", 'did "Seen"')
    shop.track("Seen")
    shop.track("Heard", user="bob")
    shop.changes()
    shop.segment("some", 'did "Heard"')
    assert sorted(shop.story()[1:]) == [
        ("entered", 2, START, "definition"), ("left", 1, START, "definition"),
    ]  # fmt: skip


def test_an_edit_while_nothing_ran_is_taken_over_at_the_next_start(shop: Shop) -> None:
    shop.segment("some", 'did "Seen"')
    shop.track("Seen")
    shop.changes()
    shop.workspace.put_segment("some", {"rule": 'did "Heard"'}, allow_unknown=True)
    shop.restart()
    assert shop.story()[1:] == [("left", 1, START, "definition")]


def test_a_removed_segment_lets_everybody_go(shop: Shop) -> None:
    shop.segment("some", 'did "Seen"')
    shop.track("Seen")
    shop.changes()
    shop.workspace.delete_segment("some")
    assert shop.story()[1:] == [("left", 1, START, "definition")]


def test_a_merge_ends_the_membership_of_the_one_and_asks_the_other_anew(shop: Shop) -> None:
    shop.segment("two", 'count("Seen") >= 2')
    shop.segment("anyone", 'did "Seen"')
    shop.send("track", event="Seen", userId="ann")
    shop.send("track", event="Seen", anonymousId="x")
    shop.changes()
    shop.send("identify", userId="ann", anonymousId="x")
    assert shop.story("anyone")[2:] == [("left", 2, START, "merged")]
    assert shop.story("two") == [("entered", 1, START, "data")]


def test_who_gets_an_identifier_of_a_list_enters(shop: Shop) -> None:
    shop.workspace.put_list("vip", ["email:ann@example.com"])
    shop.segment("vips", "in list vip")
    shop.send("identify", userId="ann")
    assert shop.story() == []
    shop.send("identify", userId="ann", traits={"email": "ann@example.com"})
    assert shop.story() == [("entered", 1, START, "data")]


def test_a_late_event_counts_from_now_on(shop: Shop) -> None:
    shop.segment("two", 'count("Seen" in the last 10 days) >= 2')
    shop.track("Seen")
    shop.changes()
    shop.track("Seen", at=START - 5 * DAY)
    shop.clock.advance(SECOND)
    assert shop.story() == [("entered", 1, START + SECOND, "data")]
    shop.clock.advance(30 * DAY)
    assert shop.story()[1:] == [("left", 1, START + 5 * DAY, "time")]


def test_many_at_once_are_asked_like_few(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patron.pipeline.live.asker.FEW", 0)
    shop.segment("fresh", 'did "Seen" in the last 1 day')
    shop.segment("idle", 'did not "Seen" in the last 1 day')
    for user in "abcde":
        shop.track("Seen", user=user)
    assert [change.kind for change in shop.changes("fresh")] == ["entered"] * 5
    shop.clock.advance(DAY)
    assert [change.kind for change in shop.changes("idle")] == ["entered"] * 5


def test_a_position_is_waited_for_until_its_changes_are_recorded(shop: Shop) -> None:
    shop.segment("fresh", 'did "Seen" in the last 1 day')
    shop.track("Seen")
    position = shop.workspace.memberships.status()["position"] + 1
    assert not shop.workspace.memberships.wait(position, 0)
    shop.workspace.advance()
    assert shop.workspace.memberships.wait(position, 0)


def test_an_ordinary_event_is_no_doing_of_the_clock(shop: Shop) -> None:
    shop.segment("anyone", 'did "Seen"')
    shop.clock.advance(SECOND)
    shop.track("Seen", at=START + SECOND / 2)
    shop.clock.advance(SECOND)
    assert shop.story() == [("entered", 1, START + 2 * SECOND, "data")]


def test_what_comes_due_beside_news_of_the_same_customer_is_not_missed(shop: Shop) -> None:
    shop.segment("silent", "city missing")
    shop.track("Seen")
    shop.send("identify", userId="ann", traits={"city": "Utrecht"}, at=START + SECOND)
    assert [change.kind for change in shop.changes()] == ["entered"]
    shop.clock.advance(2 * SECOND)
    shop.track("Seen")
    assert [change.kind for change in shop.changes()] == ["entered", "left"]


def test_a_source_that_becomes_that_of_another_brand_moves_people(shop: Shop) -> None:
    shop.segment("ours", 'plan = "pro" on brand "other"')
    shop.segment("asked", 'plan = "pro"')
    shop.send("identify", userId="ann", traits={"plan": "pro"})
    assert shop.story("ours") == []
    body = {"type": "web", "brand": "other"}
    shop.workspace.apply([{"kind": "source", "name": "web", "body": body}])
    assert shop.story("ours") == [("entered", 1, START, "definition")]
    shop.send("identify", userId="bob", traits={"plan": "pro"})
    assert shop.story("ours")[1:] == [("entered", 2, START, "data")]
    assert len(shop.story("asked")) == 2


def test_what_was_committed_meanwhile_is_taken_in_whole(shop: Shop) -> None:
    shop.segment("silent", 'did not "Seen"')
    shop.track("Heard")
    assert [change.profile_id for change in shop.changes()] == [1]
    live = shop.workspace._live
    behind = live.reached
    shop.track("Seen", user="bob")
    # A message may be committed between the moment that a step is told where the log ends and its
    # first look at the tables.
    done = live.memberships.advance(shop.workspace.book, behind, shop.clock)
    assert done.position == behind + 1
    assert [change.profile_id for change in shop.changes()] == [1]


@pytest.mark.parametrize("few", [0, 8])
def test_a_merge_while_no_rule_holds_is_known_to_the_next_rule(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("patron.pipeline.live.asker.FEW", few)
    shop.segment("often", 'count("Seen") >= 3')
    shop.track("Seen")
    shop.send("track", event="Seen", anonymousId="visitor")
    shop.changes()
    shop.workspace.delete_segment("often")
    shop.changes()
    shop.send("identify", userId="ann", anonymousId="visitor")
    shop.changes()
    shop.segment("often", 'count("Seen") >= 3')
    assert shop.story() == []
    shop.track("Seen")
    assert shop.story() == [("entered", 1, START, "data")]
