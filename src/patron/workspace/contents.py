"""What the workspace holds, as counted and as asked in SQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from patron import __version__
from patron.access import audit
from patron.identity import quality
from patron.pipeline import about
from patron.warehouse import metrics, questions, refusals, status
from patron.warehouse.histories import uncopied
from patron.workspace.opened import Opened


class Contents(Opened):
    """Says what the tables hold, and what became of what came in."""

    def status(self, *, min_position: int | None = None) -> dict[str, Any]:
        """What the workspace holds."""
        with self.reading(min_position=min_position) as reading:
            return {
                **reading.head,
                **status.sizes(reading.cursor),
                "version": __version__,
                "brands": sorted(self._book.brands),
                "segments": len(self._book.declared),
                "live": self.memberships.status(),
                "uncopied": uncopied(reading.copies, reading.position),
                "webhooks": {one["name"]: one["state"] for one in self.webhooks.states()},
            }

    def about(self, *, min_position: int | None = None) -> dict[str, Any]:
        """What holds for the whole workspace; see `pipeline.about.told`."""
        with self.reading(min_position=min_position) as reading:
            return {
                **about.told(reading, self._book, self._sources.all),
                "time_zone": self.settings.time_zone,
                "public_url": self.settings.public_url,
            }

    def counters(self, *, min_position: int | None = None) -> dict[str, Any]:
        """Accepted = stored + duplicate + quarantined, per source and in total."""
        with self.reading(min_position=min_position) as reading:
            return {**reading.head, **status.counters(reading.cursor)}

    def metrics(self) -> bytes:
        """Metrics in the text format of Prometheus."""
        with self.reading() as reading:
            return metrics.exposition(reading.cursor, reading.position, self._writer.waiting,
                                      self.memberships.families())  # fmt: skip

    def fates(
        self, message_id: str, source: str | None, *, min_position: int | None = None
    ) -> dict[str, Any]:
        """What became of the messages with one id."""
        with self.reading(min_position=min_position) as reading:
            return {**reading.head, "data": status.fates(reading.cursor, message_id, source)}

    def quarantined(
        self,
        *,
        source: str | None = None,
        code: str | None = None,
        field: str | None = None,
        waiting: bool | None = None,
        cursor: str | None = None,
        limit: int = 100,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """Refused messages and rows, newest first."""
        choice = refusals.Choice(source, code, field, waiting)
        with self.reading(min_position=min_position) as reading:
            rows, following = refusals.refused_page(
                reading.cursor, choice, before=cursor, limit=limit
            )
            return {**reading.head, "data": rows, "next": following}

    def quarantine_groups(
        self,
        *,
        source: str | None = None,
        code: str | None = None,
        field: str | None = None,
        waiting: bool | None = True,
        limit: int = 100,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """Refused messages and rows by source, reason and field, the largest group first."""
        choice = refusals.Choice(source, code, field, waiting)
        with self.reading(min_position=min_position) as reading:
            groups, left_out = refusals.refused_groups(reading.cursor, choice, limit=limit)
            return {**reading.head, "data": groups, "left_out": left_out}

    def quality(
        self,
        *,
        as_of: datetime | None = None,
        source: str | None = None,
        stale_after_days: int = 365,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """How good the data of each source is, field by field.

        Args:
            as_of: What happened later is not counted, naive UTC; now when None.
            source: Only this one; None for all.
            stale_after_days: A value that was last given so many days before is stale.
            min_position: The answer must hold at least this log position.

        Raises:
            NotFoundError: There is no such source.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            sources = quality.report(
                reading.cursor,
                self._book.identity,
                as_of=reading.as_of,
                stale_after=timedelta(days=stale_after_days),
                source=source,
            )
            return {**reading.head, "stale_after_days": stale_after_days, "sources": sources}

    def audit(
        self,
        *,
        actor: str | None = None,
        action: str | None = None,
        refused: bool | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[list[dict[str, Any]], int | None]:
        """Who did what, newest first; see `access.audit.page`."""
        with self.reading() as reading:
            return audit.page(
                reading.cursor, actor=actor, action=action, refused=refused, since=since,
                until=until, before=before, limit=limit,
            )  # fmt: skip

    def sql(
        self, text: str, *, limit: int = 1_000, min_position: int | None = None
    ) -> dict[str, Any]:
        """The answer to a question in SQL over the documented views.

        Raises:
            QueryError: It is not one SELECT over these views, or it fails.
        """
        with self.reading(min_position=min_position) as reading:
            questions.as_of(reading.cursor, reading.as_of)
            columns, rows, truncated = questions.ask(reading.cursor, text, limit)
            return {**reading.head, "columns": columns, "rows": rows, "truncated": truncated}

    def table(self, text: str) -> pa.Table:
        """The answer to a question in SQL as an Arrow table; `.to_pandas()` makes a data frame."""
        with self.reading() as reading:
            questions.as_of(reading.cursor, reading.as_of)
            return reading.cursor.arrow(questions.checked(text))
