"""A consistent view of the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.warehouse.histories import Copy, rows
from patron.warehouse.rows import Rows


@dataclass(frozen=True, slots=True)
class Reading:
    """A consistent view of the tables, and what it holds for.

    Attributes:
        cursor: In a transaction of its own: all its questions see the same rows.
        position: The newest log position in that view.
        as_of: The moment that the questions are asked for, naive UTC.
        numbers_of: Where the rows of some identifiers are, as memory has it: hints that spare a
            look at all of them. It may know more or less than the view.
        copies: Of rows in the order of customers, held as long as this is read.
    """

    cursor: Cursor
    position: int
    as_of: datetime
    numbers_of: Callable[[Sequence[tuple[str, str]]], list[int]] | None = None
    copies: tuple[Copy, ...] = ()

    def rows(self, stored: Mapping[int, Sequence[int]]) -> Rows:
        """Where the rows of some customers are read from.

        Args:
            stored: Per customer that stands, the ids under which rows of them are stored.
        """
        return rows(self.cursor, self.copies, self.position, stored)

    @property
    def head(self) -> dict[str, Any]:
        """What every answer carries."""
        return {"position": self.position, "as_of": format_time(self.as_of)}
