"""What came in last, message by message, with what became of each: kept in memory only.

It is for people who look whether something arrives. Duplicates are stored nowhere, so this is the
one place that shows them; after a restart it begins with what is stored. Rows of file imports and
pulls are not among it: those have reports of their own.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.errors import InputError
from patron.identity import Resolution
from patron.pipeline.group import Fate, Group, Receipt
from patron.spec.incoming import told_part, told_text
from patron.warehouse.inflow import newest_quarantined, newest_stored

KEPT = 1_000
"""So many messages are remembered, the newest."""

LONGEST = 4_000
"""So many characters of the body of each."""

SEEDED = 200
"""So many stored messages, and as many quarantined ones, are there after a start."""


class Arrival(NamedTuple):
    """One message that came in.

    Attributes:
        number: 1, 2, 3, … since the start.
        received_at: Naive UTC.
        source_id: Who sent it.
        message_id: As sent; None where it had none that could be read.
        type: Of the message; None likewise.
        name: Of the event.
        fate: What became of it.
        profile_id: Whom it was filed under then, if it was stored.
        code, field, reason, told: Why it was refused; `told` as it is kept.
        body: What was received, its beginning.
    """

    number: int
    received_at: datetime
    source_id: int
    message_id: str | None
    type: str | None
    name: str | None
    fate: Fate
    profile_id: int | None
    code: str | None
    field: str | None
    reason: str | None
    told: str | None
    body: str


class Arrivals:
    """The newest messages of one process, as they came in.

    Args:
        cursor: To read those from that came in before the start.
        started: The moment of the start: cursors of another process are told by it.
    """

    def __init__(self, cursor: Cursor, started: datetime) -> None:
        self._mark = str(int(started.timestamp() * 1_000_000))
        self._kept: deque[Arrival] = deque(maxlen=KEPT)
        self._number = 0
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        rows = [*newest_stored(cursor, SEEDED), *newest_quarantined(cursor, SEEDED)]
        self._keep([(*row[:-1], row[-1][:LONGEST]) for row in sorted(rows, key=lambda row: row[0])])

    def note(
        self,
        group: Group,
        receipts: list[Receipt],
        placed: list[int],
        resolution: Resolution | None,
    ) -> None:
        """Remember what a group brought, after its commit; in the writer's thread."""
        owners: dict[int, int] = {}
        if resolution is not None:
            known = resolution.profile_id[resolution.profile_id > 0]
            owners = dict(zip(placed, known.tolist(), strict=True))
        rows = list(islice(_backwards(group, receipts, owners), KEPT))
        self._keep(rows[::-1])
        for call in tuple(self._listeners):
            call()

    def page(
        self,
        names: Mapping[int, str],
        *,
        after: str | None = None,
        source: str | None = None,
        type_: str | None = None,
        fate: Fate | None = None,
        limit: int = 100,
    ) -> tuple[list[dict[str, Any]], str, int]:
        """The newest messages, the newest first.

        Args:
            names: Of sources, by number.
            after: Only what came in after this cursor; one of before a restart counts for none.
            source: Only of this source.
            type_: Only of this type.
            fate: Only with this fate.
            limit: So many at most.

        Returns:
            The messages, the cursor behind the newest, and how many more fitted.

        Raises:
            InputError: The cursor is none of this feed.
        """
        first = self._first(after)
        with self._lock:
            kept, end = tuple(self._kept), self._number
        fitting = [
            one for one in reversed(kept)
            if one.number > first
            and (source is None or names.get(one.source_id) == source)
            and (type_ is None or one.type == type_)
            and (fate is None or one.fate == fate)
        ]  # fmt: skip
        shown = [self._shown(one, names) for one in fitting[:limit]]
        return shown, f"{self._mark}-{end}", len(fitting) - len(shown)

    @contextmanager
    def listening(self, call: Callable[[], None]) -> Iterator[None]:
        """Have a call made, in the writer's thread, each time that something came in."""
        self._listeners.append(call)
        try:
            yield
        finally:
            self._listeners.remove(call)

    def _keep(self, rows: list[tuple[Any, ...]]) -> None:
        with self._lock:
            for row in rows:
                self._number += 1
                self._kept.append(Arrival(self._number, *row))

    def _first(self, after: str | None) -> int:
        if after is None:
            return 0
        mark, dash, number = after.partition("-")
        if not (dash and mark.isdigit() and number.isdigit() and after.isascii()):
            raise InputError("after: expected a cursor that an earlier page gave.", field="after")
        return int(number) if mark == self._mark else 0

    def _shown(self, one: Arrival, names: Mapping[int, str]) -> dict[str, Any]:
        return {
            "cursor": f"{self._mark}-{one.number}",
            "received_at": format_time(one.received_at),
            "source": names.get(one.source_id, "unknown"),
            **{
                name: getattr(one, name)
                for name in ("message_id", "type", "name", "fate", "profile_id", "code", "field",
                             "reason", "body")
            },
            "told": told_part(one.told),
        }  # fmt: skip


def _backwards(
    group: Group, receipts: list[Receipt], owners: Mapping[int, int]
) -> Iterator[tuple[Any, ...]]:
    """The items of a group, the last first, as `Arrival` has them from `received_at` on."""
    told = zip(group.deliveries, receipts, group.starts, strict=True)
    for delivery, receipt, start in reversed(list(told)):
        for index, fate in zip(reversed(delivery.fates), reversed(receipt.fates), strict=True):
            refusal = group.refusal(start + index) if index >= 0 else delivery.refusals[-1 - index]
            message = group.messages[start + index] if index >= 0 else None
            why: tuple[str | None, ...] = (None, None, None, None)
            if refusal is not None:
                why = (refusal.code, refusal.field, refusal.reason, told_text(refusal.told))
            what: tuple[str | None, ...]
            if message is not None:
                what = (message.message_id, message.type, message.name)
                body = message.body
            else:
                assert refusal is not None  # noqa: S101 - what is no message was refused
                what = (refusal.message_id, refusal.type, None)
                body = refusal.body[:LONGEST].decode(errors="replace")
            owner = owners.get(start + index) if fate == "stored" else None
            yield (
                delivery.received_at, delivery.source_id, *what, fate, owner, *why,
                body[:LONGEST],
            )  # fmt: skip
