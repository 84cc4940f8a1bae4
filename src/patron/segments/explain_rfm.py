"""What there is to say of a customer's scores by recency, frequency and monetary value."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments import conditions
from patron.segments.conditions import DIALECT, column
from patron.segments.explain_probe import About, Told
from patron.segments.explain_values import ScoresMade
from patron.segments.frames import Relations, named
from patron.segments.rankings import Ranked
from patron.segments.rfm import RfmScored


@dataclass(frozen=True)
class OfScores:
    """A customer's scores, and what they are made of."""

    found: Ranked

    reads = None

    def look(self, cursor: Cursor, about: About) -> Told:
        """The three digits, and the measures at the refresh."""
        scored, made_for = self.found.ranking, self.found.made_for.at(about.as_of)
        assert isinstance(scored, RfmScored)  # noqa: S101 - those of others are ranks
        made = named(scored.scores_query(made_for, Relations.of(cursor)), "scores")
        query = exp.select(*map(column, _SHOWN)).from_(made)
        query = query.where(conditions.compare(column("profile_id"), "=", about.profile_id))
        row = cursor.execute(query.sql(DIALECT)).one()
        if row is None:
            return Told(None, ScoresMade(made_for))
        recency, frequency, monetary, last_at, times, amount, customers = row
        detail = ScoresMade(made_for, last_at, times, Decimal(amount), customers)
        return Told(f"{recency}{frequency}{monetary}", detail)


_SHOWN = ("recency", "frequency", "monetary", "last_at", "times", "amount", "customers")
