"""Links that a model made are the weakest of all, whatever the order of arrival (S1.2, S1.3)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patron.engines.duckdb import Cursor, Database
from patron.identity import Batch, Resolver, compact, write
from patron.spec.identifiers import Identifier
from patron.warehouse.schema import migrate
from property.test_identity_order import (
    NOW,
    RANKS,
    RULES,
    UNIQUE,
    Names,
    Pair,
    identifier,
    kept_of,
    normal,
    people_of,
    picture,
    stored_people,
    tie,
)

MODEL = "customers@1"
Sent = tuple[bool, int, str, tuple[Pair, ...]]
"""Whether a model made it, when, its message id, and its identifiers."""


def expected(messages: list[Sent]) -> tuple[set[frozenset[Pair]], dict[frozenset[Pair], bool]]:
    """The people and the links, in plain Python."""
    first: dict[frozenset[Pair], tuple[bool, int, str]] = {}
    for *seen, identifiers in messages:
        pairs = [normal(pair) for pair in identifiers]
        strongest = min(pairs, key=lambda pair: RANKS[pair[0]])
        for other in pairs:
            if other != strongest:
                link = frozenset([strongest, other])
                first[link] = min(first.get(link, tuple(seen)), tuple(seen))

    def order(link: frozenset[Pair]) -> tuple[object, ...]:
        strong, weak = sorted(link, key=lambda pair: (RANKS[pair[0]], tie(pair)))
        made, moment, _ = first[link]
        return (made, RANKS[weak[0]], RANKS[strong[0]], moment, tie(strong), tie(weak))

    people = [{pair} for pair in {normal(p) for *_, ids in messages for p in ids}]
    kept = {}
    for link in sorted(first, key=order):
        mine, theirs = (next(person for person in people if end in person) for end in link)
        held = [kind for kind, _ in mine | theirs if kind in UNIQUE]
        kept[link] = len(held) == len(set(held))
        if kept[link] and mine is not theirs:
            people.remove(theirs)
            mine |= theirs
    return {frozenset(person) for person in people}, kept


def batch_of(messages: list[Sent]) -> Batch:
    return Batch.of(
        [moment for _, moment, _, _ in messages],
        [1] * len(messages),
        [name for *_, name, _ in messages],
        [identifiers for *_, identifiers in messages],
        linked=[made for made, *_ in messages],
    )


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[Sent], list[list[Sent]]]:
    """Messages, some of them a model's, and the same in another order, cut into batches."""
    bodies = draw(
        st.lists(
            st.one_of(
                st.tuples(st.just(False), st.integers(0, 6),
                          st.lists(identifier, min_size=1, max_size=3).map(tuple)),
                st.tuples(st.just(True), st.integers(0, 6), st.tuples(identifier, identifier)),
            ),
            min_size=1,
            max_size=14,
        )
    )  # fmt: skip
    history = [
        (made, moment, f"{MODEL}:{n}" if made else f"m{n}", ids)
        for n, (made, moment, ids) in enumerate(bodies)
    ]
    order = draw(st.permutations(history))
    edges = [0, *sorted(draw(st.sets(st.integers(1, len(order)), max_size=6))), len(order)]
    return history, [order[a:b] for a, b in itertools.pairwise(edges) if a < b]


@settings(max_examples=200, deadline=None)
@given(arrivals())
def test_models_and_messages_in_any_order_end_in_the_same_people(
    arrival: tuple[list[Sent], list[list[Sent]]],
) -> None:
    history, batches = arrival
    resolver, names = Resolver(RULES), Names()
    for batch in batches:
        names.learn(resolver.resolve(batch_of(batch)))
        resolver.commit()
    people, kept = expected(history)
    assert people_of(resolver, names) == people
    assert kept_of(resolver, names) == kept


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with Database() as opened:
        migrate(opened.cursor())
        yield opened


def emptied(database: Database) -> Cursor:
    cursor = database.cursor()
    for table in ("identifiers", "links", "profiles", "merges", "profile_map"):
        cursor.execute(f"delete from {table}")
    return cursor


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(arrivals())
def test_the_tables_know_which_links_a_model_made(
    database: Database, arrival: tuple[list[Sent], list[list[Sent]]]
) -> None:
    history, batches = arrival
    cursor, resolver = emptied(database), Resolver(RULES)
    for batch in batches:
        with cursor.transaction():
            write(cursor, resolver.resolve(batch_of(batch)), recorded_at=NOW)
        resolver.commit()
        assert picture(Resolver.load(cursor, RULES)) == picture(resolver)
    compact(cursor)
    people, kept = expected(history)
    assert stored_people(cursor) == people
    cursor.execute("select count(*), count(*) filter (kept) from links")
    assert cursor.one() == (len(kept), sum(kept.values()))
    cursor.execute("select rule, message_id, epoch_us(first_observed_at) from links")
    for rule, message_id, moment in cursor.all():
        assert (rule == f"linking:{MODEL}") == message_id.startswith(MODEL)
        assert 0 <= moment <= 6


def test_a_model_never_takes_what_messages_gave() -> None:
    resolver = Resolver(RULES)
    card, ann, bob = ("card", "c"), ("user_id", "ann"), ("user_id", "bob")
    history: list[Sent] = [
        (True, 1, f"{MODEL}:1", (ann, card)),
        (False, 9, "m", (bob, card)),
    ]
    for message in history:
        resolver.resolve(batch_of([message]))
        resolver.commit()
    assert profile_of(resolver, card) == profile_of(resolver, bob) != profile_of(resolver, ann)


def profile_of(resolver: Resolver, pair: Pair) -> int:
    found = resolver.find(Identifier(*pair))
    assert found is not None
    return found[1]
