"""Scores of everybody that were made before, for as long as nothing changed that they rest on.

Scores by fifths are made among everybody, whomever they are asked about. A page of them, or those
of one customer, would cost as much as all; so what was made once is kept.
"""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pyarrow as pa
from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments.conditions import DIALECT
from patron.segments.frames import Relations
from patron.segments.rfm import RfmScored

KEPT = 8
"""So many are kept at most; then all are let go."""

READS = frozenset({"events", "order_lines", "current_events", "current_order_lines"})
"""What rests on other tables is made anew each time: they change without a new row here."""

_STATE = """
select count(*), max(position), (select max(merge_id) from merges),
    (select count(*) from definitions where kind = 'identity'),
    (select count(*) from profile_map), (select count(*) from device_turns)
from events where occurred_at <= ?
"""
"""Equal for as long as the same events up to a moment belong to the same customers.

What comes in and is dated later changes nothing about scores made for that moment.
"""


class Scored:
    """Scores that were made before. It may be asked from several threads."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, pa.Table]] = {}
        self._lock = threading.Lock()

    def cells(
        self, cursor: Cursor, scored: RfmScored, made_for: datetime, relations: Relations
    ) -> pa.Table:
        """Everybody who has scores: ``profile_id`` and ``found``, the digits of the three.

        Args:
            cursor: In a transaction.
            scored: What is scored.
            made_for: The moment that the scores are made for, naive UTC.
            relations: The tables to read.
        """
        query = scored.cells_query(made_for, relations)
        sql = query.sql(DIALECT)
        if not {one.name for one in query.find_all(exp.Table)} <= READS:
            return cursor.arrow(sql)
        state = cursor.execute(_STATE, [made_for]).one()
        with self._lock:
            known = self._kept.get(sql)
        if known is None or known[0] != state:
            known = state, cursor.arrow(sql)
            with self._lock:
                if len(self._kept) >= KEPT:
                    self._kept.clear()
                self._kept[sql] = known
        return known[1]
