"""Profiles that were merged or parted, and what becomes of the rows that are remembered of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from patron.engines.duckdb import Cursor
from patron.segments.frames import Relations
from patron.segments.memberships import Ints, Moments
from patron.segments.memory.histories import Memory


class Merges(NamedTuple):
    """What became of profiles that were merged or parted.

    Attributes:
        last: The number of the last merge.
        parted: Whether some were parted: rows then went from one to the other by identifier.
        touched: All profiles that had a part in it.
        first_seen: When each was first seen.
        gone: Those of them that others stand for now, rising.
        into: Which ones.
        gone_first_seen: When each of those was first seen.
    """

    last: int
    parted: bool
    touched: Ints
    first_seen: Moments
    gone: Ints
    into: Ints
    gone_first_seen: Moments


def read_merges(cursor: Cursor, after: int) -> Merges | None:
    """The merges behind a number; None when there are none."""
    rows = cursor.execute(
        "select merge_id, kind, kept_profile_id, other_profile_id from merges where merge_id > ?",
        [after],
    ).all()
    if not rows:
        return None
    touched = np.unique(np.array([row[2:] for row in rows], dtype=np.int64))
    cursor.execute(
        "select profile_id, merged_into, first_seen_at from profiles "
        "where profile_id in (select unnest(?)) order by profile_id",
        [touched.tolist()],
    )
    columns = cursor.numpy()
    ids = np.asarray(columns["profile_id"], dtype=np.int64)
    into = np.ma.filled(columns["merged_into"], 0).astype(np.int64)
    first_seen = np.asarray(columns["first_seen_at"], dtype="datetime64[us]")
    gone = into > 0
    last = max(row[0] for row in rows)
    parted = any(row[1] != "merge" for row in rows)
    return Merges(last, parted, ids, first_seen, ids[gone], into[gone], first_seen[gone])


def follow(memory: Memory, cursor: Cursor, relations: Relations, merges: Merges) -> None:
    """Have memory hold every row under the profile that stands for it."""
    if merges.parted:
        # Only the tables tell which rows went to whom.
        memory.reread(cursor, relations, np.union1d(merges.touched, merges.into))
    else:
        memory.move(merges.gone, merges.into)
