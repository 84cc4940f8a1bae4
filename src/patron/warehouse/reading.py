"""A consistent view of the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.warehouse.histories import Copy, State, rows
from patron.warehouse.rows import Rows
from patron.warehouse.sources import SourceNames
from patron.warehouse.standing import Standing


class Memory(Protocol):
    """Who is who, as memory has it; see `pipeline.recollection`."""

    def standings(
        self, cursor: Cursor, asked: Sequence[tuple[str, str] | int]
    ) -> Mapping[tuple[str, str] | int, Standing]:
        """The profiles that stand for some customers, of those of whom it can tell."""
        ...

    def state(self, cursor: Cursor) -> State:
        """What copies are judged by."""
        ...

    def numbers_of(self, identifiers: Sequence[tuple[str, str]]) -> list[int]:
        """Where the rows of some identifiers may be; it may know more or less than the view."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """A consistent view of the tables, and what it holds for.

    Attributes:
        cursor: In a transaction of its own: all its questions see the same rows.
        position: The newest log position in that view.
        as_of: The moment that the questions are asked for, naive UTC.
        memory: Spares a look at the tables; None where they are asked for all.
        copies: Of rows in the order of customers, held as long as this is read.
        source_names: What was read of them so far.
    """

    cursor: Cursor
    position: int
    as_of: datetime
    memory: Memory | None = None
    copies: tuple[Copy, ...] = ()
    source_names: SourceNames = field(default_factory=SourceNames)

    def rows(self, stored: Mapping[int, Sequence[int]]) -> Rows:
        """Where the rows of some customers are read from.

        Args:
            stored: Per customer that stands, the ids under which rows of them are stored.
        """
        if not self.copies:
            return rows(self.cursor, (), self.position, stored)
        state = self.memory.state(self.cursor) if self.memory else None
        return rows(self.cursor, self.copies, self.position, stored, state)

    @property
    def head(self) -> dict[str, Any]:
        """What every answer carries."""
        return {"position": self.position, "as_of": format_time(self.as_of)}
