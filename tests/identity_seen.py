"""What a resolver and the tables say, in the words of `identity_statement`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from identity_statement import Kept, Pair, People, Sent, Statement, batch_of
from patron.engines.duckdb import Cursor, Database
from patron.identity import Resolution, Resolver, write
from patron.identity.links import unpack
from patron.spec.identifiers import Identifier

EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
NOW = EPOCH + timedelta(days=1)


class Names:
    """Identifier ids back to their values."""

    def __init__(self) -> None:
        self.pairs: dict[int, Pair] = {}

    def learn(self, resolution: Resolution) -> None:
        if resolution.identifiers is not None:
            for row in resolution.identifiers.to_pylist():
                self.pairs[row["identifier_id"]] = (row["type"], row["value"])


def people_of(resolver: Resolver, names: Names) -> People:
    people: dict[int, set[Pair]] = {}
    for pair in names.pairs.values():
        kind, value = pair
        found = resolver.find(Identifier(kind, value))
        assert found is not None
        people.setdefault(found[1], set()).add(pair)
    return {frozenset(person) for person in people.values()}


def kept_of(resolver: Resolver, names: Names) -> Kept:
    memory = resolver._memory
    ids = np.array(sorted(names.pairs), dtype=np.int64)
    keys, _ = memory.links.starting_at(ids)
    one, other = unpack(keys)
    return {
        frozenset([names.pairs[a], names.pairs[b]]): not memory.is_refused(key)
        for key, a, b in zip(keys.tolist(), one.tolist(), other.tolist(), strict=True)
    }


def emptied(database: Database) -> Cursor:
    cursor = database.cursor()
    for table in (
        "identifiers",
        "links",
        "profiles",
        "merges",
        "profile_map",
        "events",
        "messages",
        "device_uses",
        "device_turns",
        "identity_decisions",
        "identity_decision_groups",
    ):
        cursor.execute(f"delete from {table}")
    return cursor


def store(cursor: Cursor, resolver: Resolver, batch: list[Sent], position: int) -> None:
    with cursor.transaction():
        resolution = resolver.resolve(batch_of(batch))
        first = position + 1
        write(cursor, resolution, recorded_at=NOW, first=first)
        table = pa.table(
            {
                "position": pa.array(range(first, first + len(batch)), pa.int64()),
                "profile_id": resolution.profile_id,
                "identifier_id": resolution.identifier_id,
                "occurred_at": pa.array([m.moment for m in batch], pa.timestamp("us")),
                "source_id": pa.array([m.source for m in batch], pa.int32()),
                "message_id": [m.name for m in batch],
            }
        )
        cursor.register("landing", table)
        cursor.execute(
            "insert into events by name select *, 'track' as type, 'Seen' as name, "
            "$t::timestamp as received_at, 'b' as brand, 'web' as channel from landing",
            {"t": NOW},
        )
        cursor.execute(
            "insert into messages by name select position, source_id, message_id, 0 as key_hi, "
            "0 as key_lo, 'track' as type, occurred_at, $t::timestamp as received_at, '' as body "
            "from landing",
            {"t": NOW},
        )
        cursor.unregister("landing")
    resolver.commit()


def stored_people(cursor: Cursor) -> People:
    people: dict[int, set[Pair]] = {}
    cursor.execute("select profile_id, type, value from current_identifiers")
    for profile, kind, value in cursor.all():
        people.setdefault(profile, set()).add((kind, value))
    return {frozenset(person) for person in people.values()}


def assert_tables_agree(
    cursor: Cursor, resolver: Resolver, sent: list[Sent], statement: Statement
) -> None:
    """The tables hold what the statement says.

    Args:
        cursor: On the tables.
        resolver: As it is after them.
        sent: All messages in the order in which they were stored.
        statement: Over those messages.
    """
    assert stored_people(cursor) == statement.people
    assert_links_agree(cursor, statement)
    assert_events_agree(cursor, resolver, sent, statement)
    assert_profiles_agree(cursor, sent, statement)


def assert_links_agree(cursor: Cursor, statement: Statement) -> None:
    """Each link is there, with its first observation and whether it is kept."""
    cursor.execute(
        "select x.type, x.value, y.type, y.value, l.kept, epoch_us(l.first_observed_at), "
        "l.source_id, l.message_id from links l join identifiers x on x.identifier_id = l.a "
        "join identifiers y on y.identifier_id = l.b"
    )
    rows = cursor.all()
    assert {frozenset([(r[0], r[1]), (r[2], r[3])]): r[4] for r in rows} == statement.kept
    assert {frozenset([(r[0], r[1]), (r[2], r[3])]): r[5:] for r in rows} == statement.links


def assert_events_agree(
    cursor: Cursor, resolver: Resolver, sent: list[Sent], statement: Statement
) -> None:
    """Each event is with the person that it belongs to, under the identifier that says so."""
    cursor.execute(
        "select e.position, e.profile_id, i.profile_id, i.type, i.value from current_events e "
        "join current_identifiers i using (identifier_id) order by e.position"
    )
    rows = cursor.all()
    assert len(rows) == len(sent)
    for message, (_, profile, owner, kind, value) in zip(sent, rows, strict=True):
        assert (kind, value) in {statement.strongest(message), statement.owner(message)}
        assert profile == owner
        for pair in ((kind, value), statement.owner(message)):
            found = resolver.find(Identifier(*pair))
            assert found is not None
            assert found[1] == profile


def assert_profiles_agree(cursor: Cursor, sent: list[Sent], statement: Statement) -> None:
    """Each person has one profile that stands, and what was merged away leads to one."""
    first: dict[Pair, int] = {}
    for message in sent:
        for pair in map(statement.normal, message.identifiers):
            first[pair] = min(first.get(pair, message.moment), message.moment)
    cursor.execute(
        "select p.profile_id, epoch_us(p.first_seen_at), list({t: i.type, v: i.value}), "
        "min(epoch_us(i.first_seen_at)) "
        "from profiles p join current_identifiers i using (profile_id) "
        "where p.merged_into is null group by all"
    )
    rows = cursor.all()
    assert {frozenset((m["t"], m["v"]) for m in r[2]) for r in rows} == statement.people
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


def counted(resolver: Resolver) -> tuple[list[bool], list[int]]:
    """Which identifiers are held back, and how many values each came with."""
    memory = resolver._memory
    ids = np.arange(1, memory.identifiers + 1)
    holding = memory.holding
    places = (ids[:, None] * holding._width + np.arange(holding._width)).ravel()
    return holding.held(ids).tolist(), holding._counts[places].tolist()


def shared(resolver: Resolver) -> dict[int, object]:
    """Who had which shared device when."""
    devices = resolver._devices
    if devices is None:
        return {}
    flagged = np.flatnonzero(devices._flags.raw(np.arange(devices._size)))
    assert all(device in flagged for device in devices._parted if devices._parted[device])
    return {device: devices._get(device).turns for device in flagged.tolist()}


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
        "refused": memory.refused.keys().tolist(),
        "people": counted(resolver),
        "shared": shared(resolver),
        "decisions": (
            sorted(memory.decisions.standing),
            memory.decisions.groups,
            memory.decisions.bonds,
        ),
    }
