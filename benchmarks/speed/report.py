"""One result: a JSON object a line on standard output."""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

Direction = Literal["at least", "at most"]


def report(
    name: str,
    value: float | None,
    unit: str,
    *,
    budget: float | None = None,
    direction: Direction = "at most",
    ratio_to: str | None = None,
    ratio: float | None = None,
    **notes: Any,  # noqa: ANN401 - whatever helps to read the number
) -> None:
    """Print one result.

    Args:
        name: What was measured.
        value: The number; None when it could not be measured, and a note says why.
        unit: Of the number.
        budget: What it should reach, in the same unit; None when there is none.
        direction: Whether the budget is a floor or a ceiling.
        ratio_to: What it was measured against in the same run.
        ratio: The value divided by that.
        notes: Scale and the like.
    """
    met = None
    if budget is not None and value is not None:
        met = value <= budget if direction == "at most" else value >= budget
    row = {
        "name": name,
        "value": None if value is None else round(value, 4),
        "unit": unit,
        "budget": budget,
        "met": met,
        "ratio_to": ratio_to,
        "ratio": None if ratio is None else round(ratio, 3),
        **notes,
    }
    print(json.dumps(row), flush=True)


def median_seconds(call: Callable[[], object], rounds: int = 5) -> float:
    """The median time of a call, in seconds, after one round to warm up."""
    return medians_in_turn(call, rounds=rounds)[0]


def medians_in_turn(*calls: Callable[[], object], rounds: int = 9) -> list[float]:
    """The median time of each call, in seconds, after one round to warm up.

    They take turns, so that what else the machine does at some moment befalls all of them alike.
    """
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds + 1):
        for call, taken in zip(calls, times, strict=True):
            began = time.perf_counter()
            call()
            taken.append(time.perf_counter() - began)
    return [statistics.median(taken[1:]) for taken in times]


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def peak_of_memory() -> float | None:
    """MiB that this process held at most; None where the system does not say it of one process.

    `getrusage` would not do: on Linux it counts from before the program was started.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(encoding="utf-8"), re.MULTILINE)
    return None if found is None else int(found[1]) / 1024
