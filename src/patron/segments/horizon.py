"""Moments soon to come at which time alone can change an answer.

Every so often, the edges of the next minutes are read with one query, a range of the tables per
edge. What lands in between adds its own edges from memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments import conditions
from patron.segments.about_now import near
from patron.segments.concerns import Edge
from patron.segments.conditions import DIALECT, column, denoted, one_of
from patron.segments.expressions import every
from patron.segments.frames import Relations, table

LENGTH = timedelta(minutes=5)
"""How far ahead edges are read."""

Ints = npt.NDArray[np.int64]
Moments = npt.NDArray[np.datetime64]


class Due(NamedTuple):
    """Edges, in any order.

    Attributes:
        profile_id: Whose answer can change.
        at: When (datetime64[us], UTC).
        edge: Which edge it is: an index into those that were asked for.
    """

    profile_id: Ints
    at: Moments
    edge: Ints

    def take(self, which: npt.NDArray[np.generic]) -> Due:
        """Some of them."""
        return Due(self.profile_id[which], self.at[which], self.edge[which])


def none_due() -> Due:
    """No edges."""
    none = np.empty(0, dtype=np.int64)
    return Due(none, none.astype("datetime64[us]"), none)


def together(parts: Sequence[Due]) -> Due:
    """Edges of several."""
    if not parts:
        return none_due()
    return Due(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class Horizon:
    """The edges of the time from one moment to another.

    Args:
        edges: Which edges to look for.
        start: Nothing up to this moment is due any more.
    """

    def __init__(self, edges: Sequence[Edge], start: datetime) -> None:
        self.edges = list(edges)
        self.end = start
        self._due = none_due()

    def reach(self, cursor: Cursor, relations: Relations, until: datetime) -> None:
        """Read ahead, so that all edges up to a moment are known."""
        if until <= self.end:
            return
        end = until + LENGTH
        self._add(read_edges(cursor, self.edges, self.end, end, relations=relations))
        self.end = end

    def landed(
        self,
        rows: str,
        names: npt.NDArray[np.object_],
        profile_ids: Ints,
        at: Moments,
        now: datetime,
    ) -> None:
        """Add the edges of rows that came in since the horizon was read."""
        first, last = np.datetime64(now, "us"), np.datetime64(self.end, "us")
        # Many edges are of one name: which rows bear it is found out once.
        of_name: dict[str | None, Ints] = {name: np.flatnonzero(names == name)
                                           for name in set(names.tolist())}  # fmt: skip
        of_name[None] = np.arange(len(names))
        found = []
        for number, edge in enumerate(self.edges):
            if edge.rows != rows or edge.path is not None or edge.name not in of_name:
                continue
            those = of_name[edge.name]
            due = at[those] + np.timedelta64(edge.length)
            here = (due > first) & (due <= last)
            if here.any():
                ids = profile_ids[those][here]
                found.append(Due(ids, due[here], np.full(len(ids), number)))
        self._add(together(found))

    def landed_dates(
        self, cursor: Cursor, relations: Relations, position: int, now: datetime
    ) -> None:
        """Add the edges of the dates in rows that came in behind a position."""
        self._add(
            read_edges(cursor, self.edges, now, self.end, relations=relations, behind=position)
        )

    def known(self, until: datetime) -> Due:
        """What is due at a moment or before it."""
        return self._due.take(self._due.at <= np.datetime64(until, "us"))

    def pop(self, until: datetime) -> Due:
        """Take out what is due at a moment or before it."""
        limit = np.datetime64(until, "us")
        here = self._due.at <= limit
        due, self._due = self._due.take(here), self._due.take(~here)
        return due

    @property
    def next(self) -> datetime | None:
        """The next moment at which something is due, as far as was read."""
        if not len(self._due.at):
            return None
        moment: datetime = self._due.at.min().astype(object)
        return moment

    def _add(self, due: Due) -> None:
        if len(due.profile_id):
            self._due = together([self._due, due])


def read_edges(
    cursor: Cursor,
    edges: Sequence[Edge],
    after: datetime,
    until: datetime,
    *,
    relations: Relations,
    behind: int | None = None,
) -> Due:
    """All edges later than one moment, up to and with another.

    Args:
        cursor: On the warehouse.
        edges: Which edges to look for.
        after: The one moment.
        until: The other.
        relations: The tables to read.
        behind: Look only for edges of dates, in rows that came in behind this position.
    """
    parts = [
        _rows(number, edge, relations, after, until)
        for number, edge in enumerate(edges)
        if behind is None or edge.path is not None
    ]
    if not parts or until <= after:
        return none_due()
    if behind is not None:
        new = exp.GT(this=column("position"), expression=exp.Literal.number(behind))
        parts = [part.where(new) for part in parts]
    cursor.execute(" union all ".join(part.sql(DIALECT) for part in parts))
    columns = cursor.numpy()
    return Due(
        np.asarray(columns["profile_id"], dtype=np.int64),
        np.asarray(columns["due"], dtype="datetime64[us]"),
        np.asarray(columns["edge"], dtype=np.int64),
    )


def _rows(
    number: int, edge: Edge, relations: Relations, after: datetime, until: datetime
) -> exp.Select:
    """One range of one table."""
    first, last = (conditions.moment(limit - edge.length) for limit in (after, until))
    if edge.path is None:
        since: exp.Expr = column("occurred_at")
        here = every(
            exp.GT(this=since, expression=first), exp.LTE(this=since.copy(), expression=last)
        )
    else:
        _, operand = conditions.trait_operand(edge.path)
        since, here = denoted(operand), near(operand, first, last)
    due = exp.Add(this=since.copy(), expression=conditions.length(edge.length))
    query = exp.select(
        column("profile_id"),
        exp.alias_(due, "due"),
        exp.alias_(exp.Literal.number(number), "edge"),
    ).from_(table(getattr(relations, edge.rows)))
    if edge.name is not None:
        query = query.where(one_of("name", [edge.name]))
    return query.where(here)
