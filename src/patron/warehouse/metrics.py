"""Metrics in the text format of Prometheus, read from the tables when asked."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from patron.engines.duckdb import Cursor
from patron.warehouse.status import counters, sizes


def exposition(cursor: Cursor, position: int, waiting: int, more: Iterable[Metric] = ()) -> bytes:
    """All metrics.

    Args:
        cursor: For reading.
        position: The log position.
        waiting: How many requests wait for the writer.
        more: Those of others.
    """
    registry = CollectorRegistry()
    registry.register(_Collected([*_families(cursor, position, waiting), *more]))
    return generate_latest(registry)


def _families(cursor: Cursor, position: int, waiting: int) -> list[Metric]:
    messages = CounterMetricFamily(
        "patron_messages", "Messages taken in, by source and fate.", labels=["source", "fate"]
    )
    for row in counters(cursor)["sources"]:
        for fate in ("stored", "duplicate", "quarantined"):
            messages.add_metric([row["source"], fate], row[fate])
    held = sizes(cursor)
    return [
        messages,
        GaugeMetricFamily("patron_log_position", "The newest log position.", value=position),
        GaugeMetricFamily("patron_profiles", "Customers that stand.", value=held["profiles"]),
        GaugeMetricFamily("patron_events", "Events stored.", value=held["events"]),
        GaugeMetricFamily(
            "patron_quarantined", "Refused, not replayed.", value=held["quarantined"]
        ),
        GaugeMetricFamily(
            "patron_writer_waiting", "Requests that wait for a commit.", value=waiting
        ),
    ]


class _Collected:
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        """The families, as prometheus_client asks for them."""
        return self._families
