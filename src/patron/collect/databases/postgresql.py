"""Reads PostgreSQL through psycopg; values come as the text that the server writes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from patron.collect.databases.address import Address
from patron.collect.databases.reading import Cell, Kind, Reader, SourceColumn, missing
from patron.spec.databases import DatabaseRows

if TYPE_CHECKING:
    from psycopg import Connection, sql

CONNECT_SECONDS = 10
_JSON = 114
_KINDS: dict[int, Kind] = {
    16: "boolean", 17: "binary", 20: "integer", 21: "integer", 23: "integer", 26: "integer",
    114: "json", 3802: "json", 700: "floating-point number", 701: "floating-point number",
    1082: "date", 1114: "time without a zone", 1184: "moment", 1700: "number",
}  # fmt: skip
_SESSION = "set timezone = 'UTC'; set datestyle = 'ISO'; set extra_float_digits = 1"


class PostgresReader(Reader):
    """See `Reader`."""

    def __init__(self, address: Address, rows: DatabaseRows) -> None:
        super().__init__(address, rows)
        try:
            import psycopg
        except ImportError:
            raise missing("psycopg", rows.connection) from None
        self._driver = psycopg
        given: dict[str, Any] = {
            "host": address.host, "port": address.port, "user": address.user,
            "password": address.password, "dbname": address.database,
            "connect_timeout": CONNECT_SECONDS, "application_name": "patron",
            "client_encoding": "UTF8", "keepalives_idle": 30,
        }  # fmt: skip
        given.update(address.options)
        try:
            self._connection: Connection[tuple[Any, ...]] = psycopg.connect(
                "", **{name: value for name, value in given.items() if value is not None}
            )
            self._connection.execute(_SESSION)
            self._connection.commit()
            self._connection.read_only = True
            self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        except Exception as error:  # noqa: BLE001 - what goes on from here would show the password
            raise self.failed(error) from None

    def columns(self) -> list[SourceColumn]:
        """See `Reader`."""
        from psycopg import sql
        from psycopg.types.string import TextLoader

        found = self._ask(sql.SQL("select * from {} where false").format(self._relation()), ())
        described = [(c.name, c.type_code, c.precision, c.scale) for c in found.description or ()]
        codes = [code for _, code, _, _ in described]
        for code in {*codes, _JSON}:
            self._connection.adapters.register_loader(code, TextLoader)
        made = dict(
            self._ask(
                sql.SQL("select oid::int8, typcategory in ('A', 'C') from pg_type "
                        "where oid = any(%s::oid[])"),
                (codes,),
            ).fetchall()
        )  # fmt: skip
        nested = {int(code) for code, is_nested in made.items() if str(is_nested) in {"t", "True"}}
        return [
            _column(name, code, precision, scale, nested=code in nested)
            for name, code, precision, scale in described
        ]

    def count(self, start: str | None) -> int:
        """See `Reader`."""
        from psycopg import sql

        where, values = self._from(start)
        question = sql.SQL("select count(*) from {}{}").format(self._relation(), where)
        row = self._ask(question, values).fetchone()
        return int(row[0]) if row else 0

    def rows(
        self, columns: list[SourceColumn], start: str | None, size: int
    ) -> Iterator[list[tuple[Cell, ...]]]:
        """See `Reader`."""
        from psycopg import sql

        where, values = self._from(start)
        question = sql.SQL("select {} from {}{} order by {}").format(
            sql.SQL(", ").join(map(_selected, columns)),
            self._relation(),
            where,
            _identifier(self.asked.cursor),
        )
        cursor = self._connection.cursor(name="patron_pull")
        try:
            cursor.execute(question, values)
            while batch := cursor.fetchmany(size):
                yield batch
        except self._driver.Error as error:
            raise self.failed(error) from None

    def cancel(self) -> None:
        """See `Reader`."""
        with contextlib.suppress(self._driver.Error):
            self._connection.cancel_safe(timeout=CONNECT_SECONDS)

    def close(self) -> None:
        """See `Reader`."""
        self._connection.close()

    def _ask(self, question: sql.Composed | sql.SQL, values: tuple[Any, ...]) -> Any:  # noqa: ANN401
        try:
            return self._connection.execute(question, values)
        except self._driver.Error as error:
            raise self.failed(error) from None

    def _relation(self) -> sql.Composable:
        from psycopg import sql

        if self.asked.table is not None:
            return _identifier(*self.asked.table.split("."))
        query = (self.asked.query or "").strip().rstrip(";").replace("%", "%%")
        return sql.SQL("({}\n) as pulled").format(_text(query))

    def _from(self, start: str | None) -> tuple[sql.Composable, tuple[Any, ...]]:
        from psycopg import sql

        cursor = _identifier(self.asked.cursor)
        if start is None:
            return sql.SQL(" where {} is not null").format(cursor), ()
        return sql.SQL(" where {} >= %s").format(cursor), (start,)


def _text(query: str) -> sql.Composable:
    from psycopg import sql

    return sql.SQL(query)


def _identifier(*parts: str) -> sql.Composable:
    """A quoted name; the driver looks for values to put in wherever there is a %."""
    from psycopg import sql

    return sql.Identifier(*(part.replace("%", "%%") for part in parts))


def _selected(column: SourceColumn) -> sql.Composable:
    from psycopg import sql

    name = _identifier(column.name)
    if column.kind == "json" and _KINDS.get(column.code) is None:
        return sql.SQL("to_json({})").format(name)
    return name


def _column(
    name: str, code: int, precision: int | None, scale: int | None, *, nested: bool
) -> SourceColumn:
    kind = _KINDS.get(code, "json" if nested else "text")
    stated = precision is not None and scale is not None and 0 <= scale <= precision <= 38
    if kind == "number" and precision is not None and scale is not None and stated:
        return SourceColumn(name, "decimal", (precision, scale), code)
    return SourceColumn(name, kind, code=code)
