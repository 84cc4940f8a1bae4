"""The rows of a customer in their order, and which of them are of what kind.

Conditions on when events happened (sequences, carts, patterns) have no single number that their
query compares. What is told of them is read from the same rows, under the same conditions in SQL,
each of which says of every row whether it is one of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments import conditions
from patron.segments.conditions import DIALECT
from patron.segments.explain_asked import Moments, seen
from patron.segments.explain_probe import About, Told, reading
from patron.segments.explain_values import Row
from patron.segments.frames import Asked, Rows
from patron.segments.sql import Question

Places = npt.NDArray[np.int64]
"""Places of rows in their order."""


@dataclass(frozen=True)
class Woven:
    """Rows of one table, of one customer, in their order.

    Attributes:
        table: Which.
        at: When each happened.
        kinds: Of each kind, which rows are of it.
    """

    table: Literal["events", "order_lines"]
    at: Moments
    kinds: tuple[npt.NDArray[np.bool_], ...]
    _columns: pa.Table

    def of(self, kind: int) -> Places:
        """The places of the rows of a kind, in order."""
        return np.flatnonzero(self.kinds[kind])

    def text(self, name: str, place: int) -> str | None:
        """What one of the values is of a row."""
        found: str | None = self._columns[name][place].as_py()
        return found

    def texts(self, name: str) -> list[str]:
        """One of the values of all rows."""
        found: list[str] = self._columns[name].to_pylist()
        return found

    def rows(self, places: Sequence[int]) -> list[Row]:
        """Some rows as they are shown."""
        found = self._columns.select(_SHOWN).take(np.array(places, dtype=np.int64))
        return [Row(**row) for row in found.to_pylist()]

    def row(self, place: int) -> Row:
        """One row as it is shown."""
        return self.rows([place])[0]

    def moment(self, place: int) -> datetime:
        """When a row happened, in UTC."""
        at: datetime = self.at[place].astype(object)
        return at


@dataclass(frozen=True)
class Strands:
    """How to look into such a condition.

    Attributes:
        table: The table that the rows lie in.
        kinds: Per kind, which rows are of it.
        tell: Makes the value and all else of them.
        frame: What the kinds were printed in.
        values: What is read of each row beside, by name, as text.
    """

    table: Literal["events", "order_lines"]
    kinds: tuple[exp.Expr, ...]
    tell: Callable[[Woven, About], Told]
    frame: Asked
    values: tuple[tuple[str, exp.Expr], ...] = ()

    def needs(self) -> frozenset[Rows]:
        """The tables that the customer's rows are read of; events put lines in their order."""
        return frozenset({"events", self.table, *self.frame.needs})

    def reads(self) -> Question:
        """What has to be gathered before."""
        return reading(self.frame, (*self.kinds, *(value for _, value in self.values)))

    def look(self, cursor: Cursor, about: About) -> Told:
        """Read the rows, and tell."""
        named = [f'{value.sql(DIALECT)} as "{name}"' for name, value in self.values]
        marks = [
            f"{conditions.certain(kind).sql(DIALECT)} as kind_{number}"
            for number, kind in enumerate(self.kinds)
        ]
        any_kind = " or ".join(f"kind_{number}" for number in range(len(marks)))
        columns = ", ".join([_COLUMNS[self.table], *named, *marks])
        # A line goes where its event does.
        events = _THEIR_EVENTS if self.table == "order_lines" else ""
        found = cursor.arrow(
            f"select * from (select {columns} from {seen(self.table)} as own {events}) "
            f"where {any_kind} order by occurred_at, source_id, message_id, line"
        )
        kinds = tuple(
            found[f"kind_{number}"].to_numpy().astype(bool) for number in range(len(marks))
        )
        at = found["occurred_at"].to_numpy().astype("datetime64[us]")
        return self.tell(Woven(self.table, at, kinds, found), about)


_SHOWN = ["position", "message_id", "name", "occurred_at", "line"]
_COLUMNS = {
    "events": "position, message_id, name, occurred_at, null::integer as line, source_id",
    "order_lines": "position, of_message as message_id, name, occurred_at, line, "
    "of_source as source_id",
}
_THEIR_EVENTS = """left join (
    select position, message_id as of_message, source_id as of_source from own_events
) using (position)"""
