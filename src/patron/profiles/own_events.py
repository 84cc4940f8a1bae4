"""All events of customers who have few, read once for whatever is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Self

from patron.engines.duckdb import Cursor
from patron.profiles.events import Event, EventRow, Line, event_rows, lines
from patron.profiles.lookup import owners
from patron.warehouse.rows import Rows
from patron.warehouse.sources import SourceNames
from patron.warehouse.standing import Standing

EACH = 100
"""Customers with more events on average are read page by page: most of their events are not told
of, and to read one whole takes as long as to look through hundreds for a few columns."""


class OwnEvents:
    """The events of some customers by a moment, and their lines.

    Args:
        cursor: On the workspace.
        rows: Where their rows are.
        by_owner: The events of each profile, the newest first.
    """

    def __init__(self, cursor: Cursor, rows: Rows, by_owner: dict[int, list[EventRow]]) -> None:
        self._cursor = cursor
        self._rows = rows
        self.by_owner = by_owner

    @classmethod
    def read(
        cls,
        cursor: Cursor,
        profiles: Sequence[Standing],
        as_of: datetime,
        *,
        brand: str | None,
        rows: Rows,
    ) -> Self | None:
        """Those of some customers; None where they have too many.

        Args:
            cursor: On the workspace.
            profiles: They stand.
            as_of: What happened after it is left out.
            brand: Only those of this brand.
            rows: Where their rows are.
        """
        where, values = "occurred_at <= $as_of", {"as_of": as_of, "brand": brand}
        if brand is None:
            del values["brand"]
        else:
            where += " and brand = $brand"
        most = EACH * len(profiles)
        found = event_rows(cursor, rows, where, values, most=most + 1)
        if len(found) > most:
            return None
        owner, by_owner = owners(profiles), dict[int, list[EventRow]]()
        for row in found:
            by_owner.setdefault(owner[row.profile_id], []).append(row)
        for every in by_owner.values():
            every.sort(key=lambda row: (row.occurred_at, row.position), reverse=True)
        return cls(cursor, rows, by_owner)

    @cached_property
    def lines(self) -> dict[int, list[Line]]:
        """The lines of the events that have some, by position."""
        return lines(self._cursor, list(self.by_position), self._rows)

    @cached_property
    def by_position(self) -> dict[int, EventRow]:
        """The events by their place in the log."""
        return {row.position: row for every in self.by_owner.values() for row in every}

    @cached_property
    def costs_are_declared(self) -> bool:
        """Whether there are products with attributes, of which one may be what they cost."""
        found = self._cursor.execute(
            "select exists (select 1 from reachable_entities where kind = ?)", ["product"]
        )
        return bool(found.value())

    def newest(self, limit: int, names: SourceNames) -> dict[int, list[Event]]:
        """So many events of each, the newest first; see `newest_events`."""
        shown = {own: every[:limit] for own, every in self.by_owner.items()}
        whole = [row for every in shown.values() for row in every]
        called = names.of(self._cursor, {row.source_id for row in whole})
        return {
            own: [
                row.event(called.get(row.source_id), self.lines.get(row.position, ()))
                for row in every
            ]
            for own, every in shown.items()
        }
