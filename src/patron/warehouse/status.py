"""What the tables say of themselves: sizes, counters, fates of messages."""

from __future__ import annotations

from typing import Any

from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.spec.incoming import told_part

_FATES = ("accepted", "stored", "duplicate", "quarantined")


def sizes(cursor: Cursor) -> dict[str, Any]:
    """How much there is of everything."""
    cursor.execute("""
        select
            (select value from meta where key = 'name') as name,
            (select value::integer from meta where key = 'schema_version') as schema_version,
            (select count(*) from sources where active and brand <> '') as sources,
            (select count(*) from profiles where merged_into is null) as profiles,
            (select count(*) from events) as events,
            (select count(*) from quarantine where replayed_at is null) as quarantined
    """)
    return cursor.records()[0]


def counters(cursor: Cursor) -> dict[str, Any]:
    """What became of everything, per source and in total."""
    cursor.execute(
        "select s.name as source, coalesce(c.accepted, 0) as accepted, "
        "coalesce(c.stored, 0) as stored, coalesce(c.duplicate, 0) as duplicate, "
        "coalesce(c.quarantined, 0) as quarantined "
        "from sources as s left join counters as c using (source_id) order by s.source_id"
    )
    rows = cursor.records()
    total = {"source": "all", **{name: sum(row[name] for row in rows) for name in _FATES}}
    return {"total": total, "sources": rows}


def fates(cursor: Cursor, message_id: str, source: str | None) -> list[dict[str, Any]]:
    """What became of the messages with one id.

    Args:
        cursor: For reading.
        message_id: As the client sent it.
        source: Only of the source of this name; None for all.

    Returns:
        One row per source that sent it; empty when it never came.
    """
    found: list[dict[str, Any]] = []
    cursor.execute(
        "select s.name as source, m.message_id, 'stored' as fate, m.position, m.received_at, "
        "coalesce(e.profile_id, t.profile_id) as profile_id "
        "from messages as m join sources as s using (source_id) "
        "left join current_events as e on e.position = m.position "
        "left join (select distinct position, profile_id from current_traits) as t "
        "on t.position = m.position "
        "where m.message_id = $id and ($source is null or s.name = $source) order by m.position",
        {"id": message_id, "source": source},
    )
    found += cursor.records()
    cursor.execute(
        "select s.name as source, q.message_id, 'quarantined' as fate, q.received_at, q.code, "
        "q.field, q.reason, q.told from quarantine as q join sources as s using (source_id) "
        "where q.message_id = $id and q.replayed_at is null "
        "and ($source is null or s.name = $source) order by q.quarantine_id",
        {"id": message_id, "source": source},
    )
    found += [{**row, "told": told_part(row["told"])} for row in cursor.records()]
    return [_dated(row) for row in found]


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    for name in ("received_at", "replayed_at"):
        if row.get(name) is not None:
            row[name] = format_time(row[name])
    return row
