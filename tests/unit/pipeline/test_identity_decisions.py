"""Decisions by hand: what they do to a workspace, and that doing them twice is doing them once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from patron.errors import ConflictError, InputError, NotFoundError
from patron.pipeline.identity import decisions as pipeline
from unit.pipeline.shop import START, Shop

ANN, TABLET, MAIL = "user_id:ann", "anonymous_id:tablet", "email:ann@example.com"
HOUR = timedelta(hours=1)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    yield opened
    opened.workspace.close()


@pytest.fixture
def merged(shop: Shop) -> Shop:
    """Ann looked at one thing, somebody on the tablet at two; then she logged in on it."""
    shop.track("Seen")
    for _ in range(2):
        shop.send("track", event="Seen", anonymousId="tablet")
    shop.clock.advance(HOUR)
    shop.track("Seen", anonymousId="tablet")
    return shop


def events(shop: Shop, identifier: str) -> int:
    return len(shop.workspace.timeline(identifier, kinds=["event"])["data"])


def ids(shop: Shop, *identifiers: str) -> list[int]:
    return [shop.workspace.profile(one)["profile_id"] for one in identifiers]


def state(shop: Shop) -> list[list[Any]]:
    """Everything that a decision could change."""
    with shop.workspace.reading() as reading:
        return [
            reading.cursor.execute(f"select * from {table} order by all").all()
            for table in ("messages", "identifiers", "links", "profiles", "merges", "profile_map",
                          "traits", "sources", "counters", "identity_decisions",
                          "identity_decision_groups")
        ]  # fmt: skip


def test_two_identifiers_part_with_their_events(merged: Shop) -> None:
    assert ids(merged, ANN, TABLET) == [1, 1]
    made = merged.workspace.unmerge(link=(ANN, TABLET), reason="Not hers.", made_by="eve")
    assert (made["applied"], made["repeated"]) == (True, False)
    assert made["customers"] == [
        {"profile_id": 1, "before": [1], "identifiers": [ANN], "identifier_count": 1,
         "held_back": [], "events": 2},
        {"profile_id": 2, "before": [1], "identifiers": [TABLET], "identifier_count": 1,
         "held_back": [], "events": 2},
    ]  # fmt: skip
    assert ids(merged, ANN, TABLET) == [1, 2]
    assert [events(merged, one) for one in (ANN, TABLET)] == [2, 2]
    decision = made["decision"]
    assert (decision["decision_id"], decision["kind"]) == (1, "apart")
    assert decision["groups"] == [[ANN], [TABLET]]
    assert (decision["made_by"], decision["reason"]) == ("eve", "Not hers.")


def test_what_was_parted_stays_apart_also_after_a_start(merged: Shop) -> None:
    merged.workspace.unmerge(link=(ANN, TABLET), reason="Not hers.")
    merged.track("Seen", anonymousId="tablet")
    assert ids(merged, ANN, TABLET) == [1, 2]
    merged.restart()
    merged.track("Seen", anonymousId="tablet", traits={"email": "ann@example.com"})
    assert ids(merged, ANN, TABLET) == [1, 2]
    assert [events(merged, one) for one in (ANN, TABLET)] == [4, 2]


def test_who_was_parted_merges_again_when_the_decision_is_taken_back(merged: Shop) -> None:
    merged.workspace.unmerge(link=(ANN, TABLET), reason="Not hers.")
    before = merged.workspace.withdraw(1, reason="Hers after all.", preview=True)
    assert [one["profile_id"] for one in before["customers"]] == [1]
    assert ids(merged, ANN, TABLET) == [1, 2]
    done = merged.workspace.withdraw(1, reason="Hers after all.", made_by="eve")
    assert done["customers"][0]["before"] == [1, 2]
    assert ids(merged, ANN, TABLET) == [1, 1]
    taken_back = done["decision"]["withdrawn"]
    assert (taken_back["by"], taken_back["reason"]) == ("eve", "Hers after all.")
    with pytest.raises(ConflictError, match="taken back on"):
        merged.workspace.withdraw(1, reason="Again.")
    assert merged.workspace.decisions(standing=True)["data"] == []
    assert len(merged.workspace.decisions()["data"]) == 1


def test_an_identifier_leaves_and_the_others_stay(merged: Shop) -> None:
    merged.send("identify", userId="ann", traits={"email": "ann@example.com"})
    made = merged.workspace.unmerge(identifier=TABLET, reason="A shared tablet.")
    assert made["decision"]["groups"] == [[TABLET], [ANN, MAIL]]
    assert ids(merged, ANN, MAIL, TABLET) == [1, 1, 2]
    with pytest.raises(ConflictError, match="only identifier"):
        merged.workspace.unmerge(identifier=TABLET, reason="Again.")


def test_a_customer_is_again_who_they_were_before_a_moment(merged: Shop) -> None:
    merged.clock.advance(HOUR)
    merged.track("Seen", anonymousId="phone")  # new since then: it goes where its links lead
    made = merged.workspace.unmerge(profile="1", before=START + HOUR, reason="A bad import.")
    assert made["decision"]["groups"] == [[ANN], [TABLET]]
    assert ids(merged, ANN, TABLET, "anonymous_id:phone") == [1, 2, 1]
    for moment, was in ((START, "not known yet"), (START + 3 * HOUR, "one customer already")):
        with pytest.raises(ConflictError, match=was):
            merged.workspace.unmerge(profile=ANN, before=moment, reason="Again.")


def test_a_merge_by_hand_is_part_of_what_was_before(shop: Shop) -> None:
    for name in ("a", "b", "c"):
        shop.send("track", event="Seen", anonymousId=name)
    shop.workspace.merge("anonymous_id:a", "anonymous_id:b", reason="One.")
    shop.clock.advance(HOUR)
    shop.send("track", event="Seen", anonymousId="c", properties={"email": "c@example.com"})
    shop.send("track", event="Seen", anonymousId="a", properties={"email": "c@example.com"})
    made = shop.workspace.unmerge(profile="1", before=START + HOUR, reason="Two.")
    assert made["decision"]["groups"] == [
        ["anonymous_id:a", "anonymous_id:b"], ["anonymous_id:c"],
    ]  # fmt: skip


def test_two_who_never_met_are_one_person_because_somebody_says_so(shop: Shop) -> None:
    shop.track("Seen")
    shop.send("track", event="Seen", anonymousId="tablet")
    told = shop.workspace.merge(ANN, TABLET, reason="She called.", preview=True)
    assert told["decision"]["decision_id"] is None
    assert ids(shop, ANN, TABLET) == [1, 2]
    shop.workspace.merge(ANN, TABLET, reason="She called.")
    assert ids(shop, ANN, TABLET, "2") == [1, 1, 1]
    assert events(shop, TABLET) == 2


def test_two_values_of_a_unique_type_are_refused_and_nothing_is_left_behind(shop: Shop) -> None:
    shop.track("Seen")
    shop.track("Seen", user="bob")
    before = state(shop)
    for preview in (True, False):
        with pytest.raises(ConflictError, match="user_id"):
            shop.workspace.merge(ANN, "user_id:bob", reason="Twins.", preview=preview)
    assert state(shop) == before
    shop.track("Seen", anonymousId="tablet")
    assert ids(shop, ANN, TABLET, "user_id:bob") == [1, 1, 2]


def test_decisions_that_contradict_each_other_are_refused(merged: Shop) -> None:
    merged.workspace.unmerge(link=(ANN, TABLET), reason="Not hers.")
    with pytest.raises(ConflictError, match="decision 1"):
        merged.workspace.merge(ANN, TABLET, reason="Hers.")


def test_a_preview_changes_nothing(merged: Shop) -> None:
    before = state(merged)
    told = merged.workspace.unmerge(link=(ANN, TABLET), reason="Not hers.", preview=True)
    assert told["applied"] is False
    assert [one["events"] for one in told["customers"]] == [2, 2]
    assert state(merged) == before
    merged.track("Seen", anonymousId="tablet")
    assert ids(merged, ANN, TABLET) == [1, 1]


def test_the_same_message_decides_once(merged: Shop) -> None:
    wanted: dict[str, Any] = {"link": (ANN, TABLET), "reason": "Not hers.", "message_id": "d-1"}
    first = merged.workspace.unmerge(**wanted)
    held = state(merged)
    merged.restart()
    again = merged.workspace.unmerge(**wanted)
    assert (again["repeated"], again["customers"]) == (True, [])
    assert again["decision"] == first["decision"]
    assert state(merged) == held
    with pytest.raises(ConflictError, match="said something else"):
        merged.workspace.unmerge(identifier=ANN, reason="Not hers.", message_id="d-1")
    taken_back = {"reason": "Hers.", "message_id": "d-2"}
    merged.workspace.withdraw(1, **taken_back)
    assert merged.workspace.withdraw(1, **taken_back)["repeated"] is True
    assert len(state(merged)[0]) == len(held[0]) + 1


def test_the_log_says_who_decided_what_and_why(merged: Shop) -> None:
    merged.workspace.unmerge(link=(ANN, TABLET), reason="Not hers.", made_by="eve", message_id="d")
    with merged.workspace.reading() as reading:
        reading.cursor.execute(
            "select m.type, m.body->>'$.decision.reason', m.body->>'$.decision.made_by', "
            "m.body->>'$.decision.groups', s.kind from messages as m join sources as s "
            "using (source_id) where m.message_id = 'd'"
        )
        assert reading.cursor.all() == [
            ("unmerge", "Not hers.", "eve", f'[["{ANN}"],["{TABLET}"]]', "internal")
        ]
    counters = {row["source"]: row for row in merged.workspace.counters()["sources"]}
    assert counters["by hand"]["stored"] == counters["by hand"]["accepted"] == 1
    [fate] = merged.workspace.fates("d", None)["data"]
    assert (fate["source"], fate["fate"]) == ("by hand", "stored")


def test_the_internal_source_is_no_brand_and_sends_no_data(merged: Shop) -> None:
    merged.workspace.unmerge(link=(ANN, TABLET), reason="Not hers.")
    assert merged.workspace.book.brands == {"main"}
    assert merged.workspace.status()["sources"] == 1
    assert [one["source"] for one in merged.workspace.quality()["sources"]] == ["web"]


def test_a_decision_that_cannot_be_written_never_was(
    merged: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(merged)

    def fail(*_given: object, **_named: object) -> None:
        raise InterruptedError

    with monkeypatch.context() as patched:
        patched.setattr(pipeline.decision_rows, "put_decision", fail)
        with pytest.raises(InterruptedError):
            merged.workspace.unmerge(link=(ANN, TABLET), reason="Not hers.")
    assert state(merged) == before
    merged.track("Seen", anonymousId="tablet")
    assert ids(merged, ANN, TABLET) == [1, 1]
    assert merged.workspace.unmerge(link=(ANN, TABLET), reason="Not hers.")["decision"][
        "decision_id"
    ] == 1  # fmt: skip


def test_segments_follow_live(merged: Shop) -> None:
    merged.segment("often", 'count("Seen") >= 4')
    merged.segment("twice", 'count("Seen") = 2')
    assert merged.story("often") == []  # a member from the start
    merged.workspace.unmerge(link=(ANN, TABLET), reason="Not hers.")
    assert [change[:2] for change in merged.story("often")] == [("left", 1)]
    assert [change[:2] for change in merged.story("twice")] == [("entered", 1), ("entered", 2)]
    assert merged.workspace.memberships.verify(share=0, shares=1)["differences"] == []


def test_the_history_of_a_customer_tells_all_of_it(merged: Shop) -> None:
    merged.clock.advance(HOUR)
    merged.workspace.unmerge(link=(ANN, TABLET), reason="Not hers.", made_by="eve")
    merged.clock.advance(HOUR)
    merged.workspace.withdraw(1, reason="Hers after all.")
    told = merged.workspace.identity_history(TABLET)
    assert told["profile_id"] == 1
    kinds = [entry["kind"] for entry in told["data"]]
    assert kinds == ["merge", "withdrawn", "split", "apart", "merge"]
    back, withdrawn, split, apart, merge = told["data"]
    assert (apart["decision_id"], apart["made_by"], apart["reason"]) == (1, "eve", "Not hers.")
    assert (withdrawn["decision_id"], withdrawn["reason"]) == (1, "Hers after all.")
    assert split["profiles"] == [1, 2]
    assert "ecision 1" in split["reason"]
    assert "nothing stands against it any more" in back["reason"]
    assert (merge["link"], merge["message_id"]) == ([ANN, TABLET], "m4")
    assert merged.workspace.identity_history("2")["profile_id"] == 1


def test_whom_nobody_knows_cannot_be_parted(merged: Shop) -> None:
    workspace = merged.workspace
    with pytest.raises(NotFoundError, match="user_id:eve"):
        workspace.unmerge(link=(ANN, "user_id:eve"), reason="?")
    with pytest.raises(NotFoundError, match="No customer has 99"):
        workspace.unmerge(profile="99", before=START, reason="?")
    with pytest.raises(NotFoundError, match="no decision 7"):
        workspace.withdraw(7, reason="?")
    with pytest.raises(InputError, match="one identifier"):
        workspace.unmerge(link=(ANN, "user_id: ann "), reason="?")


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"identifier": ANN, "link": (ANN, TABLET)},
        {"profile": ANN},
        {"before": START},
        {"identifier": ANN, "before": START},
    ],
)
def test_one_way_of_parting_has_to_be_named(merged: Shop, wish: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="Give one of link, identifier, or profile"):
        merged.workspace.unmerge(reason="?", **wish)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1_001])
def test_a_reason_has_to_be_given(merged: Shop, reason: str) -> None:
    with pytest.raises(InputError, match="reason: expected 1 to 1,000 characters"):
        merged.workspace.unmerge(identifier=ANN, reason=reason)


def test_reasons_name_the_source(merged: Shop) -> None:
    [merge] = merged.workspace.identity_history(ANN)["data"]
    said = f"came together in message {merge['message_id']} of source {merge['source']}."
    assert merge["reason"].endswith(said)
