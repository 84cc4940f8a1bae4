"""What was not as planned, as rows: appended with each commit, and summed up by the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from patron.engines.duckdb import Cursor

SCHEMA = pa.schema(
    [
        ("source_id", pa.int32()),
        ("event", pa.string()),
        ("field", pa.string()),
        ("fault", pa.string()),
        ("told", pa.string()),
        ("messages", pa.int64()),
        ("refused", pa.int64()),
        ("seen", pa.timestamp("us")),
        ("example", pa.string()),
    ]
)

_APPEND = """
insert into plan_faults
select seen::DATE, source_id, event, field, fault, told, messages, refused, seen, seen, example
from {rows}
"""

_SUMMED = """
select day, source_id, event, field, fault, told, sum(messages)::BIGINT, sum(refused)::BIGINT,
    min(first_seen), max(last_seen), arg_max(example, (last_seen, example))
from plan_faults group by all
"""

_REPORT = """
select s.name as source, event, field, fault, told, sum(messages)::BIGINT as messages,
    sum(refused)::BIGINT as refused, min(first_seen) as first_seen, max(last_seen) as last_seen,
    arg_max(example, (last_seen, example)) as example
from plan_faults join sources as s using (source_id)
where day >= $since and ($source is null or s.name = $source)
group by all
order by messages desc, source, event, field, fault, told
limit $limit
"""


class FaultKey(NamedTuple):
    """What is counted together."""

    source_id: int
    event: str
    field: str
    fault: str
    told: str


@dataclass(slots=True)
class Tally:
    """How many messages had a fault.

    Attributes:
        messages: How many.
        refused: How many of them were refused.
        example: The id of one.
    """

    messages: int = 0
    refused: int = 0
    example: str = ""

    def add(self, message_id: str, *, refused: bool) -> None:
        """Count one more."""
        self.messages += 1
        self.refused += refused
        self.example = message_id


def append(cursor: Cursor, tallies: Mapping[FaultKey, Tally], seen: datetime) -> None:
    """Add what one commit brought, in its transaction."""
    columns: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
    for key, tally in tallies.items():
        row = {
            **key._asdict(),
            "messages": tally.messages,
            "refused": tally.refused,
            "seen": seen,
            "example": tally.example,
        }
        for name, value in row.items():
            columns[name].append(value)
    cursor.over(pa.table(columns, schema=SCHEMA), _APPEND)


def sum_up(cursor: Cursor) -> None:
    """Leave one row for each fault and day."""
    cursor.execute(f"create temporary table summed_faults as {_SUMMED}")
    cursor.execute("delete from plan_faults")
    cursor.execute("insert into plan_faults select * from summed_faults")
    cursor.execute("drop table summed_faults")


def names_of(cursor: Cursor) -> set[tuple[int, str, str]]:
    """Source, event and field of all that is counted."""
    cursor.execute("select distinct source_id, event, field from plan_faults")
    return {(source_id, event, field) for source_id, event, field in cursor.all()}


def report(
    cursor: Cursor, *, since: datetime, source: str | None, limit: int
) -> list[dict[str, Any]]:
    """What was not as planned, the most frequent first.

    Args:
        cursor: On the warehouse.
        since: From this day on, naive UTC.
        source: Only of this one.
        limit: So many rows at most.
    """
    wanted = {"since": since.date(), "source": source, "limit": limit}
    return cursor.execute(_REPORT, wanted).records()
