"""The remembered rows of one table, by customer.

Rows come in runs, each sorted by customer; a lookup goes through all of them. Whenever the last run
has grown to a part of the one before it, the two become one, so there are few, and every row is
copied a number of times that grows with the logarithm of their number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

FEWER = 4
"""A run stands by itself while it is so many times smaller than the one before it."""

DENSE = 4
"""Up to so many times as many ids as are there, a table of all is quicker than to sort them."""

PART = 100_000
"""Of so many customers at a time it is found out where their rows go."""


class Run:
    """Rows sorted by customer.

    Args:
        ids: The customers, rising.
        starts: Where the rows of each begin.
        ends: Where they end.
        columns: What is remembered of each row, by name.
    """

    def __init__(self, ids: Ints, starts: Ints, ends: Ints, columns: dict[str, Array]) -> None:
        self.ids = ids
        self.starts = starts
        self.ends = ends
        self.columns = columns

    @staticmethod
    def of(profile_ids: Ints, columns: Mapping[str, Array]) -> Run:
        """A run of rows in any order."""
        order = np.argsort(profile_ids, kind="stable")
        profile_ids = profile_ids[order]
        first = np.flatnonzero(begins(profile_ids))
        ends = np.append(first, len(profile_ids))[1:]
        sorted_columns = {name: values[order] for name, values in columns.items()}
        return Run(profile_ids[first], first, ends, sorted_columns)

    @property
    def size(self) -> int:
        """How many rows it takes up, forgotten ones included."""
        return len(next(iter(self.columns.values())))

    def find(self, profile_ids: Ints) -> tuple[Ints, Ints]:
        """The rows of some customers, and for each the place of its customer in `profile_ids`."""
        if not len(self.ids):
            return _NONE, _NONE
        places = np.minimum(np.searchsorted(self.ids, profile_ids), len(self.ids) - 1)
        found = np.flatnonzero(self.ids[places] == profile_ids)
        places = places[found]
        return ranges(self.starts[places], self.ends[places], found)

    def forget(self, profile_ids: Ints) -> None:
        """Hold no rows of these customers any more."""
        here = np.isin(self.ids, profile_ids)
        self.ends[here] = self.starts[here]

    def rows(self) -> Ints | slice:
        """Every row that is not forgotten."""
        if int((self.ends - self.starts).sum()) == self.size:
            return slice(None)
        return ranges(self.starts, self.ends, self.ids)[0]


class Rows:
    """The rows of one table.

    Args:
        columns: The names and types of what is remembered of each.
    """

    def __init__(self, columns: Mapping[str, npt.DTypeLike]) -> None:
        self.columns = dict(columns)
        self.runs: list[Run] = []

    def __len__(self) -> int:
        return sum(run.size for run in self.runs)

    def add(self, profile_ids: Ints, columns: Mapping[str, Array]) -> None:
        """Remember more rows, which come after all that are there.

        Args:
            profile_ids: Whose each is.
            columns: What is remembered of it, by name.
        """
        if len(profile_ids):
            self.runs.append(Run.of(profile_ids, columns))
            self._settle()

    def _settle(self) -> None:
        """Join the runs at the end that have grown to a part of the one before them.

        Also while all is read for the first time, though each row is copied more often then: to
        join a hundred runs at the end takes half as much memory again as they do, for what small
        ones leave is not given back.
        """
        size, first = 0, len(self.runs)
        while first > 0 and (first == len(self.runs) or size * FEWER >= self.runs[first - 1].size):
            first -= 1
            size += self.runs[first].size
        if len(self.runs) - first > 1:
            self.runs[first:] = [self._joined(self.runs[first:])]

    def find(self, profile_ids: Ints) -> tuple[list[Ints], Ints]:
        """The rows of some customers.

        Returns:
            For each run the rows in it; and for each row, run after run, the place of its customer
            in `profile_ids`.
        """
        found = [run.find(profile_ids) for run in self.runs]
        places = [places for _, places in found]
        return [rows for rows, _ in found], np.concatenate(places) if places else _NONE

    def count(self, profile_ids: Ints) -> Ints:
        """How many rows there are of each of some customers."""
        total = np.zeros(len(profile_ids), dtype=np.int64)
        for run in self.runs:
            if len(run.ids):
                places = np.minimum(np.searchsorted(run.ids, profile_ids), len(run.ids) - 1)
                here = run.ids[places] == profile_ids
                total += np.where(here, run.ends[places] - run.starts[places], 0)
        return total

    def take(self, name: str, rows: list[Ints]) -> Array:
        """One column of rows that were found."""
        parts = [run.columns[name][some] for run, some in zip(self.runs, rows, strict=True)]
        return np.concatenate(parts) if parts else np.empty(0, dtype=self.columns[name])

    def move(self, away: Ints, to: Ints) -> None:
        """Make the rows of some customers those of others.

        Args:
            away: Distinct customers.
            to: Whose the rows of each become.
        """
        rows, places = self.find(away)
        columns = {name: self.take(name, rows) for name in self.columns}
        self.forget(away)
        self.add(to[places], columns)

    def forget(self, profile_ids: Ints) -> None:
        """Hold no rows of these customers any more."""
        for run in self.runs:
            run.forget(profile_ids)

    def _joined(self, runs: list[Run]) -> Run:
        """Several runs as one; what is forgotten is left out. The old ones are used up.

        This is when memory holds the most, so everything is let go as soon as it was read.
        """
        ids, place_of = _places([run.ids for run in runs])
        sizes = np.zeros(len(ids), dtype=np.int64)
        for run in runs:
            sizes[place_of(run.ids)] += run.ends - run.starts
        ends = np.cumsum(sizes)
        free = ends - sizes
        joined = Run(ids, ends - sizes, ends, {})
        goes, rows = [], []
        for run in runs:
            at = place_of(run.ids)
            first = free[at]
            free[at] += run.ends - run.starts
            goes.append(_all_of(first, free[at], int(ends[-1])))
            rows.append(run.rows())
            run.ids = run.starts = run.ends = _NONE
        for name, dtype in self.columns.items():
            # One column after the other leaves the old runs, so that not all are held twice.
            column = joined.columns[name] = np.empty(int(ends[-1]), dtype=dtype)
            for run, here, there in zip(runs, rows, goes, strict=True):
                column[there] = run.columns.pop(name)[here]
        return joined


def begins(*keys: Array) -> npt.NDArray[np.bool_]:
    """Where something else begins in arrays that were sorted together.

    >>> begins(np.array([4, 4, 7])).tolist()
    [True, False, True]
    """
    new = np.zeros(len(keys[0]), dtype=bool)
    new[:1] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return new


def ranges(starts: Ints, ends: Ints, labels: Ints) -> tuple[Ints, Ints]:
    """All numbers of some half-open ranges, one range after the other, each with its label."""
    sizes = ends - starts
    total = int(sizes.sum())
    before = np.cumsum(sizes) - sizes
    numbers = np.arange(total) + np.repeat(starts - before, sizes)
    return numbers, np.repeat(labels, sizes)


def _places(several: list[Ints]) -> tuple[Ints, Callable[[Ints], Ints]]:
    """The distinct ones of several lists of ids, rising, and what tells the place of each."""
    top = max((int(ids.max(initial=0)) for ids in several), default=0) + 1
    if top > DENSE * sum(len(ids) for ids in several):
        distinct = np.unique(np.concatenate(several))
        return distinct, lambda ids: np.searchsorted(distinct, ids)
    place = np.zeros(top, dtype=np.int64)
    for ids in several:
        place[ids] = 1
    distinct = np.flatnonzero(place)
    place[distinct] = np.arange(len(distinct))
    return distinct, lambda ids: place[ids]


def _all_of(starts: Ints, ends: Ints, below: int) -> Array:
    """All numbers of some half-open ranges, in as little memory as they fit: there are many.

    Args:
        starts: Where each begins.
        ends: Where it ends.
        below: No number is as large.
    """
    sizes = ends - starts
    numbers = np.empty(int(sizes.sum()), dtype=np.uint32 if below < 2**32 else np.int64)
    done = 0
    for first in range(0, len(starts), PART):
        part = slice(first, first + PART)
        some, _ = ranges(starts[part], ends[part], sizes[part])
        numbers[done : done + len(some)] = some
        done += len(some)
    return numbers


_NONE: Ints = np.empty(0, dtype=np.int64)
