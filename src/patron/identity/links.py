"""The links between identifiers in memory: when each was first observed, and which are refused."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from patron.warehouse.keys import FRONT, Columns, SortedRuns

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]

UNSEEN = np.iinfo(np.int64).max
"""Stands for "never observed"."""

MODELLED = 1 << 61
"""Added to the moment of a link that a model made: it is weaker than any that was observed."""

LINKING = "linking:"
"""What the rule of a link that a model made begins with; the model and its version follow."""

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFF_FFFF)


def pack(one: Ints, other: Ints) -> UInts:
    """The key of each pair: the smaller identifier in the upper half, the larger in the lower.

    >>> unpack(pack(np.array([9]), np.array([4])))
    (array([4]), array([9]))
    """
    small, large = np.minimum(one, other), np.maximum(one, other)
    return (small.astype(np.uint64) << _HALF) | large.astype(np.uint64)


def unpack(keys: UInts) -> tuple[Ints, Ints]:
    """The smaller and the larger identifier of each pair."""
    return (keys >> _HALF).astype(np.int64), (keys & _LOW).astype(np.int64)


def by_model(moments: Ints) -> Ints:
    """Moments of links that a model made, as links are kept in memory.

    >>> modelled(by_model(np.array([5]))).tolist(), moments_of(by_model(np.array([5]))).tolist()
    ([True], [5])
    """
    return moments + MODELLED


def modelled(moments: Ints) -> npt.NDArray[np.bool_]:
    """Whether links were made by a model, by their moments in memory."""
    made: npt.NDArray[np.bool_] = (moments >= MODELLED) & (moments != UNSEEN)
    return made


def in_memory(moments: Ints, made: npt.NDArray[np.bool_]) -> Ints:
    """Moments as links are kept in memory.

    Args:
        moments: When links were observed, or made by a model.
        made: For each whether only a model made it.
    """
    return np.where(made, by_model(moments), moments)


def moments_of(moments: Ints) -> Ints:
    """When links were observed, or made by a model, by their moments in memory."""
    made = modelled(moments)
    return np.where(made, moments - MODELLED, moments) if made.any() else moments


class LinkIndex:
    """Pairs of identifiers with the moment of their first observation, 16 bytes a link.

    Sorted by pair, so the links that start at an identifier lie side by side.

    >>> index = LinkIndex()
    >>> pairs = pack(np.array([1, 1, 2]), np.array([2, 3, 3]))
    >>> index.add(pairs, np.array([50, 60, 70]))
    >>> index.find(pairs[1:]).tolist()
    [60, 70]
    >>> index.starting_at(np.array([1]))[1].tolist()
    [50, 60]
    """

    def __init__(self) -> None:
        self._front: dict[int, int] = {}
        self._near: dict[int, list[int]] = {}
        self._runs = SortedRuns()
        self._mark: tuple[int, list[Columns]] | None = None

    def __len__(self) -> int:
        return len(self._front) + len(self._runs)

    def find(self, keys: UInts) -> Ints:
        """When each pair was first observed; `UNSEEN` for those that never were."""
        found = np.full(len(keys), UNSEEN, dtype=np.int64)
        if self._front and len(keys):
            get = self._front.get
            found[:] = [get(key, UNSEEN) for key in keys.tolist()]
        if not self._runs.runs:
            return found
        wanted = np.flatnonzero(found == UNSEEN)
        # In key order memory is touched in order.
        wanted = wanted[np.argsort(keys[wanted])]
        asked = keys[wanted]
        for held, moments in self._runs.runs:
            at = np.minimum(np.searchsorted(held, asked), len(held) - 1)
            hit = held[at] == asked
            found[wanted[hit]] = moments[at[hit]]
            wanted, asked = wanted[~hit], asked[~hit]
        return found

    def add(self, keys: UInts, moments: Ints) -> None:
        """Hold new pairs; none of them is held yet, and none is given twice."""
        if len(keys) > FRONT // 4:
            self._runs.append((keys.astype(np.uint64), moments.astype(np.int64)))
        else:
            for key, moment in zip(keys.tolist(), moments.tolist(), strict=True):
                self._front[key] = moment
                self._near.setdefault(key >> 32, []).append(key)
        if self._mark is None:
            self._settle()

    def set_moments(self, keys: UInts, moments: Ints) -> None:
        """Change the moments of pairs that are held."""
        for key, moment in zip(keys.tolist(), moments.tolist(), strict=True):
            if key in self._front:
                self._front[key] = moment
        for held, stored in self._runs.runs:
            at = np.minimum(np.searchsorted(held, keys), len(held) - 1)
            hit = held[at] == keys
            stored[at[hit]] = moments[hit]

    def starting_at(self, identifiers: Ints) -> tuple[UInts, Ints]:
        """The pairs whose smaller end is one of these, with their moments."""
        starts = identifiers.astype(np.uint64) << _HALF
        ends = (identifiers + 1).astype(np.uint64) << _HALF
        near = self._near
        keys = [key for one in identifiers.tolist() if one in near for key in near[one]]
        found = [np.array(keys, dtype=np.uint64)]
        when = [np.array([self._front[key] for key in keys], dtype=np.int64)]
        for held, moments in self._runs.runs:
            first, last = np.searchsorted(held, starts), np.searchsorted(held, ends)
            at = ranges(first, last)
            found.append(held[at].astype(np.uint64))
            when.append(moments[at].astype(np.int64))
        return np.concatenate(found), np.concatenate(when)

    def mark(self) -> None:
        """From here on additions can be taken back, until `release` or `rollback`."""
        self._mark = (len(self._front), list(self._runs.runs))

    def release(self) -> None:
        """Keep what was added since `mark`."""
        self._mark = None
        self._settle()

    def rollback(self) -> None:
        """Forget what was added since `mark`."""
        if self._mark is None:
            return
        held, self._runs.runs = self._mark
        while len(self._front) > held:
            key, _ = self._front.popitem()
            self._near[key >> 32].pop()
        self._mark = None

    def _settle(self) -> None:
        if len(self._front) >= FRONT:
            keys = np.fromiter(self._front, dtype=np.uint64, count=len(self._front))
            moments = np.fromiter(self._front.values(), dtype=np.int64, count=len(self._front))
            self._runs.append((keys, moments))
            self._front, self._near = {}, {}
        self._runs.merge()


def ranges(first: Ints, last: Ints) -> Ints:
    """All numbers of the half-open ranges [first, last), one range after the other.

    >>> ranges(np.array([5, 8]), np.array([7, 9])).tolist()
    [5, 6, 8]
    """
    sizes = last - first
    total = int(sizes.sum())
    offsets = np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
    return offsets + np.arange(total)
