"""What identity keeps in memory: columns by identifier and by profile, and how to take back.

Everything here is a cache of the tables `identifiers`, `links` and `profiles`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.identity.columns import Column
from patron.identity.decisions import Decision, Decisions, read_decisions
from patron.identity.links import LINKING, UNSEEN, LinkIndex, in_memory, pack
from patron.identity.partition.constraints import (
    DECIDED,
    Constraints,
    fingerprint_bits,
    fingerprint_types,
    household_types,
    limited_types,
    people_types,
    type_bits,
    unique_types,
)
from patron.identity.partition.holding import Holding
from patron.identity.refused import RefusedLinks
from patron.spec.identifiers import IdentityRules
from patron.warehouse.keys import KeyIndex

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]
AnyArray = npt.NDArray[np.generic]


FEW = 64
"""So few profiles are quicker walked through one by one."""


class Memory:
    """Identifiers, links and profiles in memory.

    Identifiers of one profile form a ring through `next`. Each profile has a founder, the
    identifier that it was made for, and stands as long as its founder's part has no founder of an
    older profile. That rule gives every part its profile, however often it merges and splits.

    `version` is odd while there are changes that can be taken back, and another one after them.
    """

    def __init__(self, rules: IdentityRules) -> None:
        self.names = [kind.name for kind in rules.types]
        self.unique = unique_types(rules)
        self.limits = limited_types(rules)
        self.households = household_types(rules)
        self.people = people_types(rules)
        self.fingerprints = fingerprint_types(rules)
        self.identifiers = 0
        self.profiles = 0
        self.merges = 0
        self.version = 0
        self.keys = KeyIndex()
        self.links = LinkIndex()
        self.refused = RefusedLinks()
        self.decisions = Decisions()
        self.holding = Holding(rules)
        self.rank = Column(np.int8)
        self.tie = Column(np.uint64)
        self.first_seen = Column(np.int64, UNSEEN)
        self.profile = Column(np.int32)
        self.founded = Column(np.int32)
        self.next = Column(np.int32)
        self.founder = Column(np.int32)
        self.holds = Column(np.int64)
        self.profile_seen = Column(np.int64, UNSEEN)
        self._undo: list[Callable[[], None]] | None = None

    # Growing

    def add_identifiers(self, ranks: Ints, keys: UInts) -> Ints:
        """Give ids to new identifiers, each alone in its ring and without a profile."""
        ids = np.arange(self.identifiers + 1, self.identifiers + 1 + len(ranks))
        self.hold_identifiers(ids, ranks, keys)
        return ids

    def hold_identifiers(self, ids: Ints, ranks: Ints, keys: UInts) -> None:
        """Take in identifiers under ascending ids above all that are held."""
        if not len(ids):
            return
        start, self.identifiers = self.identifiers + 1, int(ids[-1])
        for column in (
            self.rank,
            self.tie,
            self.first_seen,
            self.profile,
            self.founded,
            self.next,
        ):
            column.grow(self.identifiers + 1, start)
        self.holding.grow(self.identifiers + 1, start)
        self.rank.set(ids, ranks)
        self.tie.set(ids, keys[:, 0])
        self.next.set(ids, ids)
        self.keys.add(keys, ids)

    def add_profiles(self, founders: Ints) -> Ints:
        """Give ids to new profiles."""
        ids = np.arange(self.profiles + 1, self.profiles + 1 + len(founders))
        self.hold_profiles(ids, founders)
        return ids

    def hold_profiles(self, ids: Ints, founders: Ints) -> None:
        """Take in profiles under ascending ids above all that are held."""
        if not len(ids):
            return
        start, self.profiles = self.profiles + 1, int(ids[-1])
        for column in (self.founder, self.holds, self.profile_seen):
            column.grow(self.profiles + 1, start)
        self.founder.set(ids, founders)
        self.put(self.founded, founders, ids)

    # Changing, with a way back

    def put(self, column: Column, at: Ints, values: AnyArray) -> None:
        """Set elements of a column so that `rollback` can restore them."""
        if self._undo is not None:
            self._undo.append(partial(column.set, at.copy(), column.raw(at).copy()))
        column.set(at, values)

    def lower(self, column: Column, at: Ints, values: AnyArray) -> None:
        """Set elements to the least of the values given for them, where that is less."""
        if self._undo is not None:
            self._undo.append(partial(column.set, at.copy(), column.raw(at).copy()))
        column.lower(at, values)

    def observe_earlier(self, keys: UInts, moments: Ints) -> None:
        """Links that are held turn out to have been observed earlier."""
        if self._undo is not None:
            self._undo.append(partial(self.links.set_moments, keys, self.links.find(keys)))
        self.links.set_moments(keys, moments)

    def refuse(self, keys: Sequence[int] | UInts, refused: bool) -> None:
        """Mark kept links as refused, or refused ones as kept."""
        keys = np.asarray(keys, dtype=np.uint64)
        change, back = self.refused.add, self.refused.remove
        if not refused:
            change, back = back, change
        if self._undo is not None:
            self._undo.append(partial(back, keys))
        change(keys)

    def count_people(self, keys: UInts) -> Ints:
        """Count new links towards who is held back; returns those that are from now on."""
        undo = self._undo
        return self.holding.count(
            keys, self.rank, (lambda _: None) if undo is None else undo.append
        )

    def decide(self, decision: Decision, stands: bool) -> None:
        """Let a decision stand, or stand no longer; profiles follow by `revise`."""
        change, back = self.decisions.add, self.decisions.remove
        if not stands:
            change, back = back, change
        if self._undo is not None:
            self._undo.append(partial(back, decision))
        change(decision)

    def remember(self, step: Callable[[], None]) -> None:
        """Have `rollback` take a step, too."""
        if self._undo is not None:
            self._undo.append(step)

    def mark(self) -> None:
        """From here on changes can be taken back, unless that holds already."""
        if self._undo is None:
            self.version += 1
            counts = (self.identifiers, self.profiles, self.merges)
            self._undo = [partial(self._set_counts, *counts)]
            self.keys.mark()
            self.links.mark()

    def commit(self) -> None:
        """Keep all changes."""
        self._undo = None
        self.keys.release()
        self.links.release()
        self._settled()

    def rollback(self) -> None:
        """Take back all changes since `mark`."""
        undo, self._undo = self._undo or [], None
        for step in reversed(undo):
            step()
        self.keys.rollback()
        self.links.rollback()
        self._settled()

    # Reading

    def members(self, profile: int) -> list[int]:
        """The identifiers of a standing profile."""
        founder = self.founder.item(profile)
        return [founder, *self._until(founder, self.next.item(founder))]

    def members_of(self, profiles: Ints) -> Ints:
        """The identifiers of some standing profiles, in no particular order."""
        founder = self.founder[profiles]
        current = self.next[founder]
        found = [founder]
        while len(current) > FEW:
            open_ = current != founder
            founder, current = founder[open_], current[open_]
            found.append(current)
            current = self.next[current]
        left = zip(founder.tolist(), current.tolist(), strict=True)
        rest = [member for last, first in left for member in self._until(last, first)]
        return np.concatenate([*found, np.array(rest, dtype=np.int64)])

    def bits(self, identifiers: Ints) -> Ints:
        """For each identifier the bits of what may stand against its links."""
        ranks = self.rank[identifiers]
        bits = type_bits(ranks, (*self.unique, *self.limits))
        bits |= fingerprint_bits(ranks, self.people, self.fingerprints)
        if self.decisions.groups:
            decided = np.fromiter(self.decisions.groups, dtype=np.int64)
            bits[np.isin(identifiers, decided)] |= np.int64(1 << DECIDED)
        return bits

    def constraints(self, members: Ints) -> Constraints:
        """What may stand against links among some identifiers, which go by their positions."""
        decisions = self.decisions
        rules = Constraints(
            self.unique,
            self.limits,
            first_seen=self.first_seen[members],
            held=None if self.holding.idle else self.holding.held(members),
            people=self.people,
            fingerprints=self.fingerprints,
        )
        if not decisions.standing:
            return rules
        places = {member: place for place, member in enumerate(members.tolist())}
        groups = decisions.groups
        return replace(
            rules,
            apart={places[member]: groups[member] for member in places if member in groups},
            bonds=tuple((places[a], places[b]) for a, b in decisions.bonds_among(places)),
        )

    def values(self, profile: int, rank: int) -> int:
        """How many values of a type a standing profile has."""
        return sum(self.rank.item(member) == rank for member in self.members(profile))

    def keys_of(self, identifiers: Ints) -> UInts:
        """For each identifier a number that depends on its type and value alone."""
        return self.tie.raw(identifiers).astype(np.uint64, copy=False)

    def is_refused(self, key: int) -> bool:
        """Whether a link is refused."""
        return bool(self.refused.holds(np.array([key], dtype=np.uint64))[0])

    def is_known(self, identifier: int) -> bool:
        """Whether there is an identifier of this number."""
        return 0 < identifier <= self.identifiers and self.profile.item(identifier) > 0

    def is_held(self, identifier: int) -> bool:
        """Whether an identifier is held back."""
        return not self.holding.idle and bool(self.holding.column.item(identifier))

    def type_name(self, identifier: int) -> str:
        """The name of an identifier's type."""
        return self.names[self.rank.item(identifier)]

    # Inside

    def _until(self, last: int, member: int) -> Iterator[int]:
        """The identifiers of a ring from a member on, up to another one."""
        while member != last:
            yield member
            member = self.next.item(member)

    def _settled(self) -> None:
        self.version += self.version % 2

    def _set_counts(self, identifiers: int, profiles: int, merges: int) -> None:
        self.identifiers, self.profiles, self.merges = identifiers, profiles, merges


def ring(groups: Ints, members: Ints) -> Ints:
    """For each member the next one of its group, for the last the first.

    Args:
        groups: Group of each member, ascending.
        members: The members.

    >>> ring(np.array([1, 1, 1, 2]), np.array([10, 11, 12, 20])).tolist()
    [11, 12, 10, 20]
    """
    if not len(members):
        return members
    following = np.roll(members, -1)
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    following[np.append(starts[1:], len(members)) - 1] = members[starts]
    return following


def load_memory(cursor: Cursor, rules: IdentityRules) -> Memory:
    """Rebuild the memory from the tables.

    Args:
        cursor: On the workspace's database.
        rules: Identifier types that the tables hold but the rules no longer name rank last.
    """
    memory = Memory(rules)
    _load_identifiers(cursor, memory)
    for decision in read_decisions(cursor):
        # Rules that were changed since may have retired some of those that it names.
        known = {one for one in decision.identifiers if memory.is_known(one)}
        memory.decisions.add(decision.among(known))
    _load_profiles(cursor, memory)
    _load_links(cursor, memory)
    cursor.execute(
        "select (select max(merge_id) from merges), (select max(profile_id) from profiles), "
        "(select max(identifier_id) from retired_identifiers)"
    )
    merges, profiles, retired = (int(number or 0) for number in cursor.one() or ())
    memory.merges = merges
    # Numbers that were given once are not given to others.
    memory.profiles = max(memory.profiles, profiles)
    memory.identifiers = max(memory.identifiers, retired)
    return memory


def _load_identifiers(cursor: Cursor, memory: Memory) -> None:
    table = cursor.arrow(
        "select identifier_id, type, key_hi, key_lo, profile_id, first_seen_at "
        "from current_identifiers order by identifier_id"
    )
    kinds = table.column("type").combine_chunks().dictionary_encode()
    if isinstance(kinds, pa.ChunkedArray):
        kinds = kinds.combine_chunks()
    known = kinds.dictionary.to_pylist()
    memory.names.extend(name for name in known if name not in memory.names)
    ranks = np.array([memory.names.index(name) for name in known], dtype=np.int64)
    keys = np.stack([_column(table, "key_hi"), _column(table, "key_lo")], axis=1)
    ids = _column(table, "identifier_id").astype(np.int64)
    memory.hold_identifiers(ids, ranks[kinds.indices.to_numpy()], keys.astype(np.uint64))
    profiles = _column(table, "profile_id").astype(np.int64)
    memory.first_seen.set(ids, _moments(table, "first_seen_at"))
    memory.profile.set(ids, profiles)
    order = np.argsort(profiles, kind="stable")
    memory.next.set(ids[order], ring(profiles[order], ids[order]))


def _load_profiles(cursor: Cursor, memory: Memory) -> None:
    table = cursor.arrow(
        "select p.profile_id, p.first_seen_at, i.founder from profiles as p join "
        "(select birth_profile_id, min(identifier_id) as founder from identifiers group by all) "
        "as i on i.birth_profile_id = p.profile_id order by p.profile_id"
    )
    ids = _column(table, "profile_id").astype(np.int64)
    memory.hold_profiles(ids, _column(table, "founder").astype(np.int64))
    memory.profile_seen.set(ids, _moments(table, "first_seen_at"))
    everyone = np.arange(1, memory.identifiers + 1)
    holds = np.zeros(memory.profiles + 1, dtype=np.int64)
    np.bitwise_or.at(holds, memory.profile[everyone], memory.bits(everyone))
    memory.holds.set(ids, holds[ids])


def _load_links(cursor: Cursor, memory: Memory) -> None:
    table = cursor.arrow(
        "select a, b, first_observed_at, kept, starts_with(rule, $linking) as modelled from links",
        {"linking": LINKING},
    )
    keys = pack(_column(table, "a").astype(np.int64), _column(table, "b").astype(np.int64))
    moments = _moments(table, "first_observed_at")
    made = _column(table, "modelled").astype(np.bool_)
    memory.links.add(keys, in_memory(moments, made))
    kept = table.column("kept").to_numpy().astype(np.bool_)
    memory.refuse(keys[~kept], refused=True)
    memory.count_people(keys)


def _column(table: pa.Table, name: str) -> AnyArray:
    values: AnyArray = table.column(name).to_numpy()
    return values


def _moments(table: pa.Table, name: str) -> Ints:
    moments: Ints = table.column(name).cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    return moments
