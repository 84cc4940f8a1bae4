"""Limits, windows, households, values held back: a function of what is known (issue 4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_courses import Desk, Step, assert_agrees, courses
from identity_seen import assert_tables_agree, emptied, people_of, picture
from identity_statement import Sent, batch_of, cut, histories
from patron.engines.duckdb import Database
from patron.identity import Resolver, held_back
from patron.spec.identifiers import IdentifierType, IdentityRules
from patron.warehouse.schema import migrate

HOUR = 3_600_000_000


@st.composite
def rules(draw: st.DrawFn) -> IdentityRules:
    """Rules of identity; types in any order."""

    def kind(name: str, **more: Any) -> IdentifierType:
        # Of a household's value there cannot be one a person: it is of several people.
        fewest = 2 if more.get("identifies") == "household" else 1
        limit = draw(st.sampled_from([None, None, fewest, 2, 3]))
        if limit is not None:
            more["limit"] = limit
            more["limit_window"] = draw(st.sampled_from([None, "1 hour", "2 hours"]))
        more["held_back_above"] = draw(st.sampled_from([None, 1, 2]))
        return IdentifierType(name=name, **more)

    household = draw(st.sampled_from(["person", "household"]))
    kinds = [
        IdentifierType(
            name="user_id", unique=True, held_back_above=draw(st.sampled_from([None, 2]))
        ),
        kind("card"),
        kind("email", normal_form="lower", identifies=household),
        kind("anonymous_id"),
    ]
    return IdentityRules(types=tuple(draw(st.permutations(kinds))))


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[IdentityRules, list[Sent], list[list[Sent]]]:
    chosen = draw(rules())
    history = draw(histories(chosen, 14, step=HOUR // 2, values="abcd"))
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


@st.composite
def ruled_courses(draw: st.DrawFn, most: int = 12) -> tuple[IdentityRules, list[Step]]:
    chosen = draw(rules())
    return chosen, draw(courses(chosen, most, step=HOUR // 2))


@settings(max_examples=120, deadline=None)
@given(ruled_courses())
def test_decisions_hold_beside_all_other_rules(course: tuple[IdentityRules, list[Step]]) -> None:
    desk = Desk(course[0])
    for step in course[1]:
        desk.take(step)
        assert_agrees(desk)
    for decision_id in list(desk.standing):
        desk.withdraw(decision_id)
    assert_agrees(desk)


@settings(max_examples=50, deadline=None)
@given(arrivals(), st.data())
def test_a_rollback_leaves_no_trace(
    arrival: tuple[IdentityRules, list[Sent], list[list[Sent]]], data: st.DataObject
) -> None:
    chosen, _, batches = arrival
    lost = data.draw(histories(chosen, 6, step=HOUR // 2, values="abcd"))
    desk = Desk(chosen)
    for batch in batches:
        before = picture(desk.resolver)
        desk.resolver.resolve(
            batch_of([Sent(m.moment, m.source, f"x{m.name}", m.identifiers) for m in lost])
        )
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
@given(ruled_courses(9))
def test_the_tables_follow(database: Database, course: tuple[IdentityRules, list[Step]]) -> None:
    chosen, steps = course
    desk = Desk(chosen, emptied(database))
    assert desk.cursor is not None
    for step in steps:
        desk.take(step)
        assert_tables_agree(desk.cursor, desk.resolver, desk.sent, desk.statement)
        assert picture(Resolver.load(desk.cursor, chosen)) == picture(desk.resolver)
        reported = {(row.type, row.value) for row in held_back(desk.cursor, chosen)}
        assert reported == desk.statement.held
