"""What people decide by hand, limits, and values held back, case by case (issue 4.2 and 4.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import pyarrow as pa
import pytest

from patron.errors import ConflictError, DefinitionError, InputError, NotFoundError
from patron.identity import Batch, Decision, Resolution, Resolver
from patron.spec.identifiers import (
    DEFAULT_RULES,
    Identifier,
    IdentifierType,
    IdentityRules,
)
from patron.spec.reading import read_definition

NOW = datetime(2026, 3, 1)
DAY = 86_400_000_000
ANN, BOB = ("user_id", "ann"), ("user_id", "bob")
TABLET, MAIL = ("anonymous_id", "tablet"), ("email", "ann@example.com")


class Desk:
    """Sends single messages, each in a batch of its own, and decides."""

    def __init__(self, rules: IdentityRules = DEFAULT_RULES) -> None:
        self.resolver = Resolver(rules)
        self.count = 0

    def send(self, moment: int, *identifiers: tuple[str, str]) -> Resolution:
        self.count += 1
        name = f"m{self.count}"
        answer = self.resolver.resolve(Batch.of([moment], [1], [name], [identifiers]))
        self.resolver.commit()
        return answer

    def decide(
        self, number: int, kind: Literal["apart", "same"], *groups: list[tuple[str, str]]
    ) -> Resolution:
        ids = tuple(tuple(self.find(one)[0] for one in group) for group in groups)
        decision = Decision(number, kind, ids, NOW, "She called.")
        answer = self.resolver.decide(decision, occurred_at=NOW)
        self.resolver.commit()
        return answer

    def withdraw(self, number: int) -> Resolution:
        answer = self.resolver.withdraw(number, occurred_at=NOW)
        self.resolver.commit()
        return answer

    def find(self, identifier: tuple[str, str]) -> tuple[int, int]:
        found = self.resolver.find(Identifier(*identifier))
        assert found is not None
        return found

    def profile(self, identifier: tuple[str, str]) -> int:
        return self.find(identifier)[1]

    def together(self, *identifiers: tuple[str, str]) -> bool:
        return len({self.profile(one) for one in identifiers}) == 1


@pytest.fixture
def desk() -> Desk:
    return Desk()


def rows(table: pa.Table | None) -> list[dict[str, Any]]:
    return [] if table is None else table.to_pylist()


# Decisions


def test_what_is_parted_stays_apart_and_the_split_names_the_decision(desk: Desk) -> None:
    desk.send(5, ANN)
    desk.send(6, MAIL)
    desk.send(7, ANN, MAIL)
    answer = desk.decide(3, "apart", [ANN], [MAIL])
    assert not desk.together(ANN, MAIL)
    assert desk.profile(MAIL) == 2  # the profile that was merged away stands again
    (split,) = rows(answer.merges)
    assert (split["kind"], split["kept_profile_id"], split["other_profile_id"]) == ("split", 1, 2)
    assert split["reason"] == (
        "Decision 3 keeps identifiers apart, so part of profile 1 belongs to profile 2."
    )
    assert split["occurred_at"] == NOW
    assert [row["kept"] for row in rows(answer.links_kept)] == [False]
    assert answer.profile_id.tolist() == answer.identifier_id.tolist() == []
    desk.send(8, ANN, MAIL)
    desk.send(9, MAIL, TABLET)
    desk.send(10, ANN, TABLET)
    assert not desk.together(ANN, MAIL)
    # The link to the user id is the stronger one of the two that the tablet has.
    assert desk.together(ANN, TABLET)


def test_a_decision_that_is_withdrawn_leaves_what_would_have_been(desk: Desk) -> None:
    desk.send(5, ANN, MAIL)
    desk.decide(1, "apart", [ANN], [MAIL])
    answer = desk.withdraw(1)
    assert desk.together(ANN, MAIL)
    (merge,) = rows(answer.merges)
    assert merge["kind"] == "merge"
    assert merge["reason"].endswith("nothing stands against it any more.")
    with pytest.raises(NotFoundError, match="No decision 1 stands"):
        desk.resolver.withdraw(1)


def test_two_that_never_came_together_are_joined_by_hand(desk: Desk) -> None:
    desk.send(5, ANN)
    desk.send(6, TABLET)
    answer = desk.decide(7, "same", [ANN], [TABLET])
    assert desk.together(ANN, TABLET)
    (merge,) = rows(answer.merges)
    assert merge["reason"] == (
        "The anonymous_id of profile 2 and the user_id of profile 1 are one person by decision 7."
    )
    assert (merge["link_a"], merge["link_b"]) == (1, 2)
    answer = desk.withdraw(7)
    assert not desk.together(ANN, TABLET)
    (split,) = rows(answer.merges)
    assert split["reason"].startswith("Decision 7 was withdrawn, so part of profile 1")


def test_no_decision_joins_two_values_of_a_unique_type(desk: Desk) -> None:
    desk.send(5, ANN, TABLET)
    desk.send(6, BOB, MAIL)
    with pytest.raises(ConflictError, match="two values of type user_id"):
        desk.decide(1, "same", [TABLET], [MAIL])
    assert not desk.together(TABLET, MAIL)


def test_decisions_never_contradict_each_other(desk: Desk) -> None:
    for moment, identifier in enumerate((ANN, MAIL, TABLET)):
        desk.send(moment, identifier)
    desk.decide(1, "same", [ANN], [MAIL])
    desk.decide(2, "same", [MAIL], [TABLET])
    with pytest.raises(ConflictError, match="contradicts decisions 1, 2"):
        desk.decide(3, "apart", [ANN], [TABLET])
    desk.withdraw(2)
    desk.decide(3, "apart", [ANN], [TABLET])
    with pytest.raises(ConflictError, match="contradicts decisions 1, 3"):
        desk.decide(4, "same", [MAIL, TABLET])
    with pytest.raises(ConflictError, match="Decision 3 stands already"):
        desk.decide(3, "apart", [ANN], [TABLET])


def test_people_who_were_parted_are_not_joined_through_what_they_hold(desk: Desk) -> None:
    other = ("anonymous_id", "phone")
    desk.send(5, MAIL, TABLET)
    desk.decide(1, "apart", [MAIL], [TABLET])
    desk.send(6, TABLET, other)
    with pytest.raises(ConflictError, match="contradicts decision 1"):
        desk.decide(2, "same", [MAIL], [other])


@pytest.mark.parametrize(
    ("kind", "groups", "message"),
    [
        ("apart", [[MAIL]], "at least two groups"),
        ("apart", [[MAIL], []], "at least two groups"),
        ("apart", [[MAIL], [MAIL, ANN]], "apart from itself"),
        ("same", [[MAIL], [MAIL]], "at least two identifiers"),
    ],
)
def test_what_says_nothing_is_refused(
    desk: Desk, kind: Literal["apart", "same"], groups: list[Any], message: str
) -> None:
    desk.send(5, ANN, MAIL)
    with pytest.raises(InputError, match=message):
        desk.decide(1, kind, *groups)


def test_identifiers_must_be_known(desk: Desk) -> None:
    desk.send(5, ANN)
    with pytest.raises(NotFoundError, match="no identifier 9"):
        desk.resolver.decide(Decision(1, "same", ((1, 9),), NOW, "?"), occurred_at=NOW)


# Limits


def limited(**more: Any) -> IdentityRules:
    """A user id, and e-mail with a limit."""
    return IdentityRules(
        types=(
            IdentifierType(name="user_id", unique=True),
            IdentifierType(name="email", normal_form="lower", **more),
        )
    )


def test_a_limit_keeps_the_earliest_links() -> None:
    desk = Desk(limited(limit=2))
    for moment, value in [(10, "b@x.de"), (20, "c@x.de"), (5, "a@x.de")]:
        answer = desk.send(moment, ANN, ("email", value))
    assert desk.together(ANN, ("email", "a@x.de"), ("email", "b@x.de"))
    assert not desk.together(ANN, ("email", "c@x.de"))
    (split,) = rows(answer.merges)
    assert "Message m3 of source 1 is stronger or earlier evidence" in split["reason"]


def test_a_window_limits_what_was_first_seen_within_it() -> None:
    desk = Desk(limited(limit=1, limit_window="30 days"))
    a, b, c = (("email", f"{name}@x.de") for name in "abc")
    desk.send(0, ANN, a)
    desk.send(30 * DAY, ANN, b)
    desk.send(59 * DAY, ANN, c)
    assert desk.together(ANN, a, b)
    assert not desk.together(ANN, c)
    # The second one turns out to be older: now it is too near to the first, and frees the third.
    answer = desk.send(29 * DAY, b)
    assert desk.together(ANN, a, c)
    assert not desk.together(ANN, b)
    (split, *_) = rows(answer.merges)
    assert split["reason"].startswith("An identifier was first seen earlier than was known")


def test_what_a_person_joined_beyond_the_limit_still_takes_in_other_things() -> None:
    desk = Desk(limited(limit=2))
    a, b, c, d = (("email", f"{name}@x.de") for name in "abcd")
    for moment, mail in enumerate((a, b, c)):
        desk.send(moment, mail)
    desk.decide(1, "same", [a, b, c])
    desk.send(3, ANN, a)
    desk.send(4, ANN, d)
    assert desk.together(ANN, a, b, c)
    assert not desk.together(ANN, d)


def test_a_window_that_a_person_overfilled_does_not_close_others() -> None:
    desk = Desk(limited(limit=2, limit_window="1 day"))
    a, b, c, d, e = (("email", f"{name}@x.de") for name in "abcde")
    for moment, mail in enumerate((a, b, c)):
        desk.send(moment, mail)
    desk.decide(1, "same", [a, b, c])
    desk.send(3, ANN, a)
    desk.send(9 * DAY, ANN, d)
    desk.send(DAY // 2, ANN, e)
    assert desk.together(ANN, a, b, c, d)
    assert not desk.together(ANN, e)


# Held back


def test_a_kiosk_is_held_back_and_its_merges_are_undone(desk: Desk) -> None:
    mails = [("email", f"m{number}@example.com") for number in range(11)]
    for moment, mail in enumerate(mails[:10]):
        desk.send(moment, mail)
        desk.send(moment, mail, TABLET)
    assert desk.together(TABLET, *mails[:10])
    answer = desk.send(20, mails[10], TABLET)
    profiles = {desk.profile(one) for one in (*mails, TABLET)}
    assert len(profiles) == 12
    splits = rows(answer.merges)
    assert {row["kind"] for row in splits} == {"split"}
    assert len(splits) == 10
    assert {row["reason"].split(",")[0] for row in splits} == {
        "The anonymous_id came with too many people and joins nobody"
    }
    desk.send(21, ANN, TABLET)
    assert not desk.together(ANN, TABLET)


def test_refused_links_count_as_well(desk: Desk) -> None:
    users = [("user_id", f"u{number}") for number in range(11)]
    for moment, user in enumerate(users):
        desk.send(moment, user, TABLET)
    # One link at most was ever kept, for user ids are unique.
    assert not desk.together(TABLET, users[0])


def test_a_family_shares_an_address(desk: Desk) -> None:
    users = [("user_id", f"u{number}") for number in range(10)]
    for moment, user in enumerate(users):
        desk.send(moment, user, MAIL)
    assert desk.together(MAIL, users[0])


def test_a_person_says_whose_it_is_all_the_same() -> None:
    desk = Desk(limited(held_back_above=1))
    desk.send(1, ANN, MAIL)
    desk.send(2, BOB, MAIL)
    assert not desk.together(ANN, MAIL)
    desk.decide(1, "same", [ANN], [MAIL])
    assert desk.together(ANN, MAIL)


def test_a_family_address_belongs_to_nobody_when_it_is_a_household() -> None:
    desk = Desk(limited(identifies="household"))
    desk.send(1, ANN, MAIL)
    assert desk.together(ANN, MAIL)
    desk.send(2, BOB, MAIL)
    assert len({desk.profile(one) for one in (ANN, BOB, MAIL)}) == 3


def test_ever_more_people_at_one_value_are_counted_in_one_batch_too() -> None:
    desk = Desk(limited(held_back_above=10_000))
    size = 70_000  # more than 16 bits hold
    answer = desk.resolver.resolve(
        Batch.of(
            list(range(size)),
            [1] * size,
            [f"m{number}" for number in range(size)],
            [[("user_id", f"u{number}"), MAIL] for number in range(size)],
        )
    )
    desk.resolver.commit()
    assert answer.profile_id[0] != desk.profile(MAIL)


# Rules as files write them


@pytest.mark.parametrize(
    ("more", "field", "message"),
    [
        ({"limit": 0}, "types.limit", "1 or more"),
        ({"unique": True, "limit": 2}, "types.limit", "limit of 1 already"),
        ({"limit_window": "30 days"}, "types.limit_window", "needs a limit"),
        ({"limit": 2, "limit_window": "soon"}, "types.limit_window", "length of time"),
        ({"limit": 2, "limit_window": "0 days"}, "types.limit_window", "length of time"),
        ({"held_back_above": 0}, "types.held_back_above", "1 to 10000"),
        ({"held_back_above": 10_001}, "types.held_back_above", "1 to 10000"),
        ({"identifies": "household"}, "types.identifies", "type that is unique"),
        ({"identifies": "cat"}, "types[0].identifies", "identifies"),
    ],
)
def test_limits_that_mean_nothing_are_refused(
    more: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(DefinitionError, match=message) as refused:
        read_definition({"types": [{"name": "card", **more}]}, IdentityRules)
    assert refused.value.field == field
