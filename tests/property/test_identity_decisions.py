"""Decisions by hand: who is who is what it would be had they stood from the start (issue 4.4)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from identity_seen import (
    NOW,
    Names,
    assert_tables_agree,
    emptied,
    kept_of,
    people_of,
    picture,
    store,
)
from identity_statement import Pair, Said, Sent, Statement, batch_of, cut, histories
from patron.engines.duckdb import Cursor, Database
from patron.errors import ConflictError, InputError
from patron.identity import Decision, Resolution, Resolver, write
from patron.spec.identifiers import IdentifierType, IdentityRules
from patron.warehouse.schema import migrate

RULES = IdentityRules(
    types=(
        IdentifierType(name="user_id", unique=True),
        IdentifierType(name="card", unique=True),
        IdentifierType(name="email", normal_form="lower"),
        IdentifierType(name="anonymous_id"),
    )
)


class Step(NamedTuple):
    """A batch of messages, or something decided; identifiers go by number among those known."""

    batch: tuple[Sent, ...] = ()
    kind: Literal["send", "apart", "same", "withdraw"] = "send"
    numbers: tuple[tuple[int, ...], ...] = ()


number = st.integers(0, 19)
decisions = st.one_of(
    st.builds(
        lambda groups: Step(kind="apart", numbers=groups),
        st.lists(st.lists(number, min_size=1, max_size=3).map(tuple), min_size=2, max_size=3).map(
            tuple
        ),
    ),
    st.builds(lambda a, b: Step(kind="same", numbers=((a,), (b,))), number, number),
    st.builds(lambda a: Step(kind="withdraw", numbers=((a,),)), number),
)


@st.composite
def courses(draw: st.DrawFn, most: int = 12) -> list[Step]:
    """Batches of messages with decisions between them."""
    steps = []
    for batch in cut(draw, draw(histories(RULES, most, values="abc"))):
        steps.append(Step(tuple(batch)))
        steps += draw(st.lists(decisions, max_size=3))
    return steps


class Desk:
    """Carries out a course, and keeps book of what stands."""

    def __init__(self, cursor: Cursor | None = None) -> None:
        self.resolver, self.names = Resolver(RULES), Names()
        self.sent: list[Sent] = []
        self.standing: dict[int, tuple[Decision, Said]] = {}
        self.cursor = cursor
        self.made = 0

    @property
    def statement(self) -> Statement:
        return Statement(RULES, self.sent, [said for _, said in self.standing.values()])

    def take(self, step: Step) -> None:
        """One step; what contradicts something is not done."""
        if step.kind == "send":
            self.send(list(step.batch))
        elif step.kind == "withdraw":
            if self.standing:
                self.withdraw(sorted(self.standing)[step.numbers[0][0] % len(self.standing)])
        else:
            known = sorted(self.names.pairs)
            groups = [[known[one % len(known)] for one in group] for group in step.numbers]
            self.decide(step.kind, groups)

    def send(self, batch: list[Sent]) -> None:
        if self.cursor is not None:
            store(self.cursor, self.resolver, batch, position=len(self.sent))
            self.cursor.execute("select identifier_id, type, value from identifiers")
            self.names.pairs = {row[0]: row[1:] for row in self.cursor.all()}
        else:
            self.names.learn(self.resolver.resolve(batch_of(batch)))
            self.resolver.commit()
        self.sent += batch

    def decide(self, kind: Any, groups: list[list[int]]) -> bool:
        self.made += 1
        members = tuple(tuple(dict.fromkeys(group)) for group in groups)
        decision = Decision(self.made, kind, members, NOW, "They called.")
        before = picture(self.resolver)
        try:
            answer = self.resolver.decide(decision, occurred_at=NOW)
        except (ConflictError, InputError):
            self.resolver.rollback()
            assert picture(self.resolver) == before
            return False
        pairs = tuple(tuple(self.names.pairs[one] for one in group) for group in members)
        self.standing[self.made] = (decision, Said(kind, pairs))
        self._keep(answer)
        return True

    def withdraw(self, decision_id: int) -> None:
        answer = self.resolver.withdraw(decision_id)
        del self.standing[decision_id]
        self._keep(answer)

    def _keep(self, answer: Resolution) -> None:
        if self.cursor is not None:
            with self.cursor.transaction():
                write(self.cursor, answer, recorded_at=NOW)
                record(self.cursor, [decision for decision, _ in self.standing.values()])
        self.resolver.commit()


def record(cursor: Cursor, standing: list[Decision]) -> None:
    """The tables of decisions, as whoever makes decisions writes them."""
    cursor.execute("delete from identity_decisions")
    cursor.execute("delete from identity_decision_groups")
    for one in standing:
        cursor.execute(
            "insert into identity_decisions values (?, ?, ?, 'test', ?, 1, 'm', null)",
            [one.decision_id, one.kind, one.reason, one.made_at],
        )
        for place, group in enumerate(one.groups):
            for identifier in group:
                cursor.execute(
                    "insert into identity_decision_groups values (?, ?, ?)",
                    [one.decision_id, place, identifier],
                )


def assert_agrees(desk: Desk) -> None:
    statement = desk.statement
    assert people_of(desk.resolver, desk.names) == statement.people
    assert kept_of(desk.resolver, desk.names) == statement.kept


@settings(max_examples=300, deadline=None)
@given(courses())
def test_what_stands_holds_from_the_start_and_what_was_withdrawn_never_did(
    course: list[Step],
) -> None:
    desk = Desk()
    for step in course:
        desk.take(step)
        assert_agrees(desk)
    for decision_id in list(desk.standing):
        desk.withdraw(decision_id)
    assert_agrees(desk)
    assert not desk.resolver._memory.decisions.groups
    assert not desk.resolver._memory.decisions.bonds


@settings(max_examples=100, deadline=None)
@given(courses(), decisions)
def test_a_decision_that_is_rolled_back_leaves_no_trace(course: list[Step], last: Step) -> None:
    desk = Desk()
    for step in course:
        desk.take(step)
    before = picture(desk.resolver)
    commit, desk.resolver.commit = desk.resolver.commit, lambda: None  # type: ignore[method-assign]
    desk.take(last)
    desk.resolver.rollback()
    assert picture(desk.resolver) == before
    desk.resolver.commit = commit  # type: ignore[method-assign]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_merge_then_unmerge_equals_never_merged(data: st.DataObject) -> None:
    """Somebody is unmerged at any point of a history, and more messages come afterwards."""
    history = data.draw(histories(RULES, 12, values="abc"))
    without = Statement(RULES, history)
    assume(len(without.people) > 1)
    mine, theirs = data.draw(st.permutations(sorted(map(sorted, without.people))))[:2]
    merging = Sent(
        data.draw(st.integers(0, 6)),
        1,
        "merging",
        (data.draw(st.sampled_from(mine)), data.draw(st.sampled_from(theirs))),
    )
    batches = cut(data.draw, [*history, merging])
    known: set[Pair] = set()
    desk, decided = Desk(), False
    for batch in batches:
        desk.send(batch)
        known |= set(desk.names.pairs.values())
        # The decision can be made as soon as somebody of each side is there.
        if not decided and known >= {*mine, *theirs} and data.draw(st.booleans()):
            decided = desk.decide("apart", ids_of(desk, mine, theirs))
    if not decided:
        assert desk.decide("apart", ids_of(desk, mine, theirs))
    assert people_of(desk.resolver, desk.names) == without.people
    kept = kept_of(desk.resolver, desk.names)
    link = (
        next(link for link in kept if link not in without.kept)
        if len(kept) > len(without.kept)
        else None
    )
    assert {one: held for one, held in kept.items() if one != link} == without.kept
    assert link is None or not kept[link]


def ids_of(desk: Desk, *sides: list[Pair]) -> list[list[int]]:
    ids = {pair: one for one, pair in desk.names.pairs.items()}
    return [[ids[pair] for pair in side] for side in sides]


@settings(max_examples=100, deadline=None)
@given(histories(RULES, 12, values="abc"), st.integers(0, 10**6))
def test_nothing_joins_again_what_was_parted(history: list[Sent], chosen: int) -> None:
    desk = Desk()
    desk.send(history)
    pairs = list(itertools.combinations(sorted(desk.names.pairs), 2))
    assume(pairs)
    one, other = pairs[chosen % len(pairs)]
    assert desk.decide("apart", [[one], [other]])
    for moment, message in enumerate(history):
        # Each old identifier comes together with each of the two, by a new one.
        for end in (one, other):
            bridge = (message.identifiers[0], ("anonymous_id", f"new{moment}"))
            desk.send([Sent(0, 1, f"x{moment}{end}", (desk.names.pairs[end], *bridge))])
            assert_agrees(desk)
    profiles = desk.resolver._memory.profile
    assert profiles.item(one) != profiles.item(other)


# The tables.


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with Database() as opened:
        migrate(opened.cursor())
        yield opened


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(courses(8))
def test_the_tables_follow_every_decision(database: Database, course: list[Step]) -> None:
    desk = Desk(emptied(database))
    assert desk.cursor is not None
    for step in course:
        desk.take(step)
        assert_tables_agree(desk.cursor, desk.resolver, desk.sent, desk.statement)
        assert picture(Resolver.load(desk.cursor, RULES)) == picture(desk.resolver)
