"""Answers to writes, by idempotency key."""

from __future__ import annotations

from datetime import datetime, timedelta

from patron.engines.duckdb import Cursor

KEPT = timedelta(hours=24)


def remembered(cursor: Cursor, key: str) -> tuple[str, int, str] | None:
    """Request hash, status and response of the write with this key; None when there is none."""
    cursor.execute("select request_hash, status, response from idempotency where key = ?", [key])
    row: tuple[str, int, str] | None = cursor.one()
    return row


def remember(
    cursor: Cursor, key: str, request_hash: str, status: int, response: str, now: datetime
) -> None:
    """Keep an answer for 24 hours, and forget those older than that."""
    with cursor.transaction():
        cursor.execute("delete from idempotency where created_at < ?", [now - KEPT])
        cursor.execute(
            "insert or replace into idempotency values (?, ?, ?, ?, ?)",
            [key, request_hash, status, response, now],
        )
