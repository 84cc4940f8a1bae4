"""What is known of the groups that a customer belongs to, such as companies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.segments import paths
from patron.segments.conditions import column, one_of
from patron.segments.frames import named
from patron.segments.having import having
from patron.segments.moments import AS_OF
from patron.segments.predicates import TraitTest
from patron.segments.scans import Scan, Span
from patron.segments.sql_scans import of_brands

if TYPE_CHECKING:
    from patron.segments.sql import Printer

_TRAITS = Scan("traits", Span(AS_OF))


@dataclass(frozen=True, eq=False)
class InGroup:
    """The profiles of which a group's trait, as it holds at the end of the span, fulfils a test.

    By the group calls of some brands alone; of all when it names none.
    """

    span: Span
    test: TraitTest
    brands: tuple[str, ...] = ()

    def query(self, printer: Printer) -> exp.Query:
        """Its members."""
        frame = printer.frame
        ids = [column(name) for name in frame.of_groups]
        here = [*printer.in_span(self.span), *of_brands(self.brands)]
        held = (
            frame.group_traits()
            .where(one_of("name", [paths.split(self.test.path)[0]]), *here)
            .group_by(*ids)
            .having(having(self.test, _TRAITS, printer, alone=True))
        )
        members = frame.rows("group_members").where(*(part.copy() for part in here)).distinct()
        return members.join(
            named(held, "held"),
            using=[exp.to_identifier(name) for name in frame.of_groups],
            join_type="semi",
        )
