"""Reads SQLite files. Every value has a type of its own there, so it comes as JSON."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from patron.collect.databases.address import Address
from patron.collect.databases.reading import Cell, Reader, SourceColumn
from patron.spec.databases import DatabaseRows

WAIT = 30.0
"""Seconds to wait for a writer that has the file locked."""


class SqliteReader(Reader):
    """See `Reader`."""

    def __init__(self, address: Address, rows: DatabaseRows) -> None:
        super().__init__(address, rows)
        uri = f"{Path(address.database).as_uri()}?mode=ro"
        try:
            self._connection = sqlite3.connect(
                uri, uri=True, timeout=WAIT, isolation_level=None, check_same_thread=False
            )
            self._connection.text_factory = lambda given: given.decode("utf-8", "replace")
            self._connection.execute("pragma query_only = true")
            self._connection.execute("begin")
        except sqlite3.Error as error:
            raise self.failed(error) from None

    def columns(self) -> list[SourceColumn]:
        """See `Reader`."""
        found = self._ask(f"select * from {self._relation()} limit 0", [])
        return [SourceColumn(name[0], "value of any type") for name in found.description]

    def count(self, start: str | None) -> int:
        """See `Reader`."""
        where, values = self._from(start)
        return int(
            self._ask(f"select count(*) from {self._relation()}{where}", values).fetchone()[0]
        )

    def rows(
        self, columns: list[SourceColumn], start: str | None, size: int
    ) -> Iterator[list[tuple[Cell, ...]]]:
        """See `Reader`."""
        names = ", ".join(_quoted(column.name) for column in columns)
        where, values = self._from(start)
        cursor = _quoted(self.asked.cursor)
        found = self._ask(
            f"select {names} from {self._relation()}{where} order by {cursor}", values
        )
        while batch := self._fetch(found, size):
            yield [
                tuple(_cell(value, column) for value, column in zip(row, columns, strict=True))
                for row in batch
            ]

    def cancel(self) -> None:
        """See `Reader`."""
        self._connection.interrupt()

    def close(self) -> None:
        """See `Reader`."""
        self._connection.close()

    def _ask(self, sql: str, values: list[Any]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, values)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise self.failed(error) from None

    def _fetch(self, found: sqlite3.Cursor, size: int) -> list[tuple[Any, ...]]:
        try:
            return found.fetchmany(size)
        except sqlite3.Error as error:
            raise self.failed(error) from None

    def _relation(self) -> str:
        if self.asked.table is not None:
            return ".".join(_quoted(part) for part in self.asked.table.split("."))
        return f"({(self.asked.query or '').strip().rstrip(';')}\n) as pulled"

    def _from(self, start: str | None) -> tuple[str, list[Any]]:
        cursor = _quoted(self.asked.cursor)
        if start is None:
            return f" where {cursor} is not null", []
        return f" where {cursor} >= ?", [json.loads(start)]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cell(value: object, column: SourceColumn) -> Cell:
    if value is None or isinstance(value, bytes):
        return value
    if column.kind == "json" and isinstance(value, str):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(str(value))
    return json.dumps(value, ensure_ascii=False)
