"""Recorded memberships, as the workspace offers them: the feed, how it stands, verification."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from prometheus_client.core import Metric

from patron.clock import Clock, format_time
from patron.errors import NotYetError, told
from patron.pipeline import feed
from patron.pipeline.book import Book
from patron.pipeline.live import gauges
from patron.pipeline.live.runner import Runner
from patron.pipeline.live.verification import SHARES, Difference, Verification
from patron.warehouse.reading import Reading

PATIENCE = 2.0
"""Seconds to wait for a log position."""


class Recorded:
    """What is recorded of who was in which segment, and when.

    Args:
        runner: Records it.
        verification: Checks it.
        reading: Opens a view of the tables.
        book: What is defined.
        position: The newest log position.
        clock: Where now comes from.
    """

    def __init__(
        self,
        runner: Runner,
        verification: Verification,
        *,
        reading: Callable[[], AbstractContextManager[Reading]],
        book: Callable[[], Book],
        position: Callable[[], int],
        clock: Clock,
    ) -> None:
        self._runner = runner
        self._verification = verification
        self._reading = reading
        self._book = book
        self._position = position
        self._clock = clock

    def changes(
        self,
        segment: str | None = None,
        *,
        after: str | None = None,
        limit: int = 100,
        first_fill: bool = False,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """Entries and exits in the order recorded.

        Args:
            segment: Of this one; of all when None.
            after: The cursor of the last change processed; `latest` for none that is there yet.
            limit: How many at most.
            first_fill: With the members that a segment began with, too.
            min_position: What came in up to this log position must be taken in.

        Raises:
            NotFoundError: There is no such segment.
            InputError: The cursor is none of this feed.
            NotYetError: The position was not reached in time.
        """
        if min_position is not None:
            self.reach(min_position)
        with self._reading() as reading:
            return feed.changes(
                reading, self._book(), segment, after=after, limit=limit, first_fill=first_fill
            )

    def wait(self, position: int, seconds: float) -> bool:
        """Wait until changes up to a log position are recorded; False when that took too long.

        Only a workspace that is open with `live` gets there by itself.
        """
        return self._runner.wait(position, seconds)

    def reach(self, position: int) -> None:
        """Wait until changes up to a log position are recorded.

        Raises:
            NotYetError: That took too long.
        """
        runner = self._runner
        if runner.reached < position and not runner.running:
            runner.step()  # nobody else would
        if not runner.wait(position, PATIENCE if runner.running else 0):
            raise NotYetError(
                f"Changes are recorded up to position {runner.reached}, not yet {position}.",
                told=told("not_yet"),
            )

    def listening(self, call: Callable[[], None]) -> AbstractContextManager[None]:
        """Have a call made, in some other thread, each time that changes were recorded."""
        return self._runner.listening(call)

    def hearing(self, call: Callable[[], None]) -> AbstractContextManager[None]:
        """As `listening`, and also when something came in that changed no membership."""
        return self._runner.hearing(call)

    def verify(self, share: int | None = None, shares: int = SHARES) -> dict[str, Any]:
        """Recompute the memberships of a share of the customers, and compare; see `Verification`.

        Raises:
            InputError: There is no such share.
        """
        began = time.perf_counter()
        found = self._verification.verify(share, shares)
        return {
            "position": found.position,
            "as_of": format_time(found.at),
            "share": found.share,
            "shares": found.shares,
            "customers": found.customers,
            "segments": found.segments,
            "differences": [_shown(difference) for difference in found.differences],
            "milliseconds": round((time.perf_counter() - began) * 1000, 1),
        }

    def verification(self) -> dict[str, Any]:
        """What verification found since the start."""
        done = self._runner.gauges
        return {
            "position": self._runner.reached,
            "as_of": format_time(self._runner.memberships.at or self._clock.now()),
            "shares": done.shares,
            "answers": done.verified,
            "differences": done.differences,
            "data": [_shown(difference) for difference in self._verification.found],
        }

    def status(self) -> dict[str, Any]:
        """How far behind the log and the clock the record is."""
        runner = self._runner
        memberships = runner.memberships
        at, lag = memberships.at, self._lag()
        return {
            "running": runner.running,
            "position": runner.reached,
            "behind": max(self._position() - runner.reached, 0),
            "at": None if at is None else format_time(at),
            "seconds_behind": None if lag is None else round(lag, 3),
            "segments": len(memberships.live),
            "failed": dict(memberships.errors),
        }

    def families(self) -> list[Metric]:
        """The same and more, as Prometheus counts."""
        memberships = self._runner.memberships
        return [
            *gauges.lag(
                self._runner.reached,
                self._position(),
                self._lag(),
                len(memberships.live),
                len(memberships.errors),
            ),
            *self._runner.gauges.families(),
        ]

    def _lag(self) -> float | None:
        at = self._runner.memberships.at
        return None if at is None else max((self._clock.now() - at).total_seconds(), 0.0)


def _shown(difference: Difference) -> dict[str, Any]:
    return {
        "segment": difference.segment,
        "profile_id": difference.profile_id,
        "recorded": difference.recorded,
        "held": difference.held,
        "recomputed": difference.recomputed,
        "as_of": format_time(difference.at),
    }
