"""What customers agreed to and refused, as their messages say it (issue 6, page 3)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from patron.profiles import Consent, consents_of, standing
from patron.profiles.consents import LOOKED_AT


def said(world: Any, minute: float, body: dict[str, Any], *, profile: int = 1, **more: Any) -> None:
    """A message that was stored as an event."""
    world.event(profile, body.get("event", "Page Viewed"), minute, **more)
    text = msgspec.json.encode(body).decode()
    position = [text, world.position]
    world.cursor.execute("update messages set body = ? where position = ?", position)


def categories(**answers: object) -> dict[str, Any]:
    return {"context": {"consent": {"categoryPreferences": answers}}}


def told(world: Any, minute: float = 999, **more: Any) -> list[Consent]:
    own = standing(world.cursor, 1)
    return consents_of(world.cursor, [own], world.at(minute), **more).get(1, [])


def answers(found: list[Consent]) -> list[tuple[str | None, str | None, bool]]:
    return [(one.category, one.channel, one.granted) for one in found]


def test_the_latest_word_holds_and_since_when_it_was_said(world: Any) -> None:
    world.profile(1)
    for minute, answer in enumerate([True, False, True, True]):
        said(world, minute, categories(ads=answer, stats=True), id_=f"m{minute}")
    at = world.at
    assert told(world) == [
        Consent("ads", None, True, at(2), at(3), "web", "north", "m2"),
        Consent("stats", None, True, at(0), at(3), "web", "north", "m0"),
    ]
    assert answers(told(world, 1)) == [("ads", None, False), ("stats", None, True)]
    assert told(world, brand="south") == []


def test_each_source_is_told_apart_and_a_merge_brings_what_it_said(world: Any) -> None:
    world.profile(1)
    world.profile(2)
    said(world, 1, categories(ads=True))
    said(world, 2, categories(ads=False), profile=2, source=2)
    assert [(one.source, one.granted) for one in told(world)] == [("web", True)]
    world.merge(2, into=1, reason="x")
    found = [(one.source, one.granted) for one in told(world)]
    assert found == [("store", False), ("web", True)]


def test_events_answer_for_a_category_and_a_channel(world: Any) -> None:
    world.profile(1)
    event: dict[str, Any] = {
        "event": "Subscribed",
        "properties": {"list": "news", "channel": "email"},
    }
    said(world, 1, event)
    said(world, 2, {**event, "event": "Unsubscribed"})
    said(world, 3, {"event": "Consent Given", "properties": {"purpose": "profiling"}})
    said(world, 4, {"event": "Unsubscribed", "properties": {"channel": 7}})
    found = answers(told(world))
    assert found == [(None, None, False), ("news", "email", False), ("profiling", None, True)]
    # A tool that sends messages speaks of its own channel.
    world.cursor.execute("update sources set kind = 'email', channel = 'sms' where source_id = 1")
    assert answers(told(world))[0] == (None, "sms", False)


def test_an_answer_by_event_is_found_however_old_and_categories_in_the_newest(world: Any) -> None:
    world.profile(1)
    said(world, 0, {"event": "Unsubscribed", "properties": {}})
    said(world, 1, categories(ads=True))
    for minute in range(2, LOOKED_AT):
        world.event(1, "Page Viewed", minute)
    assert answers(told(world)) == [(None, None, False), ("ads", None, True)]
    for minute in (LOOKED_AT, LOOKED_AT + 1):
        world.event(1, "Page Viewed", minute)
    assert answers(told(world)) == [(None, None, False)]


def test_the_newest_are_those_of_the_person_and_of_the_brand_that_is_asked_for(world: Any) -> None:
    world.profile(1)
    world.profile(2)
    world.cursor.execute("update sources set brand = 'south' where source_id = 2")
    said(world, 0, categories(ads=False), profile=2, source=2, brand="south")
    for minute in range(1, LOOKED_AT + 1):
        world.event(1, "Page Viewed", minute)
    assert told(world) == []
    world.merge(2, into=1, reason="x")
    assert told(world) == [], "it is not among the newest of the one person that they are"
    [found] = told(world, brand="south")
    assert (found.source, found.granted) == ("store", False)


def test_categories_of_an_old_answer_say_nothing_of_since_when(world: Any) -> None:
    world.profile(1)
    said(world, 0, {"event": "Subscribed", "properties": {}, **categories(ads=True)})
    for minute in range(1, LOOKED_AT + 1):
        said(world, minute, categories(ads=True))
    [answer, ads] = told(world)
    assert (answer.category, answer.granted, answer.since) == (None, True, world.at(0))
    assert (ads.category, ads.since) == ("ads", world.at(1))


@pytest.mark.parametrize(
    "body",
    [
        {}, {"context": None}, {"context": {"consent": []}}, categories(ads="yes", stats=None),
        {"context": {"consent": {"categoryPreferences": ["ads"]}}},
        {"event": "Newsletter Subscribed", "properties": {}},
    ],
)  # fmt: skip
def test_what_says_neither_yes_nor_no_says_nothing(world: Any, body: dict[str, Any]) -> None:
    world.profile(1)
    said(world, 1, body)
    assert told(world) == []
