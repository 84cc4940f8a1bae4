"""The record of who did what. It is only ever added to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from patron import structs
from patron.access.actors import Actor
from patron.access.desk import Desk
from patron.clock import format_time
from patron.engines.duckdb import Cursor

Named = dict[str, str]
"""What an action named, by what that is: ``{"name": "vip"}``. Never a customer's data."""


class Audit:
    """Records what was done.

    Args:
        cursor: To read how far the record goes.
        desk: To write with.
    """

    def __init__(self, cursor: Cursor, desk: Desk) -> None:
        self._desk = desk
        self._last = int(cursor.execute("select coalesce(max(audit_id), 0) from audit").value())

    def record(
        self,
        action: str,
        *,
        by: Actor | None,
        named: Named | None = None,
        status: int | None = None,
        address: str | None = None,
        wait: bool = True,
    ) -> None:
        """Add to the record.

        Args:
            action: A route such as ``PUT /segments/{name}``, or ``sign-in failed`` and the like.
            by: Who did it; None when nobody is known.
            named: What it named.
            status: Of the answer.
            address: Where it came from.
            wait: Whether it must be durable before this returns.
        """
        kind, name = (None, None) if by is None else (by.kind, by.name)
        now = self._desk.clock.now()
        what = msgspec.json.encode(named or {}).decode()

        def change(cursor: Cursor) -> None:
            self._last += 1
            with cursor.transaction():
                cursor.execute(
                    "insert into audit values (?, ?, ?, ?, ?, ?, ?, ?)",
                    [self._last, now, kind, name, action, what, status, address],
                )

        if wait:
            self._desk.write(change)
        else:
            self._desk.note(change)


def exported_segments(cursor: Cursor, since: datetime, upto: datetime) -> list[str]:
    """The segments whose members were written to a file in some time, by name.

    Args:
        cursor: On the warehouse.
        since: Later than this, naive UTC.
        upto: Not later than this.
    """
    cursor.execute(
        "select distinct json_extract_string(named, '$.name') as segment from audit "
        "where action = 'GET /segments/{name}/export' and status = 200 "
        "and recorded_at > ? and recorded_at <= ? order by segment",
        [since, upto],
    )
    return [name for (name,) in cursor.all() if name is not None]


def page(
    cursor: Cursor,
    *,
    actor: str | None = None,
    action: str | None = None,
    refused: bool | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> tuple[list[dict[str, Any]], int | None]:
    """What was done, newest first.

    Args:
        cursor: To read with.
        actor: Only by this person or token.
        action: Only actions that contain this.
        refused: Only what was refused, or only what was not.
        since: Only from this moment on, naive UTC.
        until: Only before this moment.
        before: Only what was recorded before this number: `next` of the page before.
        limit: How many at most.

    Returns:
        The rows, and what to give as `before` for the page after; None when there is none.
    """
    rows = cursor.execute(
        "select audit_id, recorded_at, actor_kind, actor, action, named, status, address "
        "from audit "
        "where ($actor is null or actor = $actor) "
        "and ($action is null or contains(lower(action), lower($action))) "
        "and ($refused is null or (coalesce(status, 200) >= 400) = $refused) "
        "and ($since is null or recorded_at >= $since) "
        "and ($until is null or recorded_at < $until) "
        "and ($before is null or audit_id < $before) "
        "order by audit_id desc limit $limit",
        {
            "actor": actor, "action": action, "refused": refused, "since": since, "until": until,
            "before": before, "limit": limit + 1,
        },
    ).all()  # fmt: skip
    names = ("audit_id", "recorded_at", "actor_kind", "actor", "action", "named", "status",
             "address")  # fmt: skip
    found = [dict(zip(names, row, strict=True)) for row in rows[:limit]]
    for one in found:
        one["recorded_at"] = format_time(one["recorded_at"])
        one["named"] = structs.decode(one["named"])
    return found, found[-1]["audit_id"] if len(rows) > limit else None
