"""Keeps the copies of events in the order of customers up with what comes in."""

from __future__ import annotations

import threading
import time

from patron.clock import Clock
from patron.pipeline.schedule import Schedule
from patron.warehouse.histories import Histories


class HistoryKeeper:
    """Tends the copies in the background, for half of the time at most.

    Args:
        histories: The copies.
    """

    def __init__(self, histories: Histories) -> None:
        self._histories = histories
        self._closing = threading.Event()
        self._schedule = Schedule(self._tend, "patron-histories")

    def start(self, clock: Clock) -> None:
        """Look now and then whether there is something to do."""
        self._schedule.start(clock)

    def close(self) -> None:
        """End that."""
        self._closing.set()
        self._schedule.close()

    def _tend(self) -> None:
        began = time.monotonic()

        def rest() -> bool:
            """Leave the processor to others for as long as the last step took."""
            nonlocal began
            self._closing.wait(time.monotonic() - began)
            began = time.monotonic()
            return not self._closing.is_set()

        self._histories.tend(rest)
