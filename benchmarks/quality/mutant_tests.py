"""The pytest plugin with which tests decide on a mutant: alike each time, cheapest first, bounded.

mutmut runs, for each mutant, the tests that came through its function, in a process of their own.
"""

from __future__ import annotations

import json
import resource
import signal
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from types import FrameType

import pytest
from hypothesis import HealthCheck, Phase, settings

SLOWEST = 45
"""Seconds of CPU time: a test that takes longer is stuck. The slowest takes a third of this."""

MEMORY = 8 * 2**30
"""Bytes of address space: a loop without an end must not take the whole machine."""

DEAR = 0.5
"""Seconds from which on a test waits until all cheaper ones, of all files, have passed."""

# The same examples each time, and no search for a smaller one: that a test fails is enough.
settings.register_profile(
    "mutants",
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def pytest_configure() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    try:
        told = json.loads(Path("mutmut-stats.json").read_text("utf-8"))
    except FileNotFoundError:
        return
    took: dict[str, float] = told["duration_by_test"]
    files: dict[str, list[float]] = defaultdict(list)
    for item in items:
        seconds = took.get(item.nodeid, 0.0)
        if seconds < DEAR:
            files[str(item.path)].append(seconds)

    def cost(item: pytest.Item) -> tuple[float, str, float]:
        seconds, file = took.get(item.nodeid, 0.0), str(item.path)
        # Files stay together, since each opens a database of its own.
        return (seconds, "", 0.0) if seconds >= DEAR else (fmean(files[file]), file, seconds)

    items.sort(key=lambda item: (took.get(item.nodeid, 0.0) >= DEAR, *cost(item)))


def _stuck(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise TimeoutError(f"more than {SLOWEST} seconds in one test")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[None]:
    signal.signal(signal.SIGPROF, _stuck)
    signal.setitimer(signal.ITIMER_PROF, SLOWEST)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
