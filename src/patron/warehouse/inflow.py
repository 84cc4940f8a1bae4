"""What came in lately, by source."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from patron.engines.duckdb import Cursor

_BY_TYPE = """
select source_id, type, count(*) from messages where received_at > $since group by all
union all
select source_id, 'quarantined', count(*) from quarantine
where received_at > $since group by all
"""

_LAST = """
select source_id, max(received_at) from (
    select source_id, received_at from messages
    union all
    select source_id, received_at from quarantine
) group by source_id
"""


def by_type(cursor: Cursor, since: datetime) -> dict[int, dict[str, int]]:
    """How many messages of each type a source sent since a moment; refused ones as quarantined."""
    found: dict[int, dict[str, int]] = {}
    for source_id, type_, count in cursor.execute(_BY_TYPE, {"since": since}).all():
        found.setdefault(source_id, {})[type_] = count
    return found


def last_messages(cursor: Cursor) -> dict[int, datetime]:
    """When the last message of each source came in, stored or refused."""
    return dict(cursor.execute(_LAST).all())


_NEWEST_STORED = """
select m.received_at, m.source_id, m.message_id, m.type,
    (select any_value(e.name) from events as e where e.position = m.position),
    'stored', coalesce(
        (select any_value(e.profile_id) from events as e where e.position = m.position),
        (select any_value(t.profile_id) from traits as t where t.position = m.position)
    ), null, null, null, null, m.body
from messages as m
where m.position > (select max(position) from messages) - ?
order by m.position
"""

_NEWEST_QUARANTINED = """
select received_at, source_id, message_id, type, null, 'quarantined', null, code, field, reason,
    told, body
from quarantine
where quarantine_id > (select max(quarantine_id) from quarantine) - ?
order by quarantine_id
"""


def newest_stored(cursor: Cursor, most: int) -> list[tuple[Any, ...]]:
    """The newest messages: when and from whom they came, what they are, and their profile."""
    return cursor.execute(_NEWEST_STORED, [most]).all()


def newest_quarantined(cursor: Cursor, most: int) -> list[tuple[Any, ...]]:
    """The newest refused messages, in the same columns."""
    rows = cursor.execute(_NEWEST_QUARANTINED, [most]).all()
    return [(*row[:-1], bytes(row[-1]).decode(errors="replace")) for row in rows]


_PER_MINUTE = """
select source_id, time_bucket(interval 1 minute, received_at) as minute,
    count(*) filter (not refused), count(*) filter (refused)
from (
    select source_id, received_at, false as refused from messages where received_at >= $since
    union all
    select source_id, received_at, true from quarantine where received_at >= $since
) where received_at < $until group by source_id, minute order by source_id, minute
"""


def per_minute(
    cursor: Cursor, since: datetime, until: datetime
) -> list[tuple[int, datetime, int, int]]:
    """Messages stored and refused, by source and by the minute that they came in."""
    return cursor.execute(_PER_MINUTE, {"since": since, "until": until}).all()
