"""What the resolver answers, case by case (S1.2, S1.3)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from patron.identity import Batch, Resolution, Resolver
from patron.spec.identifiers import DEFAULT_RULES, Identifier

ANN, BOB = ("user_id", "ann"), ("user_id", "bob")
TABLET, MAIL = ("anonymous_id", "tablet"), ("email", "ann@example.com")


class Desk:
    """Sends single messages, each in a batch of its own."""

    def __init__(self) -> None:
        self.resolver = Resolver(DEFAULT_RULES)
        self.count = 0

    def send(self, moment: int, *identifiers: tuple[str, str], alias: bool = False) -> Resolution:
        self.count += 1
        name = f"m{self.count}"
        answer = self.resolver.resolve(Batch.of([moment], [1], [name], [identifiers], [alias]))
        self.resolver.commit()
        return answer

    def profile(self, identifier: tuple[str, str]) -> int:
        found = self.resolver.find(Identifier(*identifier))
        assert found is not None
        return found[1]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def rows(table: pa.Table | None) -> list[dict[str, Any]]:
    return [] if table is None else table.to_pylist()


def test_a_message_is_filed_under_its_strongest_identifier(desk: Desk) -> None:
    answer = desk.send(5, TABLET, MAIL, ANN)
    names = {row["identifier_id"]: row["type"] for row in rows(answer.identifiers)}
    assert names[int(answer.identifier_id[0])] == "user_id"
    assert {frozenset((names[r["a"]], names[r["b"]])) for r in rows(answer.links)} == {
        frozenset(("user_id", "anonymous_id")),
        frozenset(("user_id", "email")),
    }


def test_login_after_browsing_keeps_the_profile(desk: Desk) -> None:
    browsing = desk.send(5, TABLET).profile_id[0]
    answer = desk.send(9, ANN, TABLET)
    assert answer.profile_id[0] == browsing == 1
    assert answer.merges is None


def test_a_merge_keeps_the_older_profile_and_says_why(desk: Desk) -> None:
    desk.send(5, ANN)
    desk.send(6, TABLET)
    answer = desk.send(9, TABLET, ANN)
    assert answer.profile_id.tolist() == [1]
    (merge,) = rows(answer.merges)
    assert (merge["kind"], merge["kept_profile_id"], merge["other_profile_id"]) == ("merge", 1, 2)
    assert merge["reason"] == (
        "The anonymous_id of profile 2 and the user_id of profile 1 "
        "came together in message m3 of source 1."
    )
    assert rows(answer.survivors) == [{"profile_id": 2, "survivor_id": 1}]


def test_a_shared_tablet_stays_with_its_first_user(desk: Desk) -> None:
    desk.send(5, ANN, TABLET)
    answer = desk.send(9, BOB, TABLET)
    assert [row["kept"] for row in rows(answer.links)] == [False]
    assert desk.profile(TABLET) == desk.profile(ANN) != desk.profile(BOB)


def test_a_late_earlier_link_moves_the_tablet_and_says_why(desk: Desk) -> None:
    desk.send(5, ANN, TABLET)
    answer = desk.send(2, BOB, TABLET)
    assert desk.profile(TABLET) == desk.profile(BOB) != desk.profile(ANN)
    (split,) = rows(answer.merges)
    assert split["kind"] == "split"
    assert "Message m2 of source 1 is stronger or earlier evidence" in split["reason"]
    assert rows(answer.links_kept) == [{"a": 1, "b": 2, "kept": False}]
    assert {"identifier_id": 2, "profile_id": desk.profile(BOB)} in rows(answer.moved)


def test_a_stronger_link_takes_a_shared_address_back(desk: Desk) -> None:
    card = ("loyalty_card", "77")
    desk.send(1, ANN, MAIL)
    desk.send(2, MAIL, TABLET)
    desk.send(3, BOB, TABLET)
    # The tablet hangs on Ann by a weaker link (e-mail) than the one to Bob (user id), which came
    # later: priority decides before time does.
    assert desk.profile(TABLET) == desk.profile(BOB)
    assert desk.profile(MAIL) == desk.profile(ANN)
    desk.send(4, card, BOB)
    assert desk.profile(card) == desk.profile(BOB)


def test_rows_stored_under_the_survivor_move_when_the_merge_is_undone(desk: Desk) -> None:
    """Both founders leave: rows of each may lie under either profile, so all must be rewritten."""
    desk.send(5, ANN)
    desk.send(6, MAIL)
    desk.send(7, TABLET)
    desk.send(20, MAIL, TABLET)  # 3 merges into 2
    desk.send(21, ANN, MAIL)  # 2 merges into 1
    answer = desk.send(1, BOB, MAIL)  # Bob had the address first
    assert desk.profile(MAIL) == desk.profile(TABLET) == desk.profile(BOB) == 2
    assert desk.profile(ANN) == 1
    assert {row["identifier_id"] for row in rows(answer.moved)} == {1, 2, 3}
    assert {"profile_id": 2, "survivor_id": 2} in rows(answer.survivors)
    assert {"profile_id": 3, "survivor_id": 2} in rows(answer.survivors)


def test_two_user_ids_in_one_message_never_share_a_profile(desk: Desk) -> None:
    desk.send(5, ANN, BOB, MAIL)
    assert desk.profile(ANN) == desk.profile(MAIL) != desk.profile(BOB)


def test_an_alias_call_is_recorded_as_such(desk: Desk) -> None:
    answer = desk.send(5, ANN, TABLET, alias=True)
    assert [row["rule"] for row in rows(answer.links)] == ["alias"]


def test_a_refused_value_costs_neither_the_message_nor_its_other_values(desk: Desk) -> None:
    answer = desk.send(5, ("email", "nobody"), TABLET)
    assert answer.profile_id.tolist() == [1]
    assert [(r.item, r.type, r.value) for r in answer.refused] == [(0, "email", "nobody")]
    assert "not an e-mail" in answer.refused[0].reason


def test_a_message_with_no_identifier_left_has_no_profile(desk: Desk) -> None:
    answer = desk.resolver.resolve(
        Batch.of([1, 2, 3], [1, 1, 1], ["a", "b", "c"], [[("user_id", "null")], [], [ANN]])
    )
    assert answer.profile_id.tolist() == [0, 0, 1]
    assert answer.identifier_id.tolist() == [0, 0, 1]
    assert [r.item for r in answer.refused] == [0, 1]
    assert answer.refused[1].reason == "This message carries no identifier."


def test_an_empty_batch_changes_nothing(desk: Desk) -> None:
    answer = desk.resolver.resolve(Batch.of([], [], [], []))
    assert len(answer.profile_id) == 0
    assert answer.identifiers is answer.links is answer.profiles is answer.merges is None


def test_known_messages_bring_no_rows(desk: Desk) -> None:
    desk.send(5, ANN, TABLET)
    answer = desk.send(6, ANN, TABLET)
    changed = [answer.identifiers, answer.links, answer.profiles, answer.links_earlier,
               answer.profiles_seen, answer.identifiers_seen, answer.survivors]  # fmt: skip
    assert changed == [None] * 7


def test_large_and_small_batches_find_the_same_identifiers() -> None:
    generator = np.random.default_rng(3)
    identifiers = [
        [("user_id", f"u{generator.integers(0, 900)}"),
         ("email", f" Ann.{generator.integers(0, 900)}@Example.com"),
         ("anonymous_id", "null" if generator.random() < 0.1 else f"a{n}")]
        for n in range(2_000)
    ]  # fmt: skip
    moments = generator.integers(0, 500, 2_000).tolist()
    names = [f"m{n}" for n in range(2_000)]
    struct = pa.struct([("type", pa.string()), ("value", pa.string())])
    table = pa.table(
        {
            "source_id": pa.array([1] * 2_000, pa.int32()),
            "message_id": names,
            "type": ["track"] * 2_000,
            "occurred_at": pa.array(moments, pa.timestamp("us")),
            "identifiers": pa.array(
                [[{"type": t, "value": v} for t, v in pairs] for pairs in identifiers],
                pa.list_(struct),
            ),
        }
    )
    whole, parts = Resolver(DEFAULT_RULES), Resolver(DEFAULT_RULES)
    batch = Batch.from_incoming(table)
    assert not isinstance(batch.value, list)
    answer = whole.resolve(batch)
    for start in range(0, 2_000, 100):
        end = start + 100
        parts.resolve(
            Batch.of(moments[start:end], [1] * 100, names[start:end], identifiers[start:end])
        )
        parts.commit()
    people: dict[int, set[int]] = {}
    for pairs in identifiers:
        for kind, value in pairs:
            found, other = (r.find(Identifier(kind, value)) for r in (whole, parts))
            assert (found is None) == (other is None) == (value == "null")
            if found and other:
                people.setdefault(found[1], set()).add(other[1])
    assert all(len(others) == 1 for others in people.values())
    assert len(people) == len({other for others in people.values() for other in others})
    assert len(answer.refused) == sum(pairs[2][1] == "null" for pairs in identifiers)
