"""What stands against joining two parts, and the parts themselves while links are being taken.

Every constraint here forbids more the larger the parts are, never less. That is what lets a batch
be joined without looking at links that were refused before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from patron.spec.identifiers import IdentityRules
from patron.spec.spans import span

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Values = dict[int, list[int]]
"""By rank of a limited type: when each value of a part was first seen."""

DECIDED = 62
"""The number of the bit of identifiers that a decision keeps apart from others."""

PEOPLE = 61
"""The number of the bit of identifiers of people, where there are fingerprints."""

FINGERPRINT = 60
"""The number of the bit of fingerprints."""


class Limit(NamedTuple):
    """How many values of a type a person holds.

    Attributes:
        most: At most so many.
        window: First seen within so many microseconds; None: ever.
    """

    most: int
    window: int | None


@dataclass(frozen=True, slots=True)
class Constraints:
    """What may stand against a link, for identifiers 0 to n - 1.

    Attributes:
        unique: Ranks of the types of which a person holds at most one value.
        limits: For the ranks of types of which a person holds a few values at most: how many.
        first_seen: When each identifier was first seen; needed for limits with a window.
        held: Which identifiers are held back, for they came with too many people; None: none.
            Links at them are refused.
        apart: For each identifier that decisions keep apart from others: its group by decision. No
            part holds identifiers of two groups of a decision.
        bonds: Pairs that are one person by decision, whatever else holds.
        people: Where there are fingerprints, the ranks of the types that tell people.
        fingerprints: Ranks of the types of fingerprints. Links at them are taken when all others
            are, and none of them joins two parts that both hold an identifier of people.

    >>> Constraints(unique=(0, 2)).unique
    (0, 2)
    """

    unique: tuple[int, ...] = ()
    limits: Mapping[int, Limit] = field(default_factory=dict)
    first_seen: Ints | None = None
    held: Bools | None = None
    apart: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    bonds: tuple[tuple[int, int], ...] = ()
    people: tuple[int, ...] = ()
    fingerprints: tuple[int, ...] = ()

    def bits(self, ranks: Ints) -> Ints:
        """For each identifier the bits of what may stand against it."""
        bits = type_bits(ranks, (*self.unique, *self.limits))
        if self.apart:
            bits[np.fromiter(self.apart, dtype=np.int64)] |= np.int64(1 << DECIDED)
        return bits

    def broken(self, labels: Ints, bits: Ints) -> Bools:
        """For each component whether joining all of it would, or could, break a constraint."""
        broken = overfull(labels, bits, self.unique)
        for rank, limit in self.limits.items():
            values = labels[(bits >> rank) & 1 == 1]
            broken |= np.bincount(values, minlength=len(broken)) > limit.most
        groups: dict[tuple[int, int], int] = {}
        for identifier, held in self.apart.items():
            label = int(labels[identifier])
            for name, number in held.items():
                if groups.setdefault((label, name), number) != number:
                    broken[label] = True
        return broken


def unique_types(rules: IdentityRules) -> tuple[int, ...]:
    """The ranks of the types of which a person holds at most one value."""
    return tuple(rank for rank, kind in enumerate(rules.types) if kind.protected)


def household_types(rules: IdentityRules) -> tuple[int, ...]:
    """The ranks of the types that stand for households."""
    return tuple(rank for rank, kind in enumerate(rules.types) if kind.stands_for == "household")


def fingerprint_types(rules: IdentityRules) -> tuple[int, ...]:
    """The ranks of the types of fingerprints."""
    return tuple(rank for rank, kind in enumerate(rules.types) if kind.stands_for == "fingerprint")


def people_types(rules: IdentityRules) -> tuple[int, ...]:
    """Where there are fingerprints, the ranks of the types that tell people; else none."""
    if not fingerprint_types(rules):
        return ()
    return tuple(rank for rank, kind in enumerate(rules.types) if kind.tells_people)


def limited_types(rules: IdentityRules) -> dict[int, Limit]:
    """The ranks of the types of which a person holds a few values at most, with how many."""
    return {
        rank: Limit(kind.limit, None if kind.limit_window is None else span(kind.limit_window))
        for rank, kind in enumerate(rules.types)
        if kind.limit is not None and not kind.protected
    }


def type_bits(ranks: Ints, types: Iterable[int]) -> Ints:
    """For each identifier the bit of its type when that is one of these, else 0.

    >>> type_bits(np.array([0, 1, 2]), types=[0, 2]).tolist()
    [1, 0, 4]
    """
    chosen = sum(1 << rank for rank in types)
    bits: Ints = np.left_shift(np.int64(1), ranks.astype(np.int64)) & np.int64(chosen)
    return bits


def fingerprint_bits(ranks: Ints, people: Iterable[int], fingerprints: Iterable[int]) -> Ints:
    """For each identifier the bits that tell fingerprints, and beside them people.

    >>> found = fingerprint_bits(np.array([0, 1, 2]), people=[0], fingerprints=[2])
    >>> found.tolist() == [1 << PEOPLE, 0, 1 << FINGERPRINT]
    True
    """
    bits = np.zeros(len(ranks), dtype=np.int64)
    for number, chosen in ((PEOPLE, people), (FINGERPRINT, fingerprints)):
        for rank in chosen:
            bits[ranks == rank] = np.int64(1 << number)
    return bits


def overfull(labels: Ints, bits: Ints, numbers: Iterable[int]) -> Bools:
    """For each component whether two of its members have the same bit.

    Args:
        labels: For each member its component, numbered from 0.
        bits: For each member its bits.
        numbers: The numbers of the bits to look at, such as the ranks of unique types.
    """
    broken = np.zeros(int(labels.max()) + 1 if len(labels) else 0, dtype=np.bool_)
    for number in numbers:
        holders = labels[(bits >> number) & 1 == 1]
        broken |= np.bincount(holders, minlength=len(broken)) > 1
    return broken


class Parts:
    """Parts that grow as links are taken, each with what its members bring.

    Args:
        ranks: For each identifier the rank of its type.
        bits: For each identifier the bits of what may stand against it.
        constraints: What may stand against a link.
        once: The numbers of further bits that a part has from one side only.
    """

    def __init__(
        self, ranks: Ints, bits: Ints, constraints: Constraints, once: Iterable[int] = ()
    ) -> None:
        self._parent = list(range(len(bits)))
        self._holds: list[int] = bits.tolist()
        self._never = sum(1 << number for number in (*constraints.unique, *once))
        self._limits = constraints.limits
        self._limited = sum(1 << rank for rank in constraints.limits)
        self._ranks = ranks
        self._first_seen = constraints.first_seen
        self._values: dict[int, Values] = {}
        self._groups = {one: dict(groups) for one, groups in constraints.apart.items()}
        for one, other in constraints.bonds:
            self.unite(one, other)

    def join(self, one: int, other: int) -> bool:
        """Join the parts of two identifiers; false when that is forbidden, and nothing changes."""
        left, right = self._root(one), self._root(other)
        if left == right:
            return True
        shared = self._holds[left] & self._holds[right]
        if shared and (shared & self._never or self._forbidden(left, right, shared)):
            return False
        self._unite(left, right)
        return True

    def unite(self, one: int, other: int) -> None:
        """Join the parts of two identifiers, whatever stands against it."""
        self._unite(self._root(one), self._root(other))

    def _root(self, node: int) -> int:
        parent = self._parent
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def _forbidden(self, left: int, right: int, shared: int) -> bool:
        if shared >> DECIDED & 1 and self._kept_apart(left, right):
            return True
        if not shared & self._limited:
            return False
        mine, theirs = self._brought(left), self._brought(right)
        return any(
            too_many(mine[rank], theirs[rank], limit)
            for rank, limit in self._limits.items()
            if shared >> rank & 1
        )

    def _kept_apart(self, left: int, right: int) -> bool:
        mine, theirs = self._groups[left], self._groups[right]
        return any(theirs.get(name, number) != number for name, number in mine.items())

    def _brought(self, root: int) -> Values:
        """When the values of limited types in a part were first seen, in order of time."""
        found = self._values.get(root)
        if found is None:
            found = self._values[root] = {}
            if self._holds[root] & self._limited:
                seen = 0 if self._first_seen is None else int(self._first_seen[root])
                found[int(self._ranks[root])] = [seen]
        return found

    def _unite(self, left: int, right: int) -> None:
        if left == right:
            return
        if (self._holds[left] | self._holds[right]) & self._limited:
            mine, theirs = self._brought(left), self._brought(right)
            for rank, moments in theirs.items():
                mine[rank] = sorted(mine.get(rank, []) + moments)
            del self._values[right]
        self._parent[right] = left
        self._holds[left] |= self._holds[right]
        if right in self._groups:
            self._groups.setdefault(left, {}).update(self._groups.pop(right))


def too_many(mine: list[int], theirs: list[int], limit: Limit) -> bool:
    """Whether values of two parts would be more than a person holds.

    What stands against a join must come from both sides: a part that a person's decision made too
    large still takes in what brings no further value.

    Args:
        mine: When the values of one part were first seen, in order of time.
        theirs: The same of the other.
        limit: How many a person holds.

    >>> too_many([0, 10], [25], Limit(2, window=20)), too_many([0, 10], [19], Limit(2, window=20))
    (False, True)
    """
    if len(mine) + len(theirs) <= limit.most:
        return False
    if limit.window is None:
        return True
    seen = sorted([(moment, 0) for moment in mine] + [(moment, 1) for moment in theirs])
    inside = [0, 0]
    start = 0
    for moment, side in seen:
        inside[side] += 1
        while moment - seen[start][0] >= limit.window:
            inside[seen[start][1]] -= 1
            start += 1
        if all(inside) and sum(inside) > limit.most:
            return True
    return False
