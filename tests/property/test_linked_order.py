"""Links that a model made are the weakest of all, whatever the order of arrival (S1.2, S1.3)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_courses import Desk, Step, assert_agrees, courses
from identity_seen import assert_links_agree, emptied, picture, store
from identity_statement import MODEL, Sent, Statement, batch_of, cut, histories
from patron.engines.duckdb import Database
from patron.identity import Resolver
from patron.identity.rules_change.people import part_everybody, read_people
from patron.spec.identifiers import Identifier, IdentityRules
from patron.warehouse.schema import migrate
from property.test_identity_limits import HOUR, rules
from property.test_identity_order import RULES


@st.composite
def ruled_courses(draw: st.DrawFn) -> tuple[IdentityRules, list[Step]]:
    """Messages, links of models and decisions, under rules of all kinds."""
    chosen = draw(rules())
    return chosen, draw(courses(chosen, 14, step=HOUR // 2, models=True))


@settings(max_examples=200, deadline=None)
@given(ruled_courses())
def test_models_messages_and_decisions_in_any_order_end_in_the_same_people(
    course: tuple[IdentityRules, list[Step]],
) -> None:
    desk = Desk(course[0])
    for step in course[1]:
        desk.take(step)
        assert_agrees(desk)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with Database() as opened:
        migrate(opened.cursor())
        yield opened


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[Sent]]:
    return cut(draw, draw(histories(RULES, 14, models=True)))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(arrivals())
def test_the_tables_know_which_links_a_model_made(
    database: Database, batches: list[list[Sent]]
) -> None:
    cursor, sent = emptied(database), list[Sent]()
    resolver = Resolver.load(cursor, RULES)
    for batch in batches:
        store(cursor, resolver, batch, position=len(sent))
        sent += batch
        assert picture(Resolver.load(cursor, RULES)) == picture(resolver)
    statement = Statement(RULES, sent)
    assert_links_agree(cursor, statement)
    cursor.execute("select rule, message_id from links")
    for rule, message_id in cursor.all():
        assert (rule == f"linking:{MODEL}") == message_id.startswith(MODEL)
    # Whoever parts everybody anew from the tables comes to the same.
    people = read_people(cursor)
    parted = part_everybody(people, RULES)
    assert parted.kept.tolist() == people.kept.tolist()
    assert parted.profile.tolist() == people.profile.tolist()


def test_a_model_never_takes_what_messages_gave() -> None:
    resolver = Resolver(RULES)
    card, ann, bob = ("card", "c"), ("user_id", "ann"), ("user_id", "bob")
    for sent in (
        Sent(1, 1, f"{MODEL}:1", (ann, card), by_model=True),
        Sent(9, 1, "m", (bob, card)),
    ):
        resolver.resolve(batch_of([sent]))
        resolver.commit()
    profiles = [resolver.find(Identifier(*pair)) for pair in (ann, bob, card)]
    first, second, third = (found[1] for found in profiles if found)
    assert third == second != first
