"""The feed of profiles (S1.12): who changed and how, without loss or repeat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from patron.errors import InputError, NotYetError
from patron.pipeline.profile_feed import newest, read_changes, read_place
from unit.pipeline.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    yield opened
    opened.workspace.close()


def told(shop: Shop, after: str | None = None, **more: Any) -> dict[str, Any]:
    position = shop.workspace.status()["position"]
    return shop.workspace.profile_feed.changes(after=after, min_position=position, **more)


def fill(shop: Shop) -> None:
    shop.segment("seen", 'did "Seen"')
    shop.send("identify", userId="ann", traits={"email": "ann@example.com", "city": "Utrecht"})
    shop.track("Seen")
    shop.send("group", userId="ann", groupId="acme")
    shop.send("track", event="Seen", anonymousId="browser-1")
    writer = shop.workspace.writer("admin")
    shop.workspace.write("user_id:ann", writer, lambda card: card.note("Hello."))


def test_a_page_lists_each_customer_once_with_all_that_changed(shop: Shop) -> None:
    fill(shop)
    page = told(shop)
    ann, visitor = page["data"]
    assert ann["identifiers"] == {"email": ["ann@example.com"], "user_id": ["ann"]}
    assert ann["changed"] == ["events", "traits", "identifiers", "notes", "groups", "segments"]
    assert "Seen" in ann["changes"]["events"]
    assert ann["changes"]["traits"] == ["city", "email"]
    assert ann["changes"]["identifiers"] == ["email", "user_id"]
    [note] = shop.workspace.notes("user_id:ann")["data"]
    assert ann["changes"]["notes"] == [note["note_id"]]
    assert ann["changes"]["groups"] == ["acme"]
    assert [one["segment"] for one in ann["changes"]["segments"]] == ["seen"]
    assert visitor["changed"] == ["events", "identifiers", "segments"]
    assert not page["more"]
    assert told(shop, page["next"])["data"] == []


def test_a_merge_is_told_of_both_and_says_who_stands(shop: Shop) -> None:
    fill(shop)
    after = told(shop)["next"]
    shop.send("track", event="Seen", anonymousId="browser-1", userId="ann")
    ann, visitor = told(shop, after)["data"]
    assert ann["changes"]["merges"] == [{"kind": "merge", "with_profile_id": 2}]
    assert ann["merged_into"] is None
    assert visitor["profile_id"] == 2
    assert visitor["merged_into"] == 1
    assert visitor["changed"] == ["merges"]


def test_time_alone_is_told_where_it_changes_a_membership(shop: Shop) -> None:
    shop.segment("fresh", 'did "Seen" in the last 1 day')
    shop.track("Seen")
    after = told(shop)["next"]
    shop.clock.advance(timedelta(days=2))
    shop.workspace.advance()
    [ann] = shop.workspace.profile_feed.changes(after=after)["data"]
    assert [(one["segment"], one["kind"]) for one in ann["changes"]["segments"]] == [
        ("fresh", "left")
    ]


def test_pages_of_any_size_tell_every_change_once(shop: Shop) -> None:
    fill(shop)
    for number in range(7):
        shop.track("Seen", user=f"user-{number}")
        shop.send("track", event=f"E{number}", userId="ann", anonymousId=f"browser-{number}")
    whole = told(shop, limit=10_000)
    assert not whole["more"]

    def flat(data: list[dict[str, Any]]) -> list[tuple[int, str, str]]:
        return [
            (one["profile_id"], kind, str(item))
            for one in data
            for kind, items in one["changes"].items()
            for item in items
        ]

    for size in (1, 2, 5):
        found: list[tuple[int, str, str]] = []
        after, more = None, True
        while more:
            page = told(shop, after, limit=size)
            found += flat(page["data"])
            after, more = page["next"], page["more"]
        assert after == whole["next"]
        # Names are listed once a page, numbered things once in all.
        assert set(found) == set(flat(whole["data"]))
        numbered = [one for one in found if one[1] in ("merges", "segments", "notes")]
        assert len(numbered) == len(set(numbered))


def test_only_some_kinds_of_changes(shop: Shop) -> None:
    fill(shop)
    page = told(shop, what=["notes"])
    assert [list(one["changes"]) for one in page["data"]] == [["notes"]]


def test_latest_begins_with_what_comes(shop: Shop) -> None:
    fill(shop)
    page = told(shop, "latest")
    assert page["data"] == []
    shop.track("Seen", user="bob")
    assert [one["identifiers"] for one in told(shop, page["next"])["data"]] == [
        {"user_id": ["bob"]}
    ]


def test_what_came_in_while_the_view_was_taken_is_told_whole(shop: Shop) -> None:
    fill(shop)
    after = told(shop)["next"]
    shop.track("Seen", user="bob")
    told(shop)
    with shop.workspace.reading() as now:
        before = read_place(after, newest(now))
        late = replace(now, position=before.position)  # as a view that states less than it holds
        page = read_changes(late, before, limit=100)
        assert [one["changed"] for one in page.data] == [["events", "identifiers", "segments"]]
        assert page.end == newest(late) == newest(now)


def test_what_a_segment_began_with_is_no_news(shop: Shop) -> None:
    shop.track("Seen")
    after = told(shop)["next"]
    shop.segment("seen", 'did "Seen"')
    assert shop.workspace.profile_feed.changes(after=after)["data"] == []


@pytest.mark.parametrize("cursor", ["x", "1", "1-2-3", "9-0-0-0", "0-9-0-0", "0-0-0-99"])
def test_cursors_of_other_feeds_are_refused(shop: Shop, cursor: str) -> None:
    fill(shop)
    with pytest.raises(InputError, match="after"):
        shop.workspace.profile_feed.changes(after=cursor)


def test_a_position_that_is_not_there_yet_is_waited_for_and_given_up(shop: Shop) -> None:
    with pytest.raises(NotYetError):
        shop.workspace.profile_feed.changes(min_position=5)


def test_a_cursor_holds_when_the_newest_identifiers_are_retired(shop: Shop) -> None:
    fill(shop)
    after = told(shop)["next"]
    with shop.workspace.reading() as reading:
        cursor = reading.cursor
        cursor.execute(
            "insert into retired_identifiers select identifier_id, type, value, original, key_hi, "
            "key_lo, birth_profile_id, now()::timestamp from identifiers "
            "where type = 'anonymous_id'"
        )
        cursor.execute("delete from identifiers where type = 'anonymous_id'")
        assert str(read_place(after, newest(reading))) == after


def test_a_cursor_holds_across_a_restart_and_a_compaction(shop: Shop) -> None:
    fill(shop)
    after = told(shop)["next"]
    shop.send("track", event="Seen", anonymousId="browser-1", userId="ann")
    expected = told(shop, after)["data"]
    shop.workspace.compact()
    assert told(shop, after)["data"] == expected
    shop.restart()
    assert told(shop, after)["data"] == expected
