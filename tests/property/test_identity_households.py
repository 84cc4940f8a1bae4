"""Households follow from links and rules alone, however messages arrive (issue 4, section 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity_seen import NOW, emptied
from identity_statement import Pair, Sent, Statement, batch_of, cut, histories
from patron.engines.duckdb import Cursor, Database
from patron.identity import Resolver, households, write
from patron.spec.identifiers import IdentifierType, IdentityRules
from patron.warehouse.schema import migrate

RULES = IdentityRules(
    types=(
        IdentifierType(name="user_id", unique=True),
        IdentifierType(name="card", unique=True),
        IdentifierType(name="name"),
        IdentifierType(name="email", identifies="household", normal_form="lower"),
        IdentifierType(name="anonymous_id"),
    )
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with Database(threads=1) as opened:
        migrate(opened.cursor())
        yield opened


def nowhere(messages: Sequence[tuple[int, str]]) -> list[int]:
    """No message lies in a log here."""
    return [0] * len(messages)


def expected(history: list[Sent]) -> dict[tuple[str, Pair], int]:
    """By household and identifier of a person since when it is in, in plain Python."""
    links = Statement(RULES, history).links
    found: dict[tuple[str, Pair], int] = {}
    for pair in {pair for link in links for pair in link if pair[0] == "email"}:
        seen = {
            next(iter(link - {pair})): moment
            for link, (moment, *_) in links.items()
            if pair in link
        }
        begun = [
            sorted(at for (kind, _), at in seen.items() if kind == unique)[1:2]
            for unique in ("user_id", "card")
        ]
        since = min((at for some in begun for at in some), default=None)
        if since is not None:
            for far, at in seen.items():
                if far[0] in ("user_id", "card", "name"):
                    found[f"household:email:{pair[1]}", far] = max(at, since)
    return found


def people(history: list[Sent]) -> dict[str, dict[int, int]]:
    """By household of how many people it is at least, from which moments on."""
    links = Statement(RULES, history).links
    found: dict[str, dict[int, int]] = {}
    for group in {group for group, _ in expected(history)}:
        mail = ("email", group.removeprefix("household:email:"))
        for at in {moment for link, (moment, *_) in links.items() if mail in link}:
            counts = [
                sum(
                    moment <= at and {mail, (kind, value)} == link
                    for link, (moment, *_) in links.items()
                    for value in "abD"
                )
                for kind in ("user_id", "card")
            ]
            if max(counts) > 1:
                found.setdefault(group, {})[at] = max(counts)
    return {
        group: {
            at: number
            for at, number in steps.items()
            if number > max((n for t, n in steps.items() if t < at), default=0)
        }
        for group, steps in found.items()
    }


def told_people(cursor: Cursor) -> dict[str, dict[int, int]]:
    """The same as the tables say."""
    cursor.execute(
        "select group_id, occurred_at, value::VARCHAR::INTEGER from group_traits "
        "where name = 'people' order by all"
    )
    found: dict[str, dict[int, int]] = {}
    for group, at, number in cursor.all():
        steps = found.setdefault(group, {})
        moment = (at - EPOCH) // timedelta(microseconds=1)
        assert moment not in steps
        if number > max(steps.values(), default=0):
            steps[moment] = number
    return found


def stored(cursor: Cursor) -> dict[tuple[str, Pair], int]:
    """The same as the tables say; rows lie under the profiles that their identifiers have."""
    cursor.execute(
        "select group_id, i.type, i.value, min(g.occurred_at), "
        "bool_and(g.profile_id = i.profile_id) from current_group_members as g "
        "join current_identifiers as i using (identifier_id) where household group by all"
    )
    rows = cursor.all()
    assert all(row[-1] for row in rows)
    cursor.execute(
        "select group_id, min(occurred_at) from group_traits where name = 'type' group by 1"
    )
    begun = dict(cursor.all())
    assert begun.keys() == {row[0] for row in rows}
    assert all(begun[row[0]] <= row[3] for row in rows)
    return {(row[0], row[1:3]): (row[3] - EPOCH) // timedelta(microseconds=1) for row in rows}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_households_are_the_same_in_any_order_and_when_made_anew(
    database: Database, data: st.DataObject
) -> None:
    history = data.draw(histories(RULES, 12, values="abD"))
    cursor = emptied(database)
    for table in ("group_members", "group_traits"):
        cursor.execute(f"delete from {table}")
    resolver = Resolver(RULES)
    for number, batch in enumerate(cut(data.draw, history)):
        with cursor.transaction():
            resolution = resolver.resolve(batch_of(batch))
            write(cursor, resolution, recorded_at=NOW)
            households.follow(cursor, RULES, resolution, number, nowhere)
        resolver.commit()
    assert stored(cursor) == expected(history)
    assert told_people(cursor) == people(history)
    with cursor.transaction():
        households.rebuild(cursor, RULES)
    assert stored(cursor) == expected(history)
    assert told_people(cursor) == people(history)
