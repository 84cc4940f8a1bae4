"""How long it takes to say of every customer what class, score and preferences they have."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from benchmarks.speed.questions import AS_OF
from benchmarks.speed.report import report
from benchmarks.speed.world import import_world
from patron.pipeline.book import read_book
from patron.segments.computed_values import Asking
from patron.workspace import Workspace

ORDERS_PER_CUSTOMER = 10
BUDGET = 60.0
"""Seconds for 10 million orders of a million customers, all of them together."""

ORDERS = 10_000_000
EVERYBODY = 1_000_000_000

RFM = {"kind": "rfm", "of": 'revenue of "Order Completed"', "refreshed": "weekly"}
LIFECYCLE = {"kind": "lifecycle", "active_for": "90d", "inactive_after": "180d"}
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
    "rfm": ("rfm_group",),
    "lifecycle": ("lifecycle",),
    "scores": ("engagement", "engagement_growth_30"),
    "preferences": ("department",),
}
"""The computed traits that are asked for, by the row's name."""


def run_values(folder: Path, orders: int, scale: str) -> None:
    """Ask for the values of everybody, kind by kind, and report each and all together.

    Args:
        folder: Where the workspace with the orders is made.
        orders: How many are stored.
        scale: For the rows.
    """
    _, workspace, _ = import_world(
        folder, orders, names=("Order Completed",), each=ORDERS_PER_CUSTOMER
    )
    workspace.put_classification("rfm", RFM)
    workspace.put_classification("lifecycle", LIFECYCLE)
    workspace.put_score("engagement", SCORE)
    workspace.put_preference("department", PREFERENCE)
    total = 0.0
    for row, names in VALUES.items():
        began = time.perf_counter(), time.process_time()
        customers = sum(len(_values(workspace, name)) for name in names)
        spent = time.perf_counter() - began[0]
        total += spent
        report(
            f"values.{row}", spent, "s", orders=orders, values=customers,
            processor_s=round(time.process_time() - began[1], 1), scale=scale,
        )  # fmt: skip
    workspace.close()
    report("values.together", total, "s", budget=BUDGET * orders / ORDERS, scale=scale)


def _values(workspace: Workspace, name: str) -> dict[int, Any]:
    """The values of a computed trait, of everybody who has one."""
    with workspace.reading(as_of=AS_OF) as reading:
        book = read_book(reading.cursor, "UTC")
        asking = Asking(reading.cursor, as_of=reading.as_of, catalogue=book.catalogue)
        return asking.values(book.computed[name].expression, limit=EVERYBODY)
