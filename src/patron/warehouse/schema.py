"""The schema: numbered migrations, and the views, made anew whenever what they say changes."""

from __future__ import annotations

import re
from hashlib import sha256
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
    """Bring a database to this version's schema.

    Each step of an older database is a transaction of its own. A new one gets all in one: it waits
    for the disk once, and holds nothing that a step could find.

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
    pending = [step for step in known if step[0] > current]
    for steps in [pending] if current == 0 else [[step] for step in pending]:
        with cursor.transaction():
            for _, sql in steps:
                cursor.execute(sql)
            _keep(cursor, "schema_version", str(steps[-1][0]))
    _make_views(cursor, newest)
    return newest


def schema_version(cursor: Cursor) -> int:
    """The number of the newest migration that was applied; 0 for an empty database."""
    # information_schema takes ten times as long, and every start asks.
    cursor.execute("select count(*) from duckdb_tables() where table_name = 'meta'")
    if not cursor.value():
        return 0
    return int(_kept(cursor, "schema_version") or 0)


def _make_views(cursor: Cursor, version: int) -> None:
    """Make the views, unless these ones were made of the tables as they are."""
    text = resources.files("patron.warehouse").joinpath("views.sql").read_text("utf-8")
    made = f"{version} {sha256(text.encode()).hexdigest()}"
    if _kept(cursor, "views") != made:
        with cursor.transaction():
            cursor.execute(text)
            _keep(cursor, "views", made)


def _kept(cursor: Cursor, key: str) -> str | None:
    found: str | None = cursor.execute("select value from meta where key = ?", [key]).value()
    return found


def _keep(cursor: Cursor, key: str, value: str) -> None:
    cursor.execute("insert or replace into meta values (?, ?)", [key, value])
