"""What is kept of pulls: the position of each mapping, and how the last ones ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from patron.engines.duckdb import Cursor

KEPT = 50
"""So many ended pulls of a mapping are kept."""


@dataclass(frozen=True, slots=True)
class PullRun:
    """How a pull ended.

    Attributes:
        mapping: Of which mapping.
        started_at: When, naive UTC.
        finished_at: When, naive UTC.
        stored: How many messages were new.
        duplicate: How many were there already.
        quarantined: How many rows were refused for the first time.
        error: What went wrong; None when nothing did.
    """

    mapping: str
    started_at: datetime
    finished_at: datetime
    stored: int
    duplicate: int
    quarantined: int
    error: str | None


def position_of(cursor: Cursor, mapping: str, reads: str) -> str | None:
    """Where the pulls of a mapping have come to; None when none has stored a row.

    Args:
        cursor: On the warehouse.
        mapping: Its name.
        reads: What is read; a position in anything else does not count.
    """
    cursor.execute(
        "select position from pull_positions where mapping = ? and reads = ?", [mapping, reads]
    )
    found = cursor.one()
    return None if found is None else str(found[0])


def keep_position(cursor: Cursor, mapping: str, reads: str, position: str, now: datetime) -> None:
    """Note a position; in the transaction that stores the rows before it."""
    cursor.execute(
        "insert or replace into pull_positions values (?, ?, ?, ?)", [mapping, reads, position, now]
    )


def keep_run(cursor: Cursor, run: PullRun) -> None:
    """Note how a pull ended, and forget the oldest of its mapping."""
    with cursor.transaction():
        cursor.execute(
            "insert into pull_runs values (?, ?, ?, ?, ?, ?, ?)",
            [run.mapping, run.started_at, run.finished_at, run.stored, run.duplicate,
             run.quarantined, run.error],
        )  # fmt: skip
        cursor.execute(
            "delete from pull_runs where rowid in (select rowid from pull_runs where mapping = ? "
            f"order by started_at desc, rowid desc offset {KEPT})",
            [run.mapping],
        )


def runs(cursor: Cursor, mapping: str) -> list[PullRun]:
    """How the last pulls of a mapping ended, the newest first."""
    cursor.execute(
        "select mapping, started_at, finished_at, stored, duplicate, quarantined, error "
        "from pull_runs where mapping = ? order by started_at desc, rowid desc",
        [mapping],
    )
    return [PullRun(*row) for row in cursor.all()]
