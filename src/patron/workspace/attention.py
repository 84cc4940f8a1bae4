"""How much comes in, which segments moved, and what needs a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from patron.clock import format_time
from patron.pipeline import attention
from patron.pipeline.attention import Attention
from patron.segments.moved import moved
from patron.workspace.opened import Opened


class AtAGlance(Opened):
    """Answers what somebody looks at first in the morning."""

    _attention: Attention | None = None

    def inflow(self, *, min_position: int | None = None) -> dict[str, Any]:
        """Messages a minute by source for the last hour."""
        with self.reading(min_position=min_position) as reading:
            return attention.incoming(reading, self._sources.all)

    def segments_moved(
        self,
        since: datetime,
        *,
        as_of: datetime | None = None,
        limit: int = 10,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """The segments that moved most since a moment, by what is on record.

        Args:
            since: Entries and exits after this count, naive UTC.
            as_of: And no later than this; now when None.
            limit: So many segments at most.
            min_position: What came in up to this log position must be taken in.
        """
        if min_position is not None:
            self.memberships.reach(min_position)
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            found = moved(reading.cursor, since, reading.as_of)
            data = [
                {**one._asdict(), "last": None if one.last is None else format_time(one.last)}
                for one in found
                if one.segment in self._book.segments and one.entered + one.left
            ]
            return {**reading.head, "since": format_time(since), "data": data[:limit]}

    def attention(self, *, min_position: int | None = None) -> dict[str, Any]:
        """What needs a person, each with a count and where to look."""
        if self._attention is None:
            self._attention = Attention(
                {
                    "imports": self._imports.failures,
                    "webhooks": lambda: {
                        one["name"]: one["error"] or one["state"]
                        for one in self.webhooks.states()
                        if one["state"] in ("failing", "paused")
                    },
                    "enrichments": lambda: {
                        one["name"]: one["error"] for one in self.enrichments.states()
                    },
                    "segments": lambda: dict(self.memberships.status()["failed"]),
                }
            )
        with self.reading(min_position=min_position) as reading:
            data = self._attention.needs(reading, self._book)
            return {**reading.head, "data": data}
