"""Databases that mappings read: which rows, and by which column one pull goes on after another."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from patron.errors import DefinitionError
from patron.spec.spans import span

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


class DatabaseRows(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """The rows of a table or of a query, pulled by a column that grows.

    Attributes:
        connection: The name under which the environment or ``patron.toml`` holds the URL.
        table: A table or view, with its schema as in ``sales.orders``; or else:
        query: One SELECT in the language of the database.
        cursor: The column by which rows are asked for: those at or after where the last pull ended.
        overlap: Each pull begins this much before where the last one ended: a length of time, or a
            whole number for cursors that are numbers. For rows that are committed late.
        every: How often a running server pulls; only when asked to unless given.
        time_zone: IANA zone of times that state none.
    """

    connection: str
    table: str | None = None
    query: str | None = None
    cursor: str
    overlap: str | int | None = None
    every: str | None = None
    time_zone: str | None = None

    @property
    def period(self) -> int | None:
        """Microseconds between two pulls of a running server."""
        return None if self.every is None else span(self.every)

    @property
    def reads(self) -> str:
        """What a position is a position of: in anything else it has no meaning."""
        asked = self.table if self.query is None else self.query
        return msgspec.json.encode([self.connection, asked, self.cursor]).decode()


def check_database(rows: DatabaseRows) -> None:
    """Check what can be checked without the database.

    Raises:
        DefinitionError: `field` is the path of what is wrong.

    >>> check_database(DatabaseRows(connection="shop", table="orders", cursor=""))
    Traceback (most recent call last):
    patron.errors.DefinitionError: database.cursor: expected the name of a column.
    """
    if _NAME.fullmatch(rows.connection) is None:
        raise DefinitionError(
            "database.connection: expected a name such as shop, under which the environment or "
            "patron.toml holds the URL; the URL itself does not belong into a definition.",
            field="database.connection",
        )
    if (rows.table is None) == (rows.query is None):
        raise DefinitionError(
            "database: expected exactly one of table and query.", field="database"
        )
    for name in ("table", "query", "cursor"):
        if getattr(rows, name) is not None and not getattr(rows, name).strip():
            expected = {"cursor": "the name of a column", "table": "a name"}.get(name, "a SELECT")
            raise DefinitionError(
                f"database.{name}: expected {expected}.", field=f"database.{name}"
            )
    for name in ("overlap", "every"):
        _check_span(name, getattr(rows, name))
    if rows.time_zone is not None:
        try:
            ZoneInfo(rows.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise DefinitionError(
                f'database.time_zone: "{rows.time_zone}" is no IANA time zone such as '
                "Europe/Warsaw.",
                field="database.time_zone",
            ) from None


def _check_span(name: str, given: str | int | None) -> None:
    if isinstance(given, int):
        if given < 0:
            raise DefinitionError(f"database.{name}: is below 0.", field=f"database.{name}")
    elif given is not None:
        try:
            span(given)
        except ValueError as error:
            raise DefinitionError(f"database.{name}: {error}.", field=f"database.{name}") from None
