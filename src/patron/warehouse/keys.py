"""A large index in memory from 128-bit keys to numbers, made of a few sorted arrays.

New keys go to a small dict in front; when it is full it becomes a sorted run, and runs of like size
are merged, as in a log-structured merge tree. Look-ups bisect each run, so they need no more memory
than the keys themselves (24 bytes each), and adding stays cheap however many there are.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Self

import numpy as np
import numpy.typing as npt

from patron.errors import StorageError

UInts = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Columns = tuple[npt.NDArray[np.generic], ...]

FRONT = 65_536
"""How many keys the dict in front holds before they become a run."""

RATIO = 4
"""A run is merged into the one before it unless that is at least so many times larger."""

BUCKET = 16
"""About how many keys of a run share their topmost bits."""

FEW = 64
"""For fewer keys than this plain bisecting is quicker than the steps of a directory."""

DENSE = 64
"""If one key in so many is looked for, or more, plain bisecting in key order is quicker, too."""


class SortedRuns:
    """Columns sorted by the first of them, in a few runs that shrink by a factor of `RATIO`.

    A run is never changed by `append`; merging makes a new one, so a list of runs is a snapshot.
    """

    def __init__(self) -> None:
        self.runs: list[Columns] = []

    def __len__(self) -> int:
        return sum(len(run[0]) for run in self.runs)

    def append(self, columns: Columns) -> None:
        """Add rows, in any order, as a run of their own."""
        if len(columns[0]):
            order = np.argsort(columns[0])
            self.runs.append(tuple(column[order] for column in columns))

    def merge(self, ratio: float = RATIO) -> None:
        """Merge runs from the end until each is `ratio` times as long as the next."""
        while len(self.runs) > 1 and len(self.runs[-2][0]) < ratio * len(self.runs[-1][0]):
            newer, older = self.runs.pop(), self.runs.pop()
            both = tuple(
                np.concatenate([first, second]) for first, second in zip(older, newer, strict=True)
            )
            order = np.argsort(both[0], kind="stable")
            self.runs.append(tuple(column[order] for column in both))


class Directory:
    """Says where in a sorted column to look, by the topmost bits of the value looked for.

    Keys are hashes, so their topmost bits spread them evenly: a few bisecting steps within a bucket
    of about `BUCKET` keys replace two dozen over the whole column. Uneven keys are found as well.
    """

    def __init__(self, column: npt.NDArray[np.generic]) -> None:
        self._column = column
        bits = max(1, (len(column) // BUCKET).bit_length())
        self._shift = np.uint64(64 - bits)
        edges = np.arange(2**bits, dtype=np.uint64) << self._shift
        self._starts = np.append(np.searchsorted(column, edges), len(column))
        self._steps = int(np.diff(self._starts).max()).bit_length()

    def places(self, values: UInts) -> Ints:
        """For each value the first place in the column that is not less."""
        bucket = (values >> self._shift).astype(np.int64)
        low, high = self._starts[bucket], self._starts[bucket + 1]
        for _ in range(self._steps):
            middle = (low + high) >> 1
            less = (self._column.take(middle, mode="clip") < values) & (low < high)
            low = np.where(less, middle + 1, low)
            high = np.where(less, high, middle)
        return low


class KeyIndex:
    """From 128-bit keys (see `patron.spec.keys`) to numbers from 0.

    Several threads may look keys up at once, as long as none adds any.

    What was added since `mark` can be taken back with `rollback`, so that an index can follow a
    transaction that fails.

    >>> index = KeyIndex()
    >>> index.add(np.array([[7, 1], [7, 2]], dtype=np.uint64), np.array([10, 20]))
    >>> index.find(np.array([[7, 2], [7, 3]], dtype=np.uint64)).tolist()
    [20, -1]
    >>> len(index)
    2
    """

    def __init__(self) -> None:
        self._front: dict[tuple[int, int], int] = {}
        self._runs = SortedRuns()
        self._directories: dict[int, Directory] = {}
        self._making = Lock()
        self._mark: tuple[int, list[Columns]] | None = None

    def __len__(self) -> int:
        return len(self._front) + len(self._runs)

    def find(self, keys: UInts) -> Ints:
        """The numbers of some keys.

        Args:
            keys: Shape (n, 2), upper and lower halves.

        Returns:
            n numbers; -1 where the key is not held.
        """
        found = np.full(len(keys), -1, dtype=np.int64)
        if not len(keys):
            return found
        if self._front:
            get = self._front.get
            pairs = zip(keys[:, 0].tolist(), keys[:, 1].tolist(), strict=True)
            found[:] = [get(pair, -1) for pair in pairs]
        if self._runs.runs:
            self._search_runs(keys, found)
        return found

    def add(self, keys: UInts, values: Ints) -> None:
        """Hold new keys.

        Args:
            keys: Shape (n, 2). None of them is held yet, and none is given twice.
            values: Their numbers, from 0.
        """
        if len(keys) > FRONT // 4:
            self._runs.append((keys[:, 0].copy(), keys[:, 1].copy(), values.astype(np.int64)))
        else:
            pairs = zip(keys[:, 0].tolist(), keys[:, 1].tolist(), strict=True)
            self._front.update(zip(pairs, values.tolist(), strict=True))
        if self._mark is None:
            self._settle()

    def mark(self) -> None:
        """From here on additions can be taken back, until `release` or `rollback`."""
        self._mark = (len(self._front), list(self._runs.runs))

    def release(self) -> None:
        """Keep what was added since `mark`."""
        self._mark = None
        self._settle()

    def rollback(self) -> None:
        """Forget what was added since `mark`; nothing happens without a mark."""
        if self._mark is None:
            return
        held, self._runs.runs = self._mark
        while len(self._front) > held:
            self._front.popitem()
        self._mark = None

    def save(self, path: Path) -> None:
        """Write all keys to one ``.npy`` file: upper halves, lower halves, numbers.

        The old file is replaced at once, never written over: an index that was loaded from it
        goes on reading the old one, and a kill in between leaves one of the two.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._flush()
        self._runs.merge(ratio=float("inf"))
        upper, lower, values = self._runs.runs[0] if self._runs.runs else _empty_run()
        beside = path.with_suffix(".new")
        with beside.open("wb") as file:
            np.save(file, np.stack([upper, lower, values.view(np.uint64)]))
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote. The file is mapped into memory.

        Raises:
            StorageError: The file is missing, or is not what `save` writes.
        """
        try:
            held = np.load(path, mmap_mode="r")
        except (OSError, ValueError, EOFError) as error:
            raise StorageError(f"{path} holds no readable key index.") from error
        if held.dtype != np.uint64 or held.ndim != 2 or len(held) != 3:
            raise StorageError(f"{path} holds no readable key index.")
        index = cls()
        if held.shape[1]:
            index._runs.runs.append((held[0], held[1], held[2].view(np.int64)))
        return index

    def _directory(self, upper: npt.NDArray[np.generic]) -> Directory:
        """The directory of a run; made when first needed, and forgotten after the run.

        It keeps the run's column alive, so no other column can come to have the same id meanwhile.
        """
        with self._making:
            found = self._directories.get(id(upper))
            if found is None:
                held = {id(run[0]) for run in self._runs.runs}
                self._directories = {k: v for k, v in self._directories.items() if k in held}
                found = self._directories[id(upper)] = Directory(upper)
            return found

    def _settle(self) -> None:
        if len(self._front) >= FRONT:
            self._flush()
        self._runs.merge()

    def _flush(self) -> None:
        if self._front:
            keys = np.array(list(self._front), dtype=np.uint64)
            values = np.fromiter(self._front.values(), dtype=np.int64, count=len(self._front))
            self._runs.append((keys[:, 0], keys[:, 1], values))
            self._front = {}

    def _search_runs(self, keys: UInts, found: Ints) -> None:
        """Fill `found` where it is -1, from the runs."""
        wanted = np.flatnonzero(found < 0)
        # In key order memory is touched in order.
        wanted = wanted[np.argsort(keys[wanted, 0])]
        upper, lower = keys[wanted, 0], keys[wanted, 1]
        for run in self._runs.runs:
            at = self._places(run[0], upper)
            open_ = np.arange(len(wanted))
            while len(open_):
                inside = at < len(run[0])
                open_, at = open_[inside], at[inside]
                same = run[0][at] == upper[open_]
                open_, at = open_[same], at[same]
                hit = run[1][at] == lower[open_]
                found[wanted[open_[hit]]] = run[2][at[hit]]
                # Equal upper halves are very rare; they lie side by side, so look at the next.
                open_, at = open_[~hit], at[~hit] + 1
            left = found[wanted] < 0
            if not left.any():
                return
            wanted, upper, lower = wanted[left], upper[left], lower[left]

    def _places(self, column: npt.NDArray[np.generic], ascending: UInts) -> Ints:
        """For each of some ascending values the first place in a run that is not less."""
        if FEW <= len(ascending) < len(column) // DENSE:
            return self._directory(column).places(ascending)
        return np.searchsorted(column, ascending)


def _empty_run() -> Columns:
    return (np.empty(0, np.uint64), np.empty(0, np.uint64), np.empty(0, np.int64))
