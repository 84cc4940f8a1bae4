"""What comes in from sources: from where, what is expected of it, and what nobody uses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from patron.clock import format_time
from patron.errors import InputError, NotFoundError, unknown
from patron.pipeline.inferring import inferred
from patron.pipeline.usage import usage
from patron.spec.tracking_plans import TrackingPlan
from patron.warehouse import installs, plan_faults
from patron.workspace.opened import Opened


def _body(plan: TrackingPlan) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(plan)
    return {key: value for key, value in body.items() if key not in ("kind", "name")}


class Tracking(Opened):
    """Answers questions about tracking plans, about who sends, and about who uses what came in."""

    def check_write_key(self, source: str, write_key: str | None) -> None:
        """Refuse a key that is not this source's.

        Args:
            source: Its name.
            write_key: None passes.

        Raises:
            NotFoundError: There is no such source.
            InputError: The key is another's, or nobody's.
        """
        number = self._number_of_named(source)
        found = self._sources.of_key(write_key) if write_key else None
        if write_key and (found is None or found.source_id != number):
            raise InputError(
                f"write_key: expected that of the source {source}.",
                field="write_key",
                hint="It was shown once, when the source was made.",
            )

    def install(self, source: str, *, min_position: int | None = None) -> dict[str, Any]:
        """When the last message of each type came from a source, and from which pages.

        Args:
            source: Its name.
            min_position: The answer must hold at least this log position.

        Raises:
            NotFoundError: There is no such source.
        """
        number = self._number_of_named(source)
        with self.reading(min_position=min_position) as reading:
            looked_at, sites = installs.sites(reading.cursor, number)
            kinds = installs.kinds(reading.cursor, number)
            for row in (*sites, *kinds):
                row["last_received_at"] = format_time(row["last_received_at"])
            return {
                **reading.head,
                "source": source,
                "kinds": kinds,
                "looked_at": looked_at,
                "sites": sites,
                "quarantined": installs.refused(reading.cursor, number),
            }

    def tracking_plans(self, *, min_position: int | None = None) -> dict[str, Any]:
        """All tracking plans, by name."""
        with self.reading(min_position=min_position) as reading:
            plans = sorted(self._book.tracking_plans.items())
            data = [{"name": name, "body": _body(plan)} for name, plan in plans]
            return {**reading.head, "data": data}

    def plan_report(
        self,
        *,
        source: str | None = None,
        days: int = 30,
        limit: int = 1_000,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """What of the messages that came in was not as planned, the most frequent first.

        Args:
            source: Only of this source; None for all.
            days: What came in today and in so many days before.
            limit: So many rows at most.
            min_position: The answer must hold at least this log position.

        Raises:
            NotFoundError: There is no such source.
        """
        self._number_of(source)
        with self.reading(min_position=min_position) as reading:
            since = self.clock.now() - timedelta(days=days)
            rows = plan_faults.report(reading.cursor, since=since, source=source, limit=limit)
            for row in rows:
                row["first_seen"] = format_time(row["first_seen"])
                row["last_seen"] = format_time(row["last_seen"])
            return {**reading.head, "data": rows}

    def inferred_plan(
        self,
        *,
        source: str | None = None,
        most: int = 100_000,
        with_values: bool = False,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """A tracking plan that what came in fulfils, to begin with. Defines nothing.

        Args:
            source: Of which source; None for all.
            most: So many of the newest events, and as many traits, are looked at.
            with_values: Whether texts that have few values are to have only these.
            min_position: The answer must hold at least this log position.

        Raises:
            NotFoundError: There is no such source.
        """
        number = self._number_of(source)
        with self.reading(min_position=min_position) as reading:
            body = inferred(reading, number, most=most, with_values=with_values)
            if source is not None:
                body = {"sources": [source], **body}
            return {**reading.head, "body": body}

    def usage(
        self,
        *,
        days: int = 90,
        unused: bool = False,
        as_of: datetime | None = None,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """Every event, property and trait of some days, with what uses it; see `usage.usage`."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            rows = usage(reading, self._book, days=days, unused=unused)
            return {**reading.head, "days": days, "data": rows}

    def _number_of(self, source: str | None) -> int | None:
        return None if source is None else self._number_of_named(source)

    def _number_of_named(self, source: str) -> int:
        found = self._sources.by_name.get(source)
        if found is None:
            raise NotFoundError(f"There is no source {source}.", told=unknown("source", source))
        return found.source_id
