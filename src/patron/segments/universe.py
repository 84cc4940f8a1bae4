"""Everybody, and a share of everybody that is drawn by lot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.segments.conditions import column
from patron.segments.frames import Bulk
from patron.segments.moments import AS_OF, Moment

if TYPE_CHECKING:
    from patron.segments.sql import Printer


def universe(as_of: datetime) -> exp.Select:
    """Every profile that stands and was seen by then: whom "not" is about."""
    return Bulk(as_of).everybody(AS_OF)


@dataclass(frozen=True, eq=False)
class Everybody:
    """Every profile that stands and was seen by then, or a share of them.

    Attributes:
        upto: The moment.
        seed: Together with the profile's id it is hashed to one of 2**32 numbers.
        below: Those with a smaller number are in; None for all.
    """

    upto: Moment
    seed: str = ""
    below: int | None = None

    def query(self, printer: Printer) -> exp.Query:
        """Its members."""
        seen = printer.frame.everybody(self.upto)
        if self.below is None:
            return seen
        # Of two texts of hexadecimal digits, the one with the smaller number sorts first.
        salted = exp.Anonymous(
            this="concat", expressions=[exp.Literal.string(f"{self.seed}:"), column("profile_id")]
        )
        digest = exp.Anonymous(this="md5", expressions=[salted])
        limit = exp.Literal.string(f"{self.below:08x}")
        return seen.where(exp.LT(this=digest, expression=limit))
