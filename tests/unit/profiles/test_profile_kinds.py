"""Timelines by what events are about, and of customers of whom very much is known (section 9)."""

from __future__ import annotations

from typing import Any

import pytest

from patron.profiles import timeline
from patron.spec.event_kinds import about

NAMES = ("Order Completed", "Email Opened", "Call Missed", "Unsubscribed", "Tier Changed", "Seen")


@pytest.fixture
def filled(world: Any) -> Any:
    world.profile(1)
    world.identifier(1, "user_id", "ann")
    world.profile(2, 5)
    world.identifier(2, "anonymous_id", "Browser-2")
    for minute, name in enumerate(NAMES):
        world.event(1, name, minute)
    return world


@pytest.mark.parametrize(
    ("kinds", "wanted"),
    [
        (["order"], ["Order Completed"]),
        (["message", "call"], ["Call Missed", "Email Opened"]),
        (["consent"], ["Unsubscribed"]),
        (["movement"], ["Tier Changed"]),
        (["survey"], []),
        (["event", "call"], list(reversed(NAMES))),
        (["note", "call"], ["Call Missed"]),
    ],
)
def test_a_timeline_is_narrowed_to_what_events_are_about(
    filled: Any, kinds: list[Any], wanted: list[str]
) -> None:
    found = timeline(filled.cursor, 1, filled.at(100), kinds=kinds).entries
    assert [one.name for one in found] == wanted
    assert all(one.about == about(one.name) for one in found)


def test_pages_of_events_about_one_thing_repeat_nothing(filled: Any) -> None:
    for minute in range(10, 20):
        filled.event(1, "Call Completed", minute)
    before, found = None, []
    while True:
        page = timeline(filled.cursor, 1, filled.at(100), kinds=["call"], limit=3, before=before)
        found += [one.occurred_at for one in page.entries]
        before = page.next
        if before is None:
            break
    assert len(found) == len(set(found)) == 11
    assert found == sorted(found, reverse=True)


def test_names_and_kinds_both_narrow(filled: Any) -> None:
    found = timeline(
        filled.cursor, 1, filled.at(100), kinds=["call", "order"], names=["Order Completed", "Seen"]
    )
    assert [one.name for one in found.entries] == ["Order Completed"]


def test_events_of_a_merged_profile_are_shown_before_they_are_rewritten(filled: Any) -> None:
    filled.event(2, "Call Completed", 50)
    filled.merge(2, 1, "They are one.", 60)
    found = timeline(filled.cursor, 1, filled.at(100), kinds=["call"]).entries
    assert [one.name for one in found] == ["Call Completed", "Call Missed"]
