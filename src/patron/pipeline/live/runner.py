"""Runs live membership in a thread of its own: after each commit, and when the clock says so."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from patron.clock import Clock
from patron.engines.asker import for_everybody
from patron.errors import PatronError
from patron.pipeline.book import Book
from patron.pipeline.live import Advance, Memberships
from patron.pipeline.live.gauges import Gauges

LONGEST = timedelta(milliseconds=500)
"""The clock is looked at so often at least, for a moment may come that was not known ahead."""

SAVING = 3_600.0
"""Seconds between two times that memory is kept for a start that follows a kill."""

HAND_OVER = 0.001
"""Seconds after which a thread that computes lets another go on (`sys.setswitchinterval`).

A step makes some twenty short statements, after each of which it waits for the interpreter: with
the 5 ms that Python has by default a step takes a quarter longer while messages come in.
"""

PAUSE = 1.0
"""Seconds to wait after a step that failed."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What memberships hold for, while no step runs.

    Attributes:
        position: The log position.
        at: The moment.
        until: They hold before this moment too, as far as is known.
        book: The definitions.
    """

    position: int
    at: datetime
    until: datetime
    book: Book


class Runner:
    """Keeps memberships at the present.

    Args:
        memberships: What to keep.
        book: The definitions that hold.
        position: How far the log has been committed.
        clock: Where now comes from.

    Attributes:
        gauges: What the steps did so far.
        settled: What memberships hold for; None while a step runs, and before the first.
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
        self._reached = memberships.position
        self._listeners: list[Callable[[], None]] = []
        self._hearers: list[Callable[[], None]] = []
        self.gauges = Gauges()
        self.settled: Settled | None = None

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
        with self._stepping, for_everybody():
            book, position = self._book(), self._position()
            self.settled = None
            began = time.perf_counter()
            try:
                done = self.memberships.advance(book, position, self._clock)
            except BaseException:
                self.gauges.failed()
                raise
            self.gauges.stepped(done, time.perf_counter() - began)
            until = self.memberships.until or done.at
            self.settled = Settled(done.position, done.at, until, book)
        with self._done:
            advanced = done.position > self._reached
            self._reached = done.position
            self._done.notify_all()
        if done.changes:
            for call in tuple(self._listeners):
                call()
        if done.changes or advanced:
            for call in tuple(self._hearers):
                call()
        return done

    @contextlib.contextmanager
    def still(self) -> Iterator[Memberships]:
        """The memberships while no step changes them."""
        with self._stepping:
            yield self.memberships

    @contextlib.contextmanager
    def listening(self, call: Callable[[], None]) -> Iterator[None]:
        """Have a call made, in whatever thread steps, after each step that recorded changes."""
        self._listeners.append(call)
        try:
            yield
        finally:
            self._listeners.remove(call)

    @contextlib.contextmanager
    def hearing(self, call: Callable[[], None]) -> Iterator[None]:
        """As `listening`, and also after each step that took anything in."""
        self._hearers.append(call)
        try:
            yield
        finally:
            self._hearers.remove(call)

    @property
    def reached(self) -> int:
        """The log position that the recorded memberships hold for."""
        return self._reached

    def wait(self, position: int, seconds: float) -> bool:
        """Wait until changes up to a log position are recorded; False when that took too long."""
        with self._done:
            return self._done.wait_for(lambda: self._reached >= position, seconds)

    def close(self) -> None:
        """Finish the step that runs, then stop; what is in memory is kept for the next start."""
        self._closed = True
        self._news.set()
        if self._thread is not None:
            self._thread.join()
            self._save()

    def _save(self) -> None:
        """While no step runs: others than the thread step too."""
        with self._stepping:
            self.memberships.save()

    def _loop(self) -> None:
        log = structlog.get_logger("patron.live")
        saved = time.monotonic()
        book: Book | None = None
        while not self._closed:
            self._news.clear()
            try:
                self.step()
                if self._book() is not book:
                    book = self._book()
                    _spare_the_collector()
                if time.monotonic() > saved + SAVING:
                    self._save()
                    saved = time.monotonic()
            except PatronError as error:
                log.error("live membership failed, and is tried again", error=error.message)
                self._news.wait(PAUSE)
                continue
            except Exception:
                log.exception("live membership failed, and is tried again")
                self._news.wait(PAUSE)
                continue
            self._news.wait(self._pause())

    def _pause(self) -> float:
        """Seconds until the clock has to be looked at again."""
        upcoming: datetime | None = self.memberships.next
        if upcoming is None:
            return LONGEST.total_seconds()
        return max(min(upcoming - self._clock.now(), LONGEST).total_seconds(), 0.0)


def _spare_the_collector() -> None:
    """Look no more for garbage among what lives as long as the definitions that hold.

    These are hundreds of thousands of objects, of modules and compiled rules, and to look through
    them stops all threads for a tenth of a second, time and again while messages come in.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
