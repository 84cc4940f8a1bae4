"""The rows of a customer in their order, and which of them are of what kind.

Conditions on when events happened (sequences, carts, patterns) have no single number that their
query compares. What is told of them is read from the same rows, under the same conditions in SQL,
each of which says of every row whether it is one of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments import conditions
from patron.segments.conditions import DIALECT
from patron.segments.entities import Reach, reached_rows
from patron.segments.explain_asked import Moments
from patron.segments.explain_probe import About, Told, reading
from patron.segments.explain_values import Row
from patron.segments.frames import Asked, Rows
from patron.segments.questions import Question

TOGETHER = 100
"""So many kinds of rows are told apart with one statement."""

Places = npt.NDArray[np.int64]
"""Places of rows in their order."""


@dataclass(frozen=True)
class Wanted:
    """Rows that are wanted of one table.

    Attributes:
        table: The table.
        kinds: Per kind, which rows are of it, in SQL; rows of no kind are left out.
        values: What is read of each row beside, by name, in SQL that makes text of it.
        alone: They read other tables too.
        reach: The attribute of what rows name that is told of.
    """

    table: Rows
    kinds: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    alone: bool
    reach: Reach | None = None

    @staticmethod
    def of(
        table: Rows,
        kinds: Sequence[exp.Expr],
        values: Sequence[tuple[str, exp.Expr]] = (),
        reach: Reach | None = None,
    ) -> Wanted:
        """The rows, as expressions over the columns of their table."""
        read = [(name, exp.cast(value, "VARCHAR").sql(DIALECT)) for name, value in values]
        return Wanted(
            table,
            tuple(conditions.certain(kind).sql(DIALECT) for kind in kinds),
            tuple(read),
            alone=reach is not None or any(kind.find(exp.Query) for kind in kinds),
            reach=reach,
        )


@dataclass(frozen=True)
class Woven:
    """Rows of one table, of one customer, in their order.

    Attributes:
        at: When each happened.
        kinds: Of each kind, which rows are of it.
    """

    at: Moments
    kinds: tuple[npt.NDArray[np.bool_], ...]
    _columns: Mapping[str, npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(self.at)

    def of(self, kind: int) -> Places:
        """The places of the rows of a kind, in order."""
        return np.flatnonzero(self.kinds[kind])

    def texts(self, name: str, places: Sequence[int] | Places | None = None) -> list[str | None]:
        """One of the values of some rows, or of all."""
        column = self._columns[name]
        if places is not None:
            column = column[_places(places)]
        found: list[str | None] = column.tolist()
        return found

    def messages(self) -> int:
        """How many messages the rows came in with."""
        return len(np.unique(self._columns["position"]))

    def rows(self, places: Sequence[int] | Places) -> list[Row]:
        """Some rows as they are shown."""
        chosen = _places(places)
        columns = [self._columns[name][chosen].tolist() for name in _SHOWN]
        return [Row(**dict(zip(_SHOWN, row, strict=True))) for row in zip(*columns, strict=True)]

    def row(self, place: int) -> Row:
        """One row as it is shown."""
        return self.rows([place])[0]

    def moment(self, place: int) -> datetime:
        """When a row happened, in UTC."""
        at: datetime = self.at[place].astype(object)
        return at


@dataclass(frozen=True, kw_only=True)
class OfRows:
    """How to look into a condition by way of rows.

    Attributes:
        table: The table that they lie in.
        kinds: Per kind, which rows are of it.
        values: What is read of each row beside, by name.
        frame: What all that was printed in.
        reach: The attribute of what rows name that the values are.
    """

    table: Rows
    kinds: tuple[exp.Expr, ...]
    values: tuple[tuple[str, exp.Expr], ...] = ()
    frame: Asked
    reach: Reach | None = None

    @cached_property
    def reads(self) -> Question:
        """What has to be gathered before, as of a question that asks nothing."""
        lines = self.table == "order_lines"
        beside = self.reach.reads(lines=lines) if self.reach is not None else frozenset()
        return reading(self.frame, (*self.kinds, *(value for _, value in self.values)), beside)

    @cached_property
    def wanted(self) -> Wanted:
        """The rows that are told of."""
        return Wanted.of(self.table, self.kinds, self.values, self.reach)


@dataclass(frozen=True, kw_only=True)
class Strands(OfRows):
    """How to look into a condition on when events happened.

    Attributes:
        tell: Makes the value and all else of the rows.
    """

    tell: Callable[[Woven, About], Told]


def _places(places: Sequence[int] | Places) -> Places:
    return np.array(places, dtype=np.int64)


def read_for(name: Rows) -> set[Rows]:
    """The tables that rows of one are woven of: a line goes where its event does."""
    if name == "orders":
        return {"events", "order_lines"}
    return {name, "events"} if name == "order_lines" else {name}


def weave(cursor: Cursor, wanted: Sequence[Wanted], about: About) -> list[Woven]:
    """Read rows of the customer whom `OneCustomer` has read, few times.

    Returns:
        For each that is wanted, its rows.
    """
    found: dict[int, Woven] = {}
    for together in _together(wanted):
        some = [wanted[number] for number in together]
        found.update(zip(together, _woven(cursor, some, about), strict=True))
    return [found[number] for number in range(len(wanted))]


def _together(wanted: Sequence[Wanted]) -> Iterator[list[int]]:
    """Which are read in one pass over the rows: those that read nothing but these."""
    alike: dict[Rows, list[int]] = {}
    for number, one in enumerate(wanted):
        if one.alone:
            yield [number]
        else:
            alike.setdefault(one.table, []).append(number)
    for numbers in alike.values():
        for start in range(0, len(numbers), TOGETHER):
            yield numbers[start : start + TOGETHER]


def _woven(cursor: Cursor, wanted: Sequence[Wanted], about: About) -> Iterator[Woven]:
    """What is wanted of one and the same table."""
    table = wanted[0].table
    # Conditions of one rule have much in common: what they share is asked for once.
    texts = (text for one in wanted for text in (*one.kinds, *(value for _, value in one.values)))
    names = {text: f"said {number}" for number, text in enumerate(dict.fromkeys(texts))}
    columns = ", ".join(f'{text} as "{name}"' for text, name in names.items())
    events = _THEIR_EVENTS if table == "order_lines" else ""
    order = "name, listed" if table == "identifiers" else _ORDER
    seen, reach = about.seen(table), wanted[0].reach
    if reach is not None:
        lines = table == "order_lines"
        seen = f"({reached_rows(exp.Var(this=seen), [reach], lines=lines).sql(DIALECT)})"
    rows = f"{seen} as own {events}"
    cursor.execute(f"select {_COLUMNS[table]}, {columns} from {rows} order by {order}")
    found = cursor.numpy()
    for one in wanted:
        own = [np.asarray(found[names[kind]], dtype=bool) for kind in one.kinds]
        places = np.flatnonzero(np.logical_or.reduce(own))
        part = {name: found[name][places] for name in _SHOWN}
        part |= {name: found[names[text]][places] for name, text in one.values}
        moments = np.asarray(part["occurred_at"], dtype="datetime64[us]")
        yield Woven(moments, tuple(kind[places] for kind in own), part)


_SHOWN = ["position", "message_id", "name", "occurred_at", "line"]
_OWN = "position, message_id, name, occurred_at, null::integer as line, source_id"
_COLUMNS: dict[Rows, str] = {
    "events": _OWN,
    "traits": _OWN,
    "order_lines": "position, of_message as message_id, name, occurred_at, line, "
    "of_source as source_id",
    "orders": "position, message_id, state as name, occurred_at, null::integer as line, source_id",
    "identifiers": "null::bigint as position, null::varchar as message_id, type as name, "
    "null::timestamp as occurred_at, null::integer as line, own.value as listed",
}
_THEIR_EVENTS = """left join (
    select position, message_id as of_message, source_id as of_source from own_events
) using (position)"""
_ORDER = "occurred_at, source_id, message_id, line"
