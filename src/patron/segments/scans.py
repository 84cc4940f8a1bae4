"""What is scanned: rows of one table, of one kind, within a span of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import timedelta
from typing import Literal

from sqlglot import exp

from patron.segments import conditions, paths, tree
from patron.segments.conditions import Operand
from patron.segments.conversion import Conversion
from patron.segments.entities import Reach
from patron.segments.moments import Before, Moment
from patron.segments.row_values import RowValue
from patron.segments.tree import Rule


@dataclass(frozen=True)
class Anchor:
    """The first or the last row of another scan, per customer.

    Attributes:
        which: Which of the two.
        scan: The rows.
    """

    which: Literal["first", "last"]
    scan: Scan


@dataclass(frozen=True)
class Span:
    """A time span, up to and with `upto`, beyond which nothing is seen.

    Attributes:
        upto: The moment that the rows are looked at from.
        after: Later than this.
        since: Not before this.
        until: Not later than this.
        before: Earlier than this.
        anchor: Later than this row of the customer; nothing is, where there is none.
    """

    upto: Moment
    after: Moment | None = None
    since: Moment | None = None
    until: Moment | None = None
    before: Moment | None = None
    anchor: Anchor | None = None

    @property
    def reach(self) -> timedelta:
        """How far it goes back, of spans that differ in nothing else."""
        return self.after.length if isinstance(self.after, Before) else timedelta.max


@dataclass(frozen=True)
class Scan:
    """Rows of one table.

    Attributes:
        events: Of events with these names; none for those of every name.
        products: Of orders, the state of the catalogue that costs are taken from; None where no
            cost is asked for.
        converted: Amounts are looked at in this currency.
        reach: The attribute of what rows name that is looked at; None where none is.
    """

    table: Literal["events", "order_lines", "traits", "orders"]
    span: Span
    events: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    currency: str | None = None
    where: Rule | None = None
    products: int | None = None
    converted: Conversion | None = None
    reach: Reach | None = None

    @property
    def key(self) -> str:
        """Equal for equal scans only."""
        where = None if self.where is None else tree.encode(self.where)
        said = (self.table, self.span, self.events, self.brands, self.currency, where)
        return repr((*said, self.products, self.converted, self.reach))

    @property
    def however_late(self) -> str:
        """Equal for scans that differ only in how far they go back: one can be read for all."""
        if self.span.after is not None and not isinstance(self.span.after, Before):
            return self.key
        return replace(self, span=replace(self.span, after=None)).key

    def value(self, path: str) -> RowValue:
        """A property of one of its rows, by its path."""
        lines, orders = self.table == "order_lines", self.table == "orders"
        if self.reach is not None:
            return RowValue(Operand(conditions.column(self.reach.column), "variant"))
        return RowValue(conditions.operand(paths.split(path), lines=lines, orders=orders))

    def number(self, path: str) -> exp.Expr:
        """A property of one of its rows as a number, in the currency that is asked for."""
        number = self.value(path).operand.number()
        return number if self.converted is None else self.converted.converted(number)

    def of_events(self) -> Scan:
        """The events of whose lines it is; itself unless it is of lines."""
        if self.table != "order_lines":
            return self
        where = None if self.where is None else tree.AnyLine(self.where)
        return replace(self, table="events", where=where)


def scans_in(part: object) -> Iterator[Scan]:
    """Every scan that a set of a plan rests on."""
    if isinstance(part, Scan):
        yield part
    elif isinstance(part, tuple):
        for inner in part:
            yield from scans_in(inner)
    elif is_dataclass(part):
        for field in fields(part):
            yield from scans_in(getattr(part, field.name))
