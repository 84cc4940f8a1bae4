"""Decisions by hand: who is who is what it would be had they stood from the start (issue 4.4)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from identity_courses import Desk, Step, assert_agrees, courses, decisions
from identity_seen import assert_tables_agree, emptied, kept_of, people_of, picture
from identity_statement import Pair, Sent, Statement, cut, histories
from patron.engines.duckdb import Database
from patron.identity import Resolver
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


@settings(max_examples=150, deadline=None)
@given(courses(RULES))
def test_what_stands_holds_from_the_start_and_what_was_withdrawn_never_did(
    course: list[Step],
) -> None:
    desk = Desk(RULES)
    for step in course:
        desk.take(step)
        assert_agrees(desk)
    for decision_id in list(desk.standing):
        desk.withdraw(decision_id)
    assert_agrees(desk)
    assert not desk.resolver._memory.decisions.groups
    assert not desk.resolver._memory.decisions.bonds


@settings(max_examples=60, deadline=None)
@given(courses(RULES), decisions)
def test_a_decision_that_is_rolled_back_leaves_no_trace(course: list[Step], last: Step) -> None:
    desk = Desk(RULES)
    for step in course:
        desk.take(step)
    before = picture(desk.resolver)
    commit, desk.resolver.commit = desk.resolver.commit, lambda: None  # type: ignore[method-assign]
    desk.take(last)
    desk.resolver.rollback()
    assert picture(desk.resolver) == before
    desk.resolver.commit = commit  # type: ignore[method-assign]


@settings(max_examples=60, deadline=None)
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
    desk, decided = Desk(RULES), False
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


@settings(max_examples=60, deadline=None)
@given(histories(RULES, 12, values="abc"), st.integers(0, 10**6))
def test_nothing_joins_again_what_was_parted(history: list[Sent], chosen: int) -> None:
    desk = Desk(RULES)
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
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(courses(RULES, 8))
def test_the_tables_follow_every_decision(database: Database, course: list[Step]) -> None:
    desk = Desk(RULES, emptied(database))
    assert desk.cursor is not None
    for step in course:
        desk.take(step)
        assert_tables_agree(desk.cursor, desk.resolver, desk.sent, desk.statement)
        assert picture(Resolver.load(desk.cursor, RULES)) == picture(desk.resolver)
