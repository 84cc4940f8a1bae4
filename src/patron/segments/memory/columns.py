"""What is remembered of a row: found out by SQL when it comes in, from the row alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from sqlglot import exp

from patron.segments.conditions import DIALECT, certain, column, one_of
from patron.segments.entities import Reach
from patron.segments.expressions import call, every, quoted, try_cast
from patron.segments.frames import Bulk, Relations
from patron.segments.scans import Scan
from patron.segments.sql import Printer
from patron.spec.commerce import TELLING

Table = Literal[
    "events", "order_lines", "traits", "group_members", "membership_changes", "orders"
]  # fmt: skip
"""Tables whose rows are remembered; orders are by the events that they follow from."""

Kind = Literal["flag", "number", "code"]

_LANDED = Relations("landed_events", "landed_order_lines", "traits")
_BEYOND = datetime(9999, 1, 1)  # noqa: DTZ001 - naive UTC, as everywhere
OF_WORTH = frozenset({"state", "exchanged", "refunded", "refunds", "net", "cost", "margin"})
"""Columns of orders that hang on what changed them."""

MICRO = 1_000_000
"""Numbers are remembered as so many parts of one: all have at most six decimals."""


class Column(NamedTuple):
    """One thing to remember of each row of a table.

    Attributes:
        table: Whose rows.
        kind: A `flag` is true or false; a `number` is in millionths, `NOTHING` where there is none;
            equal values have equal `code`s, and 0 is no value.
        sql: What it is, over the columns of the row.
        reach: The attribute of what rows name that it is about.
    """

    table: Table
    kind: Kind
    sql: str
    reach: Reach | None = None


class Order(NamedTuple):
    """Which of several rows of one moment is the later: by source and message id, and by line.

    Attributes:
        position: The messages that the rows came in with.
        line: Of order lines; None for other rows.
    """

    position: Column
    line: Column | None = None


@dataclass
class Columns:
    """Everything to remember, in the order that it was asked for.

    Attributes:
        wanted: The columns.
        segments: Of recorded changes, only those of these segments are remembered.
        brands: Says of which brand each source is.
        households: Says which identifiers make households.
        news: Tables that are read for what came in, whatever is remembered of them.
        of_orders: The columns of orders that are read.
    """

    wanted: dict[Column, None] = field(default_factory=dict)
    segments: set[str] = field(default_factory=set)
    brands: str = ""
    households: str = ""
    news: tuple[Table, ...] = ("events", "traits")
    of_orders: set[str] = field(default_factory=set)

    def of(self, table: Table) -> list[Column]:
        """What is remembered of the rows of a table."""
        return [one for one in self.wanted if one.table == table]

    def beside(self, table: Table) -> set[str]:
        """What else decides about the rows of a table and what is remembered of them."""
        if table == "membership_changes":
            return self.segments
        if table == "group_members" and self.households:
            return {self.households}
        return {self.brands} if any(reads_sources(one.sql) for one in self.of(table)) else set()

    @property
    def tables(self) -> list[Table]:
        """The tables whose rows are remembered, and those that are read for news."""
        return list(dict.fromkeys([*self.news, *(one.table for one in self.wanted)]))

    @property
    def reads(self) -> set[Table]:
        """The tables that what is remembered is found out from."""
        tables = set(self.tables)
        if any('"landed_order_lines"' in one.sql for one in self.wanted):
            tables.add("order_lines")
        return tables | {"events"} if "order_lines" in tables else tables

    @property
    def names(self) -> set[str]:
        """The columns of these that are read, and maybe more."""
        reached = (
            one.reach.reads(lines=one.table == "order_lines")
            for one in self.wanted
            if one.reach is not None
        )
        return {name for one in self.wanted for name in quoted(one.sql)}.union(*reached)

    def flag(self, table: Table, *conditions: exp.Expr, reach: Reach | None = None) -> Column:
        """Whether conditions on a row hold."""
        held = certain(every(*conditions)) if conditions else exp.true()
        return self._add(table, "flag", held, reach)

    def number(self, table: Table, value: exp.Expr, reach: Reach | None = None) -> Column:
        """A number of at most six decimals."""
        # The engine multiplies decimals of 18 digits in 18 digits, which two millions exceed.
        wide = exp.cast(value, "DECIMAL(38, 6)", dialect=DIALECT)
        whole = exp.cast(exp.Mul(this=wide, expression=exp.Literal.number(MICRO)), "BIGINT")
        return self._add(table, "number", whole, reach)

    def whole(self, table: Table, name: str) -> Column:
        """A column that holds whole numbers, as they are."""
        return self._add(table, "number", column(name))

    def order(self, table: Table) -> Order:
        """Which of several rows of one moment is the later."""
        line = self.whole(table, "line") if table == "order_lines" else None
        return Order(self.whole(table, "position"), line)

    def code(self, table: Table, value: exp.Expr, reach: Reach | None = None) -> Column:
        """A number that equal texts share, and texts that differ do not.

        It has 63 bits: two of a million different values of one customer come out alike with a
        probability of less than one in ten million.
        """
        # The value is long to say, so it is said once; nothing has a hash, too, which becomes 0.
        hashed = call("xor", call("hash", value), call("hash", exp.null()))
        shifted = exp.BitwiseRightShift(this=hashed, expression=exp.Literal.number(1))
        coded = exp.cast(shifted, "BIGINT")
        return self._add(table, "code", coded, reach)

    def fits(self, scan: Scan) -> Column:
        """Whether a row is one of a scan, whenever it happened."""
        return self.flag(scan.table, *printer().fits(scan))

    def take(self, others: Columns) -> None:
        """Remember what others want, too."""
        self.wanted |= others.wanted
        self.segments |= others.segments

    def _add(self, table: Table, kind: Kind, value: exp.Expr, reach: Reach | None = None) -> Column:
        if table == "orders":
            self.of_orders |= {one.name for one in value.find_all(exp.Column)}
            table, value = "events", value.transform(_told)
            if kind == "flag":
                # Rows are remembered for which some flag holds: of other events that is for naught.
                value = exp.and_(one_of("name", sorted(TELLING)), value)
        wanted = Column(table, kind, value.sql(DIALECT), reach)
        self.wanted[wanted] = None
        return wanted


def _told(part: exp.Expr) -> exp.Expr:
    """What an order comes to that one event tells of, and no other, by that event."""
    if not isinstance(part, exp.Column) or part.name not in OF_WORTH | {"gross"}:
        return part
    if part.name == "state":
        return exp.Literal.string("completed")
    amount = exp.Coalesce(this=column("revenue"), expressions=[column("total")])
    if part.name == "gross":
        off = exp.Coalesce(this=column("discount"), expressions=[exp.Literal.number(0)])
        return try_cast(exp.Add(this=amount, expression=off), "DECIMAL(18, 6)")
    return amount if part.name == "net" else exp.cast(exp.Literal.number(0), "DECIMAL(18, 6)")


def reads_sources(sql: str) -> bool:
    """Whether the brands of sources matter: they can be changed, unlike rows."""
    return '"sources"' in sql


def reads_groups(sql: str) -> bool:
    """Whether it matters who is in which household: that changes with the rules of identity."""
    return '"asked_group_members"' in sql


def printer() -> Printer:
    """Prints conditions on rows that came in."""
    return Printer(Bulk(_BEYOND, _LANDED))
