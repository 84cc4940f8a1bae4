"""What live membership and its verification did so far: numbers for /metrics and the status."""

from __future__ import annotations

import threading
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

if TYPE_CHECKING:
    from patron.pipeline.live import Advance

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper edges, in seconds, of the classes that durations are counted in; the last is open."""


@dataclass(slots=True)
class Durations:
    """A histogram of seconds.

    >>> spent = Durations()
    >>> spent.add(0.02)
    >>> [(edge, count) for edge, count in spent.classes() if edge in {"0.01", "0.025", "+Inf"}]
    [('0.01', 0.0), ('0.025', 1.0), ('+Inf', 1.0)]
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds

    def classes(self) -> list[tuple[str, float]]:
        """Per upper edge how many took so long at most."""
        edges = [*(str(edge) for edge in BUCKETS), "+Inf"]
        return [(e, float(n)) for e, n in zip(edges, accumulate(self.counts), strict=True)]


class Gauges:
    """Counts what is done. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.steps = 0
        self.failures = 0
        self.asked = 0
        self.changes = 0
        self.verified = 0
        self.shares = 0
        self.differences = 0
        self._stepping = Durations()
        self._verifying = Durations()

    def stepped(self, done: Advance, seconds: float) -> None:
        """A step was done."""
        with self._lock:
            self.steps += 1
            self.asked += done.asked
            self.changes += done.changes
            self._stepping.add(seconds)

    def failed(self) -> None:
        """A step failed."""
        with self._lock:
            self.failures += 1

    def checked(self, answers: int, differences: int, seconds: float) -> None:
        """A share of the customers was verified."""
        with self._lock:
            self.shares += 1
            self.verified += answers
            self.differences += differences
            self._verifying.add(seconds)

    def families(self) -> list[Metric]:
        """All of it, as Prometheus counts."""
        counters = (
            ("patron_live_steps", "Steps of live membership.", self.steps),
            ("patron_live_failed_steps", "Steps that failed and were tried again.", self.failures),
            ("patron_live_questions", "Questions asked: a customer, a moment.", self.asked),
            ("patron_live_changes", "Entries and exits recorded.", self.changes),
            ("patron_verification_shares", "Shares of the customers verified.", self.shares),
            ("patron_verification_answers", "Memberships recomputed.", self.verified),
            ("patron_verification_differences", "Recorded wrongly.", self.differences),
        )
        with self._lock:
            return [
                *(CounterMetricFamily(name, said, value=value) for name, said, value in counters),
                _histogram(
                    "patron_live_step_seconds", "Duration of a step, in seconds.", self._stepping
                ),
                _histogram(
                    "patron_verification_seconds",
                    "Duration of the verification of a share, in seconds.",
                    self._verifying,
                ),
            ]


def lag(reached: int, position: int, seconds: float | None, kept: int, wrong: int) -> list[Metric]:
    """How far live membership is behind, as Prometheus counts.

    Args:
        reached: The log position that it holds for.
        position: The newest one.
        seconds: The time since the moment that it holds for; None before the first step.
        kept: How many segments are kept.
        wrong: How many cannot be.
    """
    segments = GaugeMetricFamily(
        "patron_live_segments", "Segments by whether they are kept.", labels=["state"]
    )
    segments.add_metric(["kept"], kept)
    segments.add_metric(["failed"], wrong)
    found: list[Metric] = [
        GaugeMetricFamily(
            "patron_live_position", "The log position that memberships hold for.", value=reached
        ),
        GaugeMetricFamily(
            "patron_live_position_behind",
            "Positions between that and the newest.",
            value=max(position - reached, 0),
        ),
        segments,
    ]
    if seconds is not None:
        found.append(
            GaugeMetricFamily(
                "patron_live_lag_seconds",
                "Seconds since the moment that memberships hold for.",
                value=seconds,
            )
        )
    return found


def _histogram(name: str, said: str, spent: Durations) -> HistogramMetricFamily:
    return HistogramMetricFamily(name, said, buckets=spent.classes(), sum_value=spent.total)
