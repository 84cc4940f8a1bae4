"""What customers prefer, as SQL: the weight of each value, and whose favourite fulfils something.

Weights are whole millionths: a weight of at most four digits after the point, times so many
percent. Of values of equal weight the one that was named last is preferred, and of those that were
named at the same moment the first by its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from patron.segments import durations, tree
from patron.segments.calculated import worth_of
from patron.segments.calculations import whole_events
from patron.segments.conditions import DIALECT, column
from patron.segments.entities import reach
from patron.segments.expressions import call
from patron.segments.frames import Asked, named
from patron.segments.moments import Before, Moment
from patron.segments.row_values import RowValue, row_value
from patron.segments.scans import Scan

if TYPE_CHECKING:
    from patron.segments.plan import Planner
    from patron.segments.sql import Printer

PARTS = 10_000
"""Weights are kept as so many parts of one; a percent of such a part is a millionth."""


@dataclass(frozen=True, eq=False)
class Term:
    """One kind of interaction.

    Attributes:
        scan: Its rows.
        value: What each of them names.
        weight: In parts of `PARTS`.
        worth: What rows up to a moment are worth, of a hundred; rising by age.
    """

    scan: Scan
    value: RowValue
    weight: int
    worth: tuple[tuple[Moment, int], ...]

    @property
    def key(self) -> str:
        """Equal for equal ones only."""
        named_by = self.value.text().sql(DIALECT)
        return f"{self.weight} x {named_by} of {self.scan.key} {self.worth}"


def terms(planner: Planner, preferred: tree.Preferred) -> tuple[Term, ...]:
    """The kinds of interactions that a preference is made of."""
    catalogue = planner.catalogue
    found = []
    for one in preferred.preferred:
        scan, _ = planner.measured("count", whole_events(one.of))
        worth = tuple(
            (Before(planner.now, durations.duration(step.after)), step.worth) for step in one.steps
        )
        if worth and not worth[-1][1]:
            scan = replace(scan, span=replace(scan.span, after=worth[-1][0]))
        reached = None
        if one.property is not None:
            reached = reach(one.property, catalogue.entities, lines=one.of.lines)
            scan = replace(scan, reach=reached)
        value = row_value(one, preferred.bands, reached, catalogue.time_zone)
        found.append(Term(scan, value, int(Decimal(one.weight) * PARTS), worth))
    return tuple(found)


def weights(
    printer: Printer, found: Sequence[Term], fulfilled: tuple[str, Any] | None = None
) -> exp.Select:
    """The weight of each value of each customer: the key, ``identity``, ``weight``, ``latest``.

    Args:
        printer: Of the frame that it is asked in.
        found: The kinds of interactions.
        fulfilled: An operator and what it asks for: adds ``fits``.
    """
    rows: list[exp.Query] = []
    for term in found:
        query = printer.rows(term.scan).select(
            _as(_of_row(printer, term.scan, term.value.text()), "identity"),
            _as(_weight(printer, term), "weight"),
            _as(column("occurred_at"), "at"),
        )
        if fulfilled is not None:
            fits = term.value.fulfils(*fulfilled)
            query = query.select(_as(_of_row(printer, term.scan, fits), "fits"))
        rows.append(query)
    together = exp.union(*rows, distinct=False, copy=False) if len(rows) > 1 else rows[0]
    key, identity = column(printer.key), column("identity")
    query = exp.select(
        key,
        identity,
        _as(call("sum", column("weight")), "weight"),
        _as(call("max", column("at")), "latest"),
    ).from_(named(together, "weighed"))
    if fulfilled is not None:
        query = query.select(_as(call("bool_or", column("fits")), "fits"))
    there = exp.Not(this=exp.Is(this=identity.copy(), expression=exp.null()))
    return query.where(there).group_by(key.copy(), identity.copy())


def totals(printer: Printer, found: Sequence[Term]) -> exp.Select:
    """What speaks for any value, of each customer: the key, and ``total``."""
    rows: list[exp.Query] = [
        printer.rows(term.scan)
        .where(term.value.present())
        .select(_as(_weight(printer, term), "weight"))
        for term in found
        if term.weight > 0
    ]
    together = exp.union(*rows, distinct=False, copy=False) if len(rows) > 1 else rows[0]
    query = exp.select(column(printer.key), _as(call("sum", column("weight")), "total"))
    return query.from_(named(together, "positive")).group_by(column(printer.key))


def _weight(printer: Printer, term: Term) -> exp.Expr:
    """What a row adds, in millionths."""
    worth: exp.Expr = exp.Literal.number(100)
    if term.worth:
        worth = worth_of(printer.frame, term.worth)
    return exp.cast(exp.Mul(this=exp.Literal.number(term.weight), expression=worth), "BIGINT")


def favourites(printer: Printer, found: Sequence[Term], least: Any) -> exp.Select:  # noqa: ANN401
    """The most preferred value of each customer who has one: the key, and ``found``, its text."""
    key = column(printer.key)
    query = exp.select(key, _as(_best(column("identity")), "found"))
    weighed = named(weights(printer, found), "preferences")
    return query.from_(weighed).where(_enough(least)).group_by(key.copy())


@dataclass(frozen=True, eq=False)
class Favoured:
    """The profiles whose most preferred value fulfils a positive operator.

    Attributes:
        terms: What it follows from.
        least: Values of less weight are not preferred.
        op: The operator.
        value: What it asks for.
    """

    terms: tuple[Term, ...]
    least: Any
    op: str
    value: Any

    @property
    def key(self) -> str:
        """Equal for equal sets only."""
        said = "; ".join(term.key for term in self.terms)
        return f"favourite {self.op} {self.value!r} at least {self.least} of {said}"

    def query(self, printer: Printer) -> exp.Query:
        """Their keys."""
        key = column(printer.key)
        weighed = named(weights(printer, self.terms, (self.op, self.value)), "preferences")
        query = exp.select(key).from_(weighed).where(_enough(self.least)).group_by(key.copy())
        return query.having(_best(column("fits")))


def least_millionths(least: Any) -> int:  # noqa: ANN401 - a number
    """The smallest weight that is preferred: more than nothing."""
    return max(int(Decimal(least) * PARTS * 100), 1)


def _enough(least: Any) -> exp.Expr:  # noqa: ANN401 - a number
    return exp.GTE(this=column("weight"), expression=exp.Literal.number(least_millionths(least)))


def _best(what: exp.Expr) -> exp.Expr:
    """Something of the value with the largest weight."""
    late = call("epoch_us", column("latest"))
    order = [exp.Neg(this=column("weight")), exp.Neg(this=late), column("identity")]
    return call("arg_min", what, exp.Tuple(expressions=order))


def _of_row(printer: Printer, scan: Scan, value: exp.Expr) -> exp.Expr:
    """A value of each row, which is gathered with it where rows are gathered."""
    frame = printer.frame
    return frame.derive(scan.table, value) if isinstance(frame, Asked) else value


def _as(value: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(value, name, quoted=True)
