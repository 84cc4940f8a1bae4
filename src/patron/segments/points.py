"""The points of customers: entries of a ledger, and their sum.

Points are burned and expire in the order that they were earned in. So when those earned up to some
moment expire, all of them have to be gone: what was not burned by then expires. With E(t) the
points earned by t, B(t) those burned, and W the time that they hold, the points that have expired
by t are the largest E(s - W) - B(s) of all s up to t, or 0: one pass over the entries in their
order tells it, for everybody at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlglot import exp

from patron.segments import conditions, durations, tree
from patron.segments.conditions import DIALECT, column
from patron.segments.frames import named
from patron.segments.moments import Moment
from patron.segments.plan import Planner
from patron.segments.scans import Scan
from patron.segments.sql_scans import ScanPrinter

_MICRO = 1_000_000


@dataclass(frozen=True)
class Source:
    """Rows that earn or burn points.

    Attributes:
        scan: The rows.
        path: The property that says how many; None for the same number each.
        millionths: Millionths of points for each, or for each unit.
    """

    scan: Scan
    path: str | None
    millionths: int


@dataclass(frozen=True)
class Ledger:
    """How the points of a programme come and go, as rows.

    Attributes:
        earning: What earns them.
        burning: What burns them.
        holds: How long points hold; None for ever.
        upto: The moment that it is looked at from.
    """

    earning: tuple[Source, ...]
    burning: Source | None
    holds: timedelta | None
    upto: Moment

    @staticmethod
    def of(programme: tree.Programme, planner: Planner) -> Ledger:
        """The ledger of a programme, as of the moment that a planner plans for."""
        earning = tuple(
            _source(planner, one.events, int(Decimal(one.earn) * _MICRO))
            for one in programme.earning
        )
        burning = programme.burning
        holds = programme.expire_after
        return Ledger(
            earning,
            None if burning is None else _source(planner, burning, _MICRO),
            None if holds is None else durations.duration(holds),
            planner.now,
        )

    def entries(self, printer: ScanPrinter, kept: tuple[str, ...] = ()) -> exp.Query:
        """What happened to points by then.

        Args:
            printer: Says whose.
            kept: Columns of the events that are wanted beside.

        Returns:
            SQL with the key, ``due``, ``turn`` (what comes first of one moment: 0 what expires, 1
            what is earned, 2 what is burned), ``points``, and those columns.
        """
        parts = [_rows(printer, one, 1, kept) for one in self.earning]
        if self.holds is not None:
            parts += [self._expiring(printer, one, kept, self.holds) for one in self.earning]
        if self.burning is not None:
            parts.append(_rows(printer, self.burning, 2, kept))
        every = exp.union(*parts, distinct=False) if len(parts) > 1 else parts[0]
        whole = exp.select("*").from_(named(every, "entries"))
        return whole.where(exp.GT(this=column("points"), expression=exp.Literal.number(0)))

    def _expiring(
        self, printer: ScanPrinter, one: Source, kept: tuple[str, ...], holds: timedelta
    ) -> exp.Select:
        due = exp.Add(this=column("occurred_at"), expression=conditions.length(holds))
        upto = printer.frame.moment(self.upto)
        rows = _rows(printer, one, 0, kept, due)
        return rows.where(exp.LTE(this=due.copy(), expression=upto))

    def balances(self, printer: ScanPrinter) -> exp.Select:
        """The points of everybody to whose points anything happened: key, ``found``."""
        rows = self.owing(printer)
        total = f"cast(sum({_CHANGE}) - greatest(max(owed), 0) as bigint)"
        found = exp.alias_(exp.maybe_parse(total, dialect=DIALECT), "found")
        key = column(printer.key)
        return exp.select(key, found).from_(named(rows, "owing")).group_by(key.copy())

    def owing(self, printer: ScanPrinter, kept: tuple[str, ...] = ()) -> exp.Select:
        """The entries, each with what was due to expire by then and was not burned: ``owed``."""
        entries = named(self.entries(printer, kept), "entries")
        if self.holds is None:
            return exp.select("*", exp.alias_(exp.Literal.number(0), "owed")).from_(entries)
        tie = "".join(f", {name}" for name in kept)
        owed = (
            "sum(case turn when 0 then points when 2 then -points else 0 end) over "
            f'(partition by "{printer.key}" order by due, turn{tie} rows unbounded preceding)'
        )
        owed_so_far = exp.alias_(exp.maybe_parse(owed, dialect=DIALECT), "owed")
        return exp.select("*", owed_so_far).from_(entries)


_CHANGE = "case turn when 1 then points when 2 then -points else 0 end"
"""What an entry does to the balance; what expires is told by what is owed."""


@dataclass(frozen=True, eq=False)
class Balanced:
    """Those whose points compare with a number, of those to whose points anything happened."""

    ledger: Ledger
    op: str
    value: Any

    @property
    def key(self) -> str:
        """Equal for equal sets only."""
        return f"points {self.ledger!r} {self.op} {self.value!r}"

    def query(self, printer: ScanPrinter) -> exp.Query:
        """Its members."""
        balances = named(self.ledger.balances(printer), "balances")
        compared = conditions.compare(column("found"), self.op, self.value)
        return exp.select(column(printer.key)).from_(balances).where(compared)


def _source(planner: Planner, events: tree.Events, millionths: int) -> Source:
    scan, test = planner.measured("sum", events)
    return Source(scan, test.path, millionths)


def _rows(
    printer: ScanPrinter,
    source: Source,
    turn: int,
    kept: tuple[str, ...],
    at: exp.Expr | None = None,
) -> exp.Select:
    return printer.rows(source.scan).select(
        exp.alias_(at or column("occurred_at"), "due"),
        exp.alias_(exp.Literal.number(turn), "turn"),
        exp.alias_(_points(source), "points"),
        *map(column, kept),
    )


def _points(source: Source) -> exp.Expr:
    """Whole points, rounded down; never less than 0."""
    if source.path is None:
        return exp.Literal.number(source.millionths // _MICRO)
    number = source.scan.number(source.path)
    wide = exp.cast(number, "DECIMAL(38, 6)", dialect=DIALECT)
    micros = exp.Mul(this=wide, expression=exp.Literal.number(_MICRO))
    total = exp.Mul(
        this=exp.cast(micros, "HUGEINT", dialect=DIALECT),
        expression=exp.cast(exp.Literal.number(source.millionths), "HUGEINT", dialect=DIALECT),
    )
    whole = exp.IntDiv(this=exp.Paren(this=total), expression=exp.Literal.number(_MICRO * _MICRO))
    return exp.Coalesce(this=whole, expressions=[exp.Literal.number(0)])
