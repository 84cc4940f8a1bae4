"""What stands against joining two parts, and the parts themselves while links are being taken.

Every constraint here forbids more the larger the parts are, never less. That is what lets a batch
be joined without looking at links that were refused before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DECIDED = 62
"""The number of the bit of identifiers that a decision keeps apart from others."""


@dataclass(frozen=True, slots=True)
class Constraints:
    """What may stand against a link, for identifiers 0 to n - 1.

    Attributes:
        unique: Ranks of the types of which a person holds at most one value.
        apart: For each identifier that decisions keep apart from others: its group by decision. No
            part holds identifiers of two groups of a decision.
        bonds: Pairs that are one person by decision, whatever else holds.

    >>> Constraints(unique=(0, 2)).unique
    (0, 2)
    """

    unique: tuple[int, ...] = ()
    apart: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    bonds: tuple[tuple[int, int], ...] = ()

    def bits(self, ranks: Ints) -> Ints:
        """For each identifier the bits of what may stand against it."""
        bits = type_bits(ranks, self.unique)
        if self.apart:
            bits[np.fromiter(self.apart, dtype=np.int64)] |= np.int64(1 << DECIDED)
        return bits

    def broken(self, labels: Ints, bits: Ints) -> Bools:
        """For each component whether joining all of it would, or could, break a constraint."""
        broken = overfull(labels, bits, self.unique)
        groups: dict[tuple[int, int], int] = {}
        for identifier, held in self.apart.items():
            label = int(labels[identifier])
            for name, number in held.items():
                if groups.setdefault((label, name), number) != number:
                    broken[label] = True
        return broken


def type_bits(ranks: Ints, types: Iterable[int]) -> Ints:
    """For each identifier the bit of its type when that is one of these, else 0.

    >>> type_bits(np.array([0, 1, 2]), types=[0, 2]).tolist()
    [1, 0, 4]
    """
    chosen = sum(1 << rank for rank in types)
    bits: Ints = np.left_shift(np.int64(1), ranks.astype(np.int64)) & np.int64(chosen)
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
        bits: For each identifier the bits of what may stand against it.
        constraints: What may stand against a link.
    """

    def __init__(self, bits: Ints, constraints: Constraints) -> None:
        self._parent = list(range(len(bits)))
        self._holds: list[int] = bits.tolist()
        self._never = sum(1 << rank for rank in constraints.unique)
        self._groups = {one: dict(groups) for one, groups in constraints.apart.items()}
        for one, other in constraints.bonds:
            self._unite(self._root(one), self._root(other))

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

    def _root(self, node: int) -> int:
        parent = self._parent
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def _forbidden(self, left: int, right: int, shared: int) -> bool:
        return bool(shared >> DECIDED & 1) and self._kept_apart(left, right)

    def _kept_apart(self, left: int, right: int) -> bool:
        mine, theirs = self._groups[left], self._groups[right]
        return any(theirs.get(name, number) != number for name, number in mine.items())

    def _unite(self, left: int, right: int) -> None:
        if left == right:
            return
        self._parent[right] = left
        self._holds[left] |= self._holds[right]
        if right in self._groups:
            self._groups.setdefault(left, {}).update(self._groups.pop(right))
