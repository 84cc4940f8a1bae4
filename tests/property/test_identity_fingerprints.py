"""Fingerprints never join two identified people, however messages arrive (S5.10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_courses import Desk, Step, assert_agrees, courses
from identity_seen import assert_tables_agree, emptied, people_of, picture
from identity_statement import DEVICES, FINGERPRINT, Pair, Sent, Statement, batch_of, cut, histories
from patron.engines.duckdb import Database
from patron.identity import Resolver
from patron.spec.identifiers import IdentifierType, IdentityRules
from patron.warehouse.schema import migrate

HALF_AN_HOUR = 1_800_000_000


def print_of(name: str, line: int) -> IdentifierType:
    return IdentifierType(
        name=name, identifies="fingerprint", consent="Advertising", held_back_above=line
    )


@st.composite
def rules(draw: st.DrawFn) -> IdentityRules:
    """Rules of identity with one or two types of fingerprints."""
    household = draw(st.sampled_from(["person", "household"]))
    limit = draw(st.sampled_from([None, 2]))
    window = draw(st.sampled_from([None, "1 hour"])) if limit else None
    kinds = [
        IdentifierType(name="user_id", unique=draw(st.booleans()) or household == "household"),
        IdentifierType(name="email", normal_form="lower", identifies=household),
        IdentifierType(
            name="anonymous_id",
            limit=limit,
            limit_window=window,
            held_back_above=draw(st.sampled_from([None, 1])),
        ),
    ]
    prints = [print_of("fingerprint", draw(st.sampled_from([1, 2, 50])))]
    if draw(st.booleans()):
        prints.append(print_of("fingerprint_2", 50))
    return IdentityRules(types=(*draw(st.permutations(kinds)), *prints))


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[IdentityRules, list[Sent], list[list[Sent]]]:
    chosen = draw(rules())
    history = draw(histories(chosen, 14, step=HALF_AN_HOUR, values="abc", models=True))
    return chosen, history, cut(draw, history)


@settings(max_examples=200, deadline=None)
@given(arrivals())
def test_any_order_and_any_batches_end_in_the_same_people(
    arrival: tuple[IdentityRules, list[Sent], list[list[Sent]]],
) -> None:
    chosen, history, batches = arrival
    desk = Desk(chosen)
    for batch in batches:
        desk.send(batch)
        assert_agrees(desk)
    bulk = Resolver(chosen)
    bulk.resolve(batch_of(history))
    assert people_of(bulk, desk.names) == desk.statement.people


@settings(max_examples=200, deadline=None)
@given(arrivals())
def test_people_are_those_that_they_are_without_fingerprints(
    arrival: tuple[IdentityRules, list[Sent], list[list[Sent]]],
) -> None:
    """Whoever is known by more than devices is one person with whom they are one without."""
    chosen, history, batches = arrival
    desk = Desk(chosen)
    for batch in batches:
        desk.send(batch)
    bare = [
        replace(sent, identifiers=tuple(pair for pair in sent.identifiers if not is_print(pair)))
        for sent in history
    ]
    # A message that carries a fingerprint alone says nothing without it.
    without = Statement(without_prints(chosen), [sent for sent in bare if sent.identifiers])
    told = {frozenset(filter(tells, person)) for person in people_of(desk.resolver, desk.names)}
    assert told - {frozenset()} == {
        frozenset(filter(tells, person)) for person in without.people
    } - {frozenset()}


def without_prints(chosen: IdentityRules) -> IdentityRules:
    kinds = tuple(kind for kind in chosen.types if not kind.name.startswith(FINGERPRINT))
    return msgspec.structs.replace(chosen, types=kinds)


def is_print(pair: Pair) -> bool:
    return pair[0].startswith(FINGERPRINT)


def tells(pair: Pair) -> bool:
    return not is_print(pair) and pair[0] not in DEVICES


@st.composite
def ruled_courses(draw: st.DrawFn, most: int = 12) -> tuple[IdentityRules, list[Step]]:
    chosen = draw(rules())
    return chosen, draw(courses(chosen, most, step=HALF_AN_HOUR, models=True))


@settings(max_examples=120, deadline=None)
@given(ruled_courses())
def test_decisions_hold_beside_fingerprints(course: tuple[IdentityRules, list[Step]]) -> None:
    desk = Desk(course[0])
    for step in course[1]:
        desk.take(step)
        assert_agrees(desk)
    for decision_id in list(desk.standing):
        desk.withdraw(decision_id)
    assert_agrees(desk)


@settings(max_examples=40, deadline=None)
@given(arrivals(), st.data())
def test_a_rollback_leaves_no_trace(
    arrival: tuple[IdentityRules, list[Sent], list[list[Sent]]], data: st.DataObject
) -> None:
    chosen, _, batches = arrival
    lost = data.draw(histories(chosen, 6, step=HALF_AN_HOUR, values="abc"))
    desk = Desk(chosen)
    for batch in batches:
        before = picture(desk.resolver)
        desk.resolver.resolve(batch_of([replace(sent, name=f"x{sent.name}") for sent in lost]))
        desk.resolver.rollback()
        assert picture(desk.resolver) == before
        desk.send(batch)
        assert_agrees(desk)


# The tables.


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with Database() as opened:
        migrate(opened.cursor())
        yield opened


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_the_tables_follow(database: Database, data: st.DataObject) -> None:
    chosen = data.draw(rules())
    steps = data.draw(courses(chosen, 9, step=HALF_AN_HOUR))
    desk = Desk(chosen, emptied(database))
    assert desk.cursor is not None
    for step in steps:
        desk.take(step)
        assert_tables_agree(desk.cursor, desk.resolver, desk.sent, desk.statement)
        assert picture(Resolver.load(desk.cursor, chosen)) == picture(desk.resolver)
