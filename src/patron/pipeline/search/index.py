"""All that customers can be found by, in the order of the alphabet, in a file beside the tables.

It is a cache: what came in since it was made is read from the tables, and a missing one costs
nothing but time. Writing to the workspace never waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Self

from patron.clock import Clock
from patron.engines.duckdb import Cursor
from patron.pipeline.schedule import Schedule
from patron.pipeline.search.terms import terms
from patron.warehouse.reading import Reading

FEWEST = 50_000
"""With so few identifiers and traits beside the file, a search reads them quickly enough."""

SHARE = 20
"""One of so many may lie beside the file before it is made anew."""

_ROWS = 60_000
"""In one group of the file: what a search for one word reads at least."""


class Extent(NamedTuple):
    """Up to where something has read the tables.

    Attributes:
        identifier: The newest identifier.
        position: The newest position of the log.
        merge: The newest merge or split.
        retired: How many identifiers were retired; with another number a file holds no more.
    """

    identifier: int
    position: int
    merge: int
    retired: int

    @classmethod
    def of(cls, cursor: Cursor) -> Self:
        """That of the tables now."""
        cursor.execute(
            "select (select coalesce(max(identifier_id), 0) from identifiers), "
            "(select coalesce(max(position), 0) from messages), "
            "(select coalesce(max(merge_id), 0) from merges), "
            "(select count(*) from retired_identifiers)"
        )
        return cls(*cursor.all()[0])


class Sorted(NamedTuple):
    """One file, and what it holds."""

    path: Path
    extent: Extent


class SearchIndex:
    """The file, made anew in the background when much came in.

    Args:
        folder: Where it lies.
        reading: Gives a consistent view of the tables.
        people: Gives the types of identifiers that tell people.
    """

    def __init__(
        self,
        folder: Path,
        reading: Callable[[], AbstractContextManager[Reading]],
        people: Callable[[], Sequence[str]],
    ) -> None:
        self._folder = folder
        self._reading = reading
        self._people = people
        self._making = threading.Lock()
        self._schedule = Schedule(self._look, "patron-search")
        self._sorted = _newest(folder)

    def start(self, clock: Clock) -> None:
        """Look now and then whether enough came in to make it anew."""
        self._schedule.start(clock)

    def close(self) -> None:
        """End that."""
        self._schedule.close()

    def sorted(self, reading: Reading) -> Sorted | None:
        """The file, if it holds for the tables of this view; None: read the tables alone."""
        found = self._sorted
        # A folder may have been put back from an older copy.
        if found is None or found.extent.position > reading.position:
            return None
        retired = reading.cursor.execute("select count(*) from retired_identifiers").value()
        return found if found.extent.retired == retired else None

    def make(self) -> None:
        """Make it of all that is there."""
        with self._making, self._reading() as reading:
            cursor, extent = reading.cursor, Extent.of(reading.cursor)
            path = self._folder / f"search-{'-'.join(map(str, extent))}.parquet"
            unfinished = path.with_suffix(".unfinished")
            target = str(unfinished).replace("'", "''")
            cursor.execute(
                f"copy ({terms('true', 'true')} order by term, profile_id) to '{target}' "
                f"(format parquet, row_group_size {_ROWS})",
                {"people": list(self._people())},
            )
            unfinished.replace(path)
            before, self._sorted = self._sorted, Sorted(path, extent)
        if before is not None and before.path != path:
            before.path.unlink(missing_ok=True)

    def _look(self) -> None:
        """Make it anew where a search would read too much beside it."""
        with self._reading() as reading:
            cursor, extent = reading.cursor, Extent.of(reading.cursor)
            found = self.sorted(reading)
            reached = Extent(0, 0, 0, 0) if found is None else found.extent
            cursor.execute("select count(*) from traits where position > ?", [reached.position])
            beside = cursor.value() + extent.identifier - reached.identifier
        if beside > max(FEWEST, reached.identifier // SHARE):
            self.make()


def _newest(folder: Path) -> Sorted | None:
    """The file of an earlier run. Those that were left over are removed."""
    found: list[Sorted] = []
    for path in folder.glob("search-*.parquet"):
        numbers = path.stem.split("-")[1:]
        if len(numbers) == len(Extent._fields) and all(one.isdigit() for one in numbers):
            found.append(Sorted(path, Extent(*map(int, numbers))))
    found.sort(key=lambda one: one.extent)
    for left in found[:-1]:
        left.path.unlink(missing_ok=True)
    for unfinished in folder.glob("search-*.unfinished"):
        unfinished.unlink(missing_ok=True)
    return found[-1] if found else None
