"""What the log of membership changes says: the feed's end, and since when somebody is in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from patron.engines.duckdb import Cursor
from patron.segments.memberships import Ints


class Reached(NamedTuple):
    """How far the log of changes goes.

    Attributes:
        change_id: The newest change; 0 when there is none.
        position: The log position of the messages that it holds for.
        at: The moment that it holds for; None before the first.
    """

    change_id: int
    position: int
    at: datetime | None


def reached(cursor: Cursor) -> Reached:
    """How far the log of changes goes in this view of the tables."""
    newest = cursor.execute("select coalesce(max(change_id), 0) from membership_changes").value()
    row = cursor.execute("select position, at_moment from live_progress").one()
    return Reached(int(newest), *(row or (0, None)))


def has_history(cursor: Cursor, segment: str) -> bool:
    """Whether anybody ever entered a segment of this name."""
    found: bool = cursor.execute(
        "select exists (select 1 from membership_changes where segment = ?)", [segment]
    ).value()
    return found


class Standing(NamedTuple):
    """A membership that holds.

    Attributes:
        segment: Its name.
        since: When the customer entered, or, of one whom the segment began with, when it began.
        recorded_at: When that was recorded.
        reason: Why: data, time, merged or definition.
        first_fill: The segment began with the customer, who may have fulfilled its rule before.
    """

    segment: str
    since: datetime
    recorded_at: datetime
    reason: str
    first_fill: bool


def standing(cursor: Cursor, profile_id: int) -> list[Standing]:
    """The memberships of a customer on record, by the segment's name."""
    return standing_of(cursor, [profile_id]).get(profile_id, [])


def standing_of(
    cursor: Cursor, profile_ids: Sequence[int], as_of: datetime | None = None
) -> dict[int, list[Standing]]:
    """As `standing`, of several: by profile id.

    Args:
        cursor: On the warehouse.
        profile_ids: Profiles that stand.
        as_of: The memberships on record that held at this moment; the newest when left out.
    """
    marks = ", ".join("?" * len(profile_ids))
    by_then = "" if as_of is None else "and changed_at <= ? "
    rows = cursor.execute(
        "select profile_id, segment, changed_at, recorded_at, reason, first_fill "
        f"from membership_changes where profile_id in ({marks}) {by_then}"
        "qualify row_number() over (partition by profile_id, segment order by change_id desc) = 1 "
        "and kind = 'entered' order by segment",
        [*profile_ids] if as_of is None else [*profile_ids, as_of],
    ).all()
    found: dict[int, list[Standing]] = {}
    for profile_id, *rest in rows:
        found.setdefault(profile_id, []).append(Standing(*rest))
    return found


def recorded_members(cursor: Cursor, where: str, values: Sequence[Any]) -> dict[str, Ints]:
    """The members of every segment on record, among some customers.

    Args:
        cursor: On the warehouse.
        where: A condition in SQL on ``profile_id``, with ``?`` where values belong.
        values: The values.
    """
    cursor.execute(
        f"select segment, profile_id from membership_changes where {where} "
        "group by segment, profile_id having arg_max(kind, change_id) = 'entered' "
        "order by segment, profile_id",
        list(values),
    )
    columns = cursor.numpy()
    names = np.asarray(columns["segment"], dtype=object)
    ids = np.asarray(columns["profile_id"], dtype=np.int64)
    if not len(names):
        return {}
    starts = np.flatnonzero(np.r_[True, names[1:] != names[:-1]])
    parts = np.split(ids, starts[1:])
    return dict(zip(names[starts].tolist(), parts, strict=True))
