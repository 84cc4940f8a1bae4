"""Static lists as rows: identifiers in normal form, each once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from patron.engines.duckdb import Cursor

Member = tuple[str, str]


def put_list(cursor: Cursor, name: str, members: Sequence[Member], now: datetime) -> None:
    """Make a list hold exactly these; entries that stay keep the time they were added.

    Args:
        cursor: In a write transaction.
        name: The list.
        members: (type, value in normal form).
        now: When, naive UTC.
    """
    with _registered(cursor, members):
        cursor.execute(
            "delete from list_members where list = ? and not exists (from wanted_members as w "
            "where w.type = list_members.type and w.value = list_members.value)",
            [name],
        )
        cursor.execute(
            "insert into list_members select ?, type, value, ? from (select distinct * from "
            "wanted_members) as w where not exists (from list_members as m where m.list = ? "
            "and m.type = w.type and m.value = w.value)",
            [name, now, name],
        )


def remove_list(cursor: Cursor, name: str) -> None:
    """Empty a list."""
    cursor.execute("delete from list_members where list = ?", [name])


def list_sizes(cursor: Cursor) -> list[dict[str, Any]]:
    """Name and number of entries of every list that has any."""
    cursor.execute(
        "select list as name, count(*) as entries from list_members group by list order by list"
    )
    return cursor.records()


@contextlib.contextmanager
def _registered(cursor: Cursor, members: Sequence[Member]) -> Iterator[None]:
    table = pa.table(
        {
            "type": pa.array([kind for kind, _ in members], pa.string()),
            "value": pa.array([value for _, value in members], pa.string()),
        }
    )
    cursor.register("wanted_members", table)
    try:
        yield
    finally:
        cursor.unregister("wanted_members")
