"""Whatever the order of arrival and the batches, the same people come out (S1.2, S1.3)."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patron.engines.duckdb import Cursor, Database
from patron.identity import Batch, Resolution, Resolver, compact, write
from patron.identity.links import unpack
from patron.spec.identifiers import Identifier, IdentifierType, IdentityRules
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
RANKS = {kind.name: rank for rank, kind in enumerate(RULES.types)}
UNIQUE = {kind.name for kind in RULES.types if kind.unique}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
NOW = EPOCH + timedelta(days=1)

Pair = tuple[str, str]


@dataclass(frozen=True)
class Sent:
    """One message of a test."""

    moment: int
    source: int
    name: str
    identifiers: tuple[Pair, ...]


# The brute-force meaning, in plain Python, sharing nothing with the product.


def tie(pair: Pair) -> int:
    return int.from_bytes(hashlib.md5("\x1f".join(pair).encode()).digest()[:8], "little")


def normal(pair: Pair) -> Pair:
    return (pair[0], pair[1].lower() if pair[0] == "email" else pair[1])


def expected_links(messages: Iterable[Sent]) -> dict[frozenset[Pair], tuple[int, int, str]]:
    first: dict[frozenset[Pair], tuple[int, int, str]] = {}
    for message in messages:
        pairs = [normal(pair) for pair in message.identifiers]
        strongest = min(pairs, key=lambda pair: RANKS[pair[0]])
        for other in pairs:
            if other != strongest:
                seen = (message.moment, message.source, message.name)
                link = frozenset([strongest, other])
                first[link] = min(first.get(link, seen), seen)
    return first


def expected(messages: Iterable[Sent]) -> tuple[set[frozenset[Pair]], dict[frozenset[Pair], bool]]:
    """The people, and for each link whether it is kept."""
    messages = list(messages)
    links = expected_links(messages)
    people = [{pair} for pair in {normal(p) for m in messages for p in m.identifiers}]

    def order(link: frozenset[Pair]) -> tuple[object, ...]:
        strong, weak = sorted(link, key=lambda pair: (RANKS[pair[0]], tie(pair)))
        return (RANKS[weak[0]], RANKS[strong[0]], links[link][0], tie(strong), tie(weak))

    kept = {}
    for link in sorted(links, key=order):
        one, other = link
        mine = next(person for person in people if one in person)
        theirs = next(person for person in people if other in person)
        together = mine | theirs
        held = [kind for kind, _ in together if kind in UNIQUE]
        kept[link] = len(held) == len(set(held))
        if kept[link] and mine is not theirs:
            people.remove(theirs)
            mine |= theirs
    return {frozenset(person) for person in people}, kept


# Strategies: few values and few moments, so that ties and conflicts are common.

identifier = st.tuples(st.sampled_from(sorted(RANKS)), st.sampled_from(["a", "b", "c", "D", "d"]))


@st.composite
def histories(draw: st.DrawFn, most: int = 14) -> list[Sent]:
    bodies = draw(
        st.lists(
            st.tuples(
                st.integers(0, 6),
                st.integers(1, 2),
                st.lists(identifier, min_size=1, max_size=4).map(tuple),
            ),
            min_size=1,
            max_size=most,
        )
    )
    return [Sent(t, s, f"m{n}", ids) for n, (t, s, ids) in enumerate(bodies)]


@st.composite
def arrivals(draw: st.DrawFn, most: int = 14) -> tuple[list[Sent], list[list[Sent]]]:
    """A history, and the same messages in another order, cut into batches."""
    history = draw(histories(most))
    order = draw(st.permutations(history))
    cuts = draw(st.sets(st.integers(1, len(order)), max_size=6))
    edges = [0, *sorted(cuts), len(order)]
    return history, [order[a:b] for a, b in itertools.pairwise(edges) if a < b]


def batch_of(messages: list[Sent]) -> Batch:
    return Batch.of(
        [m.moment for m in messages],
        [m.source for m in messages],
        [m.name for m in messages],
        [m.identifiers for m in messages],
    )


class Names:
    """Identifier ids back to their values."""

    def __init__(self) -> None:
        self.pairs: dict[int, Pair] = {}

    def learn(self, resolution: Resolution) -> None:
        if resolution.identifiers is not None:
            for row in resolution.identifiers.to_pylist():
                self.pairs[row["identifier_id"]] = (row["type"], row["value"])


def people_of(resolver: Resolver, names: Names) -> set[frozenset[Pair]]:
    people: dict[int, set[Pair]] = {}
    for pair in names.pairs.values():
        kind, value = pair
        found = resolver.find(Identifier(kind, value))
        assert found is not None
        people.setdefault(found[1], set()).add(pair)
    return {frozenset(person) for person in people.values()}


def kept_of(resolver: Resolver, names: Names) -> dict[frozenset[Pair], bool]:
    memory = resolver._memory
    ids = np.array(sorted(names.pairs), dtype=np.int64)
    keys, _ = memory.links.starting_at(ids)
    one, other = unpack(keys)
    return {
        frozenset([names.pairs[a], names.pairs[b]]): not memory.is_refused(key)
        for key, a, b in zip(keys.tolist(), one.tolist(), other.tolist(), strict=True)
    }


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
    people, kept = expected(history)
    assert people_of(resolver, names) == people
    assert kept_of(resolver, names) == kept


@settings(max_examples=100, deadline=None)
@given(arrivals(), histories(6))
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
    people, kept = expected(history)
    assert people_of(resolver, names) == people
    assert kept_of(resolver, names) == kept


# The tables.


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with Database() as opened:
        migrate(opened.cursor())
        yield opened


def emptied(database: Database) -> Cursor:
    cursor = database.cursor()
    for table in ("identifiers", "links", "profiles", "merges", "profile_map", "events"):
        cursor.execute(f"delete from {table}")
    return cursor


def store(cursor: Cursor, resolver: Resolver, batch: list[Sent], position: int) -> None:
    with cursor.transaction():
        resolution = resolver.resolve(batch_of(batch))
        write(cursor, resolution, recorded_at=NOW)
        table = pa.table(
            {
                "position": pa.array(range(position, position + len(batch)), pa.int64()),
                "profile_id": resolution.profile_id,
                "identifier_id": resolution.identifier_id,
            }
        )
        cursor.register("landing", table)
        cursor.execute(
            "insert into events by name select *, 'track' as type, 'Seen' as name, "
            "$t::timestamp as occurred_at, $t::timestamp as received_at, 1 as source_id, "
            "'b' as brand, 'web' as channel from landing",
            {"t": NOW},
        )
        cursor.unregister("landing")
    resolver.commit()


def stored_people(cursor: Cursor) -> set[frozenset[Pair]]:
    people: dict[int, set[Pair]] = {}
    cursor.execute("select profile_id, type, value from current_identifiers")
    for profile, kind, value in cursor.all():
        people.setdefault(profile, set()).add((kind, value))
    return {frozenset(person) for person in people.values()}


def assert_tables_agree(cursor: Cursor, resolver: Resolver, sent: list[Sent]) -> None:
    people, kept = expected(sent)
    assert stored_people(cursor) == people
    assert_links_agree(cursor, sent, kept)
    assert_events_agree(cursor, resolver, sent)
    assert_profiles_agree(cursor, sent, people)


def assert_links_agree(cursor: Cursor, sent: list[Sent], kept: dict[frozenset[Pair], bool]) -> None:
    cursor.execute(
        "select x.type, x.value, y.type, y.value, l.kept, epoch_us(l.first_observed_at), "
        "l.source_id, l.message_id from links l join identifiers x on x.identifier_id = l.a "
        "join identifiers y on y.identifier_id = l.b"
    )
    rows = cursor.all()
    assert {frozenset([(r[0], r[1]), (r[2], r[3])]): r[4] for r in rows} == kept
    assert {frozenset([(r[0], r[1]), (r[2], r[3])]): r[5:] for r in rows} == expected_links(sent)


def assert_events_agree(cursor: Cursor, resolver: Resolver, sent: list[Sent]) -> None:
    cursor.execute(
        "select e.position, e.profile_id, i.profile_id, i.type, i.value from current_events e "
        "join current_identifiers i using (identifier_id) order by e.position"
    )
    rows = cursor.all()
    assert len(rows) == len(sent)
    for message, (_, profile, owner, kind, value) in zip(sent, rows, strict=True):
        strongest = min(map(normal, message.identifiers), key=lambda pair: RANKS[pair[0]])
        assert (kind, value) == strongest
        assert profile == owner
        found = resolver.find(Identifier(kind, value))
        assert found is not None
        assert found[1] == profile


def assert_profiles_agree(cursor: Cursor, sent: list[Sent], people: set[frozenset[Pair]]) -> None:
    first: dict[Pair, int] = {}
    for message in sent:
        for pair in map(normal, message.identifiers):
            first[pair] = min(first.get(pair, message.moment), message.moment)
    cursor.execute(
        "select p.profile_id, epoch_us(p.first_seen_at), list({t: i.type, v: i.value}), "
        "min(epoch_us(i.first_seen_at)) "
        "from profiles p join current_identifiers i using (profile_id) "
        "where p.merged_into is null group by all"
    )
    rows = cursor.all()
    assert {frozenset((m["t"], m["v"]) for m in r[2]) for r in rows} == people
    for _, seen, members, seen_members in rows:
        assert seen == seen_members == min(first[m["t"], m["v"]] for m in members)
    # Who was merged away leads, in one step, to one that stands; and every one of them says why.
    cursor.execute(
        "select count(*) from profiles p where merged_into is not null and not exists "
        "(from profiles q where q.profile_id = p.merged_into and q.merged_into is null)"
    )
    assert cursor.value() == 0
    cursor.execute(
        "select count(*) from profiles p where merged_into is not null and not exists "
        "(from merges m where m.other_profile_id = p.profile_id and kind = 'merge' "
        "and reason <> '' and link_a < link_b)"
    )
    assert cursor.value() == 0
    cursor.execute(
        "select count(*) from profile_map m join profiles p using (profile_id) "
        "where p.merged_into is distinct from m.survivor_id"
    )
    assert cursor.value() == 0


def picture(resolver: Resolver) -> dict[str, object]:
    """All that a resolver remembers, comparable."""
    memory = resolver._memory
    ids = np.arange(1, memory.identifiers + 1)
    profiles = np.arange(1, memory.profiles + 1)
    standing = np.unique(memory.profile[ids])
    keys, moments = memory.links.starting_at(ids)
    return {
        "counts": (memory.identifiers, memory.profiles, memory.merges, len(memory.keys)),
        "identifiers": [
            column[ids].tolist()
            for column in (memory.rank, memory.first_seen, memory.profile, memory.founded)
        ],
        "ties": memory.keys_of(ids).tolist(),
        "members": {p: sorted(memory.members(p)) for p in standing.tolist()},
        "founders": memory.founder[profiles].tolist(),
        "holds": memory.holds[standing].tolist(),
        "seen": memory.profile_seen[profiles].tolist(),
        "links": sorted(zip(keys.tolist(), moments.tolist(), strict=True)),
        "refused": memory.refused,
    }


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(arrivals(10), st.booleans())
def test_the_tables_say_what_memory_says_after_every_batch(
    database: Database, arrival: tuple[list[Sent], list[list[Sent]]], compacting: bool
) -> None:
    _, batches = arrival
    cursor = emptied(database)
    resolver, sent = Resolver(RULES), []
    for number, batch in enumerate(batches):
        store(cursor, resolver, batch, position=len(sent))
        sent += batch
        if compacting and number % 2:
            compact(cursor)
        assert_tables_agree(cursor, resolver, sent)
        assert picture(Resolver.load(cursor, RULES)) == picture(resolver)
