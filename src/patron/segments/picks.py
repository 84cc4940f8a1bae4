"""The first, the last, the most frequent value of a property.

The verdict on each value is made first and then that of the right row is picked: groups so carry a
boolean and not a VARIANT. Which of two rows of one and the same moment is later takes source and
message ids; these are read only of customers for whom the verdict hangs on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlglot import exp

from patron.segments import conditions, tree
from patron.segments.conditions import DIALECT, column
from patron.segments.frames import Asked, named, table
from patron.segments.scans import Scan

if TYPE_CHECKING:
    from patron.segments.sql import Printer

_RANKS = ("occurred_at", "source_id", "message_id")


@dataclass(frozen=True)
class PickTest:
    """The value of the first or last event that has one fulfils a positive operator.

    Over all customers, `Picked` finds the same without reading message ids.
    """

    which: Literal["first", "last"]
    path: str
    op: str
    value: Any
    size: int = 1

    @property
    def key(self) -> str:
        """Equal for equal tests only (1 and true are not equal)."""
        return f"{self.which} {self.path!r} {self.op} {self.value!r}"

    def having(self, scan: Scan) -> exp.Expr:
        """The test as a condition behind HAVING; it may be NULL, which means false."""
        found = scan.value(self.path)
        there = exp.Where(this=found.present())
        return exp.Filter(this=self.of_ranked(found.fulfils(self.op, self.value)), expression=there)

    def of_ranked(self, what: exp.Expr) -> exp.Expr:
        """Something of the first or last row."""
        function = "arg_min" if self.which == "first" else "arg_max"
        return _best(function, what, [column(rank) for rank in _RANKS])

    def of(self, scan: Scan) -> Picked:
        """The set of those who fulfil it."""
        return Picked(self.which, scan, self.path, self.op, self.value)


@dataclass(frozen=True, eq=False)
class Picked:
    """The profiles whose first, last or most frequent value fulfils a positive operator.

    First and last are about rows that have a value, the most frequent about texts, numbers and
    truth values; of values that are equally frequent, the one seen last counts. Those that occur
    less often than `times` do not.
    """

    which: tree.PickName
    scan: Scan
    path: str
    op: str
    value: Any
    times: int = 1

    @property
    def key(self) -> str:
        """Equal for equal sets only (1 and true are not equal)."""
        often = f" {self.times} times" if self.times > 1 else ""
        return f"{self.which}{often} {self.path!r} {self.op} {self.value!r} of {self.scan.key}"

    def query(self, printer: Printer) -> exp.Query:
        """Their keys: those of whom time alone tells, and those whose ties had to be settled."""
        key = column(printer.key)
        decided = self._verdict(printer, self._values(printer).select(column("occurred_at")))
        certain = exp.select(key).from_(table("decided")).where(column("certain"))
        tied = exp.select(key).from_(table("decided")).where(exp.Not(this=column("certain")))
        rows = self._values(printer).where(exp.In(this=key, query=exp.Subquery(this=tied)))
        settled = self._settled(printer, _ranked(printer, self.scan, rows))
        query = exp.union(certain, settled, distinct=False, copy=False)
        query = query.with_("decided", as_=decided, materialized=True, dialect=DIALECT)
        return exp.select(key).from_(named(query, "picked"))

    def _values(self, printer: Printer) -> exp.Select:
        """The rows that have a value, with the verdict on it, and with what equal values share."""
        value = self.scan.value(self.path)
        verdict = _of_row(printer, self.scan, value.fulfils(self.op, self.value))
        found = printer.rows(self.scan).select(_as(verdict, "fits"))
        if self.which == "most_frequent":
            identity = _of_row(printer, self.scan, value.identity())
            return found.select(_as(identity, "identity"))
        return found.where(value.present())

    def _verdict(self, printer: Printer, found: exp.Select) -> exp.Select:
        """Those who may fulfil the operator, and whether it is certain, by time alone."""
        key, fits = column(printer.key), column("fits")
        if self.which == "most_frequent":
            counted = _counted(printer, found, column("occurred_at"), self.times)
            latest = [column("times"), column("latest")]
            may = _best("arg_max", fits, [*latest, fits])
            certain = _best("arg_max", fits, [*latest, exp.Not(this=fits.copy())])
            return exp.select(key, _as(certain, "certain")).from_(counted).group_by(key).having(may)
        fitting, other = (self._end(of) for of in (fits, exp.Not(this=fits)))
        beats, ties = (exp.LT, exp.LTE) if self.which == "first" else (exp.GT, exp.GTE)
        alone = exp.Is(this=other, expression=exp.null())
        certain = exp.or_(beats(this=fitting.copy(), expression=other.copy()), alone)
        query = exp.select(key, _as(certain, "certain")).from_(named(found, "found"))
        no_later = ties(
            this=fitting.copy(),
            expression=exp.Coalesce(this=other.copy(), expressions=[fitting.copy()]),
        )
        return query.group_by(key).having(no_later)

    def _end(self, those: exp.Expr) -> exp.Expr:
        """When the first or last of some rows happened."""
        function = exp.Min if self.which == "first" else exp.Max
        return exp.Filter(
            this=function(this=column("occurred_at")), expression=exp.Where(this=those.copy())
        )

    def _settled(self, printer: Printer, ranked: exp.Select) -> exp.Select:
        """Those who fulfil the operator, by the full order of their rows."""
        key, fits, rank = column(printer.key), column("fits"), column("rank")
        if self.which == "most_frequent":
            counted = _counted(printer, ranked.select(column("identity")), rank, self.times)
            best = _best("arg_max", fits, [column("times"), column("latest")])
            return exp.select(key).from_(counted).group_by(key).having(best)
        best = _best("arg_min" if self.which == "first" else "arg_max", fits, [rank])
        return exp.select(key).from_(named(ranked, "found")).group_by(key).having(best)


def picked_values(
    printer: Printer, which: tree.PickName, scan: Scan, path: str, times: int = 1
) -> exp.Query:
    """The value that `Picked` compares, of each customer who has one: the key, and ``found``.

    It is JSON as text.
    """
    key, rank = column(printer.key), column("rank")
    value = scan.value(path)
    rows = printer.rows(scan).select(_as(value.json(), "fits"))
    if which == "most_frequent":
        rows = rows.select(_as(value.identity(), "identity"))
        ranked = _ranked(printer, scan, rows).select(column("identity"))
        counted = _counted(printer, ranked, rank, times, exp.ArgMax(
            this=column("fits"), expression=rank.copy()))  # fmt: skip
        found = _best("arg_max", column("fits"), [column("times"), column("latest")])
        return exp.select(key, _as(found, "found")).from_(counted).group_by(key)
    ranked = _ranked(printer, scan, rows.where(value.present()))
    found = _best("arg_min" if which == "first" else "arg_max", column("fits"), [rank])
    return exp.select(key, _as(found, "found")).from_(named(ranked, "found")).group_by(key)


def _of_row(printer: Printer, scan: Scan, value: exp.Expr) -> exp.Expr:
    """A value of each row, which is gathered with it where rows are gathered."""
    frame = printer.frame
    return frame.derive(scan.table, value) if isinstance(frame, Asked) else value


def _counted(
    printer: Printer,
    found: exp.Select,
    rank: exp.Expr,
    times: int,
    fits: exp.Expr | None = None,
) -> exp.Subquery:
    """How often each value occurs that does so often enough, and where it does so last."""
    key, identity = column(printer.key), column("identity")
    query = exp.select(
        key,
        _as(fits or exp.LogicalOr(this=column("fits")), "fits"),
        _as(exp.Count(this=exp.Star()), "times"),
        _as(exp.Max(this=rank), "latest"),
    )
    query = query.from_(named(found, "found")).where(
        exp.Not(this=exp.Is(this=identity.copy(), expression=exp.null()))
    )
    query = query.group_by(key, identity)
    if times > 1:
        query = query.having(conditions.compare(exp.Count(this=exp.Star()), ">=", times))
    return named(query, "counted")


def _ranked(printer: Printer, scan: Scan, rows: exp.Select) -> exp.Select:
    """Rows with their place in the order of what happened; lines go where their events do."""
    key, position = column(printer.key), column("position")
    ranks = [*map(column, _RANKS)]
    if scan.table != "order_lines":
        query = exp.select(key).from_(named(rows.select(*ranks), "rows"))
    else:
        ranks.append(column("line"))
        events = printer.alongside(scan, "events")
        events = events.select(position, column("source_id"), column("message_id"))
        lines = rows.select(position, column("line"), column("occurred_at"))
        query = exp.select(key).from_(named(lines, "lines"))
        query = query.join(
            named(events, "their_events"),
            using=[exp.to_identifier(printer.key), exp.to_identifier("position")],
        )
    return query.select(column("fits"), _as(exp.Tuple(expressions=ranks), "rank"))


def _best(function: str, what: exp.Expr, ranks: Sequence[exp.Expr]) -> exp.Expr:
    order = [rank.copy() for rank in ranks]
    by = order[0] if len(order) == 1 else exp.Tuple(expressions=order)
    return exp.Anonymous(this=function, expressions=[what.copy(), by])


def _as(value: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(value, name, quoted=True)
