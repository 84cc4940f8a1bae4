"""The remembered rows of one table, and the statement that reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from patron.segments.conditions import DIALECT
from patron.segments.entities import reached_rows
from patron.segments.frames import Relations, table
from patron.segments.memory.batch import NOTHING
from patron.segments.memory.columns import Column, Columns, Table
from patron.segments.memory.rows import Ints, Rows

WORD = 64
"""So many flags go into one word."""


class Landed(NamedTuple):
    """Rows of a table that came in.

    Attributes:
        profile_id: Whose each is.
        name: What it is called; empty when that was not asked for.
        at: When it happened (datetime64[us], UTC).
    """

    profile_id: Ints
    name: npt.NDArray[np.object_]
    at: npt.NDArray[np.datetime64]


@dataclass
class TableMemory:
    """The remembered rows of one table.

    Attributes:
        name: The table.
        wanted: What is remembered of each, in the order that it is read in.
        beside: See `Columns.beside`.
        mark: Rows up to this number have been read.
    """

    name: Table
    wanted: list[Column]
    beside: set[str]
    mark: int = 0
    places: dict[Column, tuple[str, int]] = field(init=False)
    rows: Rows = field(init=False)

    def __post_init__(self) -> None:
        flags = [one for one in self.wanted if one.kind == "flag"]
        others = [one for one in self.wanted if one.kind != "flag"]
        self.places = {
            **{one: (f"flags_{at // WORD}", at % WORD) for at, one in enumerate(flags)},
            **{one: (f"{one.kind}_{at}", -1) for at, one in enumerate(others)},
        }
        names = {name: np.uint64 if bit >= 0 else np.int64 for name, bit in self.places.values()}
        self.rows = Rows({"at": np.int64, **names})

    def take(self, columns: dict[str, Any]) -> Landed:
        """Remember rows that were read."""
        ids = np.asarray(columns["profile_id"], dtype=np.int64)
        kept: dict[str, Any] = {"at": np.asarray(columns["at"], dtype=np.int64)}
        any_flag = np.zeros(len(ids), dtype=bool)
        for number, one in enumerate(self.wanted):
            name, bit = self.places[one]
            values = columns[f"c{number}"]
            if bit < 0:
                kept[name] = np.ma.filled(values, NOTHING).astype(np.int64)
                continue
            flag = np.ma.filled(values, False).astype(bool)
            any_flag |= flag
            word = kept.setdefault(name, np.zeros(len(ids), dtype=np.uint64))
            word |= flag.astype(np.uint64) << np.uint64(bit)
        # Rows that no rule reads are not remembered.
        here = np.flatnonzero(any_flag)
        taken = {name: values[here] for name, values in kept.items()}
        self.rows.add(ids[here], taken)
        names = np.asarray(columns.get("name", np.empty(0)), dtype=object)
        return Landed(ids, names, kept["at"].astype("datetime64[us]"))

    @staticmethod
    def of(name: Table, columns: Columns, mark: int = 0) -> TableMemory:
        """A table of which nothing is remembered yet."""
        return TableMemory(name, columns.of(name), columns.beside(name), mark)

    @property
    def key(self) -> str:
        """What numbers the rows in the order that they came in."""
        return "change_id" if self.name == "membership_changes" else "position"

    def _landed(self) -> str:
        """The rows that come in, with what they reach for."""
        landed = f"landed_{self.name}"
        reaches = dict.fromkeys(one.reach for one in self.wanted if one.reach is not None)
        if not reaches:
            return landed
        rows = reached_rows(table(landed), reaches, lines=self.name == "order_lines")
        return f"({rows.sql(DIALECT)})"

    def statement(self, relations: Relations, here: str, *, names: bool = False) -> str:
        """Reads rows, and finds out what is remembered of each.

        Args:
            relations: The tables to read.
            here: Stands behind the key: which rows.
            names: Say also what each is called.
        """
        key, name = self.key, self.name
        picked = "".join(f", {one.sql} as c{number}" for number, one in enumerate(self.wanted))
        called = ", name" if names else ""
        read = f"select profile_id, epoch_us(occurred_at) as at{called}{picked}"
        if name in ("events", "order_lines"):
            landed = ", ".join(
                f"landed_{other} as not materialized "
                f"(select * from {getattr(relations, other)} where {key} {here})"
                for other in ("events", "order_lines")
            )
            return f"with {landed} {read} from {self._landed()}"
        source = f"{read} from {getattr(relations, name)} where {key} {here}"
        if name != "membership_changes":
            return source
        chosen = exp.Tuple(
            expressions=[exp.Literal.string(segment) for segment in sorted(self.beside)]
        )
        return f"{source} and not first_fill and segment in {chosen.sql(DIALECT)}"
