"""Writes what identity decided into the tables, set-at-a-time."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from patron.engines.duckdb import Cursor, Params
from patron.identity.resolution import Resolution

ROWS = "identity_rows"
"""The name under which rows are handed to the engine."""

FILED_TABLES = ("events", "order_lines", "traits")
"""Tables whose rows name the profile and the identifier that they came in under."""


def write(cursor: Cursor, resolution: Resolution, recorded_at: datetime) -> None:
    """Bring the tables of identity, and rows stored under identifiers that moved, up to date.

    A batch that brings nothing new costs nothing here.

    Args:
        cursor: Inside the transaction that also stores the batch's messages.
        resolution: The resolver's answer to the batch.
        recorded_at: When this is recorded, UTC.
    """
    _insert(cursor, resolution.identifiers, f"insert into identifiers by name select * from {ROWS}")
    _insert(
        cursor,
        resolution.links,
        f"insert into links by name select *, $now as recorded_at from {ROWS}",
        {"now": recorded_at},
    )
    _insert(
        cursor,
        resolution.profiles,
        f"insert into profiles by name select *, $now as created_at from {ROWS}",
        {"now": recorded_at},
    )
    _insert(
        cursor,
        resolution.merges,
        "insert into merges by name select * replace (coalesce(occurred_at, $now) as occurred_at),"
        f" $now as recorded_at from {ROWS}",
        {"now": recorded_at},
    )
    _update_seen(cursor, resolution)
    _update_links(cursor, resolution)
    _update_standing(cursor, resolution)
    _move(cursor, resolution)


def compact(cursor: Cursor) -> int:
    """Rewrite rows that are still stored under profiles that were merged away.

    Runs in a transaction of its own, on the writer's thread. Afterwards nothing needs
    `profile_map` until the next merge; `profiles.merged_into` still says who stands for whom.

    Args:
        cursor: Outside any transaction.

    Returns:
        How many merged profiles were handled.
    """
    with cursor.transaction():
        handled = int(cursor.execute("select count(*) from profile_map").value())
        if handled:
            for table in (*FILED_TABLES, "identifiers"):
                cursor.execute(
                    f"update {table} set profile_id = m.survivor_id from profile_map as m "
                    f"where {table}.profile_id = m.profile_id"
                )
            cursor.execute("delete from profile_map")
    return handled


def _update_seen(cursor: Cursor, resolution: Resolution) -> None:
    _insert(
        cursor,
        resolution.identifiers_seen,
        f"update identifiers set first_seen_at = r.first_seen_at from {ROWS} as r "
        "where identifiers.identifier_id = r.identifier_id",
    )
    _insert(
        cursor,
        resolution.profiles_seen,
        f"update profiles set first_seen_at = r.first_seen_at from {ROWS} as r "
        "where profiles.profile_id = r.profile_id",
    )


def _update_links(cursor: Cursor, resolution: Resolution) -> None:
    _insert(
        cursor,
        resolution.links_earlier,
        "update links set first_observed_at = r.first_observed_at, source_id = r.source_id, "
        f"message_id = r.message_id, rule = r.rule from {ROWS} as r "
        "where links.a = r.a and links.b = r.b "
        "and (r.first_observed_at, r.source_id, r.message_id) "
        "< (links.first_observed_at, links.source_id, links.message_id)",
    )
    _insert(
        cursor,
        resolution.links_kept,
        f"update links set kept = r.kept from {ROWS} as r where links.a = r.a and links.b = r.b",
    )


def _update_standing(cursor: Cursor, resolution: Resolution) -> None:
    """Who stands for whom, and the map that leads from stored ids to those that stand."""
    if resolution.survivors is None:
        return
    with _Handed(cursor, resolution.survivors):
        cursor.execute(
            "update profiles set merged_into = nullif(r.survivor_id, r.profile_id) "
            f"from {ROWS} as r where profiles.profile_id = r.profile_id"
        )
        cursor.execute(
            f"delete from profile_map where profile_id in (select profile_id from {ROWS})"
        )
        cursor.execute(
            f"insert into profile_map select profile_id, survivor_id from {ROWS} "
            "where profile_id <> survivor_id"
        )


def _move(cursor: Cursor, resolution: Resolution) -> None:
    """Take the rows of identifiers along that went to another profile."""
    _insert(
        cursor,
        resolution.births,
        f"update identifiers set birth_profile_id = r.profile_id from {ROWS} as r "
        "where identifiers.identifier_id = r.identifier_id",
    )
    if resolution.moved is None:
        return
    with _Handed(cursor, resolution.moved):
        for table in (*FILED_TABLES, "identifiers"):
            cursor.execute(
                f"update {table} set profile_id = r.profile_id from {ROWS} as r "
                f"where {table}.identifier_id = r.identifier_id"
            )


def _insert(cursor: Cursor, table: pa.Table | None, sql: str, params: Params = None) -> None:
    """Run one statement over some rows, if there are any."""
    if table is not None:
        with _Handed(cursor, table):
            cursor.execute(sql, params)


class _Handed:
    """Rows that the engine can read under the name `ROWS` while the block runs."""

    def __init__(self, cursor: Cursor, table: pa.Table) -> None:
        self._cursor = cursor
        self._table = table

    def __enter__(self) -> None:
        self._cursor.register(ROWS, self._table)

    def __exit__(self, *_: object) -> None:
        self._cursor.unregister(ROWS)
