"""The write keys of sources: kept as hashes, several at a time, revoked one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from patron.engines.duckdb import Cursor
from patron.errors import NotFoundError
from patron.warehouse.store import hash_secret

SHOWN = 4
"""So many last characters are kept, for people to tell a key by."""


def add_key(
    cursor: Cursor,
    source_id: int,
    key: str,
    *,
    made_by: str | None = None,
    made_at: datetime | None = None,
) -> int:
    """Let a source be sent to with a key, too.

    Args:
        cursor: Inside a write transaction.
        source_id: The number of the source.
        key: The key itself; only its hash and its end are kept.
        made_by: The name of whoever made it.
        made_at: When, naive UTC.

    Returns:
        The number of the key.
    """
    number = int(cursor.execute("select coalesce(max(key_id), 0) + 1 from source_keys").value())
    cursor.execute(
        "insert into source_keys values (?, ?, ?, ?, ?, ?, null)",
        [number, source_id, hash_secret(key), key[-SHOWN:], made_by, made_at],
    )
    return number


def revoke_key(cursor: Cursor, source_id: int, key_id: int, now: datetime) -> None:
    """Take nothing more that is sent with a key; one that is revoked already stays so.

    Raises:
        NotFoundError: The source has no such key.
    """
    cursor.execute(
        "select count(*) from source_keys where source_id = ? and key_id = ?", [source_id, key_id]
    )
    if not cursor.value():
        raise NotFoundError(f"The source has no key {key_id}.")
    cursor.execute(
        "update source_keys set revoked_at = ? where key_id = ? and revoked_at is null",
        [now, key_id],
    )


def revoke_all(cursor: Cursor, source: str, now: datetime) -> None:
    """Revoke every key of a source: of one that is declared anew, none of old holds again."""
    cursor.execute(
        "update source_keys set revoked_at = ? where revoked_at is null "
        "and source_id in (select source_id from sources where name = ?)",
        [now, source],
    )


def keys_that_hold(cursor: Cursor) -> list[tuple[int, str]]:
    """The number of the source and the hash of every key that is not revoked."""
    cursor.execute("select source_id, hash from source_keys where revoked_at is null")
    return [(source_id, hashed) for source_id, hashed in cursor.all()]


def keys_by_source(cursor: Cursor) -> dict[int, list[dict[str, Any]]]:
    """The keys of each source, the newest first, without their secrets."""
    cursor.execute(
        "select source_id, key_id, ends_with, made_by, made_at, revoked_at from source_keys "
        "order by key_id desc"
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in cursor.records():
        found.setdefault(row.pop("source_id"), []).append(row)
    return found
