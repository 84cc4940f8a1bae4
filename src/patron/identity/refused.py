"""The links that the rules forbid, by either end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from patron.identity.links import pack, ranges
from patron.identity.sets import among
from patron.warehouse.keys import FRONT

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFF_FFFF)


class RefusedLinks:
    """A set of pairs that tells which pairs lie at an identifier; 16 bytes a pair.

    Most lie in one sorted array, once from each end. What changed since that was sorted lies in
    front of it: additions by identifier, and those of the array that are refused no longer.

    >>> refused = RefusedLinks()
    >>> pairs = pack(np.array([1, 2]), np.array([3, 3]))
    >>> refused.add(pairs)
    >>> refused.beyond(np.array([3])).tolist(), refused.holds(pairs).tolist(), len(refused)
    ([1, 2], [True, True], 2)
    >>> refused.remove(pairs[:1])
    >>> refused.beyond(np.array([3])).tolist(), refused.holds(pairs).tolist(), len(refused)
    ([2], [False, True], 1)
    """

    def __init__(self) -> None:
        self._near: dict[int, set[int]] = {}
        self._sorted: UInts = np.empty(0, dtype=np.uint64)
        self._lifted: set[int] = set()
        self._in_front = 0

    def __len__(self) -> int:
        return self._in_front + len(self._sorted) // 2 - len(self._lifted)

    def keys(self) -> UInts:
        """All pairs, ascending."""
        self._settle(self._front_keys())
        return self._sorted[self._sorted >> _HALF < (self._sorted & _LOW)]

    def add(self, keys: UInts) -> None:
        """Hold pairs; none of them is held yet, and none is given twice."""
        if self._in_front + len(keys) > FRONT:
            self._settle(np.concatenate([self._front_keys(), keys]))
            return
        for key in keys.tolist():
            if key in self._lifted:
                self._lifted.discard(key)
                continue
            self._in_front += 1
            for one, other in _both_ways(key):
                self._near.setdefault(one, set()).add(other)

    def remove(self, keys: UInts) -> None:
        """Hold pairs no longer; all of them are held."""
        for key in keys.tolist():
            if key & 0xFFFF_FFFF not in self._near.get(key >> 32, ()):
                self._lifted.add(key)
                continue
            self._in_front -= 1
            for one, other in _both_ways(key):
                self._near[one].discard(other)
                if not self._near[one]:
                    del self._near[one]
        if len(self._lifted) > FRONT:
            self._settle(self._front_keys())

    def holds(self, keys: UInts) -> Bools:
        """Which of some pairs are held."""
        found = among(self._sorted, keys)
        if self._lifted and found.any():
            gone = self._lifted
            found[found] = [key not in gone for key in keys[found].tolist()]
        if self._near:
            near = self._near
            open_ = np.flatnonzero(~found)
            found[open_] = [
                key & 0xFFFF_FFFF in near.get(key >> 32, ()) for key in keys[open_].tolist()
            ]
        return found

    def beyond(self, identifiers: Ints) -> Ints:
        """The other ends of all pairs at some identifiers."""
        starts = identifiers.astype(np.uint64) << _HALF
        ends = (identifiers + 1).astype(np.uint64) << _HALF
        first, last = np.searchsorted(self._sorted, starts), np.searchsorted(self._sorted, ends)
        found = self._sorted[ranges(first, last)]
        end, far = (found >> _HALF).astype(np.int64), (found & _LOW).astype(np.int64)
        if self._lifted:
            gone = self._lifted
            far = far[[key not in gone for key in pack(end, far).tolist()]]
        if not self._near:
            return far
        near = self._near
        recent = [far for one in identifiers.tolist() if one in near for far in near[one]]
        return np.concatenate([far, np.array(recent, dtype=np.int64)])

    def _front_keys(self) -> UInts:
        keys = [
            one << 32 | other
            for one, others in self._near.items()
            for other in others
            if one < other
        ]
        return np.array(keys, dtype=np.uint64)

    def _settle(self, more: UInts) -> None:
        """Sort everything anew, with more pairs beside those of the array."""
        held = self._sorted
        if self._lifted:
            gone = np.fromiter(self._lifted, np.uint64, len(self._lifted))
            held = held[~among(np.sort(_directed(gone)), held)]
        self._sorted = np.sort(np.concatenate([held, _directed(more)]), kind="stable")
        self._near, self._lifted, self._in_front = {}, set(), 0


def _both_ways(key: int) -> Iterator[tuple[int, int]]:
    one, other = key >> 32, key & 0xFFFF_FFFF
    yield one, other
    yield other, one


def _directed(keys: UInts) -> UInts:
    """Each pair from both of its ends."""
    return np.concatenate([keys, keys << _HALF | keys >> _HALF])
