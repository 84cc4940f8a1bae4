"""Live membership: how many events a second it keeps up with, and how soon an event shows.

The collector, identity, the tables and live membership all run, in one process, as `patron serve`
runs them; only HTTP is left out, which rows of its own measure.
"""

from __future__ import annotations

import multiprocessing
import shutil
import sys
import time
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from benchmarks.speed.report import peak_of_memory, percentile, report
from benchmarks.speed.rules import rules
from benchmarks.speed.sender import BATCH, VISITORS, Sender, ShiftedClock
from benchmarks.speed.traits import computed_traits, names
from benchmarks.speed.world import DEFINITIONS, World
from patron.pipeline.group import Receipt
from patron.pipeline.live.runner import HAND_OVER
from patron.workspace import Workspace

START = datetime(2026, 1, 1)  # noqa: DTZ001 - naive UTC, as everywhere
AHEAD = 100
"""At full speed so many batches wait for memberships at a time: a second at the budget."""
FRESHNESS_RATE = 2_000
"""Events a second while the wait for memberships is measured."""
PATIENCE = 120.0
"""Seconds after which an event that does not show in memberships ends the run with an error."""


class Kept(NamedTuple):
    """What live membership kept up with.

    Attributes:
        rate: Events a second.
        wait: Milliseconds until an event showed, of the slowest hundredth.
    """

    rate: float
    wait: float


def run_live(
    world: World, number: int, seconds: float, scale: str, *, computed: bool = False
) -> Kept:
    """All rows of live membership on a copy of a world, in a process of its own.

    Args:
        world: Imported, and open nowhere.
        number: How many rules are live.
        seconds: How long to send, for each row.
        scale: A note for the rows.
        computed: Let computed traits of all kinds, with segments on each, be live as well.
    """
    copy = world.folder.with_name(f"{world.folder.name}-live-{number}")
    shutil.copytree(world.folder, copy)
    # A process of its own has a peak of memory of its own.
    processes = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(max_workers=1, mp_context=processes) as pool:
            moved = World(copy, world.key, world.events)
            return pool.submit(_measure, moved, number, seconds, scale, computed).result()
    finally:
        shutil.rmtree(copy)


def _measure(world: World, number: int, seconds: float, scale: str, computed: bool) -> Kept:
    clock = ShiftedClock(START)
    sys.setswitchinterval(HAND_OVER)
    with (
        Workspace(world.folder, clock=clock, live=True) as workspace,
        Sender(clock, world.events) as sender,
    ):
        live = _Live(workspace, sender, world, number, scale, computed)
        kept = live.run(seconds)
        segments = len(workspace.book.segments)
    restart = partial(_restart, world, clock, segments)
    report("live.restart_after_clean_stop", restart(), "s", budget=10, **live.notes)
    # What a kill leaves behind at worst: the tables, and nothing that was kept beside them.
    shutil.rmtree(world.folder / "live")
    report("live.restart_from_tables", restart(), "s", budget=60, **live.notes)
    return kept


def _restart(world: World, clock: ShiftedClock, segments: int) -> float:
    """Seconds from opening a workspace until all its rules are live again."""
    began = time.perf_counter()
    with Workspace(world.folder, clock=clock, live=True) as workspace:
        while workspace.memberships.status()["segments"] < segments:
            time.sleep(0.01)
        return time.perf_counter() - began


class _Live:
    def __init__(
        self,
        workspace: Workspace,
        sender: Sender,
        world: World,
        number: int,
        scale: str,
        computed: bool,
    ) -> None:
        self._workspace = workspace
        self._key = world.key
        self._sender = sender
        self._number = number
        self._computed = computed_traits() if computed else []
        self.notes: dict[str, Any] = {"rules": number, "events": world.events, "scale": scale}
        if computed:
            self.notes["computed_traits"] = len(names())

    def run(self, seconds: float) -> Kept:
        self._fill()
        self._warm_up()
        rate, waits, processor = self._send(seconds)
        report(
            "live.sustained", rate, "events/s", budget=10_000, direction="at least",
            wait_p99_ms=_milliseconds(waits, 0.99), processor_us=processor, **self.notes,
        )  # fmt: skip
        reached, waits, processor = self._send(seconds, rate=FRESHNESS_RATE)
        kept = Kept(rate, percentile(waits, 0.99) * 1000)
        report(
            "live.event_to_membership.p99", kept.wait, "ms", budget=250,
            median=_milliseconds(waits, 0.5), rate=round(reached), asked_rate=FRESHNESS_RATE,
            processor_us=processor, **self.notes,
        )  # fmt: skip
        report("live.memory_peak", peak_of_memory(), "MiB", **self.notes)
        self._verify()
        return kept

    def _warm_up(self) -> None:
        """So many messages as visitors, so that most of them are known afterwards."""
        batches = [
            self._workspace.collect_batch(self._sender.batch(), self._key)
            for _ in range(VISITORS // BATCH)
        ]
        for batch in batches:
            batch.result(PATIENCE)
        assert self._shows(batches[-1], PATIENCE)

    def _fill(self) -> None:
        chosen, unread = rules(self._number)
        documents = [
            {"kind": "segment", "name": f"live_{at}", "body": {"rule": rule}}
            for at, rule in enumerate(chosen)
        ]
        began = time.perf_counter()
        self._workspace.apply([*DEFINITIONS, *documents, *self._computed])
        spent = time.perf_counter() - began
        status = self._workspace.memberships.status()
        assert status["segments"] == len(self._workspace.book.segments) >= self._number, status
        assert not status["failed"], status["failed"]
        report(
            "live.fill", spent, "s", segments=status["segments"], classes_not_read=unread,
            **self.notes,
        )  # fmt: skip

    def _verify(self) -> None:
        """What was fast has to be right, too."""
        found = self._workspace.memberships.verify(1, 32)
        report(
            "live.differences", len(found["differences"]), "answers", budget=0,
            customers=found["customers"], **self.notes,
        )  # fmt: skip

    def _send(self, seconds: float, rate: int | None = None) -> tuple[float, list[float], int]:
        """Send for a while.

        Returns:
            Events a second until all show, each batch's wait, and the microseconds of processor
            time that an event took, which other work on the machine lengthens less.
        """
        began_processor = time.process_time()
        waiting: deque[tuple[float, Future[Receipt]]] = deque()
        waits: list[float] = []
        sent = 0
        began = now = time.perf_counter()
        while now < began + seconds:
            # A batch waits from when it was due, even if the sender could not keep to that.
            due = now if rate is None else began + sent / rate
            if due <= now:
                waiting.append(
                    (due, self._workspace.collect_batch(self._sender.batch(), self._key))
                )
                sent += BATCH
            while waiting and self._shows(waiting[0][1], 0.0):
                waits.append(time.perf_counter() - waiting.popleft()[0])
            if rate is None and len(waiting) > AHEAD:
                self._wait_for_first(waiting, waits)
            elif due > now:
                time.sleep(0.001)
            now = time.perf_counter()
        while waiting:
            self._wait_for_first(waiting, waits)
        processor = round((time.process_time() - began_processor) / sent * 1_000_000)
        return sent / (time.perf_counter() - began), waits, processor

    def _wait_for_first(
        self, waiting: deque[tuple[float, Future[Receipt]]], waits: list[float]
    ) -> None:
        due, batch = waiting.popleft()
        batch.result(PATIENCE)
        if not self._shows(batch, PATIENCE):
            raise TimeoutError(f"After {PATIENCE} s: {self._workspace.memberships.status()}")
        waits.append(time.perf_counter() - due)

    def _shows(self, batch: Future[Receipt], seconds: float) -> bool:
        """Whether memberships hold for a batch by now, or within some seconds."""
        if not batch.done():
            return False
        return self._workspace.memberships.wait(batch.result().position, seconds)


def _milliseconds(waits: list[float], share: float) -> int:
    return round(percentile(waits, share) * 1000)
