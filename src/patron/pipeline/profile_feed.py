"""The feed of profiles: which customers changed, and how, from wherever a reader left off.

It needs no log of its own: messages, merges, identifiers and membership changes are numbered and
committed in the order of their numbers, so that a cursor of four numbers says how far a reader has
come in all of them. A page lists each customer once, with all that changed between two cursors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from patron import profiles
from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.errors import InputError
from patron.pipeline.feed import LATEST
from patron.pipeline.recorded import Recorded
from patron.spec.webhooks import WHAT, What
from patron.warehouse.reading import Reading

_CURSOR = re.compile(r"[0-9]{1,18}(?:-[0-9]{1,18}){3}")

_CAME_IN = """
select 'events', profile_id, list_sort(list(distinct name)) from current_events
where position > $position and position <= $end_position group by profile_id
union all
select 'traits', profile_id, list_sort(list(distinct name)) from current_traits
where position > $position and position <= $end_position group by profile_id
union all
select 'notes', profile_id, list_sort(list(distinct note_id)) from current_notes
where position > $position and position <= $end_position group by profile_id
union all
select 'groups', profile_id, list_sort(list(distinct group_id)) from current_group_members
where position > $position and position <= $end_position and not household group by profile_id
union all
select 'identifiers', profile_id, list_sort(list(distinct type)) from current_identifiers
where identifier_id > $identifier and identifier_id <= $end_identifier group by profile_id
"""

_MERGES = """
select merge_id, kind, kept_profile_id, other_profile_id from merges
where merge_id > ? and merge_id <= ? order by merge_id
"""

# Who was merged away did not leave, and what a segment began with is no news.
_SEGMENTS = """
select profile_id, segment, kind, changed_at from membership_changes
where change_id > ? and change_id <= ? and not first_fill and reason <> 'merged'
order by change_id
"""

# Identifiers that a change of the rules retired were told of, too.
_NEWEST = """
select
    (select coalesce(max(merge_id), 0) from merges),
    greatest(
        (select coalesce(max(identifier_id), 0) from identifiers),
        (select coalesce(max(identifier_id), 0) from retired_identifiers)
    ),
    (select coalesce(max(change_id), 0) from membership_changes)
"""

_COLUMNS = {"merges": "merge_id", "identifiers": "identifier_id", "membership_changes": "change_id"}


class Place(NamedTuple):
    """How far a reader has come.

    Attributes:
        position: In the log of messages.
        merge: The last merge, split or move.
        identifier: The last identifier.
        change: The last change of a membership.
    """

    position: int = 0
    merge: int = 0
    identifier: int = 0
    change: int = 0

    def __str__(self) -> str:
        return "-".join(map(str, self))

    def reaches(self, other: Place) -> bool:
        """Whether it is as far as another one in everything."""
        return all(mine >= theirs for mine, theirs in zip(self, other, strict=True))


BEGINNING = Place()


class Changes(NamedTuple):
    """What changed between two places.

    Attributes:
        data: A dict for each customer, by rising profile id.
        end: Where the reader has come to.
        more: Whether there is more already.
    """

    data: list[dict[str, Any]]
    end: Place
    more: bool


def read_changes(
    reading: Reading,
    after: Place,
    *,
    limit: int,
    what: Sequence[What] = WHAT,
    segments: Sequence[str] = (),
    until: Place | None = None,
) -> Changes:
    """What changed after a place.

    Args:
        reading: The view to read in.
        after: Where the reader has come to.
        limit: So many messages, merges, identifiers and changes of memberships are looked at, at
            most, of each kind.
        what: Only changes of these kinds.
        segments: Of memberships only those in these segments; empty for all.
        until: Look no further than this.
    """
    end, more = _end(reading, after, limit) if until is None else (until, False)
    found = _came_in(reading.cursor, after, end)
    merged = _merges(reading.cursor, after, end, found)
    _segments(reading.cursor, after, end, found, segments)
    shown = {
        one: {kind: told for kind, told in changed.items() if kind in what}
        for one, changed in found.items()
    }
    shown = {one: changed for one, changed in sorted(shown.items()) if changed}
    return Changes(_shown(reading.cursor, shown, merged), end, more)


def newest(reading: Reading) -> Place:
    """The end of the feed in a view."""
    return Place(_position(reading), *(reading.cursor.execute(_NEWEST).one() or ()))


def read_place(text: str | None, end: Place) -> Place:
    """The place that a cursor stands for.

    Args:
        text: As the feed gave it; ``latest`` for the end; None for the beginning.
        end: Of the feed.

    Raises:
        InputError: It is no cursor of this feed.
    """
    if text is None:
        return BEGINNING
    if text == LATEST:
        return end
    if not _CURSOR.fullmatch(text):
        raise InputError("after: expected a cursor that the feed gave, or latest.", field="after")
    place = Place(*map(int, text.split("-")))
    if not end.reaches(place):
        raise InputError(
            f"after: the feed ends at {end}, and this cursor lies behind that.",
            field="after",
            hint="It is of another workspace, or this one was restored from an older copy.",
        )
    return place


class ProfileFeed:
    """The feed as the workspace offers it.

    Args:
        reading: Opens a view of the tables.
        recorded: Records memberships, and says when something happened.
    """

    def __init__(
        self, reading: Callable[..., AbstractContextManager[Reading]], recorded: Recorded
    ) -> None:
        self._reading = reading
        self._recorded = recorded

    def changes(
        self,
        *,
        after: str | None = None,
        limit: int = 100,
        what: Sequence[What] = WHAT,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """Which customers changed after a cursor, and how.

        Args:
            after: The cursor of the last page that was processed; ``latest`` for what comes.
            limit: How many changes to look at, of each kind; a customer is listed once.
            what: Only changes of these kinds.
            min_position: What came in up to this log position must be there, memberships included.

        Raises:
            InputError: The cursor is none of this feed.
            NotYetError: The position was not reached in time.
        """
        if min_position is not None:
            self._recorded.reach(min_position)
        with self._reading(min_position=min_position) as reading:
            start = read_place(after, newest(reading))
            page = read_changes(reading, start, limit=limit, what=what)
            return {**reading.head, "data": page.data, "next": str(page.end), "more": page.more}

    def listening(self, call: Callable[[], None]) -> AbstractContextManager[None]:
        """Have a call made, in some other thread, each time that something may have changed."""
        return self._recorded.hearing(call)


def _position(reading: Reading) -> int:
    """The newest position in a view.

    A view states a position that it holds at least. What came in behind that is in its other
    tables already, and would be told in two halves.
    """
    reading.cursor.execute(
        "select coalesce(max(position), $position) from messages where position > $position",
        {"position": reading.position},
    )
    (position,) = reading.cursor.one() or (reading.position,)
    return int(position)


def _end(reading: Reading, after: Place, limit: int) -> tuple[Place, bool]:
    """How far a page goes, and whether there is more behind it."""
    position = _position(reading)
    ends = [min(after.position + limit, position)]
    more = ends[0] < position
    for (table, column), start in zip(_COLUMNS.items(), after[1:], strict=True):
        reading.cursor.execute(
            f"select max({column}), count(*) from (select {column} from {table} "
            f"where {column} > ? order by {column} limit ?)",
            [start, limit],
        )
        last, count = reading.cursor.one() or (None, 0)
        ends.append(last or start)
        more = more or count == limit
    return Place(*ends), more


def _came_in(cursor: Cursor, after: Place, end: Place) -> dict[int, dict[str, Any]]:
    cursor.execute(
        _CAME_IN,
        {
            "position": after.position,
            "end_position": end.position,
            "identifier": after.identifier,
            "end_identifier": end.identifier,
        },
    )
    found: dict[int, dict[str, Any]] = {}
    for kind, profile_id, names in cursor.all():
        found.setdefault(profile_id, {})[kind] = names
    return found


def _merges(
    cursor: Cursor, after: Place, end: Place, found: dict[int, dict[str, Any]]
) -> dict[int, int]:
    """Note what merged and parted; gives of those who were merged away who stands for them."""
    if after.merge == end.merge:
        return {}
    touched = set()
    for _, kind, kept, other in cursor.execute(_MERGES, [after.merge, end.merge]).all():
        for own, with_ in ((kept, other), (other, kept)):
            told = {"kind": kind, "with_profile_id": with_}
            found.setdefault(own, {}).setdefault("merges", []).append(told)
            touched.add(own)
    return profiles.merged_into(cursor, sorted(touched))


def _segments(
    cursor: Cursor,
    after: Place,
    end: Place,
    found: dict[int, dict[str, Any]],
    wanted: Sequence[str],
) -> None:
    if after.change == end.change:
        return
    rows = cursor.execute(_SEGMENTS, [after.change, end.change]).all()
    rows = [row for row in rows if not wanted or row[1] in wanted]
    ids: list[int] = sorted({row[0] for row in rows})
    into = {one: one for one in ids} | profiles.merged_into(cursor, ids)
    for profile_id, segment, kind, changed_at in rows:
        told = {"segment": segment, "kind": kind, "changed_at": format_time(changed_at)}
        found.setdefault(into[profile_id], {}).setdefault("segments", []).append(told)


def _shown(
    cursor: Cursor, shown: dict[int, dict[str, Any]], merged: dict[int, int]
) -> list[dict[str, Any]]:
    people = profiles.identified(cursor, list(shown))
    return [
        {
            **one,
            "merged_into": merged.get(one["profile_id"]),
            "changed": [kind for kind in WHAT if kind in shown[one["profile_id"]]],
            "changes": shown[one["profile_id"]],
        }
        for one in people
    ]
