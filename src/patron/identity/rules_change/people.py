"""Everybody at once: identifiers, links and profiles as the tables hold them, parted anew.

Live, only what a batch touches is looked at. When the rules change, all of it is: the partition is
computed over all identifiers and links, and its parts get their profiles by the same rule as live.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.identity.decisions import Decision, read_decisions
from patron.identity.links import LINKING, in_memory
from patron.identity.partition.parting import Links, Partition, components, partition
from patron.identity.partition.whole import constraints_for
from patron.spec.identifiers import IdentityRules

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]

TOP = np.iinfo(np.int64).max
"""Stands for "no profile" where the smallest one is sought."""


class People(NamedTuple):
    """All identifiers and links.

    Attributes:
        ids: The identifiers, ascending; everything else names them by their place among these.
        kind: For each the place of its type in `kinds`.
        kinds: Names of types.
        keys: For each a number that depends on its type and value alone.
        first_seen: When each was first seen, microseconds since 1970.
        profile: The profile that stands for each; 0 where it has none yet.
        birth: The profile that each was first seen on; 0 where it has none yet.
        links: The links, each pair once.
        kept: For each link whether it is kept.
        profiles: The newest profile id that was ever given.
        decisions: What people decided by hand, and stands.
        follows: Pairs of a profile whose founder is gone, and the profile that it goes with.
    """

    ids: Ints
    kind: Ints
    kinds: list[str]
    keys: UInts
    first_seen: Ints
    profile: Ints
    birth: Ints
    links: Links
    kept: Bools
    profiles: int
    follows: tuple[tuple[int, int], ...] = ()
    decisions: tuple[Decision, ...] = ()

    def ranks(self, rules: IdentityRules) -> Ints:
        """For each identifier the rank of its type; types that the rules do not name rank last."""
        names = [kind.name for kind in rules.types]
        names += [name for name in self.kinds if name not in names]
        ranks = np.array([names.index(name) for name in self.kinds], dtype=np.int64)
        found: Ints = ranks[self.kind] if len(ranks) else self.kind
        return found


class Parted(NamedTuple):
    """Who is who after all were parted anew.

    Attributes:
        profile: For each identifier the profile that stands for it.
        kept: For each link whether it is kept.
        made: New profiles, ascending.
        founders: For each of these the identifier (its place) that it is made for.
        founded: All profiles that have a founder, ascending.
        standing: For each of these the profile that stands for it.
    """

    profile: Ints
    kept: Bools
    made: Ints
    founders: Ints
    founded: Ints
    standing: Ints


def read_people(cursor: Cursor) -> People:
    """Everybody, as the tables say."""
    table = cursor.arrow(
        "select identifier_id, type, key_hi, profile_id, birth_profile_id, first_seen_at "
        "from current_identifiers order by identifier_id"
    )
    kinds = table.column("type").combine_chunks().dictionary_encode()
    if isinstance(kinds, pa.ChunkedArray):
        kinds = kinds.combine_chunks()
    ids = _ints(table, "identifier_id")
    links = cursor.arrow(
        "select a, b, first_observed_at, kept, starts_with(rule, $linking) as modelled from links",
        {"linking": LINKING},
    )
    ends = Links(
        np.searchsorted(ids, _ints(links, "a")),
        np.searchsorted(ids, _ints(links, "b")),
        in_memory(
            _moments(links, "first_observed_at"),
            links.column("modelled").to_numpy().astype(np.bool_),
        ),
    )
    cursor.execute("select profile_id, follows from profiles where follows is not null")
    follows = tuple(sorted(cursor.all()))
    return People(
        ids=ids,
        kind=kinds.indices.to_numpy().astype(np.int64),
        kinds=kinds.dictionary.to_pylist(),
        keys=table.column("key_hi").to_numpy().astype(np.uint64),
        first_seen=_moments(table, "first_seen_at"),
        profile=_ints(table, "profile_id"),
        birth=_ints(table, "birth_profile_id"),
        links=ends,
        kept=links.column("kept").to_numpy().astype(np.bool_),
        profiles=int(cursor.execute("select coalesce(max(profile_id), 0) from profiles").value()),
        follows=follows,
        decisions=tuple(read_decisions(cursor)),
    )


def part_everybody(people: People, rules: IdentityRules) -> Parted:
    """Part all identifiers under some rules, and give every part its profile.

    A part is the oldest profile that was founded in it; one without any gets a new profile, made
    for its first identifier. So those whom the rules leave alone keep their profile.

    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> two = np.array([1, 2])
    >>> people = People(
    ...     ids=two, kind=np.array([0, 1]), kinds=["user_id", "email"],
    ...     keys=two.astype(np.uint64), first_seen=two, profile=two, birth=two,
    ...     links=Links(np.array([0]), np.array([1]), np.array([5])), kept=np.array([False]),
    ...     profiles=2,
    ... )
    >>> parted = part_everybody(people, DEFAULT_RULES)
    >>> parted.profile.tolist(), parted.kept.tolist(), parted.standing.tolist()
    ([1, 1], [True], [1, 1])
    """
    found = _partition(people, rules)
    return name_parts(people, found)


def _partition(people: People, rules: IdentityRules) -> Partition:
    ranks = people.ranks(rules)
    decisions = list(_known_to(people.ids, people.decisions))
    named = np.array(sorted({i for d in decisions for i in d.identifiers}), dtype=np.int64)
    places = dict(zip(named.tolist(), np.searchsorted(people.ids, named).tolist(), strict=True))
    against = constraints_for(rules, ranks, people.links, people.first_seen, decisions, places)
    return partition(ranks, people.keys, against, people.links)


def contradicted(people: People, rules: IdentityRules) -> dict[str, list[int]]:
    """The decisions by hand that make one person of several values of a unique type.

    Args:
        people: Everybody, with what was decided.
        rules: Say which types are unique.

    Returns:
        For each such type the decisions, ascending.

    >>> from datetime import datetime
    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> two = np.array([1, 2])
    >>> people = People(
    ...     ids=two, kind=np.array([0, 0]), kinds=["user_id"], keys=two.astype(np.uint64),
    ...     first_seen=two, profile=two, birth=two, links=Links(two[:0], two[:0], two[:0]),
    ...     kept=np.array([], dtype=np.bool_), profiles=2,
    ...     decisions=(Decision(7, "same", ((1,), (2,)), datetime(2026, 1, 1), "She called."),),
    ... )
    >>> contradicted(people, DEFAULT_RULES)
    {'user_id': [7]}
    """
    said = [one for one in _known_to(people.ids, people.decisions) if one.kind == "same"]
    named = np.array(sorted({one for each in said for one in each.identifiers}), dtype=np.int64)
    bonds = np.array([bond for each in said for bond in each.bonds], dtype=np.int64).reshape(-1, 2)
    a, b = np.searchsorted(named, bonds[:, 0]), np.searchsorted(named, bonds[:, 1])
    person = components(len(named), a, b)
    kind = people.kind[np.searchsorted(people.ids, named)]
    names = {one.name for one in rules.types if one.protected}
    found: dict[str, list[int]] = {}
    for number, name in enumerate(people.kinds):
        held = np.bincount(person[kind == number], minlength=len(named))
        several = set(named[held[person] > 1].tolist())
        against = [one.decision_id for one in said if several & {*one.identifiers}]
        if name in names and against:
            found[name] = sorted(against)
    return found


def _known_to(ids: Ints, decisions: tuple[Decision, ...]) -> Iterator[Decision]:
    """What decisions say of identifiers that are there; others wait for theirs to come back."""
    for decision in decisions:
        there = np.intersect1d(ids, np.array(decision.identifiers, dtype=np.int64)).tolist()
        said = decision.among(there)
        if len(there if said.kind == "same" else said.groups) > 1:
            yield said


def name_parts(people: People, found: Partition) -> Parted:
    """The profile of each part."""
    size = len(people.ids)
    founded, founder = np.unique(people.birth, return_index=True)
    if len(founded) and founded[0] == 0:
        founded, founder = founded[1:], founder[1:]
    home = found.part[founder]
    name = np.full(size, TOP, dtype=np.int64)
    np.minimum.at(name, home, founded)
    first = np.unique(found.part)
    nameless = first[name[first] == TOP]
    made = np.arange(people.profiles + 1, people.profiles + 1 + len(nameless))
    name[nameless] = made
    return Parted(name[found.part], found.kept, made, nameless, founded, name[home])


def first_seen_by_profile(people: People, profile: Ints) -> tuple[Ints, Ints]:
    """The profiles that stand, ascending, and when each was first seen.

    Args:
        people: When each identifier was first seen.
        profile: The profile of each identifier.
    """
    ids, label = np.unique(profile, return_inverse=True)
    seen = np.full(len(ids), TOP, dtype=np.int64)
    np.minimum.at(seen, label, people.first_seen)
    return ids, seen


def _ints(table: pa.Table, name: str) -> Ints:
    values: Ints = table.column(name).to_numpy().astype(np.int64)
    return values


def _moments(table: pa.Table, name: str) -> Ints:
    moments: Ints = table.column(name).cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    return moments
