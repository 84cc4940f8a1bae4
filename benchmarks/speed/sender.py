"""Makes the messages of visitors in a process of its own, as a load from outside would come."""

from __future__ import annotations

import json
import multiprocessing
import random
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from benchmarks.speed.rules import DEPARTMENTS, EVENTS, PLANS
from benchmarks.speed.world import EVENTS_PER_CUSTOMER
from patron.clock import SystemClock, format_time

BATCH = 100
VISITORS = 5_000
"""So many of the stored customers come back, in a store of any size: all do the same work."""
NEW_DEVICES = 0.05
"""The share of messages with an anonymous id that is new, and joins a known customer."""
IDENTIFIES = 0.05
"""The share of messages that bring a trait and no event."""


class ShiftedClock:
    """Runs like the machine's, from another moment on.

    Args:
        start: What it shows now.
    """

    def __init__(self, start: datetime) -> None:
        self._clock = SystemClock()
        self._shift = start - self._clock.now()

    def now(self) -> datetime:
        """The current moment, naive, in UTC."""
        return self._clock.now() + self._shift


class Sender:
    """Batches of messages, in the order that they were made in.

    Args:
        clock: Dates the messages.
        events: How many events the world holds whose customers come back.
    """

    def __init__(self, clock: ShiftedClock, events: int) -> None:
        processes = multiprocessing.get_context("spawn")
        self._batches, made = processes.Pipe(duplex=False)
        self._process = processes.Process(target=_make, args=(made, clock, events), daemon=True)
        self._process.start()
        made.close()

    def batch(self) -> bytes:
        """The body of the next request."""
        return self._batches.recv_bytes()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        raised: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.join()


def _make(batches: Connection, clock: ShiftedClock, events: int) -> None:
    chance = random.Random(7)
    spread = max(1, events // EVENTS_PER_CUSTOMER // VISITORS)
    first = 0
    while True:
        # A browser dates each of its messages: no two happened in the same microsecond.
        began = clock.now() - timedelta(milliseconds=1)
        made = [
            _message(first + number, began + timedelta(microseconds=number), spread, chance)
            for number in range(BATCH)
        ]
        batches.send_bytes(json.dumps({"batch": made}).encode())
        first += BATCH


def _message(serial: int, at: datetime, spread: int, chance: random.Random) -> dict[str, Any]:
    card = f"c{chance.randrange(VISITORS) * spread}"
    known = chance.random() >= NEW_DEVICES
    message = {
        "messageId": f"live-{serial}",
        "anonymousId": f"v-{card}" if known else f"n-{serial}",
        "timestamp": format_time(at),
        "context": {"externalIds": [{"type": "loyalty_card", "id": card}]},
    }
    if chance.random() < IDENTIFIES:
        return {**message, "type": "identify", "traits": {"plan": chance.choice(PLANS)}}
    return {
        **message,
        "type": "track",
        "event": chance.choice(EVENTS),
        "properties": {
            "department": chance.choice(DEPARTMENTS),
            "revenue": chance.randrange(20_000) / 100,
            "currency": "EUR",
            "order_id": f"lo-{serial}",
        },
    }
