"""Notes, tags, switches and traits that people add to a customer by hand (S5.13, S5.7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from patron.errors import ConflictError, InputError, NotFoundError
from patron.pipeline.card import MOST_NOTE, CardTask
from unit.pipeline.shop import Shop

ANN, TABLET = "user_id:ann", "anonymous_id:tablet"
HOUR = timedelta(hours=1)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    yield opened
    opened.workspace.close()


def write(shop: Shop, customer: str, task: CardTask, message_id: str | None = None) -> Any:
    shop.clock.advance(HOUR)
    writer = shop.workspace.writer("desk", on_behalf_of="eve", message_id=message_id)
    return shop.workspace.write(customer, writer, task)


def texts(shop: Shop, customer: str) -> list[str]:
    return [one["text"] for one in shop.workspace.notes(customer)["data"]]


def traits(shop: Shop, customer: str) -> dict[str, Any]:
    return {n: one["value"] for n, one in shop.workspace.profile(customer)["traits"].items()}


def test_a_note_is_written_changed_and_taken_back(shop: Shop) -> None:
    shop.track("Seen")
    first = write(shop, ANN, lambda card: card.note("Called."))["note"]
    assert (first["written_by"], first["on_behalf_of"]) == ("desk", "eve")
    write(shop, ANN, lambda card: card.note("Wrote back."))
    assert texts(shop, ANN) == ["Wrote back.", "Called."]
    changed = write(shop, ANN, lambda card: card.note("Called twice.", first["note_id"]))["note"]
    assert changed["occurred_at"] == first["occurred_at"] < changed["changed_at"]
    assert texts(shop, ANN) == ["Wrote back.", "Called twice."]
    assert write(shop, ANN, lambda card: card.note(None, first["note_id"]))["note"] is None
    assert texts(shop, ANN) == ["Wrote back."]
    with pytest.raises(NotFoundError):
        write(shop, ANN, lambda card: card.note("Again.", first["note_id"]))


def test_the_same_message_writes_once(shop: Shop) -> None:
    shop.track("Seen")
    answers = [write(shop, ANN, lambda card: card.note("Called."), "call-1") for _ in range(2)]
    assert [one["repeated"] for one in answers] == [False, True]
    assert answers[0]["note"] == answers[1]["note"]
    assert texts(shop, ANN) == ["Called."]


def test_a_note_is_no_event(shop: Shop) -> None:
    shop.track("Seen")
    write(shop, ANN, lambda card: card.note("Called."))
    with shop.workspace.reading() as reading:
        assert reading.cursor.execute("select name from events").all() == [("Seen",)]


def test_a_note_goes_with_the_person(shop: Shop) -> None:
    """One who is merged brings the notes along, and takes them away when parted."""
    shop.track("Seen")
    shop.send("track", event="Seen", anonymousId="tablet")
    write(shop, TABLET, lambda card: card.note("Asked for tea."))
    assert texts(shop, ANN) == []
    shop.track("Seen", anonymousId="tablet")
    assert texts(shop, ANN) == ["Asked for tea."]
    shop.workspace.compact()
    assert texts(shop, ANN) == ["Asked for tea."]
    shop.workspace.unmerge(link=(ANN, TABLET), reason="Not hers.", made_by="eve")
    assert (texts(shop, ANN), texts(shop, TABLET)) == ([], ["Asked for tea."])


def test_tags_are_added_and_taken_away(shop: Shop) -> None:
    shop.track("Seen")
    write(shop, ANN, lambda card: card.tag(["vip", "press"], []))
    found = write(shop, ANN, lambda card: card.tag(["tea"], ["press", "unknown"]))
    assert found["traits"] == {"tags": ["tea", "vip"]} == {"tags": traits(shop, ANN)["tags"]}


def test_switches_stand_side_by_side(shop: Shop) -> None:
    shop.track("Seen")
    write(shop, ANN, lambda card: card.switch("early_access", True))
    write(shop, ANN, lambda card: card.switch("chat", True))
    write(shop, ANN, lambda card: card.switch("chat", False))
    assert traits(shop, ANN)["switches"] == {"early_access": True, "chat": False}
    found = shop.workspace.preview("switches.early_access = true and switches.chat = false")
    assert found["count"] == 1


def test_a_trait_by_hand_is_an_observation_with_its_source(shop: Shop) -> None:
    shop.track("Seen")
    answer = write(shop, ANN, lambda card: card.set_traits({"shoe": 38, "fax": None}))
    assert answer["traits"] == {"shoe": 38, "fax": None}
    assert shop.workspace.profile(ANN)["traits"]["shoe"]["source"] == "by hand"
    write(shop, ANN, lambda card: card.set_traits({"email": "ann@example.com"}))
    assert shop.workspace.profile("email:ann@example.com")["profile_id"] == answer["profile_id"]


@pytest.mark.parametrize(
    ("task", "field"),
    [
        (lambda card: card.note(" "), "text"),
        (lambda card: card.note("x" * (MOST_NOTE + 1)), "text"),
        (lambda card: card.tag([" "], []), "add"),
        (lambda card: card.tag([str(n) for n in range(201)], []), "add"),
        (lambda card: card.switch("", True), "name"),
        (lambda card: card.set_traits({}), "traits"),
    ],
)
def test_what_cannot_be_written_is_refused(shop: Shop, task: CardTask, field: str) -> None:
    shop.track("Seen")
    with pytest.raises(InputError) as caught:
        write(shop, ANN, task)
    assert caught.value.field == field


def test_tags_that_a_source_made_something_else_are_left_alone(shop: Shop) -> None:
    shop.send("identify", userId="ann", traits={"tags": "vip", "switches": 1})
    for task in (lambda card: card.tag(["tea"], []), lambda card: card.switch("chat", True)):
        with pytest.raises(ConflictError):
            write(shop, ANN, task)


def test_nobody_has_no_card(shop: Shop) -> None:
    with pytest.raises(NotFoundError):
        write(shop, ANN, lambda card: card.note("Called."))


def test_the_timeline_holds_it_all_in_order(shop: Shop) -> None:
    """S5.7, S5.11: events, notes, segments, merges; page by page as in one."""
    shop.send("track", event="Seen", anonymousId="tablet")
    shop.clock.advance(HOUR)
    shop.track("Seen")
    write(shop, ANN, lambda card: card.note("Called."))
    shop.clock.advance(HOUR)
    shop.track("Ordered", anonymousId="tablet")
    page = shop.workspace.timeline(ANN)
    kinds = [one["kind"] for one in page["data"]]
    assert kinds == ["identity", "event", "note", "event", "event"]
    assert page["data"][0]["change"] == "merge"
    single, cursor = [], None
    for _ in range(len(kinds)):
        found = shop.workspace.timeline(ANN, limit=1, cursor=cursor)
        single += found["data"]
        cursor = found["next"]
    assert (single, cursor) == (page["data"], None)
    only = shop.workspace.timeline(ANN, kinds=["note"])["data"]
    assert [one["text"] for one in only] == ["Called."]
    named = shop.workspace.timeline(ANN, events=["Ordered"])["data"]
    assert [one["kind"] for one in named] == ["event"]


def test_a_visit_ends_after_half_an_hour_of_nothing(shop: Shop) -> None:
    for minutes in (0, 30, 31):
        shop.clock.advance(timedelta(minutes=minutes))
        shop.track("Seen")
    visits = shop.workspace.timeline(ANN, kinds=["visit"])["data"]
    assert [(one["events"], one["began_with"]) for one in visits] == [(1, "Seen"), (2, "Seen")]
