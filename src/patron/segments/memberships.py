"""Who is in which segment, kept up to date: the sets in memory, and the log of every change.

The log (`membership_changes`) is only ever appended to: who entered and left, when it came to hold,
when it was recorded and why. The sets are what the log says so far, as one boolean a profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.engines.duckdb import SMALL, Cursor

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Moments = npt.NDArray[np.datetime64]
Reason = Literal["data", "time", "merged", "definition"]

REASONS: tuple[Reason, ...] = ("data", "time", "merged", "definition")


class Transitions(NamedTuple):
    """Entries and exits of one segment, in the order that they happened in.

    Attributes:
        profile_id: Who.
        entered: Whether it is an entry.
        changed_at: When it came to hold (datetime64[us], UTC).
        reason: Index into `REASONS`.
    """

    profile_id: Ints
    entered: Bools
    changed_at: Moments
    reason: npt.NDArray[np.int8]


UNCHANGED = Transitions(
    np.empty(0, dtype=np.int64),
    np.empty(0, dtype=bool),
    np.empty(0, dtype="datetime64[us]"),
    np.empty(0, dtype=np.int8),
)


class Members:
    """The members of one segment.

    Args:
        profile_ids: Who is in it to begin with.
    """

    def __init__(self, profile_ids: Ints | None = None) -> None:
        self._held = np.zeros(1024, dtype=bool)
        if profile_ids is not None:
            self.set(profile_ids, True)

    def of(self, profile_ids: Ints) -> Bools:
        """Per profile whether it is in the segment."""
        self._reach(profile_ids)
        return self._held[profile_ids]

    def set(self, profile_ids: Ints, inside: bool | Bools) -> None:
        """Put profiles in, or take them out."""
        self._reach(profile_ids)
        self._held[profile_ids] = inside

    def replace(self, profile_ids: Ints) -> tuple[Ints, Ints]:
        """Hold exactly these; gives those that entered and those that left, by rising id."""
        self._reach(profile_ids)
        held, self._held = self._held, np.zeros_like(self._held)
        self._held[profile_ids] = True
        return np.flatnonzero(self._held & ~held), np.flatnonzero(held & ~self._held)

    def packed(self) -> npt.NDArray[np.uint8]:
        """One bit a profile, by its id."""
        return np.packbits(self._held)

    @staticmethod
    def unpacked(bits: npt.NDArray[np.uint8]) -> Members:
        """What `packed` gave."""
        members = Members()
        members._held = np.unpackbits(bits).astype(bool)
        return members

    def ids(self) -> Ints:
        """The members by rising profile id."""
        return np.flatnonzero(self._held)

    def __len__(self) -> int:
        return int(np.count_nonzero(self._held))

    def __contains__(self, profile_id: int) -> bool:
        return profile_id < len(self._held) and bool(self._held[profile_id])

    def _reach(self, profile_ids: Ints) -> None:
        top = int(profile_ids.max(initial=0))
        if top >= len(self._held):
            grown = np.zeros(max(top + 1, 2 * len(self._held)), dtype=bool)
            grown[: len(self._held)] = self._held
            self._held = grown


class Occasions(NamedTuple):
    """Whom answers are about, as of when, and why they were asked.

    Attributes:
        profile_id: Whom each is about; those about one profile stand side by side.
        at: The moment of each; rising within a profile.
        reason: Why each was asked: index into `REASONS`.
        again: Which are about the same profile as the one before.
    """

    profile_id: Ints
    at: Moments
    reason: npt.NDArray[np.int8]
    again: Ints

    @staticmethod
    def of(profile_ids: Ints, at: Moments, data: Bools) -> Occasions:
        """They came up because of data, or else because of the clock."""
        reason = np.where(data, REASONS.index("data"), REASONS.index("time")).astype(np.int8)
        again = np.flatnonzero(profile_ids[1:] == profile_ids[:-1]) + 1
        return Occasions(profile_ids, at, reason, again)


def compare(members: Members, occasions: Occasions, inside: Bools) -> Transitions:
    """What answers change about a segment, and take it over.

    Args:
        members: The segment; changed to what the last answer about each profile says.
        occasions: Whom and when they are about.
        inside: The answers.
    """
    before = members.of(occasions.profile_id)
    if len(occasions.again):
        before[occasions.again] = inside[occasions.again - 1]
    changed = np.flatnonzero(inside != before)
    if not len(changed):
        return UNCHANGED
    ids = occasions.profile_id[changed]
    # Of several answers about one customer the last one stays: numpy sets them in order.
    members.set(ids, inside[changed])
    return Transitions(ids, inside[changed], occasions.at[changed], occasions.reason[changed])


def replace(members: Members, wanted: Ints, at: datetime, reason: Reason) -> Transitions:
    """Make a segment hold exactly these members, and say what that changes."""
    entered, left = members.replace(wanted)
    ids = np.r_[entered, left]
    return Transitions(
        ids,
        np.arange(len(ids)) < len(entered),
        np.full(len(ids), np.datetime64(at, "us")),
        np.full(len(ids), REASONS.index(reason), dtype=np.int8),
    )


MANY = 1_000_000
"""So many changes are written at a time: bounds the memory of filling many large segments."""


CHUNK = 4_000_000
"""So many changes are read at a time."""


class Log:
    """The log of changes, as its only writer sees it.

    Args:
        cursor: Reads how far the log goes.
    """

    def __init__(self, cursor: Cursor) -> None:
        sql = "select coalesce(max(change_id), 0) from membership_changes"
        self.last = int(cursor.execute(sql).value())
        self._found = self.last
        self._latest: dict[str, int] = {}
        self._waiting: list[tuple[str, int, Transitions, bool]] = []

    def add(
        self, segment: str, version: int, changes: Transitions, *, first_fill: bool = False
    ) -> int:
        """Note changes of one segment, to be written; returns how many."""
        if len(changes.profile_id):
            self._waiting.append((segment, version, changes, first_fill))
        return len(changes.profile_id)

    def tells_of(self, segments: Iterable[str], *, after: int) -> bool:
        """Whether a change of one of some segments may have been written behind a change."""
        return after < self._found or any(self._latest.get(one, 0) > after for one in segments)

    @property
    def waiting(self) -> list[tuple[str, Transitions]]:
        """Segments with the changes of them that are still to be written."""
        return [(segment, changes) for segment, _, changes, _ in self._waiting]

    def write(self, cursor: Cursor, recorded_at: datetime) -> None:
        """Append what waits, within the caller's transaction."""
        waiting, self._waiting = self._waiting, []
        self._append(cursor, waiting, recorded_at)

    def write_fills(self, cursor: Cursor, recorded_at: datetime) -> None:
        """Append what segments were filled with, as soon as it is much: it may be everybody."""
        fills = [some for some in self._waiting if some[3]]
        if sum(len(changes.profile_id) for _, _, changes, _ in fills) >= MANY:
            self._waiting = [some for some in self._waiting if not some[3]]
            self._append(cursor, fills, recorded_at)

    def _append(
        self,
        cursor: Cursor,
        waiting: list[tuple[str, int, Transitions, bool]],
        recorded_at: datetime,
    ) -> None:
        if not waiting:
            return
        segments, versions, changes, fills = zip(*waiting, strict=True)
        sizes = [len(some.profile_id) for some in changes]
        total = sum(sizes)
        which = np.repeat(np.arange(len(sizes)), sizes)
        entered = np.concatenate([some.entered for some in changes]).astype(np.int8)
        reason = np.concatenate([some.reason for some in changes])
        table = pa.table(
            {
                "change_id": np.arange(self.last + 1, self.last + 1 + total),
                "segment": pa.array(segments).take(pa.array(which)),
                "version": np.array(versions, dtype=np.int32)[which],
                "profile_id": np.concatenate([some.profile_id for some in changes]),
                "kind": pa.array(["left", "entered"]).take(pa.array(entered)),
                "changed_at": np.concatenate([some.changed_at for some in changes]).astype(
                    "datetime64[us]"
                ),
                "recorded_at": np.full(total, np.datetime64(recorded_at, "us")),
                "reason": pa.array(REASONS).take(pa.array(reason)),
                "first_fill": np.array(fills, dtype=bool)[which],
            }
        )
        sql = "insert into membership_changes by name select * from {rows}"
        cursor.over(table, sql, many=total > SMALL)
        self.last += total
        # An upper bound for each of them is enough: it is read again once too often at most.
        self._latest.update(dict.fromkeys(segments, self.last))


def read_members(
    cursor: Cursor, before: Mapping[str, Members] | None = None, after: int = 0
) -> dict[str, Members]:
    """The members of every segment, as the log says so far: it is gone through in order.

    Args:
        cursor: On the warehouse.
        before: The members up to a change, which are changed in place; None for none.
        after: That change.
    """
    known = dict(before or {})
    last = cursor.execute("select coalesce(max(change_id), 0) from membership_changes").value()
    names = [row[0] for row in cursor.execute(_NAMES, [after]).all()]
    members = [known.setdefault(name, Members()) for name in names]
    for first in range(after, last, CHUNK):
        cursor.execute(_LOGGED, [names, first, first + CHUNK])
        columns = cursor.numpy()
        number = np.asarray(columns["number"], dtype=np.int64) - 1
        ids = np.asarray(columns["profile_id"], dtype=np.int64)
        entered = np.asarray(columns["entered"], dtype=bool)
        order = np.argsort(number, kind="stable")
        ends = np.searchsorted(number[order], np.arange(1, len(names) + 1))
        for one, rows in zip(members, np.split(order, ends[:-1]), strict=True):
            # Of several changes of one profile the last one stays: numpy sets them in order.
            one.set(ids[rows], entered[rows])
    return {name: one for name, one in sorted(known.items()) if len(one)}


_NAMES = "select distinct segment from membership_changes where change_id > ? order by segment"

_LOGGED = """
select list_position($1, segment) as number, profile_id, kind = 'entered' as entered
from membership_changes where change_id > $2 and change_id <= $3 order by change_id
"""


class Change(NamedTuple):
    """One entry or exit, as the feed shows it."""

    change_id: int
    segment: str
    version: int
    profile_id: int
    kind: str
    changed_at: datetime
    recorded_at: datetime
    reason: str
    first_fill: bool = False


def read_changes(
    cursor: Cursor, *, segment: str | None, after: int, limit: int, first_fill: bool = False
) -> list[Change]:
    """Entries and exits in the order that they were recorded in.

    Args:
        cursor: On the warehouse.
        segment: Of this one only; None for all.
        after: Those recorded after this change; 0 for all.
        limit: How many at most.
        first_fill: With the members that a segment began with, too.
    """
    wanted: dict[str, Any] = {"after": after, "limit": limit}
    said = ["change_id > $after"]
    if segment is not None:
        said.append("segment = $segment")
        wanted["segment"] = segment
    if not first_fill:
        said.append("not first_fill")
    rows = cursor.execute(
        "select change_id, segment, version, profile_id, kind, changed_at, recorded_at, reason, "
        f"first_fill from membership_changes where {' and '.join(said)} "
        "order by change_id limit $limit",
        wanted,
    ).all()
    return [Change(*row) for row in rows]


def sizes(held: Mapping[str, Members]) -> dict[str, int]:
    """How many members each segment has."""
    return {name: len(members) for name, members in held.items()}
