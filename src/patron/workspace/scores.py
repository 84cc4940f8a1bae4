"""Questions about scores."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from patron.pipeline import scores
from patron.pipeline.score_courses import CURVE_DAYS, CURVE_STEP
from patron.workspace.opened import Opened


class Scores(Opened):
    """Answers questions about scores."""

    def scores(self, *, min_position: int | None = None) -> dict[str, Any]:
        """All scores, with who uses them."""
        with self.reading(min_position=min_position) as reading:
            return scores.listing(reading, self._book)

    def score(self, name: str, *, min_position: int | None = None) -> dict[str, Any]:
        """One score, with who uses it.

        Raises:
            NotFoundError: There is none.
        """
        with self.reading(min_position=min_position) as reading:
            return scores.one(reading, self._book, name)

    def score_values(
        self,
        name: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        cursor: str | None = None,
        limit: int = 100,
        highest: bool = False,
    ) -> dict[str, Any]:
        """Customers with their score and its growth, page by page; see `pipeline.scores.values`."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return scores.values(
                reading, self._book, name, after=cursor, limit=limit, highest=highest
            )

    def explain_score(
        self,
        name: str,
        profile: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        days: int = CURVE_DAYS,
        step: int = CURVE_STEP,
    ) -> dict[str, Any]:
        """One customer's score, its growth and curve, and what each interaction adds to it."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return scores.explained(reading, self._book, name, profile, days=days, step=step)
