"""Who comes first by a measure, of everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.segments import conditions
from patron.segments.conditions import DIALECT, column, one_of
from patron.segments.frames import Asked, Bulk, Relations, named, table
from patron.segments.metrics import fraction
from patron.segments.moments import Moment
from patron.segments.predicates import MeasureTest
from patron.segments.scans import Scan
from patron.segments.sql_scans import ScanPrinter

if TYPE_CHECKING:
    from patron.segments.sql import Printer


@dataclass(frozen=True)
class Ranking:
    """Who comes first by a measure of rows: a question about everybody, as of a moment.

    Attributes:
        key: Equal for equal rankings only.
        scan: The rows, seen from the moment that the ranking is made for.
        test: Names the measure; its comparison means nothing.
        top: So many profiles.
        parts: Or so many of a million of those who are ranked.
    """

    key: str
    scan: Scan
    test: MeasureTest
    top: int | None
    parts: int | None

    def first_query(self, made_for: datetime, relations: Relations) -> exp.Query:
        """Who came first among everybody; see `ranked_query`."""
        rows, order = _measured(self, made_for, relations)
        first = exp.select(column("profile_id")).from_(table("measured")).order_by(*order)
        whole = self.top is None
        first = first.with_("measured", as_=rows, materialized=whole, dialect=DIALECT)
        return first.limit(_how_many(self))

    def first_within(self, frame: Bulk, made_for: datetime) -> exp.Query:
        """As `first_query`, for a query about a frame."""
        return self.first_query(made_for, frame.relations)


@dataclass(frozen=True, eq=False)
class Ranked:
    """The profiles that came first in a ranking made for another moment."""

    ranking: Ranking
    made_for: Moment

    def query(self, printer: Printer) -> exp.Query:
        """Its members."""
        frame = printer.frame
        if isinstance(frame, Asked):
            return self._among_asked(frame)
        ranked = self.ranking.first_within(frame, self.made_for.at(frame.as_of))
        query = exp.select(column(printer.key)).from_(named(ranked, "ranked"))
        # Everybody is ranked, even when one customer is asked about.
        return frame.narrowed(query)

    def _among_asked(self, frame: Asked) -> exp.Query:
        made_for = frame.moment(self.made_for)
        frame.rankings[self.ranking.key, self.made_for] = self.ranking
        there = (
            exp.select(
                exp.alias_(column("made_for"), "ranked_for", quoted=True),
                exp.alias_(column("profile_id"), "ranked_id", quoted=True),
            )
            .from_(table("ranked"))
            .where(one_of("rank_key", [self.ranking.key]))
        )
        asked = exp.select(column(frame.key)).from_(table("asked"))
        return asked.join(
            named(there, "ranked"),
            on=exp.and_(
                exp.EQ(this=column("ranked_for"), expression=made_for),
                exp.EQ(this=column("ranked_id"), expression=column("profile_id")),
            ),
            join_type="semi",
        )


def ranked_query(ranking: Ranking, made_for: datetime, relations: Relations) -> exp.Query:
    """Who came first among everybody: one column, ``profile_id``.

    Args:
        ranking: What they are ranked by.
        made_for: The moment that they are ranked for, naive UTC.
        relations: The tables to read.
    """
    return ranking.first_query(made_for, relations)


def places_query(ranking: Ranking, made_for: datetime, relations: Relations) -> exp.Query:
    """Everybody who is ranked: ``profile_id``, ``place`` from 1, ``ranked``: how many they are.

    And ``measure`` as text: a number, or two with a stroke between them, to be divided. Arguments
    as of `ranked_query`.
    """
    rows, order = _measured(ranking, made_for, relations)
    over, under = fraction(ranking.test, ranking.scan)
    parts = [over] if under is None else [over, exp.Literal.string("/"), under]
    text = exp.Anonymous(this="concat", expressions=parts)
    rows = rows.select(exp.alias_(text, "measure", quoted=True))
    place = exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=order))
    ranked = exp.Window(this=exp.Count(this=exp.Star()))
    return exp.select(
        column("profile_id"),
        column("measure"),
        exp.alias_(place, "place"),
        exp.alias_(ranked, "ranked"),
    ).from_(named(rows, "measured"))


def _measured(
    ranking: Ranking, made_for: datetime, relations: Relations
) -> tuple[exp.Select, list[exp.Expr]]:
    """Everybody who can be ranked, and the order that they are ranked in."""
    frame = Bulk(made_for, relations)
    rows, _ = ScanPrinter(frame).grouped_rows(ranking.scan, ranking.test)
    rows = frame.of_seen(rows)
    ranks, there = _ranks(ranking)
    names = [f"rank_{number}" for number in range(len(ranks))]
    picked = [exp.alias_(rank, name, quoted=True) for rank, name in zip(ranks, names, strict=True)]
    rows = rows.select(*picked)
    if there is not None:
        rows = rows.having(there)
    order: list[exp.Expr] = [exp.Ordered(this=column(name), desc=True) for name in names]
    return rows, [*order, exp.Ordered(this=column("profile_id"))]


def _how_many(ranking: Ranking) -> exp.Expr:
    if ranking.parts is None:
        return exp.Literal.number(ranking.top)
    # ranked * parts / 1_000_000, rounded up.
    scaled = exp.Mul(this=exp.Count(this=exp.Star()), expression=conditions.literal(ranking.parts))
    up = exp.Paren(this=exp.Add(this=scaled, expression=conditions.literal(999_999)))
    share = exp.IntDiv(this=up, expression=conditions.literal(1_000_000))
    return exp.Subquery(this=exp.select(share).from_(table("measured")))


def _ranks(ranking: Ranking) -> tuple[list[exp.Expr], exp.Expr | None]:
    """What profiles are ordered by, and the condition that they have it at all."""
    value, times = fraction(ranking.test, ranking.scan)
    if ranking.test.measure == "sum":
        return [exp.Coalesce(this=value, expressions=[exp.Literal.number(0)])], None
    if ranking.test.zero_of_nothing:
        return [value], None
    number = value.this
    some = conditions.compare(exp.Count(this=number.copy()), ">", 0)
    return [value] if times is None else _average(number), some


def _average(number: exp.Expr) -> list[exp.Expr]:
    """The whole part of an average in millionths, and the rest: together exact.

    Two averages that differ do so by more than a double tells apart, up to millions of rows each.
    """
    wide = exp.cast(number.copy(), "DECIMAL(38, 6)", dialect=DIALECT)
    millionths = exp.Mul(this=wide, expression=conditions.literal(1_000_000))
    total = exp.cast(exp.Sum(this=millionths), "HUGEINT", dialect=DIALECT)
    rows = exp.cast(exp.Count(this=number.copy()), "HUGEINT", dialect=DIALECT)
    whole = exp.IntDiv(this=total, expression=rows)
    rest = exp.Mod(this=total.copy(), expression=rows.copy())
    double = exp.cast(rest, "DOUBLE", dialect=DIALECT)
    return [whole, exp.Div(this=double, expression=rows.copy())]
