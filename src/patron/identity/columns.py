"""Columns of numbers by identifier or by profile, in memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
AnyArray = npt.NDArray[np.generic]


class Column:
    """A numpy array that grows at its end; element 0 stands for "none"."""

    def __init__(self, dtype: npt.DTypeLike, fill: int = 0) -> None:
        self._array: npt.NDArray[np.generic] = np.full(1024, fill, dtype=dtype)
        self._fill = fill

    def grow(self, size: int, start: int) -> None:
        """Make room up to `size`, and set what is new, from `start` on, to the fill value."""
        if size > len(self._array):
            larger = np.full(max(size, len(self._array) * 3 // 2), self._fill, self._array.dtype)
            larger[:start] = self._array[:start]
            self._array = larger
        else:
            self._array[start:size] = self._fill

    def __getitem__(self, at: Ints) -> Ints:
        return self._array[at].astype(np.int64, copy=False)

    def raw(self, at: Ints) -> AnyArray:
        """Some elements in the column's own type."""
        return self._array[at]

    def item(self, at: int) -> int:
        """One element."""
        return int(self._array.item(at))

    def set(self, at: Ints, values: AnyArray) -> None:
        """Set some elements."""
        self._array[at] = values

    def add(self, at: Ints, number: int) -> None:
        """Add a number to some elements, as often as each is named; beyond its type it wraps."""
        np.add.at(self._array, at, np.array(number).astype(self._array.dtype))

    def lower(self, at: Ints, values: AnyArray) -> None:
        """Set some elements to the least of what they are and the values given for them."""
        np.minimum.at(self._array, at, values.astype(self._array.dtype, copy=False))
