"""One workspace folder: its database file, its lock, and what it says of itself."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Self

from patron.engines.duckdb import Cursor, Database
from patron.errors import ConflictError, NotFoundError
from patron.warehouse.schema import migrate

DATABASE = "patron.duckdb"
TOKEN = "admin-token"  # noqa: S105 - the name of a file


class Store:
    """The tables of one folder.

    Args:
        folder: An initialised workspace folder.
        memory_limit: What DuckDB may hold in memory, such as ``"4GB"``.
        threads: How many threads one question may use.

    Raises:
        NotFoundError: The folder is no workspace.
        BusyError: Another process has it open.
        StorageError: It cannot be read, or a newer Patron wrote it.
    """

    def __init__(
        self, folder: Path, *, memory_limit: str | None = None, threads: int | None = None
    ) -> None:
        if not (folder / DATABASE).exists():
            raise NotFoundError(
                f"{folder} is not a Patron workspace.", hint=f"Make one: patron init {folder}"
            )
        self.folder = folder
        self.live = folder / "live"
        self.live.mkdir(exist_ok=True)
        self.scratch = folder / "scratch"
        self.scratch.mkdir(exist_ok=True)
        self.database = Database(folder / DATABASE, memory_limit=memory_limit, threads=threads)
        with self.database.cursor() as cursor:
            migrate(cursor)

    def cursor(self) -> Cursor:
        """A cursor of its own for one reader."""
        return self.database.cursor()

    def close(self) -> None:
        """Close the database file; its log is folded in."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


def initialise(folder: Path, *, name: str, now: datetime) -> str:
    """Make a workspace folder.

    Args:
        folder: Need not exist; must not hold a workspace already.
        name: What the workspace is called.
        now: When it is made.

    Returns:
        The admin token. Its hash is stored in the database, itself in the file ``admin-token``
        that only the owner of the folder may read.

    Raises:
        ConflictError: There is a workspace already.
    """
    if (folder / DATABASE).exists():
        raise ConflictError(f"{folder} is a Patron workspace already.")
    folder.mkdir(parents=True, exist_ok=True)
    token = f"patron_admin_{secrets.token_urlsafe(32)}"
    with Database(folder / DATABASE) as database:
        cursor = database.cursor()
        migrate(cursor)
        with cursor.transaction():
            cursor.execute(
                "insert into tokens (hash, name, role, created_at) values (?, 'admin', 'admin', ?)",
                [hash_secret(token), now],
            )
            cursor.execute("insert into meta values ('name', ?), ('created_at', ?)",
                           [name, now.isoformat()])  # fmt: skip
    file = folder / TOKEN
    file.touch(mode=0o600)
    file.write_text(token + "\n", encoding="utf-8")
    return token


def hash_secret(secret: str) -> str:
    """How keys and tokens are stored: SHA-256, enough for secrets of 192 random bits and more."""
    return sha256(secret.encode()).hexdigest()
