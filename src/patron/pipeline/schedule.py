"""What a running server does at set times: a thread that sleeps until something is due."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import structlog

from patron.clock import Clock

LONGEST = 60.0
"""Seconds after which it looks again in any case, for clocks are set."""

_log = structlog.get_logger("patron.schedule")


class Schedule:
    """Calls for what is due.

    Args:
        run_what_is_due: Does it, and says when something is due next.
        name: Of the thread.
    """

    def __init__(self, run_what_is_due: Callable[[], datetime | None], name: str) -> None:
        self._run = run_what_is_due
        self._name = name
        self._woken = threading.Condition()
        self._look = False
        self._closed = False
        self._thread: threading.Thread | None = None

    def start(self, clock: Clock) -> None:
        """Look at once, and from then on whenever something is due."""
        self._thread = threading.Thread(
            target=self._loop, args=(clock,), name=self._name, daemon=True
        )
        self._thread.start()

    def look_again(self) -> None:
        """Look before the next moment that was due."""
        with self._woken:
            self._look = True
            self._woken.notify_all()

    def close(self) -> None:
        """End the thread."""
        with self._woken:
            self._closed = True
            self._woken.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _loop(self, clock: Clock) -> None:
        while not self._closed:
            try:
                due = self._run()
            except Exception:  # noqa: BLE001 - one bad look must not end all later ones
                _log.exception("a schedule failed", schedule=self._name)
                due = None
            wait = LONGEST
            if due is not None:
                wait = min(LONGEST, max(0.0, (due - clock.now()).total_seconds()))
            with self._woken:
                if not self._look and not self._closed:
                    self._woken.wait(wait)
                self._look = False
