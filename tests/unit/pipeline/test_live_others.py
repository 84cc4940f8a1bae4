"""Recorded memberships that rest on what others do, and on what was recorded, follow exactly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from patron.workspace import Workspace
from unit.pipeline.test_live import DAY, MICRO, SECOND, START, Shop

MIDNIGHT = START + timedelta(hours=12)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    yield opened
    opened.workspace.close()


def test_a_ranking_changes_at_its_refresh(shop: Shop) -> None:
    shop.segment("best", 'top 1 by count("Seen") refreshed daily')
    shop.track("Seen", user="ann")
    shop.track("Seen", user="bob")
    shop.track("Seen", user="bob")
    assert shop.story() == []
    shop.clock.advance(timedelta(hours=12))
    assert shop.story() == [("entered", 2, MIDNIGHT, "time")]
    shop.clock.advance(MICRO)
    for _ in range(3):
        shop.track("Seen", user="ann")
    assert len(shop.story()) == 1
    shop.clock.advance(DAY)
    assert sorted(shop.story()[1:]) == [
        ("entered", 1, MIDNIGHT + DAY, "time"), ("left", 2, MIDNIGHT + DAY, "time"),
    ]  # fmt: skip


def test_a_late_event_moves_others_out_of_the_top(shop: Shop) -> None:
    shop.segment("best", 'top 1 by count("Seen")')
    shop.track("Seen", user="ann", at=START - DAY)
    assert shop.story() == [("entered", 1, START, "data")]
    shop.track("Seen", user="bob", at=START - DAY)
    shop.clock.advance(SECOND)
    assert len(shop.story()) == 1
    shop.track("Seen", user="bob", at=START - DAY)
    shop.clock.advance(SECOND)
    assert sorted(shop.story()[1:]) == [
        ("entered", 2, START + 2 * SECOND, "data"), ("left", 1, START + 2 * SECOND, "data"),
    ]  # fmt: skip


def test_a_merge_moves_others_out_of_the_top(shop: Shop) -> None:
    shop.segment("best", 'top 1 by count("Seen")')
    early = START - DAY
    shop.track("Seen", user="ann", at=early)
    shop.track("Seen", user="ann", at=early)
    for _ in range(2):
        shop.send("track", event="Seen", userId="bob", at=early)
        shop.send("track", event="Seen", anonymousId="x", at=early)
    assert [change[:2] for change in shop.story()] == [("entered", 1)]
    shop.send("identify", userId="bob", anonymousId="x")
    assert sorted(shop.story()[1:]) == [("entered", 2, START, "data"), ("left", 1, START, "data")]


def test_what_one_member_says_of_a_group_moves_all(shop: Shop) -> None:
    shop.segment("it", 'group.industry = "IT"')
    shop.send("group", userId="ann", groupId="acme")
    shop.send("group", userId="bob", groupId="acme")
    shop.send("group", userId="cleo", groupId="other", traits={"industry": "IT"})
    assert shop.story() == [("entered", 3, START, "data")]
    shop.send("group", userId="bob", groupId="acme", traits={"industry": "IT"})
    assert sorted(shop.story()[1:]) == [
        ("entered", 1, START, "data"), ("entered", 2, START, "data"),
    ]  # fmt: skip
    shop.send("group", userId="dan", groupId="acme", traits={"industry": None}, at=START + DAY)
    assert len(shop.story()) == 3
    shop.clock.advance(DAY)
    assert sorted(change[:3] for change in shop.story()[3:]) == [
        ("left", 1, START + DAY), ("left", 2, START + DAY),
    ]  # fmt: skip


def test_past_membership_follows_late_events(shop: Shop) -> None:
    shop.segment("seen", 'did "Seen" in the last 1 day')
    shop.segment("was", "was in segment seen on 2017-12-01")
    shop.track("Seen", at=START - 31 * DAY)
    assert shop.story("was") == [("entered", 1, START, "data")]
    shop.clock.advance(90 * DAY)
    assert len(shop.story("was")) == 1


def test_recorded_entries_are_followed_at_once_and_end_on_time(shop: Shop) -> None:
    shop.segment("b_seen", 'did "Seen" in the last 1 day')
    shop.segment("a_came", "entered segment b_seen in the last 7 days")
    shop.segment("c_gone", "left segment b_seen in the last 7 days and not in segment b_seen")
    shop.segment("back", "left segment a_came")
    shop.track("Seen")
    assert shop.story("a_came") == [("entered", 1, START, "data")]
    assert shop.story("c_gone") == []
    shop.clock.advance(DAY)
    assert [change[:2] for change in shop.story("c_gone")] == [("entered", 1)]
    shop.clock.advance(6 * DAY - MICRO)
    assert len(shop.story("a_came")) == 1
    shop.clock.advance(MICRO)
    assert shop.story("a_came")[1:] == [("left", 1, START + 7 * DAY, "time")]
    assert [change[:2] for change in shop.story("back")] == [("entered", 1)]
    shop.clock.advance(DAY)
    assert shop.story("c_gone")[1:] == [("left", 1, START + 8 * DAY, "time")]


def test_members_from_the_beginning_did_not_enter(shop: Shop) -> None:
    shop.track("Seen")
    shop.segment("seen", 'did "Seen"')
    shop.segment("came", "entered segment seen")
    assert shop.story("came") == []
    shop.track("Seen", user="bob")
    assert shop.story("came") == [("entered", 2, START, "data")]


def test_what_the_calls_of_others_bring_in_time_holds_from_its_moment(shop: Shop) -> None:
    shop.segment("it", 'group.industry = "IT"')
    shop.send("group", userId="ann", groupId="acme")
    shop.send("group", userId="bob", groupId="acme", traits={"industry": "IT"}, at=START + DAY)
    assert shop.story() == []
    shop.clock.advance(2 * DAY)
    assert sorted(shop.story()) == [
        ("entered", 1, START + DAY, "time"),
        ("entered", 2, START + DAY, "time"),
    ]


def test_whoever_turns_out_to_have_been_there_was_in_what_others_were_out_of(shop: Shop) -> None:
    shop.segment("quiet", 'did not "Seen"')
    shop.segment("was_quiet", f"was in segment quiet on {START - 5 * DAY:%Y-%m-%d}")
    shop.send("identify", userId="ann", traits={"city": "Oslo"})
    assert shop.story("was_quiet") == []
    # Nothing of it is what a rule looks at; only that it is so old.
    shop.send("identify", userId="ann", traits={"size": "M"}, at=START - 9 * DAY)
    assert shop.story("was_quiet") == [("entered", 1, START, "data")]


def test_nobody_is_on_two_brands_while_there_are_none(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "data")
    with Workspace(tmp_path / "data") as workspace:
        rule = 'on at least 2 brands (did "Seen" and did "Bought")'
        workspace.put_segment("both", {"rule": rule}, allow_unknown=True)
        workspace.advance()
        live = workspace.live_members("both")
        assert live is not None
        assert live.ids().tolist() == []
