"""The feed of entries and exits, and recorded memberships as questions see them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from patron.clock import format_time
from patron.errors import InputError, NotFoundError
from patron.pipeline.known import Known, known_segments
from patron.warehouse.reading import Reading
from patron.workspace import Workspace
from unit.pipeline.shop import DAY, START, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    yield opened
    opened.workspace.close()


def fill(shop: Shop) -> Workspace:
    """Two segments; ann is in both, bob in one."""
    shop.segment("anyone", 'did "Seen"')
    shop.segment("fresh", 'did "Seen" in the last 1 day')
    shop.send("identify", userId="ann", traits={"email": "ann@example.com"})
    shop.track("Seen")
    shop.workspace.advance()
    shop.track("Seen", user="bob")
    shop.workspace.advance()
    return shop.workspace


def test_pages_of_any_size_give_each_change_once_in_order(shop: Shop) -> None:
    workspace = fill(shop)
    whole = workspace.memberships.changes()
    assert [row["cursor"] for row in whole["data"]] == ["1", "2", "3", "4"]
    for size in (1, 2, 3):
        found, after, more = [], None, True
        while more:
            page = workspace.memberships.changes(after=after, limit=size)
            assert len(page["data"]) <= size
            found += page["data"]
            after, more = page["next"], page["more"]
        assert found == whole["data"]


def test_a_change_says_who_what_when_and_why(shop: Shop) -> None:
    workspace = fill(shop)
    found = workspace.memberships.changes("fresh")
    assert found["position"] == 3
    assert found["data"][0] == {
        "cursor": "2",
        "segment": "fresh",
        "kind": "entered",
        "profile_id": 1,
        "identifiers": {"email": ["ann@example.com"], "user_id": ["ann"]},
        "merged_into": None,
        "changed_at": format_time(START),
        "recorded_at": format_time(START),
        "reason": "data",
        "version": 1,
        "first_fill": False,
    }


def test_a_page_without_changes_moves_the_cursor_on_past_those_of_others(shop: Shop) -> None:
    workspace = fill(shop)
    page = workspace.memberships.changes("fresh", limit=2)
    assert (page["next"], page["more"]) == ("4", False)
    shop.segment("none", 'did "Heard"')
    assert workspace.memberships.changes("none")["next"] == "4"


def test_latest_is_what_comes_from_now_on(shop: Shop) -> None:
    workspace = fill(shop)
    page = workspace.memberships.changes(after="latest")
    assert page["data"] == []
    shop.track("Seen", user="eve")
    workspace.advance()
    assert len(workspace.memberships.changes(after=page["next"])["data"]) == 2


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "5", "9" * 30, "٣"])
def test_a_cursor_of_another_feed_is_refused(shop: Shop, cursor: str) -> None:
    with pytest.raises(InputError) as refused:
        fill(shop).memberships.changes(after=cursor)
    assert refused.value.field == "after"


def test_members_that_a_segment_began_with_are_shown_when_asked_for(shop: Shop) -> None:
    workspace = fill(shop)
    shop.segment("later", 'did "Seen"')
    assert workspace.memberships.changes("later")["data"] == []
    filled = workspace.memberships.changes("later", first_fill=True)["data"]
    assert [(row["profile_id"], row["first_fill"]) for row in filled] == [(1, True), (2, True)]


def test_the_exits_of_a_removed_segment_are_still_told(shop: Shop) -> None:
    workspace = fill(shop)
    workspace.delete_segment("fresh")
    workspace.advance()
    assert [row["kind"] for row in workspace.memberships.changes("fresh")["data"]] == [
        "entered", "entered", "left", "left",
    ]  # fmt: skip
    with pytest.raises(NotFoundError):
        workspace.memberships.changes("frehs")


def test_a_merged_profile_is_shown_with_the_one_that_stands(shop: Shop) -> None:
    workspace = fill(shop)
    shop.send("track", event="Seen", anonymousId="x")
    workspace.advance()
    shop.send("identify", userId="ann", anonymousId="x")
    workspace.advance()
    last = workspace.memberships.changes("anyone")["data"][-1]
    assert (last["profile_id"], last["reason"], last["merged_into"]) == (3, "merged", 1)
    assert last["identifiers"] == {}


def test_min_position_takes_in_what_was_just_collected(shop: Shop) -> None:
    workspace = fill(shop)
    shop.track("Seen", user="eve")
    assert len(workspace.memberships.changes("anyone")["data"]) == 2
    assert len(workspace.memberships.changes("anyone", min_position=4)["data"]) == 3


def test_no_segment_may_hide_behind_the_feed(shop: Shop) -> None:
    with pytest.raises(InputError, match="changes"):
        shop.workspace.put_segment("changes", {"rule": 'did "Seen"'}, allow_unknown=True)


def test_memberships_are_intervals_in_sql(shop: Shop) -> None:
    workspace = fill(shop)
    shop.clock.advance(2 * DAY)
    shop.track("Seen")
    workspace.advance()
    rows = workspace.sql(
        "select profile_id, entered_at, left_at, entry_reason, exit_reason, first_fill "
        "from memberships where segment = 'fresh' order by profile_id, entered_at"
    )["rows"]
    began, ended, again = (
        format_time(at) for at in (START, START + DAY, START + timedelta(days=2))
    )
    assert rows == [
        [1, began, ended, "data", "time", False],
        [1, again, None, "data", None, False],
        [2, began, ended, "data", "time", False],
    ]
    rows = workspace.sql("select count(*) from membership_changes")["rows"]
    assert rows == [[7]]


def test_a_profile_shows_since_when_it_is_a_member(shop: Shop) -> None:
    workspace = fill(shop)
    shop.segment("later", 'did "Seen"')
    shop.clock.advance(2 * DAY)
    workspace.advance()
    found = workspace.profile("user_id:ann", include=("segments", "memberships"))
    assert found["segments"] == ["anyone", "later"]
    assert [(row["segment"], row["since"], row["first_fill"]) for row in found["memberships"]] == [
        ("anyone", format_time(START), False),
        ("later", format_time(START), True),
    ]


def test_segments_of_a_profile_come_from_memory_only_when_it_holds_for_the_question(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = fill(shop)
    monkeypatch.setattr(type(workspace._live.memberships), "of", lambda *_: ["memory"])

    def segments() -> list[str]:
        found: list[str] = workspace.profile("user_id:ann", include=("segments",))["segments"]
        return found

    assert segments() == ["memory"]
    shop.track("Seen", user="eve")
    assert segments() == ["anyone", "fresh"], "a message was not taken in yet"
    workspace.advance()
    assert segments() == ["memory"]
    shop.clock.advance(DAY)
    assert segments() == ["anyone"], "a moment has passed"
    workspace.advance()
    assert segments() == ["memory"]
    workspace.put_segment("more", {"rule": 'did "Seen"'})
    assert segments() == ["anyone", "more"], "a definition was not taken over yet"
    workspace.advance()
    shop.track("Seen", user="zoe", at=shop.clock.now() + timedelta(seconds=1))
    workspace.advance()
    shop.clock.advance(timedelta(milliseconds=1))
    assert segments() == ["anyone", "more"], "somebody appears at a moment of their own"
    past = workspace.profile("user_id:ann", include=("segments",), as_of=START)["segments"]
    assert past == ["anyone", "fresh", "more"]


def asked(workspace: Workspace, view: Reading, profile_id: int) -> Known | None:
    """The segments of a customer from memory, beside a view."""
    cursor = workspace._store.cursor
    return known_segments(workspace._live, view, workspace.book, profile_id, cursor)


def test_segments_from_memory_may_be_newer_than_the_view_and_say_what_they_hold_for(
    shop: Shop,
) -> None:
    workspace = fill(shop)
    shop.send("track", event="Seen", anonymousId="x")
    workspace.advance()
    found = workspace.profile("user_id:ann", include=("segments",))
    assert found["segments"] == ["anyone", "fresh"]
    assert found["segments_hold_for"] == {"position": found["position"], "as_of": found["as_of"]}
    with workspace.reading() as view:
        shop.track("Seen", user="eve")
        shop.clock.advance(DAY)
        workspace.advance()
        newer = asked(workspace, view, found["profile_id"])
        assert newer == Known(["anyone"], view.position + 1, view.as_of + DAY)
        shop.send("identify", userId="zoe", traits={"age": 3})
        workspace.advance()
        assert asked(workspace, view, 5) == Known([], view.position + 2, newer.at)
        shop.send("identify", userId="ann", anonymousId="x")
        workspace.advance()
        assert asked(workspace, view, 3) is None, "merged away since the view was taken"
    with workspace.reading(as_of=view.as_of + 2 * DAY) as ahead:
        assert asked(workspace, ahead, found["profile_id"]) is None


def test_a_step_that_runs_is_waited_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = fill(shop)
    live = workspace._live
    monkeypatch.setattr(type(live), "running", True)
    settled, live.settled = live.settled, None

    @contextlib.contextmanager
    def still() -> Iterator[None]:
        live.settled = settled
        yield

    monkeypatch.setattr(live, "still", still)
    with workspace.reading() as view:
        found = asked(workspace, view, 1)
    assert found == Known(["anyone", "fresh"], view.position, view.as_of)


def test_status_and_metrics_show_the_lag(shop: Shop) -> None:
    workspace = fill(shop)
    shop.track("Seen", user="eve")
    shop.clock.advance(timedelta(seconds=3))
    live = workspace.status()["live"]
    assert live == {
        "running": False, "position": 3, "behind": 1, "at": format_time(START),
        "seconds_behind": 3.0, "segments": 2, "failed": {},
    }  # fmt: skip
    text = workspace.metrics().decode()
    for line in (
        "patron_live_position 3.0",
        "patron_live_position_behind 1.0",
        "patron_live_lag_seconds 3.0",
        'patron_live_segments{state="kept"} 2.0',
        "patron_live_changes_total 4.0",
        "patron_live_failed_steps_total 0.0",
    ):
        assert line in text.splitlines()
    steps = next(li for li in text.splitlines() if li.startswith("patron_live_steps_total "))
    assert f"patron_live_step_seconds_count {steps.split()[1]}" in text
