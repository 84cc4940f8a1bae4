"""How long it takes to say of every customer what class, score and preferences they have."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any, NamedTuple

from benchmarks.speed.questions import AS_OF
from benchmarks.speed.report import peak_of_memory, report
from benchmarks.speed.world import World
from patron.pipeline.book import read_book
from patron.segments.computed_values import Asking
from patron.workspace import Workspace

ORDERS_ONLY = ("Order Completed",)
ORDERS_PER_CUSTOMER = 10
BUDGET = 60.0
"""Seconds for 10 million orders of a million customers, all of them together."""

ORDERS = 10_000_000
EVERYBODY = 1_000_000_000

CLASSIFICATIONS: dict[str, dict[str, Any]] = {
    "rfm": {"kind": "rfm", "of": 'revenue of "Order Completed"', "refreshed": "weekly"},
    "steps": {
        "kind": "rfm",
        "of": 'revenue of "Order Completed"',
        "thresholds": {
            "recency": ["30d", "60d", "120d", "240d"],
            "frequency": [14, 11, 9, 6],
            "monetary": [1400, 1100, 900, 600],
        },
    },
    "lifecycle": {"kind": "lifecycle", "active_for": "90d", "inactive_after": "180d"},
}
SCORE: dict[str, Any] = {
    "interactions": [
        {"event": "Order Completed", "points": 10, "at_most": 100},
        {"event": "Order Completed", "points": 0.1, "per": "revenue", "currency": "EUR"},
    ],
    "decay": [{"after": "30d", "worth": 50}, {"after": "90d", "worth": 0}],
    "at_most": 200,
}
PREFERENCE: dict[str, Any] = {
    "of": "department",
    "interactions": [{"event": "Order Completed", "weight": 10}],
    "decay": {"half_life": "60d"},
}
VALUES = {
    "rfm_by_fifths": ("rfm_group",),
    "rfm_by_thresholds": ("steps_group",),
    "lifecycle": ("lifecycle",),
    "scores": ("engagement", "engagement_growth_30"),
    "preferences": ("department",),
}
"""The computed traits that are asked for, by the row's name."""


def run_values(world: World, scale: str) -> None:
    """Ask for the values of everybody, kind by kind, and report each and all together.

    Args:
        world: One that holds orders, open nowhere. What is asked for is defined in it.
        scale: For the rows.
    """
    # A process of its own has a peak of memory of its own.
    processes = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=processes) as pool:
        pool.submit(_measure, world, scale).result()


def _measure(world: World, scale: str) -> None:
    notes: dict[str, Any] = {"orders": world.events, "scale": scale}
    with Workspace(world.folder) as workspace:
        for name, body in CLASSIFICATIONS.items():
            workspace.put_classification(name, body)
        workspace.put_score("engagement", SCORE)
        workspace.put_preference("department", PREFERENCE)
        rows = {row: _ask(workspace, names) for row, names in VALUES.items()}
    for row, asked in rows.items():
        report(
            f"values.{row}", asked.seconds, "s", values=asked.values,
            processor_s=round(asked.processor, 1), **notes,
        )  # fmt: skip
    together = sum(asked.seconds for asked in rows.values())
    processor = sum(asked.processor for asked in rows.values())
    report(
        "values.together", together, "s", budget=BUDGET * world.events / ORDERS,
        processor_s=round(processor, 1), memory_peak_mib=round(peak_of_memory() or 0), **notes,
    )  # fmt: skip


class Asked(NamedTuple):
    """How long it took to ask for everybody's values, and how many they were."""

    seconds: float
    processor: float
    values: int


def _ask(workspace: Workspace, names: Iterable[str]) -> Asked:
    began = time.perf_counter(), time.process_time()
    found = sum(len(_values(workspace, name)) for name in names)
    return Asked(time.perf_counter() - began[0], time.process_time() - began[1], found)


def _values(workspace: Workspace, name: str) -> dict[int, Any]:
    """The values of a computed trait, of everybody who has one."""
    with workspace.reading(as_of=AS_OF) as reading:
        book = read_book(reading.cursor, "UTC")
        asking = Asking(reading.cursor, as_of=reading.as_of, catalogue=book.catalogue)
        return asking.values(book.computed[name].expression, limit=EVERYBODY)
