"""Reads MySQL and MariaDB through PyMySQL; values come as the text that the server writes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from patron.collect.databases.address import Address
from patron.collect.databases.reading import Cell, Kind, Reader, SourceColumn, missing
from patron.spec.databases import DatabaseRows

CONNECT_SECONDS = 10
_BINARY = 63
_UNSIGNED = 32
_KINDS: dict[int, Kind] = {
    0: "decimal", 246: "decimal", 1: "integer", 2: "integer", 3: "integer", 8: "integer",
    9: "integer", 13: "integer", 4: "floating-point number", 5: "floating-point number",
    7: "moment", 10: "date", 12: "time without a zone", 16: "binary", 245: "json", 255: "binary",
}  # fmt: skip
_TEXTS = frozenset({15, 249, 250, 251, 252, 253, 254})
_SESSION = (
    "set session time_zone = '+00:00'",
    # The server must not give up while a batch is stored.
    "set session net_write_timeout = 3600",
    "set session transaction isolation level repeatable read",
    "start transaction with consistent snapshot, read only",
)


class MysqlReader(Reader):
    """See `Reader`."""

    def __init__(self, address: Address, rows: DatabaseRows) -> None:
        super().__init__(address, rows)
        try:
            import pymysql
        except ImportError:
            raise missing("PyMySQL", rows.connection) from None
        self._driver = pymysql
        given: dict[str, Any] = {
            "host": address.host or "localhost", "port": address.port or 3306,
            "user": address.user, "password": address.password or "",
            "database": address.database, "charset": "utf8mb4",
            "conv": dict(pymysql.converters.encoders),
            "connect_timeout": CONNECT_SECONDS, "autocommit": True, **address.options,
        }  # fmt: skip
        self._given = given
        self._kinds: dict[str, Kind] = {}
        try:
            self._connection = pymysql.connect(**given)
            with self._connection.cursor() as cursor:
                for statement in _SESSION:
                    cursor.execute(statement)
        except Exception as error:  # noqa: BLE001 - what goes on from here would show the password
            raise self.failed(error) from None

    def columns(self) -> list[SourceColumn]:
        """See `Reader`."""
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(f"select * from {self._relation()} limit 0", ())
            except self._driver.Error as error:
                raise self.failed(error) from None
            # The description that the driver makes of these leaves out what tells binary from text.
            found = [_column(field) for field in cursor._result.fields]  # noqa: SLF001
        self._kinds = {column.name: column.kind for column in found}
        return found

    def count(self, start: str | None) -> int:
        """See `Reader`."""
        where, values = self._from(start)
        with self._connection.cursor() as cursor:
            self._ask(cursor, f"select count(*) from {self._relation()}{where}", values)
            return int(cursor.fetchone()[0])

    def rows(
        self, columns: list[SourceColumn], start: str | None, size: int
    ) -> Iterator[list[tuple[Cell, ...]]]:
        """See `Reader`."""
        from pymysql.cursors import SSCursor

        names = ", ".join(_quoted(column.name) for column in columns)
        where, values = self._from(start)
        cursor = self._connection.cursor(SSCursor)
        self._ask(
            cursor,
            f"select {names} from {self._relation()}{where} order by {_quoted(self.asked.cursor)}",
            values,
        )
        try:
            while batch := cursor.fetchmany(size):
                yield list(batch)
        except (self._driver.Error, OSError) as error:
            raise self.failed(error) from None

    def cancel(self) -> None:
        """See `Reader`."""
        with contextlib.suppress(self._driver.Error, OSError):
            other = self._driver.connect(**self._given)
            with contextlib.closing(other), other.cursor() as cursor:
                number: int = self._connection.thread_id()  # type: ignore[no-untyped-call]
                cursor.execute(f"kill query {int(number)}")

    def close(self) -> None:
        """See `Reader`."""
        with contextlib.suppress(self._driver.Error, OSError):
            self._connection.close()

    def _ask(self, cursor: Any, sql: str, values: tuple[Any, ...]) -> None:  # noqa: ANN401
        try:
            cursor.execute(sql, values)
        except (self._driver.Error, OSError) as error:
            raise self.failed(error) from None

    def _relation(self) -> str:
        if self.asked.table is not None:
            return ".".join(_quoted(part) for part in self.asked.table.split("."))
        query = (self.asked.query or "").strip().rstrip(";").replace("%", "%%")
        return f"({query}\n) as pulled"

    def _from(self, start: str | None) -> tuple[str, tuple[Any, ...]]:
        cursor = _quoted(self.asked.cursor)
        if start is None:
            return f" where {cursor} is not null", ()
        return f" where {cursor} >= %s", (self._bound(start),)

    def _bound(self, start: str) -> int | Decimal | str:
        """Numbers go as numbers: compared with text, the server would make both doubles."""
        kind = self._kinds.get(self.asked.cursor)
        if kind in {"integer", "large integer"}:
            return int(start)
        return Decimal(start) if kind == "decimal" else start


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``").replace("%", "%%") + "`"


def _column(field: Any) -> SourceColumn:  # noqa: ANN401 - the driver's own
    code = int(field.type_code)
    kind = _KINDS.get(code, "text")
    if code in _TEXTS and field.charsetnr == _BINARY:
        kind = "binary"
    if kind == "integer" and code == 8 and field.flags & _UNSIGNED:
        kind = "large integer"
    if kind == "decimal":
        digits = int(field.length)
        if digits > 38:
            return SourceColumn(field.name, "number", code=code)
        return SourceColumn(field.name, "decimal", (max(digits, field.scale), field.scale), code)
    return SourceColumn(field.name, kind, code=code)
