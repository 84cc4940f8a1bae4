"""Runs live membership in a thread of its own: after each commit, and when the clock says so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from patron.clock import Clock
from patron.errors import PatronError
from patron.pipeline.book import Book
from patron.pipeline.live import Advance, Memberships

LONGEST = timedelta(milliseconds=500)
"""The clock is looked at so often at least, for a moment may come that was not known ahead."""

PAUSE = 1.0
"""Seconds to wait after a step that failed."""


class Runner:
    """Keeps memberships at the present.

    Args:
        memberships: What to keep.
        book: The definitions that hold.
        position: How far the log has been committed.
        clock: Where now comes from.
    """

    def __init__(
        self,
        memberships: Memberships,
        book: Callable[[], Book],
        position: Callable[[], int],
        clock: Clock,
    ) -> None:
        self.memberships = memberships
        self._book = book
        self._position = position
        self._clock = clock
        self._news = threading.Event()
        self._done = threading.Condition()
        self._stepping = threading.Lock()
        self._closed = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run in the background from now on."""
        self._thread = threading.Thread(target=self._loop, name="patron-live", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it keeps memberships at the present by itself."""
        return self._thread is not None and not self._closed

    def notify(self) -> None:
        """Something was committed."""
        self._news.set()

    def step(self) -> Advance:
        """Bring the memberships to the present, now and here."""
        with self._stepping:
            book, position = self._book(), self._position()
            done = self.memberships.advance(book, position, self._clock.now())
        with self._done:
            self._done.notify_all()
        return done

    def wait(self, position: int, seconds: float) -> bool:
        """Wait until memberships hold for a log position; False when that took too long."""
        with self._done:
            return self._done.wait_for(lambda: self.memberships.position >= position, seconds)

    def close(self) -> None:
        """Finish the step that runs, then stop."""
        self._closed = True
        self._news.set()
        if self._thread is not None:
            self._thread.join()

    def _loop(self) -> None:
        log = structlog.get_logger("patron.live")
        while not self._closed:
            self._news.clear()
            try:
                self.step()
            except PatronError as error:
                log.error("live membership failed, and is tried again", error=error.message)
                self._news.wait(PAUSE)
                continue
            self._news.wait(self._pause())

    def _pause(self) -> float:
        """Seconds until the clock has to be looked at again."""
        upcoming: datetime | None = self.memberships.next
        if upcoming is None:
            return LONGEST.total_seconds()
        return max(min(upcoming - self._clock.now(), LONGEST).total_seconds(), 0.0)
