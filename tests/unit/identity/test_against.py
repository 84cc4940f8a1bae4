"""Why links are refused, and what people decided, in the graph of a profile (issue 4.2 and 4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

from patron.engines.duckdb import Cursor, Database
from patron.identity import Batch, Decision, Resolver, write
from patron.identity.graph.explanation import read_graph
from patron.identity.graph.model import Graph
from patron.identity.graph.picture import draw
from patron.identity.held_back import held_back
from patron.spec.identifiers import DEFAULT_RULES, Identifier, IdentifierType, IdentityRules
from patron.warehouse.schema import migrate

NOW = datetime(2026, 3, 1)
ANN, BOB = ("user_id", "ann"), ("user_id", "bob")
TABLET, MAIL = ("anonymous_id", "tablet"), ("email", "ann@example.com")
Pair = tuple[str, str]


class Shop:
    """The tables of identity, filled message by message, with decisions."""

    def __init__(self, cursor: Cursor, rules: IdentityRules) -> None:
        self.cursor, self.rules = cursor, rules
        self.resolver = Resolver(rules)
        self.sent = 0

    def send(self, *identifiers: Pair, model: str | None = None) -> None:
        self.sent += 1
        name = f"m{self.sent}" if model is None else f"{model}:{self.sent}"
        made = [model is not None]
        batch = Batch.of([self.sent], [1], [name], [identifiers], linked=made)
        write(self.cursor, self.resolver.resolve(batch), recorded_at=NOW)
        self.resolver.commit()

    def decide(self, number: int, kind: Literal["apart", "same"], *groups: list[Pair]) -> None:
        ids = tuple(tuple(self._find(one)[0] for one in group) for group in groups)
        answer = self.resolver.decide(Decision(number, kind, ids, NOW, "Said so."), occurred_at=NOW)
        write(self.cursor, answer, recorded_at=NOW)
        self.resolver.commit()
        self.cursor.execute(
            "insert into identity_decisions values (?, ?, 'Said so.', 'eve', ?, 1, ?, null)",
            [number, kind, NOW, f"decision-{number}"],
        )
        for group, members in enumerate(ids):
            for one in members:
                self.cursor.execute(
                    "insert into identity_decision_groups values (?, ?, ?)", [number, group, one]
                )

    def graph(self, identifier: Pair) -> Graph:
        _, profile = self._find(identifier)
        rows = self.cursor.execute(
            "select profile_id from profile_map where survivor_id = ?", [profile]
        ).all()
        stored = [profile, *(row[0] for row in rows)]
        found = read_graph(self.cursor, profile, stored, self.rules)
        assert draw(found)
        return found

    def retire(self, *names: str) -> None:
        """As other rules do that find them in no message."""
        gone = "from identifiers where type || ':' || value in (select unnest(?))"
        self.cursor.execute(
            "insert into retired_identifiers by name select * exclude (profile_id, first_seen_at), "
            f"first_seen_at as retired_at {gone}",
            [names],
        )
        self.cursor.execute(f"delete {gone}", [names])
        self.resolver = Resolver.load(self.cursor, self.rules)

    def profile(self, identifier: Pair) -> int:
        return self._find(identifier)[1]

    def _find(self, identifier: Pair) -> tuple[int, int]:
        found = self.resolver.find(Identifier(*identifier))
        assert found is not None
        return found


@contextmanager
def shop(rules: IdentityRules = DEFAULT_RULES) -> Iterator[Shop]:
    with Database() as database:
        cursor = database.cursor()
        migrate(cursor)
        yield Shop(cursor, rules)


def test_a_decision_that_parts_is_named_at_the_link_that_it_refuses() -> None:
    with shop() as made:
        made.send(ANN, MAIL)
        made.send(ANN, TABLET)
        made.decide(7, "apart", [ANN], [TABLET])
        found = made.graph(ANN)
        (refused,) = found.refused
        assert refused.other.value == "tablet"
        assert refused.decisions == (7,)
        assert refused.conflicts == ()
        assert "Decision 7 says that profiles" in refused.refusal
        assert [link.message_id for link in found.links] == ["m1"]
        assert ">decision 7<" in draw(found)


def test_a_decision_that_joins_is_a_link_stronger_than_any_other() -> None:
    with shop() as made:
        made.send(ANN, MAIL)
        made.send(TABLET)
        made.decide(3, "same", [MAIL], [TABLET])
        found = made.graph(TABLET)
        assert {one.value for one in found.identifiers} == {"ann", "ann@example.com", "tablet"}
        decided, observed = found.links
        assert (decided.rule, decided.strength, decided.joined) == ("decision", 0, True)
        assert decided.message_id == "decision-3"
        assert decided.bridge is not None
        assert sorted((decided.bridge.a.identifiers, decided.bridge.b.identifiers)) == [1, 2]
        assert observed.message_id == "m1"
        # What is decided and observed as well has two links: neither alone holds it together.
        made.send(MAIL, TABLET)
        both = [link for link in made.graph(TABLET).links if link.message_id != "m1"]
        assert [(link.rule, link.joined, link.bridge) for link in both] == [
            ("decision", True, None), ("same_message", False, None),
        ]  # fmt: skip


def test_a_decision_that_was_withdrawn_holds_nothing() -> None:
    with shop() as made:
        made.send(ANN, MAIL)
        made.send(TABLET)
        made.decide(3, "same", [MAIL], [TABLET])
        write(made.cursor, made.resolver.withdraw(3, occurred_at=NOW), recorded_at=NOW)
        made.cursor.execute("update identity_decisions set withdrawn_at = ?", [NOW])
        assert [link.message_id for link in made.graph(ANN).links] == ["m1"]


def test_a_value_that_is_held_back_is_said_to_be() -> None:
    types = (
        IdentifierType(name="email"),
        IdentifierType(name="anonymous_id", held_back_above=2),
    )
    with shop(IdentityRules(types=types)) as made:
        for number in range(3):
            made.send(("email", f"e{number}@example.com"), TABLET)
        (refused,) = made.graph(("email", "e1@example.com")).refused
        assert refused.refusal == (
            "The anonymous_id is held back: it came with 3 values of email, and joins nobody "
            "beyond 2."
        )
        assert len(made.graph(TABLET).refused) == 3


def test_a_household_is_said_to_be_one() -> None:
    types = (
        IdentifierType(name="user_id", unique=True),
        IdentifierType(name="email", identifies="household"),
    )
    with shop(IdentityRules(types=types)) as made:
        made.send(ANN, MAIL)
        made.send(BOB, MAIL)
        (refused,) = made.graph(ANN).refused
        assert refused.refusal == "The email is a household's: it came with 2 values of user_id."


def test_a_fingerprint_is_said_to_join_no_two_people() -> None:
    """S5.10"""
    seen = IdentifierType(name="fingerprint", consent="Advertising", held_back_above=9)
    types = (IdentifierType(name="email"), IdentifierType(name="anonymous_id"), seen)
    new_browser = ("anonymous_id", "new")
    with shop(IdentityRules(types=types)) as made:
        made.send(MAIL, TABLET)
        made.send(TABLET, ("fingerprint", "f"))
        made.send(new_browser, ("fingerprint", "f"))
        assert made.profile(new_browser) == made.profile(MAIL)
        made.send(new_browser, ("email", "bob@example.com"))
        assert made.profile(new_browser) != made.profile(MAIL)
        (refused,) = made.graph(new_browser).refused
        assert "are both of people who are known by more than their devices" in refused.refusal
        assert "a fingerprint alone never joins two of these." in refused.refusal


def test_a_fingerprint_that_is_held_back_is_said_to_be_just_that() -> None:
    """S5.10"""
    seen = IdentifierType(name="fingerprint", consent="Advertising", held_back_above=1)
    types = (IdentifierType(name="email"), IdentifierType(name="anonymous_id"), seen)
    with shop(IdentityRules(types=types)) as made:
        made.send(MAIL, ("fingerprint", "f"))
        made.send(TABLET, ("fingerprint", "f"))
        made.send(("anonymous_id", "new"), ("fingerprint", "f"))
        assert len(made.graph(("fingerprint", "f")).refused) == 3
        for refused in made.graph(("fingerprint", "f")).refused:
            assert refused.refusal.startswith("The fingerprint is held back: it came with 2 values")
            assert "never joins" not in refused.refusal


def test_links_at_fingerprints_are_told_after_those_of_models() -> None:
    """S5.10"""
    seen = IdentifierType(name="fingerprint", consent="Advertising", held_back_above=9)
    with shop(IdentityRules(types=(IdentifierType(name="user_id", unique=True), seen))) as made:
        made.send(ANN, ("fingerprint", "f"))
        made.send(BOB, ("fingerprint", "f"))
        made.send(ANN, BOB, model="people@1")
        refused = [one.other.type for one in made.graph(BOB).refused]
        assert refused == ["user_id", "fingerprint"]


def test_links_at_fingerprints_join_after_those_of_models() -> None:
    """S5.10"""
    seen = IdentifierType(name="fingerprint", consent="Advertising", held_back_above=9)
    types = (IdentifierType(name="email"), IdentifierType(name="anonymous_id"), seen)
    new, looks = ("anonymous_id", "new"), ("fingerprint", "f")
    for middle, joined in ((TABLET, {"same_message"}), (looks, {"same_message", "linking:people"})):
        with shop(IdentityRules(types=types)) as made:
            made.send(MAIL, middle)
            made.send(middle, new)
            made.send(MAIL, new, model="people@1")
            links = made.graph(MAIL).links
            assert len(links) == 3
            assert {one.rule.rsplit("@")[0] for one in links if one.joined} == joined


def test_limits_are_named_with_how_many_a_person_holds() -> None:
    types = (IdentifierType(name="email"), IdentifierType(name="phone", limit=2))
    with shop(IdentityRules(types=types)) as made:
        made.send(MAIL, ("phone", "1"))
        made.send(MAIL, ("phone", "2"))
        made.send(MAIL, ("phone", "3"))
        (refused,) = made.graph(MAIL).refused
        assert "more values of phone than the 2 that one person holds." in refused.refusal


def test_a_unique_type_is_named_with_both_values() -> None:
    with shop() as made:
        made.send(ANN, TABLET)
        made.send(BOB, TABLET)
        (refused,) = made.graph(BOB).refused
        (conflict,) = refused.conflicts
        assert (conflict.type, conflict.own, conflict.other) == ("user_id", "bob", "ann")
        assert "each have their own user_id" in refused.refusal
        assert refused.decisions == ()


def test_what_a_decision_says_of_the_others_holds_when_one_is_retired() -> None:
    first, second, third = (("email", f"{name}@example.com") for name in ("b", "c", "a"))
    with shop() as made:
        for mail in (first, second, third):
            made.send(mail)
        made.decide(1, "same", [third, first, second])
        made.retire("email:a@example.com")
        made.send(first, ANN)
        made.send(second, BOB)
        assert made.profile(first) == made.profile(second) == made.profile(ANN)
        assert made.profile(BOB) != made.profile(ANN)
        write(made.cursor, made.resolver.withdraw(1, occurred_at=NOW), recorded_at=NOW)
        made.resolver.commit()
        assert made.profile(first) == made.profile(ANN) != made.profile(second)
        assert made.profile(second) == made.profile(BOB)


def test_a_decision_is_withdrawn_whose_identifiers_are_all_retired() -> None:
    with shop() as made:
        made.send(ANN)
        made.send(MAIL)
        made.send(TABLET)
        made.decide(1, "same", [MAIL, TABLET])
        made.cursor.execute("delete from profiles where profile_id > 1")
        made.retire(str(Identifier(*MAIL)), str(Identifier(*TABLET)))
        write(made.cursor, made.resolver.withdraw(1, occurred_at=NOW), recorded_at=NOW)
        made.resolver.commit()
        made.send(ANN, MAIL)
        assert made.profile(ANN) == made.profile(MAIL) == 1


def test_a_value_is_reported_from_the_first_person_beyond_the_line() -> None:
    people: list[Pair] = [("user_id", f"person-{number}") for number in range(11)]
    with shop() as made:
        for one in people[:10]:
            made.send(one, TABLET)
        assert held_back(made.cursor, made.rules) == []
        made.send(people[10], TABLET)
        (found,) = held_back(made.cursor, made.rules)
        assert found[:5] == ("anonymous_id", "tablet", "user_id", 11, 10)
        # Messages happen a microsecond apart here, from the first one of 1970 on.
        assert found.since == datetime(1970, 1, 1, microsecond=11)
        assert made.profile(TABLET) not in {made.profile(one) for one in people}
