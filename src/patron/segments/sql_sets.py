"""Prints at least k of, shares, ranks, scope over brands, groups, and recorded membership."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.segments import conditions, paths
from patron.segments.conditions import DIALECT, column, one_of
from patron.segments.frames import Asked, Bulk, Relations, named, table
from patron.segments.having import having, weight
from patron.segments.metrics import fraction
from patron.segments.moments import AS_OF
from patron.segments.plan import Always, Grouped, Scan, Span, Special, Tallied, Test
from patron.segments.plan_sets import (
    Everybody,
    InGroup,
    PerBrand,
    Ranked,
    Ranking,
    Recorded,
    Tally,
)

if TYPE_CHECKING:
    from patron.segments.sql import Printer

_TRAITS = Scan("traits", Span(AS_OF))


def query(printer: Printer, profiles: Special) -> exp.Query:
    """The query for a set of one of these kinds: the printer's key, once for each member."""
    match profiles:
        case Tally():
            return _tally(printer, profiles)
        case PerBrand():
            return _per_brand(printer, profiles)
        case Everybody():
            return _everybody(printer, profiles)
        case Ranked():
            return _ranked(printer, profiles)
        case InGroup():
            return _in_group(printer, profiles)
        case Recorded():
            return _recorded(printer, profiles)
    raise TypeError(f"{type(profiles).__name__} has no SQL")


# ── how many hold ──


def _tally(printer: Printer, found: Tally) -> exp.Query:
    key = column(printer.key)
    scans: dict[str, tuple[Scan, list[tuple[Test, int]]]] = {}
    parts: list[exp.Select] = []
    for profiles, times in found.parts:
        if isinstance(profiles, Grouped) and not printer.is_shared(profiles):
            scan = scans.setdefault(profiles.scan.key, (profiles.scan, []))
            scan[1].append((profiles.test, times))
        else:
            each = exp.alias_(conditions.literal(times), "weight", quoted=True)
            parts.append(exp.select(key, each).from_(named(printer.set(profiles), "found")))
    parts += [_weighed(printer, scan, tuple(tests)) for scan, tests in scans.values()]
    if not parts:
        return printer.frame.everybody(AS_OF).where(exp.false())
    together = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False, copy=False)
    total = exp.Sum(this=column("weight"))
    return (
        exp.select(key)
        .from_(named(together, "weighed"))
        .group_by(key)
        .having(conditions.compare(total, found.op, found.value))
    )


def _weighed(printer: Printer, scan: Scan, tests: tuple[tuple[Test, int], ...]) -> exp.Select:
    """The weight of everybody who has rows in a scan."""
    test = Tallied(tests, "=", 0)
    rows, alone = printer.grouped_rows(scan, test)
    total = weight(test, scan, printer, alone=alone)
    return rows.select(exp.alias_(total, "weight", quoted=True))


def _per_brand(printer: Printer, found: PerBrand) -> exp.Query:
    key = column(printer.key)
    rows, alone = printer.grouped_rows(found.scan, found.test)
    rows = rows.group_by(column("brand"))
    if not isinstance(found.test, Always):
        rows = rows.having(having(found.test, found.scan, printer, alone=alone))
    brands = exp.Count(this=exp.Star())
    return (
        exp.select(key)
        .from_(named(rows, "brands"))
        .group_by(key)
        .having(conditions.compare(brands, found.op, found.value))
    )


# ── shares and ranks ──


def _everybody(printer: Printer, found: Everybody) -> exp.Query:
    seen = printer.frame.everybody(found.upto)
    if found.below is None:
        return seen
    # Of two texts of hexadecimal digits, the one with the smaller number sorts first.
    salted = exp.Anonymous(
        this="concat", expressions=[exp.Literal.string(f"{found.seed}:"), column("profile_id")]
    )
    digest = exp.Anonymous(this="md5", expressions=[salted])
    limit = exp.Literal.string(f"{found.below:08x}")
    return seen.where(exp.LT(this=digest, expression=limit))


def _ranked(printer: Printer, found: Ranked) -> exp.Query:
    frame = printer.frame
    if isinstance(frame, Asked):
        return _among_ranked(frame, found)
    ranked = ranked_query(found.ranking, found.made_for.at(frame.as_of), frame.relations)
    query = exp.select(column(printer.key)).from_(named(ranked, "ranked"))
    # Everybody is ranked, even when one customer is asked about.
    if frame.profile_id is None:
        return query
    return query.where(conditions.compare(column(printer.key), "=", frame.profile_id))


def _among_ranked(frame: Asked, found: Ranked) -> exp.Query:
    made_for = frame.moment(found.made_for)
    frame.rankings[found.ranking.key, found.made_for] = found.ranking
    there = (
        exp.select(
            exp.alias_(column("made_for"), "ranked_for", quoted=True),
            exp.alias_(column("profile_id"), "ranked_id", quoted=True),
        )
        .from_(table("ranked"))
        .where(one_of("rank_key", [found.ranking.key]))
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
    rows, order = _measured(ranking, made_for, relations)
    first = exp.select(column("profile_id")).from_(table("measured")).order_by(*order)
    first = first.with_("measured", as_=rows, materialized=ranking.top is None, dialect=DIALECT)
    return first.limit(_how_many(ranking))


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
    from patron.segments.sql import Printer

    printer = Printer(Bulk(made_for, relations))
    rows, _ = printer.grouped_rows(ranking.scan, ranking.test)
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
    test = ranking.test
    if test.measure == "rows":
        return [exp.Count(this=exp.Star())], None
    if test.measure == "events":
        return [exp.Count(this=exp.Distinct(expressions=[column("position")]))], None
    lines = ranking.scan.table == "order_lines"
    operand = conditions.operand(paths.split(test.path or ""), lines=lines)
    if test.measure == "distinct":
        return [exp.Count(this=exp.Distinct(expressions=[operand.identity()]))], None
    number = operand.number()
    if test.measure == "sum":
        return [exp.Coalesce(this=exp.Sum(this=number), expressions=[exp.Literal.number(0)])], None
    some = conditions.compare(exp.Count(this=number), ">", 0)
    if test.measure == "average":
        return _average(number), some
    function = {"min": exp.Min, "max": exp.Max}[test.measure]
    return [function(this=number.copy())], some


def _average(number: exp.Expr) -> list[exp.Expr]:
    """The whole part of an average in millionths, and the rest: together exact.

    Two averages that differ do so by more than a double tells apart, up to millions of rows each.
    """
    millionths = exp.Mul(this=number.copy(), expression=conditions.literal(1_000_000))
    total = exp.cast(exp.Sum(this=millionths), "HUGEINT", dialect=DIALECT)
    rows = exp.cast(exp.Count(this=number.copy()), "HUGEINT", dialect=DIALECT)
    whole = exp.IntDiv(this=total, expression=rows)
    rest = exp.Mod(this=total.copy(), expression=rows.copy())
    double = exp.cast(rest, "DOUBLE", dialect=DIALECT)
    return [whole, exp.Div(this=double, expression=rows.copy())]


# ── groups and recorded membership ──


def of_brands(brands: tuple[str, ...]) -> list[exp.Expr]:
    """What makes a row one that a source of these brands sent; nothing for none."""
    if not brands:
        return []
    sources = exp.select(column("source_id")).from_(table("sources"))
    sources = sources.where(one_of("brand", brands))
    return [exp.In(this=column("source_id"), query=exp.Subquery(this=sources))]


def _in_group(printer: Printer, found: InGroup) -> exp.Query:
    frame = printer.frame
    ids = [column(name) for name in frame.of_groups]
    here = [*printer.in_span(found.span), *of_brands(found.brands)]
    held = (
        frame.group_traits()
        .where(one_of("name", [paths.split(found.test.path)[0]]), *here)
        .group_by(*ids)
        .having(having(found.test, _TRAITS, printer, alone=True))
    )
    members = frame.rows("group_members").where(*(part.copy() for part in here)).distinct()
    return members.join(
        named(held, "held"),
        using=[exp.to_identifier(name) for name in frame.of_groups],
        join_type="semi",
    )


def _recorded(printer: Printer, found: Recorded) -> exp.Query:
    return recorded_changes(printer, found).distinct()


def recorded_changes(printer: Printer, found: Recorded) -> exp.Select:
    """Members when the segment was made did not enter it; who was merged away did not leave it."""
    changes = printer.frame.rows("membership_changes")
    return changes.where(
        one_of("segment", [found.segment]),
        one_of("kind", [found.kind]),
        exp.Not(this=column("first_fill")),
        exp.NEQ(this=column("reason"), expression=exp.Literal.string("merged")),
        *printer.in_span(found.span),
    )
