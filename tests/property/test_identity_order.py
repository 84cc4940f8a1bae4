"""Whatever the order of arrival and the batches, the same people come out (S1.2, S1.3)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_seen import (
    Names,
    assert_tables_agree,
    emptied,
    kept_of,
    people_of,
    picture,
    store,
)
from identity_statement import Sent, Statement, batch_of, cut, histories
from patron.engines.duckdb import Database
from patron.identity import Resolver, compact
from patron.spec.identifiers import IdentifierType, IdentityRules
from patron.warehouse.schema import migrate

RULES = IdentityRules(
    types=(
        IdentifierType(name="user_id", unique=True),
        IdentifierType(name="card", unique=True),
        IdentifierType(name="email", normal_form="lower"),
        IdentifierType(name="anonymous_id"),
        IdentifierType(name="device_id"),
    )
)


@st.composite
def arrivals(draw: st.DrawFn, most: int = 14) -> tuple[list[Sent], list[list[Sent]]]:
    """A history, and the same messages in another order, cut into batches."""
    history = draw(histories(RULES, most))
    return history, cut(draw, history)


@settings(max_examples=300, deadline=None)
@given(arrivals())
def test_any_order_and_any_batches_end_in_the_same_people(
    arrival: tuple[list[Sent], list[list[Sent]]],
) -> None:
    history, batches = arrival
    resolver, names = Resolver(RULES), Names()
    for batch in batches:
        names.learn(resolver.resolve(batch_of(batch)))
        resolver.commit()
    statement = Statement(RULES, history)
    assert people_of(resolver, names) == statement.people
    assert kept_of(resolver, names) == statement.kept


@settings(max_examples=100, deadline=None)
@given(arrivals(), histories(RULES, 6))
def test_a_rollback_leaves_no_trace(
    arrival: tuple[list[Sent], list[list[Sent]]], lost: list[Sent]
) -> None:
    history, batches = arrival
    resolver, names = Resolver(RULES), Names()
    for batch in batches:
        resolver.resolve(
            batch_of([Sent(m.moment, m.source, f"x{m.name}", m.identifiers) for m in lost])
        )
        resolver.resolve(batch_of(batch[::-1]))
        resolver.rollback()
        names.learn(resolver.resolve(batch_of(batch)))
        resolver.commit()
    statement = Statement(RULES, history)
    assert people_of(resolver, names) == statement.people
    assert kept_of(resolver, names) == statement.kept


# The tables.


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with Database() as opened:
        migrate(opened.cursor())
        yield opened


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(arrivals(10), st.booleans())
def test_the_tables_say_what_memory_says_after_every_batch(
    database: Database, arrival: tuple[list[Sent], list[list[Sent]]], compacting: bool
) -> None:
    _, batches = arrival
    cursor = emptied(database)
    resolver, sent = Resolver.load(cursor, RULES), []
    for number, batch in enumerate(batches):
        store(cursor, resolver, batch, position=len(sent))
        sent += batch
        if compacting and number % 2:
            compact(cursor)
        assert_tables_agree(cursor, resolver, sent, Statement(RULES, sent))
        assert picture(Resolver.load(cursor, RULES)) == picture(resolver)
