"""Entries into segments and exits from them, as they were recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlglot import exp

from patron.segments.conditions import column, one_of
from patron.segments.scans import Span

if TYPE_CHECKING:
    from patron.segments.sql import Printer


@dataclass(frozen=True, eq=False)
class Recorded:
    """The profiles whose entry or exit was recorded within the span."""

    segment: str
    kind: Literal["entered", "left"]
    span: Span

    def query(self, printer: Printer) -> exp.Query:
        """Its members."""
        return recorded_changes(printer, self).distinct()


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
