"""An import of files, up to *incoming*: check, stage in the order of time, hand out in chunks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from patron.collect.files.columns import Columns
from patron.collect.files.compiler import Compiler
from patron.collect.files.discovery import DataFile
from patron.collect.files.statements import (
    CHUNK,
    LINES,
    PROBLEMS,
    REFUSED,
    ROWS,
    STAGED,
    Statements,
)
from patron.collect.files.tables import Table
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError
from patron.spec.incoming import told_text
from patron.spec.mapping import Mapping

CHUNK_ROWS = 245_760
"""Twice what the engine keeps together, so that two threads find work in one chunk."""
CHUNK_GROUPS = 50_000
"""Messages with many lines each weigh more."""
_BATCH_ROWS = 4_096


class FileImport:
    """One import: a mapping, applied to a file or a folder.

    Call `check`, then `prepare`, then go through `chunks`; `close` removes what they made. The same
    files give the same messages under the same ids in the same chunks, however often it is done.

    Args:
        mapping: In the mode ``rows``; see `read_messages` for the other.
        path: The folder or file.
        source_id: Number of the mapping's source.
        brand: Brand of the source.
        channel: Of messages for which the mapping names none.
        main: The rows, when they stand in no file.

    Raises:
        InputError: There are no such files.
        DefinitionError: Their format cannot be told.
    """

    def __init__(
        self,
        mapping: Mapping,
        path: Path,
        *,
        source_id: int,
        brand: str = "main",
        channel: str = "file",
        main: Table | None = None,
    ) -> None:
        if mapping.message is None:
            raise DefinitionError("mode: these lines are messages already.", field="mode")
        self.mapping = mapping
        self.total = 0
        self.messages = 0
        self.refused = 0
        self._source_id = source_id
        self._brand = brand
        self._channel = channel
        self._columns = Columns(mapping, path, main)
        self._copies: tempfile.TemporaryDirectory[str] | None = None
        self._compiler: Compiler | None = None
        self._received_at: datetime | None = None

    @property
    def files(self) -> list[DataFile]:
        """The files whose rows are imported."""
        return self._columns.main.files

    @property
    def notes(self) -> list[str]:
        """Sentences a person should read, such as that a file is empty."""
        return [note for table in self._columns.tables for note in table.notes]

    def check(self, cursor: Cursor) -> None:
        """Open all files and see that the mapping fits them; reads headers, not rows.

        Raises:
            InputError: A file cannot be read.
            DefinitionError: A column does not exist, or does not fit its use.
        """
        self._copies = tempfile.TemporaryDirectory(prefix="patron-import-")
        self._columns.open(cursor, Path(self._copies.name))
        self._compiler = Compiler(
            cursor, self.mapping, self._columns, brand=self._brand, channel=self._channel
        )

    def columns_used(self) -> list[str]:
        """The columns of the main files that the mapping speaks of, once checked."""
        return self._columns.used_of_main()

    def prepare(self, cursor: Cursor, received_at: datetime) -> int:
        """Read everything, map it, and put it in the order of time.

        Args:
            cursor: In no transaction.
            received_at: What the messages carry as the time of their arrival.

        Returns:
            How many messages and refused rows there will be; also in `total`.

        Raises:
            InputError: A file cannot be read, or a relation's key is not unique.
        """
        if self._compiler is None:
            self.check(cursor)
        self._received_at = received_at
        self._columns.load(cursor)
        statements = self._statements()
        for statement in statements.stage():
            cursor.execute(statement)
        self.messages = self._count(cursor, f"count(*) from {STAGED} where problem is null")
        self._gather_refused(cursor, statements)
        self.refused = self._count(cursor, f"count(*) from {REFUSED}")
        self.total = self.messages + self.refused
        return self.total

    def chunks(
        self, cursor: Cursor, rows: int | None = None
    ) -> Iterator[tuple[pa.Table, pa.Table]]:
        """What was prepared, one stretch after the other.

        Args:
            cursor: That of `prepare`.
            rows: Most messages, and most refused rows, of a stretch; a good number unless given.

        Yields:
            The messages, with the columns of *incoming* (docs/concepts/architecture.md) and items
            that are numbered without gaps; and ``message_id, code, field, reason, told,
            origin, row_number, body`` of refused rows.
        """
        statements = self._statements()
        rows = rows or (CHUNK_GROUPS if statements.has_line_table else CHUNK_ROWS)
        values = {"received_at": self._received_at}
        line = 0
        for start in range(0, max(self.messages, self.refused), rows):
            messages = min(rows, max(0, self.messages - start))
            refused = min(rows, max(0, self.refused - start))
            if statements.has_line_table:
                line += self._bring_messages(cursor, statements, start, messages, line)
            incoming = cursor.arrow(statements.incoming(start, messages), values)
            yield incoming, cursor.arrow(statements.refused(start, refused))
            if statements.has_line_table:
                cursor.unregister(CHUNK)

    def close(self, cursor: Cursor) -> None:
        """Remove tables and copies."""
        for table in (ROWS, STAGED, LINES, REFUSED, PROBLEMS):
            cursor.execute(f"drop table if exists {table}")
        for source in self._columns.tables:
            for suffix in ("raw", "bad"):
                cursor.execute(f"drop table if exists {source.name}_{suffix}")
        if self._copies is not None:
            self._copies.cleanup()
            self._copies = None

    def _statements(self) -> Statements:
        return Statements(self._compiled, self._source_id)

    @property
    def _compiled(self) -> Compiler:
        if self._compiler is None:
            raise RuntimeError("check comes before this")
        return self._compiler

    def _gather_refused(self, cursor: Cursor, statements: Statements) -> None:
        known = self._compiled.problems.known
        problems = pa.table(
            {
                "problem": pa.array(range(1, len(known) + 1), pa.int32()),
                "code": pa.array([p.code for p in known], pa.string()),
                "field": pa.array([p.field for p in known], pa.string()),
                "reason": pa.array([p.reason for p in known], pa.string()),
                "told": pa.array([told_text(p.told) for p in known], pa.string()),
            }
        )
        cursor.register("problems_known", problems)
        cursor.execute(f"create or replace temp table {PROBLEMS} as select * from problems_known")
        cursor.unregister("problems_known")
        bad = [(t.bad_rows, t.files) for t in self._columns.tables if t.bad_rows is not None]
        cursor.execute(statements.gather_refused(bad))

    def _count(self, cursor: Cursor, what: str) -> int:
        return int(cursor.execute(f"select {what}").all()[0][0])

    def _bring_messages(
        self, cursor: Cursor, statements: Statements, first: int, count: int, line: int
    ) -> int:
        """Make a chunk's messages readable, with their lines gathered into one list each.

        The engine is slow at gathering rows into many lists; the rows stand in the right order
        already, so Arrow only needs to be told where each list starts.

        Returns:
            How many lines there are.
        """
        messages = cursor.arrow(statements.chunk_messages(first, count))
        offsets = np.zeros(count + 1, np.int64)
        np.cumsum(messages["line_count"].to_numpy(), out=offsets[1:])
        table = cursor.arrow(statements.chunk_lines(line, int(offsets[-1])))
        fields = [column.combine_chunks() for column in table.columns]
        lines = pa.ListArray.from_arrays(
            pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(fields, table.column_names)
        )
        together = messages.append_column("lines", lines)
        # The engine hands batches to its threads; of one large one, one thread would get all.
        cursor.register(
            CHUNK, pa.Table.from_batches(together.to_batches(_BATCH_ROWS), together.schema)
        )
        return int(offsets[-1])
