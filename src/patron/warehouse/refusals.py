"""What waits in quarantine, and what waited there: page by page, in groups, and by choice."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.errors import InputError
from patron.spec.incoming import Refusal, told_part, told_text

_CURSOR = re.compile(r"[0-9]{1,18}")

_CHOSEN = (
    "from quarantine as q join sources as s using (source_id) "
    "where ($source is null or s.name = $source) and ($code is null or q.code = $code) "
    "and ($field is null or coalesce(q.field, '') = $field) "
    "and ($waiting is null or (q.replayed_at is null) = $waiting) "
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which refusals are meant.

    Attributes:
        source: Those of this source; None for all.
        code: With this reason; None for all.
        field: With something wrong in this field, "" for those that name none; None for all.
        waiting: Those that were not replayed, or those that were; None for both.
    """

    source: str | None = None
    code: str | None = None
    field: str | None = None
    waiting: bool | None = None


def refused_page(
    cursor: Cursor, choice: Choice, *, before: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Refusals, newest first.

    Returns:
        The rows, and the cursor of the next page when there is one.

    Raises:
        InputError: The cursor is not one that was given out.
    """
    if before is not None and not _CURSOR.fullmatch(before):
        raise InputError("cursor: expected one that an earlier page gave.", field="cursor")
    cursor.execute(
        "select q.quarantine_id, s.name as source, q.message_id, q.received_at, q.code, q.field, "
        f"q.reason, q.origin, q.row_number, q.body, q.replayed_at, q.told {_CHOSEN}"
        "and ($before is null or q.quarantine_id < $before) "
        "order by q.quarantine_id desc limit $limit",
        {
            **asdict(choice),
            "before": None if before is None else int(before),
            "limit": limit + 1,
        },
    )
    rows = [_readable(row) for row in cursor.records()]
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, str(rows[-1]["quarantine_id"]) if more else None


def refused_groups(
    cursor: Cursor, choice: Choice, *, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """Refusals by source, reason and field, the largest group first.

    Returns:
        The groups, each with its newest refusal as a sample, and how many more groups there are.
    """
    cursor.execute(
        "select s.name as source, q.code, q.field, "
        "count(*) filter (q.row_number is null) as messages, count(q.row_number) as rows, "
        "min(q.received_at) as first_received_at, max(q.received_at) as last_received_at, "
        "max(q.quarantine_id) as quarantine_id, "
        "arg_max(q.reason, q.quarantine_id) as reason, arg_max(q.body, q.quarantine_id) as body, "
        "arg_max_null(q.told, q.quarantine_id) as told, "
        f"count(*) over () as groups {_CHOSEN}"
        "group by all order by messages + rows desc, quarantine_id desc limit $limit",
        {**asdict(choice), "limit": limit},
    )
    rows = [_readable(row) for row in cursor.records()]
    total = max((row.pop("groups") for row in rows), default=0)
    return rows, total - len(rows)


def waiting_messages(cursor: Cursor, choice: Choice, *, after: int, limit: int) -> list[int]:
    """The numbers of refused messages that were not replayed, the oldest first; no rows of files.

    Args:
        cursor: For reading.
        choice: Which ones.
        after: Only behind this number.
        limit: So many at most.
    """
    cursor.execute(
        f"select q.quarantine_id {_CHOSEN} and q.replayed_at is null and q.row_number is null "
        "and q.quarantine_id > $after order by q.quarantine_id limit $limit",
        {**asdict(choice), "after": after, "limit": limit},
    )
    return [row[0] for row in cursor.all()]


def refused_again(cursor: Cursor, standing: list[tuple[int, Refusal]]) -> None:
    """Keep why messages were refused once more: the rules, and so the reason, may be others now.

    Args:
        cursor: Inside the writer's transaction.
        standing: Number and refusal.
    """
    if not standing:
        return
    reasons = {
        "quarantine_id": pa.array([number for number, _ in standing], pa.int64()),
        "code": pa.array([one.code for _, one in standing], pa.string()),
        "field": pa.array([one.field for _, one in standing], pa.string()),
        "reason": pa.array([one.reason for _, one in standing], pa.string()),
        "told": pa.array([told_text(one.told) for _, one in standing], pa.string()),
    }
    cursor.register("refused_again", pa.table(reasons))
    cursor.execute(
        "update quarantine set code = r.code, field = r.field, reason = r.reason, "
        "told = r.told "
        "from refused_again as r where quarantine.quarantine_id = r.quarantine_id"
    )
    cursor.unregister("refused_again")


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    row["body"] = bytes(row["body"]).decode(errors="replace")
    row["told"] = told_part(row["told"])
    for name in ("received_at", "replayed_at", "first_received_at", "last_received_at"):
        if row.get(name) is not None:
            row[name] = format_time(row[name])
    return row
