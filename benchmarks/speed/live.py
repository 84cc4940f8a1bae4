"""Live membership: how many events a second it keeps up with, and how soon an event shows.

The collector, identity, the tables and live membership all run, in one process, as `patron serve`
runs them; only HTTP is left out, which rows of its own measure.
"""

from __future__ import annotations

import multiprocessing
import re
import shutil
import sys
import time
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.speed.report import percentile, report
from benchmarks.speed.rules import rules
from benchmarks.speed.sender import BATCH, VISITORS, Sender, ShiftedClock
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


def run_live(world: World, number: int, seconds: float, scale: str) -> float:
    """All rows of live membership on a copy of a world, in a process of its own.

    Args:
        world: Imported, and open nowhere.
        number: How many rules are live.
        seconds: How long to send, for each row.
        scale: A note for the rows.

    Returns:
        The events a second that it kept up with.
    """
    copy = world.folder.with_name(f"{world.folder.name}-live-{number}")
    shutil.copytree(world.folder, copy)
    # A process of its own has a peak of memory of its own.
    processes = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(max_workers=1, mp_context=processes) as pool:
            moved = World(copy, world.key, world.events)
            return pool.submit(_measure, moved, number, seconds, scale).result()
    finally:
        shutil.rmtree(copy)


def _measure(world: World, number: int, seconds: float, scale: str) -> float:
    clock = ShiftedClock(START)
    sys.setswitchinterval(HAND_OVER)
    with (
        Workspace(world.folder, clock=clock, live=True) as workspace,
        Sender(clock, world.events) as sender,
    ):
        rate = _Live(workspace, sender, world, number, scale).run(seconds)
    notes: dict[str, Any] = {"rules": number, "events": world.events, "scale": scale}
    report("live.restart_after_clean_stop", _restart(world, clock, number), "s", budget=10, **notes)
    # What a kill leaves behind at worst: the tables, and nothing that was kept beside them.
    shutil.rmtree(world.folder / "live")
    report("live.restart_from_tables", _restart(world, clock, number), "s", budget=60, **notes)
    return rate


def _restart(world: World, clock: ShiftedClock, number: int) -> float:
    """Seconds from opening a workspace until all its rules are live again."""
    began = time.perf_counter()
    with Workspace(world.folder, clock=clock, live=True) as workspace:
        while workspace.memberships.status()["segments"] < number:
            time.sleep(0.01)
        return time.perf_counter() - began


class _Live:
    def __init__(
        self, workspace: Workspace, sender: Sender, world: World, number: int, scale: str
    ) -> None:
        self._workspace = workspace
        self._key = world.key
        self._sender = sender
        self._number = number
        self._notes: dict[str, Any] = {"rules": number, "events": world.events, "scale": scale}

    def run(self, seconds: float) -> float:
        self._fill()
        self._warm_up()
        rate, waits = self._send(seconds)
        report(
            "live.sustained", rate, "events/s", budget=10_000, direction="at least",
            wait_p99_ms=_milliseconds(waits, 0.99), **self._notes,
        )  # fmt: skip
        reached, waits = self._send(seconds, rate=FRESHNESS_RATE)
        report(
            "live.event_to_membership.p99", percentile(waits, 0.99) * 1000, "ms", budget=250,
            median=_milliseconds(waits, 0.5), rate=round(reached), asked_rate=FRESHNESS_RATE,
            **self._notes,
        )  # fmt: skip
        report("live.memory_peak", _peak_of_memory(), "MiB", **self._notes)
        self._verify()
        return rate

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
        self._workspace.apply([*DEFINITIONS, *documents])
        spent = time.perf_counter() - began
        status = self._workspace.memberships.status()
        assert status["segments"] == self._number, status
        assert not status["failed"], status["failed"]
        report("live.fill", spent, "s", classes_not_read=unread, **self._notes)

    def _verify(self) -> None:
        """What was fast has to be right, too."""
        found = self._workspace.memberships.verify(1, 32)
        report(
            "live.differences", len(found["differences"]), "answers", budget=0,
            customers=found["customers"], **self._notes,
        )  # fmt: skip

    def _send(self, seconds: float, rate: int | None = None) -> tuple[float, list[float]]:
        """Send for a while; gives events a second until all show, and each batch's wait."""
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
        return sent / (time.perf_counter() - began), waits

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


def _peak_of_memory() -> float | None:
    """MiB that this process held at most; None where the system does not say it of one process.

    `getrusage` would not do: on Linux it counts from before the program was started.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(encoding="utf-8"), re.MULTILINE)
    return None if found is None else int(found[1]) / 1024
