"""The ledger of one customer's points: every entry, and what is left after it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from patron.engines.duckdb import Cursor
from patron.segments.catalogue import Catalogue
from patron.segments.conditions import DIALECT
from patron.segments.frames import Bulk
from patron.segments.plan import Planner
from patron.segments.points import Ledger
from patron.segments.sql_scans import ScanPrinter
from patron.segments.tree import Programme


class Entry(NamedTuple):
    """One entry.

    Attributes:
        at: When it holds from, naive UTC.
        kind: Whether points were earned, burned, or expired.
        points: What it adds to the balance; less than 0 for what is burned or expires.
        balance: What is left after it: the sum of all entries up to it.
        position: Of the message behind it; of the one that earned them, for what expires.
        message_id: Likewise.
    """

    at: datetime
    kind: Literal["earned", "burned", "expired"]
    points: int
    balance: int
    position: int
    message_id: str


def entries(
    cursor: Cursor, programme: Programme, profile_id: int, *, as_of: datetime, catalogue: Catalogue
) -> list[Entry]:
    """All entries up to a moment, the first one first.

    Args:
        cursor: In a transaction.
        programme: How points come and go.
        profile_id: A profile that stands.
        as_of: The moment, naive UTC.
        catalogue: What the programme is compiled with.
    """
    ledger = Ledger.of(programme, Planner(catalogue))
    printer = ScanPrinter(Bulk.about(cursor, as_of, profile_id))
    owing = ledger.owing(printer, _KEPT).sql(DIALECT)
    order = f"order by due, turn, {', '.join(_KEPT)}"
    cursor.execute(f"select due, turn, points, owed, position, message_id from ({owing}) {order}")
    found: list[Entry] = []
    balance = expired = 0
    for at, turn, points, owed, position, message_id in cursor.all():
        change = {0: expired - max(expired, owed), 1: points, 2: -points}[turn]
        expired = max(expired, owed)
        balance += change
        if change:
            kind: Literal["earned", "burned", "expired"] = _KINDS[turn]
            found.append(Entry(at, kind, int(change), int(balance), position, message_id))
    return found


_KEPT = ("source_id", "message_id", "position")
_KINDS: dict[int, Literal["earned", "burned", "expired"]] = {
    0: "expired",
    1: "earned",
    2: "burned",
}
