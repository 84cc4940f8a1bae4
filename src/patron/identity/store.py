"""Writes what identity decided into the tables, set-at-a-time."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.identity.devices.rows import write_devices
from patron.identity.links import LINKING
from patron.identity.resolution import Resolution

FILED_TABLES = ("events", "order_lines", "traits", "group_members", "notes")
"""Tables whose rows name the profile and the identifier that they came in under."""


STANDING = [
    """update profiles set merged_into = nullif(r.survivor_id, r.profile_id)
    from {rows} as r where profiles.profile_id = r.profile_id""",
    """update profiles set merged_into = r.survivor_id
    from {rows} as r where profiles.follows = r.profile_id""",
    "delete from profile_map where profile_id in (select profile_id from {rows})",
    """insert into profile_map select profile_id, survivor_id from {rows}
    where profile_id <> survivor_id""",
]
"""What a change of who stands for whom does, in this order."""

_MERGES = """
insert into merges by name
select m.* replace (
    coalesce(m.occurred_at, m.recorded_at) as occurred_at,
    coalesce(replace(
        m.reason, m.message_id || ' of source ' || m.source_id,
        m.message_id || ' of source ' || s.name
    ), m.reason) as reason
)
from {rows} as m left join sources as s on s.source_id = m.source_id
"""
# Identity knows sources by their numbers; people know them by name.


def write(cursor: Cursor, resolution: Resolution, recorded_at: datetime, *, first: int = 1) -> None:
    """Bring the tables of identity, and rows stored under identifiers that moved, up to date.

    A batch that brings nothing new costs nothing here.

    Args:
        cursor: Inside the transaction that also stores the batch's messages.
        resolution: The resolver's answer to the batch.
        recorded_at: When this is recorded, UTC.
        first: The log position of the batch's first message that has an identity; the others of
            them follow without a gap.
    """
    _run(cursor, resolution.identifiers, "insert into identifiers by name select * from {rows}")
    links = _recorded(resolution.links, "recorded_at", recorded_at)
    _run(cursor, links, "insert into links by name select * from {rows}")
    profiles = _recorded(resolution.profiles, "created_at", recorded_at)
    _run(cursor, profiles, "insert into profiles by name select * from {rows}")
    _run(cursor, _recorded(resolution.merges, "recorded_at", recorded_at), _MERGES)
    _update_seen(cursor, resolution)
    _update_links(cursor, resolution)
    _update_standing(cursor, resolution)
    _move(cursor, resolution)
    if resolution.devices is not None:
        positions = np.cumsum(resolution.identifier_id > 0) - 1 + first
        write_devices(cursor, resolution.devices, positions, FILED_TABLES)


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
        return compact_within(cursor)


def compact_within(cursor: Cursor) -> int:
    """The same inside the caller's transaction."""
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
    _run(
        cursor,
        resolution.identifiers_seen,
        "update identifiers set first_seen_at = r.first_seen_at from {rows} as r "
        "where identifiers.identifier_id = r.identifier_id",
    )
    _run(
        cursor,
        resolution.profiles_seen,
        "update profiles set first_seen_at = r.first_seen_at from {rows} as r "
        "where profiles.profile_id = r.profile_id",
    )


def _update_links(cursor: Cursor, resolution: Resolution) -> None:
    _run(
        cursor,
        resolution.links_earlier,
        "update links set first_observed_at = r.first_observed_at, source_id = r.source_id, "
        "message_id = r.message_id, rule = r.rule from {rows} as r "
        "where links.a = r.a and links.b = r.b "
        "and ((r.first_observed_at, r.source_id, r.message_id) "
        "< (links.first_observed_at, links.source_id, links.message_id) "
        # What was observed counts more than what a model said, however early that was.
        f"or starts_with(links.rule, '{LINKING}') and not starts_with(r.rule, '{LINKING}'))",
    )
    _run(
        cursor,
        resolution.links_kept,
        "update links set kept = r.kept from {rows} as r where links.a = r.a and links.b = r.b",
    )


def _update_standing(cursor: Cursor, resolution: Resolution) -> None:
    """Who stands for whom, and the map that leads from stored ids to those that stand."""
    for statement in STANDING:
        _run(cursor, resolution.survivors, statement)


def _move(cursor: Cursor, resolution: Resolution) -> None:
    """Take the rows of identifiers along that went to another profile."""
    _run(
        cursor,
        resolution.births,
        "update identifiers set birth_profile_id = r.profile_id from {rows} as r "
        "where identifiers.identifier_id = r.identifier_id",
    )
    for table in (*FILED_TABLES, "identifiers"):
        _run(
            cursor,
            resolution.moved,
            f"update {table} set profile_id = r.profile_id from {{rows}} as r "
            f"where {table}.identifier_id = r.identifier_id",
        )


def _run(cursor: Cursor, table: pa.Table | None, sql: str) -> None:
    """Run one statement over some rows, if there are any."""
    if table is not None:
        cursor.over(table, sql)


def _recorded(table: pa.Table | None, column: str, now: datetime) -> pa.Table | None:
    """The rows with the moment that they are recorded at."""
    if table is None:
        return None
    return table.append_column(column, pa.array([now] * len(table), pa.timestamp("us")))
