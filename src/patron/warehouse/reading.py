"""A consistent view of the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from patron.clock import format_time
from patron.engines.duckdb import Cursor


@dataclass(frozen=True, slots=True)
class Reading:
    """A consistent view of the tables, and what it holds for.

    Attributes:
        cursor: In a transaction of its own: all its questions see the same rows.
        position: The newest log position in that view.
        as_of: The moment that the questions are asked for, naive UTC.
        numbers_of: Where the rows of some identifiers are, as memory has it: hints that spare a
            look at all of them. It may know more or less than the view.
    """

    cursor: Cursor
    position: int
    as_of: datetime
    numbers_of: Callable[[Sequence[tuple[str, str]]], list[int]] | None = None

    @property
    def head(self) -> dict[str, Any]:
        """What every answer carries."""
        return {"position": self.position, "as_of": format_time(self.as_of)}
