"""Which segments moved most: entries and exits of a period, from the record of memberships."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from patron.engines.duckdb import Cursor

_MOVED = """
select segment,
    count(*) filter (kind = 'entered' and not first_fill and changed_at > $since) as entered,
    count(*) filter (kind = 'left' and changed_at > $since) as away,
    count(*) filter (kind = 'entered' and changed_at <= $since)
        - count(*) filter (kind = 'left' and changed_at <= $since) as before,
    count(*) filter (kind = 'entered') - count(*) filter (kind = 'left') as now,
    coalesce(min(recorded_at) filter (first_fill) > $since, false) as new,
    max(changed_at) as last
from membership_changes where changed_at <= $until group by segment
"""


class Moved(NamedTuple):
    """What happened to one segment.

    Attributes:
        segment: Its name.
        entered: How many entries; of one customer each counts.
        left: How many exits.
        before: Its members at the beginning.
        now: Its members at the end.
        new: It was first filled during the period: before that nothing is on record.
        last: When anybody entered or left last.
    """

    segment: str
    entered: int
    left: int
    before: int
    now: int
    new: bool
    last: datetime | None


def moved(cursor: Cursor, since: datetime, until: datetime) -> list[Moved]:
    """What is on record of every segment between two moments, those that moved most first.

    Args:
        cursor: On the warehouse.
        since: What happened later counts, naive UTC.
        until: And no later than this.
    """
    rows = cursor.execute(_MOVED, {"since": since, "until": until}).all()
    found = [Moved(*row) for row in rows]
    return sorted(found, key=lambda one: (-one.entered - one.left, one.segment))
