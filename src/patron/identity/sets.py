"""Sets of numbers as sorted arrays, and the few questions that identity asks of them."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Number = TypeVar("Number", np.int64, np.uint64)

DENSE = 32
"""A table with so many places for each number is quicker to fill than the numbers are to sort."""


def distinct(numbers: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Each number once, ascending.

    Sorting beats the hash table that numpy takes for this by an order of magnitude.

    >>> distinct(np.array([7, 3, 7])).tolist()
    [3, 7]
    """
    if len(numbers) < 2:
        return numbers.copy()
    ascending = np.sort(numbers)
    first = np.empty(len(ascending), dtype=np.bool_)
    first[0] = True
    np.not_equal(ascending[1:], ascending[:-1], out=first[1:])
    return ascending[first]


def places(held: npt.NDArray[Number], numbers: npt.NDArray[Number]) -> Ints:
    """For each number its place in an ascending array; -1 where it is not in it.

    >>> places(np.array([3, 7]), np.array([7, 4, 3])).tolist()
    [1, -1, 0]
    """
    if not len(held):
        return np.full(len(numbers), -1, dtype=np.int64)
    at = np.searchsorted(held, numbers)
    np.minimum(at, len(held) - 1, out=at)
    at[held[at] != numbers] = -1
    return at


def among(held: npt.NDArray[Number], numbers: npt.NDArray[Number]) -> Bools:
    """Which numbers are in an ascending array.

    >>> among(np.array([3, 7]), np.array([7, 4, 3])).tolist()
    [True, False, True]
    """
    found: Bools = places(held, numbers) >= 0
    return found


def numbered(numbers: Ints, top: int) -> tuple[Ints, Ints]:
    """Each number once, ascending, and for each number which of them it is.

    Args:
        numbers: From 0 to `top`.
        top: Where they are dense up to here, marks in a table take the place of sorting.

    >>> found, which = numbered(np.array([7, 3, 7]), 9)
    >>> found.tolist(), which.tolist()
    ([3, 7], [1, 0, 1])
    """
    if top > DENSE * len(numbers):
        found = distinct(numbers)
        return found, np.searchsorted(found, numbers)
    marked = np.zeros(top + 1, dtype=np.bool_)
    marked[numbers] = True
    found = np.flatnonzero(marked)
    which = np.empty(top + 1, dtype=np.int32)
    which[found] = np.arange(len(found), dtype=np.int32)
    return found, which[numbers].astype(np.int64)


def grouped(labels: Ints) -> Ints:
    """The positions of all members of each group in turn; the groups and their members ascend.

    Args:
        labels: For each position the number of its group, from 0, below 2 ** 31.

    >>> grouped(np.array([2, 1, 2, 1])).tolist()
    [1, 3, 0, 2]
    """
    # Sorting numbers is several times quicker than sorting positions by them.
    both = (labels << 32) | np.arange(len(labels))
    both.sort()
    return both & 0xFFFF_FFFF


class First:
    """The first of several places for each key.

    >>> first = First(np.array([5, 9, 5]), np.array([20, 30, 10]))
    >>> first.at(np.array([5, 6, 9])).tolist()
    [10, -1, 30]
    """

    def __init__(self, keys: Ints, where: Ints) -> None:
        order = np.lexsort((where, keys))
        keys, where = keys[order], where[order]
        first = np.diff(keys, prepend=keys[:1] - 1) != 0
        self._keys, self._where = keys[first], where[first]

    def at(self, keys: Ints) -> Ints:
        """The first place for each of some keys; -1 for those that have none."""
        found = places(self._keys, keys)
        known = found >= 0
        found[known] = self._where[found[known]]
        return found
