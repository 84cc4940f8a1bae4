"""How a segment grew and shrank: its size and its entries and exits per day, from the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from patron.engines.duckdb import Cursor


class Span(msgspec.Struct, frozen=True):
    """What a segment did between two moments.

    Attributes:
        start: When it begins, in UTC.
        size: Members at its end.
        entered: Entries; one customer can have several.
        left: Exits, those that a merge caused too.
        merged: Exits that a merge caused: the customer goes on under another profile.
        filled: Members that the segment began with, which are no entries.
    """

    start: datetime
    size: int
    entered: int
    left: int
    merged: int
    filled: int


# What lies before the first start falls on no row of `spans` and makes up the size to begin with.
_SPANS = """
with spans as (select unnest(?::TIMESTAMP[]) as start)
select s.start,
    count(*) filter (kind = 'entered' and not first_fill),
    count(*) filter (kind = 'left'),
    count(*) filter (kind = 'left' and reason = 'merged'),
    count(*) filter (kind = 'entered' and first_fill)
from (
    select changed_at, kind, reason, first_fill from membership_changes
    where segment = ? and changed_at < ?
) as c asof left join spans as s on c.changed_at >= s.start
group by s.start
"""


def spans(cursor: Cursor, segment: str, edges: Sequence[datetime]) -> list[Span]:
    """Size, entries and exits between each two neighbouring moments.

    Args:
        cursor: On the warehouse.
        segment: Its name.
        edges: Rising, in UTC; a span takes in the moment that it begins with, and not its end.
    """
    starts, end = list(edges[:-1]), edges[-1]
    cursor.execute(_SPANS, [starts, segment, end])
    counted = {row[0]: row[1:] for row in cursor.all()}
    nothing = (0, 0, 0, 0)
    entered, left, _, filled = counted.get(None, nothing)
    size = entered + filled - left
    found = []
    for start in starts:
        entered, left, merged, filled = counted.get(start, nothing)
        size += entered + filled - left
        found.append(Span(start, size, entered, left, merged, filled))
    return found


_TRENDS = """
with spans as (select unnest(?::TIMESTAMP[]) as start)
select c.segment, s.start,
    sum(case kind when 'entered' then 1 else -1 end),
    count(*) filter (kind = 'entered' and not first_fill),
    count(*) filter (kind = 'left'),
    max(changed_at)
from (select * from membership_changes where changed_at < ?) as c
    asof left join spans as s on c.changed_at >= s.start
group by c.segment, s.start
"""


class Trend(msgspec.Struct):
    """How a segment moved over several spans.

    Attributes:
        sizes: Members at the end of each span.
        entered: Entries within all of them.
        left: Exits within all of them.
        last_change: The last entry or exit up to their end; None when there was none.
    """

    sizes: list[int]
    entered: int = 0
    left: int = 0
    last_change: datetime | None = None


def trends(cursor: Cursor, edges: Sequence[datetime]) -> dict[str, Trend]:
    """The trend of every segment that has memberships on record, by its name.

    Args:
        cursor: On the warehouse.
        edges: Rising, in UTC, as for `spans`.
    """
    starts = list(edges[:-1])
    found: dict[str, Trend] = {}
    for segment, start, net, entered, left, last in cursor.execute(
        _TRENDS, [starts, edges[-1]]
    ).all():
        trend = found.setdefault(segment, Trend([0] * len(starts)))
        # What lies before the first span is there from the first one on.
        first = 0 if start is None else starts.index(start)
        for later in range(first, len(starts)):
            trend.sizes[later] += net
        if start is not None:
            trend.entered += entered
            trend.left += left
        trend.last_change = max(filter(None, (trend.last_change, last)))
    return found


def recorded_until(cursor: Cursor) -> datetime | None:
    """The moment up to which memberships are on record; None before the first step."""
    found: datetime | None = cursor.execute("select max(at_moment) from live_progress").value()
    return found


def known_page(
    cursor: Cursor, segment: str, *, as_of: datetime, known_at: datetime, after: int, limit: int
) -> tuple[int, list[int]]:
    """Who was in a segment at a moment, by what was on record at another one.

    Args:
        cursor: On the warehouse.
        segment: Its name.
        as_of: The moment of the membership: changes after it are left out.
        known_at: Changes that were recorded after this moment are left out.
        after: Give profiles with a greater id than this one.
        limit: How many at most.

    Returns:
        How many there were, and a page of their profile ids, as they stood then.
    """
    sql = (
        "select profile_id from membership_changes "
        "where segment = $segment and changed_at <= $as_of and recorded_at <= $known_at "
        "group by profile_id having arg_max(kind, change_id) = 'entered'"
    )
    said = {"segment": segment, "as_of": as_of, "known_at": known_at}
    total: int = cursor.execute(f"select count(*) from ({sql})", said).value()
    page = f"select * from ({sql}) where profile_id > $after order by profile_id limit $limit"
    rows = cursor.execute(page, {**said, "after": after, "limit": limit}).all()
    return total, [row[0] for row in rows]
