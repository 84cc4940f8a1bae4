"""Looking into a condition: what has to be read for it, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments import order_scans
from patron.segments.algebra import Signed, Union
from patron.segments.explain_values import Detail
from patron.segments.frames import Asked, Rows
from patron.segments.moments import AS_OF, Moment
from patron.segments.questions import Question
from patron.warehouse.order_rows import order_rows


class About(NamedTuple):
    """Whom an explanation is about, and as of when.

    Attributes:
        profile_id: The customer.
        as_of: The moment, in UTC.
        moments: Others that follow from it, by the names that SQL has for them.
    """

    profile_id: int
    as_of: datetime
    moments: Mapping[str, Moment]

    def seen(self, rows: Rows) -> str:
        """The customer's rows in a table that were seen by then, as a part of a statement."""
        columns = [f', {_literal(at.at(self.as_of))} as "{name}"'
                   for name, at in {**self.moments, "as_of": AS_OF}.items()]  # fmt: skip
        if rows == "orders":
            return f"(select 0 as ask, *{''.join(columns)} from ({self._orders()}))"
        dated = "" if rows == "identifiers" else f"where occurred_at <= {_literal(self.as_of)}"
        return f"(select 0 as ask, *{''.join(columns)} from own_{rows} {dated})"

    def _orders(self) -> str:
        """The customer's orders as they stood; what came later has no part in them."""
        seen = f"where occurred_at <= {_literal(self.as_of)}"
        events, lines = (f"(select * from own_{rows} {seen})" for rows in ("events", "order_lines"))
        return order_rows(events, lines, "profile_id")


def _literal(at: datetime) -> str:
    return f"timestamp '{at.isoformat(' ')}'"


class Told(NamedTuple):
    """What was found for a condition: its value, None for nothing, and more about it."""

    value: Any
    detail: Detail


class Probe(Protocol):
    """Finds out what there is to say of a condition, with statements of its own."""

    @property
    def reads(self) -> Question | None:
        """What has to be gathered before, as of a question that asks nothing."""

    def look(self, cursor: Cursor, about: About) -> Told:
        """Look, after that was gathered."""


def reading(
    frame: Asked, parts: Iterable[exp.Expr], beside: frozenset[str] = frozenset()
) -> Question:
    """What expressions of a frame read, as of a question that asks nothing; and other columns."""
    columns = set(beside) | {found.name for part in parts for found in part.find_all(exp.Column)}
    if "orders" in frame.needs:
        columns |= order_scans.READS
    return Question(
        plan=Signed(Union(())),
        leaves={},
        needs=frozenset(frame.needs),
        columns=frozenset(columns),
        derived=frozenset(),
        moments=frame.moments,
        rankings={},
    )
