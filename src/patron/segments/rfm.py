"""Scores by recency, frequency and monetary value, of everybody who has any of the events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments.conditions import DIALECT, column
from patron.segments.frames import Bulk, Relations, named, table
from patron.segments.metrics import fraction
from patron.segments.rankings import Ranking
from patron.segments.sql_scans import ScanPrinter

SCORES = 5


@dataclass(frozen=True)
class RfmScored(Ranking):
    """Who has some scores, as of a moment.

    Attributes:
        base: Equal for the same scores, whatever the cells.
        cells: The combinations of scores.
    """

    base: str
    cells: frozenset[str]

    def first_query(self, made_for: datetime, relations: Relations) -> exp.Query:
        """Who has one of the cells: one column, ``profile_id``."""
        return self._first_of(named(self.cells_query(made_for, relations), "cells"))

    def first_within(self, frame: Bulk, made_for: datetime) -> exp.Query:
        """As `first_query`, from the scores that the frame has laid out, if it has."""
        if frame.scores is None:
            return self.first_query(made_for, frame.relations)
        return self._first_of(table(frame.scores.table_of(self, made_for)))

    def _first_of(self, cells: exp.Expr) -> exp.Select:
        wanted = [exp.Literal.number(cell) for cell in sorted(self.cells)]
        there = exp.In(this=column("found"), expressions=wanted)
        return exp.select(column("profile_id")).from_(cells).where(there)

    def has(self, cells: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which digits of three scores are among its cells."""
        return np.isin(cells, [int(cell) for cell in self.cells])

    def cells_query(self, made_for: datetime, relations: Relations) -> exp.Select:
        """Everybody who has scores: ``profile_id``, and ``found``: the digits of the three."""
        recency, frequency, monetary = map(column, _MEASURES)
        hundred, ten = exp.Literal.number(100), exp.Literal.number(10)
        cell = exp.Add(
            this=exp.Add(
                this=exp.Mul(this=recency, expression=hundred),
                expression=exp.Mul(this=frequency, expression=ten),
            ),
            expression=monetary,
        )
        scores = named(self.scores_query(made_for, relations), "scores")
        return exp.select(column("profile_id"), exp.alias_(cell, "found")).from_(scores)

    def scores_query(self, made_for: datetime, relations: Relations) -> exp.Select:
        """Everybody who has scores, with them and with what they are made of.

        The columns are ``profile_id``, ``recency``, ``frequency``, ``monetary``, ``last_at``,
        ``times``, ``amount``, and how many are scored: ``customers``.
        """
        frame = Bulk(made_for, relations)
        rows, _ = ScanPrinter(frame).grouped_rows(self.scan, self.test)
        rows = frame.of_seen(rows)
        total, _ = fraction(self.test, self.scan)
        amount = exp.Coalesce(this=total, expressions=[exp.Literal.number(0)])
        rows = rows.select(
            exp.alias_(exp.Max(this=column("occurred_at")), "last_at"),
            exp.alias_(exp.Count(this=exp.Star()), "times"),
            exp.alias_(amount, "amount"),
        )
        scores = (exp.alias_(_score(of), name) for name, of in _MEASURES.items())
        everybody = exp.Window(this=exp.Count(this=exp.Star()))
        kept = ("profile_id", "last_at", "times", "amount")
        query = exp.select(*map(column, kept), *scores, exp.alias_(everybody, "customers"))
        return query.from_(named(rows, "measured"))


class LaidOut:
    """Scores of everybody in temporary tables, for several questions of one transaction.

    Each is made when it is first asked for.

    Args:
        cursor: In the transaction.
    """

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._tables: dict[tuple[str, datetime], str] = {}

    def table_of(self, scored: RfmScored, made_for: datetime) -> str:
        """The name of the table: ``profile_id``, and ``found``, the digits of the three scores."""
        key = scored.base, made_for
        if key not in self._tables:
            name = f"laid_out_scores_{len(self._tables)}"
            query = scored.cells_query(made_for, Relations.of(self._cursor))
            self._cursor.execute(f"create or replace temp table {name} as {query.sql(DIALECT)}")
            self._tables[key] = name
        return self._tables[key]


_MEASURES = {"recency": "last_at", "frequency": "times", "monetary": "amount"}
"""Each score, and the column that it is made of."""


def _score(of: str) -> exp.Expr:
    """The fifth that the middle of all who have the same value lies in, in whole numbers."""
    sql = (
        f"1 + {SCORES} * (rank() over (order by {of}) - 1 + count(*) over (order by {of}))"
        " // (2 * count(*) over ())"
    )
    return exp.maybe_parse(sql, dialect=DIALECT)
