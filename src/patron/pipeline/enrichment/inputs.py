"""What connectors are given: identifiers, traits, and the context of messages, from the tables."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from patron.engines.duckdb import Cursor
from patron.spec.enrichment import Reads

_NEWEST = {
    "identifiers": "select coalesce(max(identifier_id), 0) from identifiers",
    "traits": "select coalesce(max(position), 0) from messages",
    "context": "select coalesce(max(position), 0) from messages",
}

_IDENTIFIERS = """
select identifier_id, identifier_id, first_seen_at, 0, '', type, to_json(value)
from identifiers
where identifier_id > $after and identifier_id <= $until and type in (select unnest($names))
order by identifier_id
"""

_TRAITS = """
select t.position, t.identifier_id, t.occurred_at, t.source_id, t.message_id, t.name,
    t.value::JSON::VARCHAR
from traits as t
where t.position > $after and t.position <= $until and t.name in (select unnest($names))
    and t.source_id not in (select unnest($leave_out))
    and ($whose is null or t.identifier_id in (select unnest($whose)))
order by t.position
"""

_CONTEXT = """
select position, identifier_id, occurred_at, source_id, message_id, name, value::VARCHAR
from (
    select m.position, f.identifier_id, m.occurred_at, m.source_id, m.message_id, n.name,
        json_extract(m.body, '$.context.' || n.name) as value
    from (
        select position, identifier_id from events where position > $after and position <= $until
        union
        select position, identifier_id from traits where position > $after and position <= $until
    ) as f
    join messages as m using (position)
    cross join (select unnest($names) as name) as n
    where m.source_id not in (select unnest($leave_out))
        and ($whose is null or f.identifier_id in (select unnest($whose)))
)
where value is not null
order by position
"""


class Input(NamedTuple):
    """What a connector is given of one identifier or message.

    Attributes:
        identifier_id: Whom it is about.
        occurred_at: When it was so, naive UTC.
        source_id: Who said it.
        message_id: In which message.
        said: The values, by name.
    """

    identifier_id: int
    occurred_at: datetime
    source_id: int
    message_id: str
    said: Mapping[str, Any]

    @property
    def order(self) -> tuple[datetime, int, str]:
        """Of two inputs the later one is larger."""
        return self.occurred_at, self.source_id, self.message_id


def newest(cursor: Cursor, reads: Reads) -> int:
    """The number of the newest identifier or message."""
    return int(cursor.execute(_NEWEST[reads.kind]).value())


def inputs(
    cursor: Cursor,
    reads: Reads,
    after: int,
    until: int,
    *,
    leave_out: Collection[int],
    whose: Collection[int] | None = None,
) -> list[Input]:
    """What came in between two numbers.

    Args:
        cursor: On the warehouse.
        reads: What is wanted.
        after: From the number after this one.
        until: To this one.
        leave_out: Sources that do not count: those of enrichments.
        whose: Only of these identifiers; None for all.
    """
    wanted: dict[str, Any] = {"after": after, "until": until, "names": list(reads.names)}
    if reads.kind == "identifiers":
        cursor.execute(_IDENTIFIERS, wanted)
    else:
        wanted["leave_out"] = list(leave_out)
        wanted["whose"] = None if whose is None else list(whose)
        cursor.execute(_TRAITS if reads.kind == "traits" else _CONTEXT, wanted)
    return list(_gathered(cursor.all()))


def _gathered(rows: Iterable[tuple[Any, ...]]) -> Iterable[Input]:
    """One input of all rows of a message."""
    found: dict[int, Input] = {}
    for number, identifier_id, occurred_at, source_id, message_id, name, value in rows:
        known = found.get(number)
        if known is None:
            known = Input(identifier_id, occurred_at, source_id, message_id, {})
            found[number] = known
        said: dict[str, Any] = known.said  # type: ignore[assignment]
        said[name] = None if value is None else json.loads(value)
    return found.values()
