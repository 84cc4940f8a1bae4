"""What is scanned: rows of one table, of one kind, within a span of time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from patron.segments import tree
from patron.segments.moments import Moment
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


@dataclass(frozen=True)
class Scan:
    """Rows of one table."""

    table: Literal["events", "order_lines", "traits"]
    span: Span
    event: str | None = None
    brands: tuple[str, ...] = ()
    currency: str | None = None
    where: Rule | None = None

    @property
    def key(self) -> str:
        """Equal for equal scans only."""
        where = None if self.where is None else tree.encode(self.where)
        said = (self.table, self.span, self.event, self.brands, self.currency, where)
        return repr(said)

    def of_events(self) -> Scan:
        """The events of whose lines it is; itself unless it is of lines."""
        if self.table != "order_lines":
            return self
        where = None if self.where is None else tree.AnyLine(self.where)
        return replace(self, table="events", where=where)
