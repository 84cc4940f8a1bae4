"""M22: whose events a device has follows from all messages, whatever their order and batches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_courses import Desk, Step, courses
from identity_seen import assert_tables_agree, emptied, picture, shared
from identity_statement import Sent, batch_of, cut, histories
from patron.engines.duckdb import Cursor, Database
from patron.identity import Resolver, compact
from patron.identity.devices.turns import turns_of
from patron.spec.identifiers import IdentifierType, IdentityRules
from patron.warehouse.schema import migrate

RULES = IdentityRules(
    types=(
        IdentifierType(name="user_id", unique=True),
        IdentifierType(name="email", identifies="household", normal_form="lower"),
        IdentifierType(name="device_id", held_back_above=2),
        IdentifierType(name="anonymous_id", limit=2),
    )
)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with Database() as opened:
        migrate(opened.cursor())
        yield opened


slow = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=25, deadline=None, suppress_health_check=slow)
@given(courses(RULES, 10), st.booleans())
def test_what_is_done_belongs_to_whoever_was_logged_in(
    database: Database, course: list[Step], compacting: bool
) -> None:
    desk = Desk(RULES, emptied(database))
    assert desk.cursor is not None
    for step in course:
        desk.take(step)
        if compacting:
            compact(desk.cursor)
        assert_tables_agree(desk.cursor, desk.resolver, desk.sent, desk.statement)
        loaded = Resolver.load(desk.cursor, RULES)
        assert picture(loaded) == picture(desk.resolver)


@settings(max_examples=25, deadline=None, suppress_health_check=slow)
@given(st.data())
def test_any_order_and_any_batches_end_in_the_same_rows(
    database: Database, data: st.DataObject
) -> None:
    history = data.draw(histories(RULES, 12, values="ab"))
    lost = data.draw(histories(RULES, 5, values="ab"))
    whole = Desk(RULES, emptied(database))
    whole.send(history)
    assert whole.cursor is not None
    at_once = rows(whole.cursor)
    parts = Desk(RULES, emptied(database))
    assert parts.cursor is not None
    for batch in cut(data.draw, history):
        before = picture(parts.resolver)
        with parts.cursor.transaction():
            parts.resolver.resolve(
                batch_of([Sent(m.moment, m.source, f"x{m.name}", m.identifiers) for m in lost])
            )
        parts.resolver.rollback()
        assert picture(parts.resolver) == before
        parts.send(batch)
    assert rows(parts.cursor) == at_once
    taken_back = Desk(RULES, emptied(database))
    assert taken_back.cursor is not None
    taken_back.send(history)
    known = sorted(taken_back.names.pairs)
    one, other = data.draw(st.permutations(known))[:2] if len(known) > 1 else (0, 0)
    if one and taken_back.decide("apart", [[one], [other]]):
        taken_back.withdraw(taken_back.made)
    assert rows(taken_back.cursor) == at_once


def rows(cursor: Cursor) -> tuple[object, ...]:
    """What every event is filed under, who used which device, and who had which, by values."""
    named = (
        "create or replace temp view named as "
        "select identifier_id, type || ':' || value as name from identifiers"
    )
    cursor.execute(named)
    cursor.execute(
        "select e.message_id, n.name from events as e join named as n using (identifier_id)"
    )
    events = sorted(cursor.all())
    cursor.execute(
        "select m.message_id, d.name, n.name, u.occurred_at, u.login from device_uses as u "
        "join messages as m using (position) join named as n on n.identifier_id = u.identifier_id "
        "join named as d on d.identifier_id = u.device_id"
    )
    uses = sorted(cursor.all())
    cursor.execute(
        "select d.name, epoch_us(since), n.name from device_turns as t "
        "join named as n on n.identifier_id = t.identifier_id "
        "join named as d on d.identifier_id = t.device_id"
    )
    turns = sorted(cursor.all(), key=repr)
    cursor.execute("drop view named")
    return events, uses, turns


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3)), max_size=8), st.integers(0, 6))
def test_turns_say_whose_login_was_the_last(logins: list[tuple[int, int]], moment: int) -> None:
    told = sorted(logins, key=lambda login: login[0])
    before = [owner for at, owner in told if at <= moment]
    owner = (before[-1:] or [owner for _, owner in told[:1]] or [0])[0]
    turns = turns_of(told)
    assert turns.owner(moment) == owner
    assert all(one != other for one, other in zip(turns.owners, turns.owners[1:], strict=False))


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3)), max_size=8),
    st.integers(0, 6),
    st.integers(1, 3),
)
def test_a_login_that_settles_nothing_changes_nothing(
    logins: list[tuple[int, int]], moment: int, owner: int
) -> None:
    told = sorted(logins, key=lambda login: login[0])
    turns = turns_of(told)
    if turns.settles(moment, owner):
        for place in range(len(told) + 1):
            more = [*told[:place], (moment, owner), *told[place:]]
            if more == sorted(more, key=lambda login: login[0]):
                assert turns_of(more) == turns
    if not told or moment > told[-1][0]:
        assert turns.then(moment, owner) == turns_of([*told, (moment, owner)])


def test_shared_devices_are_met(database: Database) -> None:
    """The histories above would say little if hardly any device were shared."""
    desk = Desk(RULES, emptied(database))
    desk.send([Sent(1, 1, "m1", (("user_id", "a"), ("device_id", "d")))])
    desk.send([Sent(2, 1, "m2", (("user_id", "b"), ("device_id", "d")))])
    assert len(shared(desk.resolver)) == 1
    desk.send([Sent(3, 1, "m3", (("user_id", "c"), ("device_id", "d")))])
    assert shared(desk.resolver) == {}
