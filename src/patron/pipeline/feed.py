"""The feed: entries and exits in the order recorded, from wherever a consumer left off.

A cursor is the number of a change. Changes are numbered by one writer and committed in the order of
their numbers, so that whoever has seen one has been shown all before it.
"""

from __future__ import annotations

from typing import Any

from patron import profiles
from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.errors import InputError
from patron.pipeline.book import Book
from patron.segments import record
from patron.segments.memberships import Change, read_changes
from patron.warehouse.reading import Reading

LATEST = "latest"
"""The cursor that stands for the end of the feed: what comes from now on."""


def changes(
    reading: Reading,
    book: Book,
    segment: str | None,
    *,
    after: str | None,
    limit: int,
    first_fill: bool,
) -> dict[str, Any]:
    """A page of the feed.

    Args:
        reading: The view to read in.
        book: What is defined.
        segment: Of this segment only; None for all.
        after: The cursor of the last change that was processed; None for the beginning.
        limit: How many at most.
        first_fill: With the members that each segment began with, too.

    Returns:
        The changes, the cursor to go on from, and whether there are more already.

    Raises:
        NotFoundError: There is no such segment, and never was one that had members.
        InputError: The cursor is none of this feed.
    """
    cursor = reading.cursor
    if segment is not None and segment not in book.segments:
        _check_known(cursor, book, segment)
    reached = record.reached(cursor)
    start = _start(after, reached.change_id)
    found = read_changes(
        cursor, segment=segment, after=start, limit=limit + 1, first_fill=first_fill
    )
    more = len(found) > limit
    found = found[:limit]
    end = found[-1].change_id if more else reached.change_id
    return {
        "position": reached.position,
        "as_of": format_time(reached.at or reading.as_of),
        "data": _shown(cursor, found),
        "next": str(end),
        "more": more,
    }


def _check_known(cursor: Cursor, book: Book, segment: str) -> None:
    """The exits of a segment that was removed are still news."""
    if not record.has_history(cursor, segment):
        book.segment(segment)


def _start(after: str | None, newest: int) -> int:
    if after is None:
        return 0
    if after == LATEST:
        return newest
    if not (after.isascii() and after.isdigit() and len(after) <= 18):
        raise InputError("after: expected a cursor that the feed gave, or latest.", field="after")
    if int(after) > newest:
        raise InputError(
            f"after: the feed ends at {newest}, and this cursor lies behind that.",
            field="after",
            hint="It is of another workspace, or this one was restored from an older copy.",
        )
    return int(after)


def _shown(cursor: Cursor, found: list[Change]) -> list[dict[str, Any]]:
    ids = sorted({change.profile_id for change in found})
    identified = {row["profile_id"]: row["identifiers"] for row in
                  profiles.identified(cursor, ids)}  # fmt: skip
    merged = profiles.merged_into(cursor, ids)
    return [
        {
            "cursor": str(change.change_id),
            "segment": change.segment,
            "kind": change.kind,
            "profile_id": change.profile_id,
            "identifiers": identified[change.profile_id],
            "merged_into": merged.get(change.profile_id),
            "changed_at": format_time(change.changed_at),
            "recorded_at": format_time(change.recorded_at),
            "reason": change.reason,
            "version": change.version,
            "first_fill": change.first_fill,
        }
        for change in found
    ]
