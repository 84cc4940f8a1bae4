"""The schema: numbered migrations, and the views that are made anew at every start."""

from __future__ import annotations

import re
from importlib import resources

from patron.engines.duckdb import Cursor
from patron.errors import StorageError

_NUMBERED = re.compile(r"(\d{4})_\w+\.sql")


def migrations() -> list[tuple[int, str]]:
    """Number and SQL text of every migration, in order."""
    folder = resources.files("patron.warehouse.migrations")
    found = [
        (int(match[1]), file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if (match := _NUMBERED.fullmatch(file.name))
    ]
    return sorted(found)


def migrate(cursor: Cursor) -> int:
    """Bring a database to this version's schema, each step in a transaction of its own.

    Args:
        cursor: On a new or an older database.

    Returns:
        The schema version that now holds.

    Raises:
        StorageError: The database was written by a newer version of Patron.
    """
    current = schema_version(cursor)
    known = migrations()
    newest = known[-1][0]
    if current > newest:
        raise StorageError(
            f"This folder has schema version {current}; this Patron knows up to {newest}.",
            hint="Install the newer Patron that wrote it. Nothing was changed.",
        )
    for number, sql in known:
        if number > current:
            with cursor.transaction():
                cursor.execute(sql)
                cursor.execute(
                    "insert or replace into meta values ('schema_version', ?)", [str(number)]
                )
    cursor.execute(resources.files("patron.warehouse").joinpath("views.sql").read_text("utf-8"))
    return newest


def schema_version(cursor: Cursor) -> int:
    """The number of the newest migration that was applied; 0 for an empty database."""
    cursor.execute("select count(*) from information_schema.tables where table_name = 'meta'")
    if not cursor.value():
        return 0
    version = cursor.execute("select value from meta where key = 'schema_version'").value()
    return int(version or 0)
