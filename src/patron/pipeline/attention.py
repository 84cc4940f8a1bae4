"""What needs a person: counted, each with where to look. And how much comes in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Literal

from patron.clock import format_time
from patron.identity.held_back import held_back
from patron.pipeline.book import Book
from patron.warehouse import inflow, plan_faults
from patron.warehouse.reading import Reading
from patron.warehouse.sources import NO_BRAND, Source

MINUTE = timedelta(minutes=1)
MINUTES = 60
FAULT_DAYS = 7
"""Faults against tracking plans are counted of so many days."""

AGAIN = 60.0
"""Seconds for which the number of values that are held back is taken to stay as it is: to count
them takes a pass over all links."""

_FAILED_PULLS = """
select mapping, error from pull_runs
qualify row_number() over (partition by mapping order by finished_at desc) = 1 and error is not null
order by mapping
"""

_COUNTS = {
    "reviews": "select count(*) from linking_reviews where state = 'pending'",
    "quarantine": "select count(*) from quarantine where replayed_at is null",
}


Kind = Literal[
    "reviews", "quarantine", "pulls", "imports", "webhooks", "enrichments", "segments", "held_back",
    "plan_faults",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Need:
    """Something that somebody should look at.

    Attributes:
        kind: What it is.
        count: How many.
        message: In a sentence.
        api: Where the API tells more.
        names: What it is about, where that has names.
        error: What the first of them says of its failure.
    """

    kind: Kind
    count: int
    message: str
    api: str
    names: list[str]
    error: str | None = None


class Attention:
    """Counts what needs a person.

    Args:
        states: Of what runs by itself, by kind: names with what went wrong, if anything did.
    """

    def __init__(self, states: Mapping[str, Callable[[], dict[str, str | None]]]) -> None:
        self._states = states
        self._held: tuple[float, int] | None = None

    def needs(self, reading: Reading, book: Book) -> list[dict[str, Any]]:
        """All that is not as it should be; empty when nothing needs anybody."""
        return [asdict(need) for need in self._all(reading, book) if need.count]

    def _all(self, reading: Reading, book: Book) -> Iterator[Need]:
        counted = {name: int(reading.cursor.execute(sql).value()) for name, sql in _COUNTS.items()}
        yield Need("reviews", counted["reviews"], "Pairs wait for somebody to say whether they are "
                   "one person.", "/identity/reviews", [])  # fmt: skip
        yield Need("quarantine", counted["quarantine"], "Messages were refused and wait for a "
                   "replay.", "/quarantine", [])  # fmt: skip
        failed: dict[str, str | None] = dict(reading.cursor.execute(_FAILED_PULLS).all())
        yield _failed("pulls", "The last pull failed", "/imports/pulls", failed)
        for kind, (told, api) in _RUNNING.items():
            yield _failed(kind, told, api, self._states[kind]())
        yield Need("held_back", self._held_back(reading, book), "Identifiers join nobody, for they "
                   "came with too many people.", "/identity/held-back", [])  # fmt: skip
        faults = self._faults(reading)
        yield Need("plan_faults", sum(row["messages"] for row in faults),
                   f"Messages of the last {FAULT_DAYS} days were not as their tracking plan says.",
                   "/tracking-plans/report",
                   sorted({row["event"] or "identify" for row in faults}))  # fmt: skip

    def _held_back(self, reading: Reading, book: Book) -> int:
        now = time.monotonic()
        if self._held is None or now - self._held[0] >= AGAIN:
            self._held = (now, len(held_back(reading.cursor, book.identity)))
        return self._held[1]

    @staticmethod
    def _faults(reading: Reading) -> list[dict[str, Any]]:
        since = reading.as_of - timedelta(days=FAULT_DAYS)
        return plan_faults.report(reading.cursor, since=since, source=None, limit=1_000)


_RUNNING: Mapping[Kind, tuple[str, str]] = {
    "imports": ("The import failed", "/imports"),
    "webhooks": ("Deliveries fail or are paused", "/webhooks"),
    "enrichments": ("The last run failed", "/enrichments"),
    "segments": ("Who is in it cannot be kept up to date", "/status"),
}
"""What runs by itself, with what is said of those that failed, and where to look."""


def _failed(kind: Kind, told: str, api: str, states: Mapping[str, str | None]) -> Need:
    wrong = {name: error for name, error in states.items() if error}
    first = next(iter(wrong.items()), None)
    message = "" if first is None else f"{told}: {first[0]}: {first[1]}"
    return Need(kind, len(wrong), message, api, sorted(wrong), None if first is None else first[1])


def incoming(reading: Reading, sources: list[Source]) -> dict[str, Any]:
    """Messages of the last hour, minute by minute and source by source.

    The last of the minutes is the one that runs.
    """
    last = reading.as_of.replace(second=0, microsecond=0)
    first = last - (MINUTES - 1) * MINUTE
    rows = inflow.per_minute(reading.cursor, first, reading.as_of + timedelta(microseconds=1))
    found: dict[int, dict[str, Any]] = {
        one.source_id: {"source": one.name, "stored": [0] * MINUTES, "quarantined": [0] * MINUTES}
        for one in sources
        if one.active and one.brand != NO_BRAND
    }
    for source_id, minute, stored, refused in rows:
        if source_id in found:
            at = (minute - first) // MINUTE
            found[source_id]["stored"][at] = stored
            found[source_id]["quarantined"][at] = refused
    minutes = [format_time(first + number * MINUTE) for number in range(MINUTES)]
    return {**reading.head, "minutes": minutes, "data": list(found.values())}
