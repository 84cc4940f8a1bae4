"""Measures of rows as SQL, and the comparison of two of them.

An average is never divided: it is kept as a sum and a number, and compared by multiplying across.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from patron.segments import conditions
from patron.segments.conditions import column
from patron.segments.scans import Scan

if TYPE_CHECKING:
    from patron.segments.predicates import MeasureTest
    from patron.segments.sql import Printer


class Fraction(NamedTuple):
    """The value of a measure: a numerator, and a denominator unless that is 1.

    It is missing when either is NULL, or the denominator 0.
    """

    over: exp.Expr
    under: exp.Expr | None = None


def fraction(test: MeasureTest, scan: Scan) -> Fraction:
    """The measure of a test, over the rows of a group."""
    if test.measure == "rows":
        return Fraction(exp.Count(this=exp.Star()))
    if test.measure == "events":
        return Fraction(_distinct(column("position")))
    path = test.path or ""
    if test.measure == "distinct":
        return Fraction(_distinct(scan.value(path).identity()))
    number = scan.number(path)
    if test.measure == "average":
        return Fraction(exp.Sum(this=number), exp.Count(this=number.copy()))
    function = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max}[test.measure]
    return Fraction(function(this=number))


def _distinct(value: exp.Expr) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[value]))


def compared(left: Fraction, op: str, right: Fraction) -> exp.Expr:
    """Whether one value compares so with another; NULL or false when either is missing."""
    unders = [under for under in (left.under, right.under) if under is not None]
    there = [exp.GT(this=under.copy(), expression=exp.Literal.number(0)) for under in unders]
    crossed = conditions.COMPARISONS[op](
        this=_times(left.over, right.under), expression=_times(right.over, left.under)
    )
    return exp.and_(*there, crossed)


def _times(over: exp.Expr, under: exp.Expr | None) -> exp.Expr:
    return over if under is None else exp.Mul(this=over, expression=under.copy())


@dataclass(frozen=True)
class PairTest:
    """Two measures of the same rows compare so with each other; false of no rows."""

    left: MeasureTest
    op: str
    right: MeasureTest
    size: int = 2

    @property
    def key(self) -> str:
        """Equal for equal tests only."""
        return f"({_name(self.left)} {self.op} {_name(self.right)})"

    def having(self, scan: Scan) -> exp.Expr:
        """The test as a condition behind HAVING; it may be NULL, which means false."""
        left = _filled(fraction(self.left, scan), self.left)
        return compared(left, self.op, _filled(fraction(self.right, scan), self.right))


@dataclass(frozen=True, eq=False)
class Paired:
    """The profiles whose measures of two scans compare so; nobody without rows in either."""

    left_scan: Scan
    left: MeasureTest
    op: str
    right_scan: Scan
    right: MeasureTest

    @property
    def key(self) -> str:
        """Equal for equal sets only."""
        left = f"{_name(self.left)} {self.left_scan.key}"
        return f"{left} {self.op} {_name(self.right)} {self.right_scan.key}"

    def query(self, printer: Printer) -> exp.Query:
        """Their keys."""
        left, left_value = self._side(printer, self.left_scan, self.left, "left")
        right, right_value = self._side(printer, self.right_scan, self.right, "right")
        joined = {
            (True, True): "full", (True, False): "right", (False, True): "left",
            (False, False): "inner",
        }[self.left.zero_of_nothing, self.right.zero_of_nothing]  # fmt: skip
        query = exp.select(column(printer.key)).from_(left)
        query = query.join(right, using=[exp.to_identifier(printer.key)], join_type=joined)
        return query.where(compared(left_value, self.op, right_value))

    def _side(
        self, printer: Printer, scan: Scan, test: MeasureTest, name: str
    ) -> tuple[exp.Subquery, Fraction]:
        """The measure of each customer, and how to read it."""
        over, under = fraction(test, scan)
        query = printer.rows(scan).select(exp.alias_(over, f"{name}_over"))
        read = Fraction(column(f"{name}_over"))
        if under is not None:
            query = query.select(exp.alias_(under, f"{name}_under"))
            read = Fraction(read.over, column(f"{name}_under"))
        query = query.group_by(column(printer.key))
        alias = exp.TableAlias(this=exp.to_identifier(f"{name}_side"))
        return exp.Subquery(this=query, alias=alias), _filled(read, test)


def _filled(value: Fraction, test: MeasureTest) -> Fraction:
    """The value; 0 where there is none, of measures that are 0 of nothing."""
    if not test.zero_of_nothing:
        return value
    zero = exp.Literal.number(0)
    return Fraction(exp.Coalesce(this=value.over, expressions=[zero]), value.under)


def _name(test: MeasureTest) -> str:
    return f"{test.measure} {test.path!r}"
