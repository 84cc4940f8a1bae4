"""Identifiers that came with too many people: told by their links alone, and joining nobody.

Every link counts, kept or refused, so who is held back does not follow from who is who; and links
only ever get more, so who is held back once stays so.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from patron.identity.columns import Column
from patron.identity.links import unpack
from patron.identity.sets import distinct
from patron.spec.identifiers import MOST_TYPES, IdentifierType, IdentityRules

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]

JOINS_NOBODY = "came with too many people and joins nobody"
"""How the reason of a split names what is held back, behind its type."""

AT_ONCE = 50_000
"""So many links are counted at a time: with `MOST_PEOPLE` before them they fit 16 bits."""


def most_people(rules: IdentityRules) -> Ints:
    """How many values of one type may be linked with a value of another, by the ranks of the two.

    0 stands for any number; such links are not counted.

    >>> from patron.spec.identifiers import IdentifierType
    >>> card = IdentifierType(name="card", unique=True)
    >>> mail = IdentifierType(name="email", identifies="household", held_back_above=9)
    >>> phone = IdentifierType(name="phone")
    >>> most_people(IdentityRules(types=(card, mail, phone)))[:3, :3].tolist()
    [[0, 0, 0], [1, 0, 9], [0, 0, 0]]
    """
    size = max(MOST_TYPES, 128)
    most = np.zeros((size, size), dtype=np.int64)
    for rank, kind in enumerate(rules.types):
        for other, far in enumerate(rules.types):
            if rank == other or not _counts(kind, far):
                continue
            if kind.stands_for == "household" and far.protected:
                most[rank, other] = 1
            elif kind.held_back_above is not None:
                most[rank, other] = kind.held_back_above
    return most


def _counts(kind: IdentifierType, far: IdentifierType) -> bool:
    """Whether values of a type count towards holding one of another back.

    One person has many devices, and one device looks like few others.
    """
    return far.tells_people or (kind.stands_for == "fingerprint" and far.stands_for == "device")


class Holding:
    """Counts, for each identifier, the values of other types that it is linked with.

    Attributes:
        column: For each identifier whether it is held back.
    """

    def __init__(self, rules: IdentityRules) -> None:
        self._most = most_people(rules)
        counted = np.flatnonzero(self._most.any(axis=0))
        self._slots = np.zeros(len(self._most), dtype=np.int64)
        self._slots[counted] = np.arange(len(counted))
        self._width = len(counted)
        self._counts = Column(np.uint16)
        self.column = Column(np.bool_)

    @property
    def idle(self) -> bool:
        """Whether nothing is ever held back."""
        return not self._width

    def grow(self, size: int, start: int) -> None:
        """Make room for identifiers up to `size`; those from `start` on are new."""
        if self._width:
            self.column.grow(size, start)
            self._counts.grow(size * self._width, start * self._width)

    def held(self, identifiers: Ints) -> Bools:
        """Which of some identifiers are held back."""
        if not self._width:
            return np.zeros(len(identifiers), dtype=np.bool_)
        found: Bools = self.column.raw(identifiers).astype(np.bool_, copy=False)
        return found

    def count(self, keys: UInts, rank: Column, undo: Callable[[Callable[[], None]], None]) -> Ints:
        """Count new links.

        Args:
            keys: The pairs.
            rank: Of each identifier's type.
            undo: Gets the steps that take it back.

        Returns:
            The identifiers that are held back from now on, ascending.
        """
        if not self._width:
            return np.empty(0, dtype=np.int64)
        crossed = [
            self._count(keys[start : start + AT_ONCE], rank, undo)
            for start in range(0, len(keys), AT_ONCE)
        ]
        return distinct(np.concatenate([np.empty(0, dtype=np.int64), *crossed]))

    def _count(self, keys: UInts, rank: Column, undo: Callable[[Callable[[], None]], None]) -> Ints:
        a, b = unpack(keys)
        near, far = np.concatenate([a, b]), np.concatenate([b, a])
        near_rank, far_rank = rank[near], rank[far]
        most = self._most[near_rank, far_rank]
        counted = np.flatnonzero(most)
        near, most = near[counted], most[counted]
        places = near * self._width + self._slots[far_rank[counted]]
        self._counts.add(places, 1)
        undo(lambda: self._counts.add(places, -1))
        crossed = distinct(near[(self._counts[places] > most) & ~self.held(near)])
        if len(crossed):
            self.column.set(crossed, np.ones(len(crossed), dtype=np.bool_))
            undo(lambda: self.column.set(crossed, np.zeros(len(crossed), dtype=np.bool_)))
        return crossed
