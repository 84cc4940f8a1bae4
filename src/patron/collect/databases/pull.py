"""One pull: the rows from a position on, mapped to messages, with the position after each batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from patron.collect.databases.address import Address
from patron.collect.databases.position import check_cursor, last_passed, start_of
from patron.collect.databases.reading import Cell, DatabaseError, Reader, SourceColumn
from patron.collect.databases.rows import RowsTable
from patron.collect.files.importer import FileImport
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError
from patron.spec.databases import DatabaseRows
from patron.spec.mapping import Mapping

ROWS = 50_000
"""Rows of a batch: what is held in memory, and at most what one transaction stores."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows as messages.

    Attributes:
        rows: How many rows were read.
        incoming: The messages, with the columns of *incoming*.
        refused: Rows that were refused, as `FileImport.chunks` has them.
        position: Where the next pull may go on once these, and those before, are stored; None when
            that has not moved.
    """

    rows: int
    incoming: pa.Table
    refused: pa.Table
    position: str | None


class Pull:
    """Reads the rows of a mapping's database, in one transaction there.

    Args:
        mapping: With a database.
        address: Where it is.
        source_id: Number of the mapping's source.
        brand: Brand of the source.
        channel: Of messages for which the mapping names none.
        size: Rows of a batch.
    """

    def __init__(
        self,
        mapping: Mapping,
        address: Address,
        *,
        source_id: int,
        brand: str = "main",
        channel: str = "file",
        size: int = ROWS,
    ) -> None:
        if mapping.database is None:
            raise DefinitionError("database is missing.", field="database")
        self._asked: DatabaseRows = mapping.database
        self._mapping = mapping
        self._address = address
        self._size = size
        self._make: Callable[[RowsTable], FileImport] = lambda rows: FileImport(
            mapping, Path(), source_id=source_id, brand=brand, channel=channel, main=rows
        )
        self._reader: Reader | None = None
        self._cancelled = False
        self._columns: list[SourceColumn] = []
        self.total: int | None = None
        self.notes: list[str] = []

    def check(self, cursor: Cursor) -> None:
        """Connect, and see that the mapping fits the columns.

        Raises:
            DatabaseError: The database cannot be reached, or refuses.
            DefinitionError: A column does not exist, or does not fit its use.
        """
        self._reader = _open(self._address, self._asked)
        offered = self._reader.columns()
        names = [column.name for column in offered]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise DefinitionError(
                f"database.query: two columns are called {twice}; give one another name.",
                field="database.query",
            )
        declared = self._mapping.columns
        offered = [
            replace(one, kind="json")
            if declared.get(one.name) == "json" and one.kind in {"text", "value of any type"}
            else one
            for one in offered
        ]
        self._rows = RowsTable(offered, self.origin, self._asked.time_zone)
        self._rows.require(self._asked.cursor, "database.cursor")
        self._cursor = next(c for c in offered if c.name == self._asked.cursor)
        check_cursor(self._cursor, self._asked)
        trial = self._make(self._rows)
        try:
            trial.check(cursor)
            used = trial.columns_used()
        finally:
            trial.close(cursor)
        self._columns = [self._cursor] + [
            column for column in self._rows.wanted(used) if column is not self._cursor
        ]

    @property
    def origin(self) -> str:
        """What the rows are called where somebody asks where they are from."""
        return f"{self._asked.connection}: {self._asked.table or 'query'}"

    def batches(
        self, cursor: Cursor, position: str | None, received_at: datetime
    ) -> Iterator[Batch]:
        """The rows from a position on, in the order of the cursor.

        Args:
            cursor: In no transaction.
            position: Where the last pull ended; None for all rows.
            received_at: What the messages carry as the time of their arrival.

        Raises:
            DatabaseError: The connection broke.
        """
        if self._reader is None:
            self.check(cursor)
        if self._cancelled:
            raise DatabaseError("The pull was ended before it began.")
        start = start_of(position, self._cursor, self._asked)
        if self._asked.table is not None:
            self.total = self._opened.count(start)
        rows = self._opened.rows(self._columns, start, self._size)
        for batch in _whole(rows, self._size, whole_cursors=bool(self._mapping.group_by)):
            reached = last_passed([row[0] for row in batch], self._cursor, self._asked, received_at)
            yield from self._mapped(cursor, batch, reached, received_at)

    def cancel(self) -> None:
        """End what another thread waits for, and do not begin."""
        self._cancelled = True
        if self._reader is not None:
            self._reader.cancel()

    def close(self) -> None:
        """Let go of the connection."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    @property
    def _opened(self) -> Reader:
        if self._reader is None:
            raise RuntimeError("check comes before this")
        return self._reader

    def _mapped(
        self, cursor: Cursor, batch: list[tuple[Cell, ...]], reached: str | None, at: datetime
    ) -> Iterator[Batch]:
        """A batch as messages; in more than one part only where many lines hang on them."""
        self._rows.bring(self._columns, batch)
        made = self._make(self._rows)
        try:
            made.prepare(cursor, at)
            parts = [tuple(map(self._from_here, tables)) for tables in made.chunks(cursor)]
        finally:
            made.close(cursor)
        if not parts:
            yield Batch(len(batch), pa.table({}), pa.table({}), reached)
        for number, (incoming, refused) in enumerate(parts, 1):
            last = number == len(parts)
            yield Batch(len(batch) if last else 0, incoming, refused, reached if last else None)

    def _from_here(self, table: pa.Table) -> pa.Table:
        """Rows of a database have no number: where they stood in a pull says nothing."""
        place = table.schema.get_field_index("row_number")
        return table.set_column(place, "row_number", pa.array([0] * len(table), pa.int64()))


def _open(address: Address, asked: DatabaseRows) -> Reader:
    if address.engine == "postgresql":
        from patron.collect.databases.postgresql import PostgresReader

        return PostgresReader(address, asked)
    if address.engine == "mysql":
        from patron.collect.databases.mysql import MysqlReader

        return MysqlReader(address, asked)
    from patron.collect.databases.sqlite import SqliteReader

    return SqliteReader(address, asked)


def _whole(
    rows: Iterator[list[tuple[Cell, ...]]], size: int, *, whole_cursors: bool
) -> Iterator[list[tuple[Cell, ...]]]:
    """Batches; with whole cursors, rows of one cursor never stand in two of them."""
    if not whole_cursors:
        yield from rows
        return
    held: list[tuple[Cell, ...]] = []
    for batch in rows:
        held += batch
        if len(held) < size:
            continue
        last = held[-1][0]
        cut = next((i for i in range(len(held) - 1, -1, -1) if held[i][0] != last), -1) + 1
        if cut:
            yield held[:cut]
            held = held[cut:]
    if held:
        yield held
