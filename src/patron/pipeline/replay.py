"""Refused messages, sent through again under today's rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from patron.collect.messages import MessageReader
from patron.errors import NotFoundError
from patron.pipeline.ingest import Ingest
from patron.spec.incoming import Delivery, Refusal
from patron.warehouse.refusals import Choice, refused_again, waiting_messages
from patron.warehouse.sources import Sources


@dataclass(slots=True)
class Replayed:
    """What became of messages that were sent through again.

    Attributes:
        position: The log position that holds for it.
        stored: How many are stored now.
        duplicate: How many had come in another way meanwhile.
        quarantined: How many are refused still.
        failed: These, each with why it is refused under today's rules.
        next: More wait behind this number; None when all of them were tried.
    """

    position: int
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0
    failed: list[dict[str, Any]] = field(default_factory=list)
    next: int | None = None


def replay_chosen(
    ingest: Ingest,
    reader: MessageReader,
    sources: Sources,
    choice: Choice,
    now: datetime,
    *,
    after: int,
    limit: int,
) -> Replayed:
    """Read the refused messages of a choice again, the oldest first, so many at a time.

    Args:
        ingest: The writer's.
        reader: Under today's rules.
        sources: To read under today's brand and channel.
        choice: Which ones; those that were replayed and rows of files are left out.
        now: When, naive UTC.
        after: Only behind this number.
        limit: So many at most.
    """
    found = waiting_messages(ingest.cursor, choice, after=after, limit=limit + 1)
    if not found:
        return Replayed(ingest.position)
    replayed = replay(ingest, reader, sources, found[:limit], now)
    replayed.next = found[limit - 1] if len(found) > limit else None
    return replayed


def replay(
    ingest: Ingest,
    reader: MessageReader,
    sources: Sources,
    quarantine_ids: list[int],
    now: datetime,
) -> Replayed:
    """Read refused messages again; those that pass now are stored and marked as replayed.

    Args:
        ingest: The writer's.
        reader: Under today's rules.
        sources: To read under today's brand and channel.
        quarantine_ids: Which ones.
        now: When, naive UTC.

    Returns:
        What became of them; a refusal that stands is counted as quarantined and stays, with the
        reason that holds now.

    Raises:
        NotFoundError: One of them is not there.
    """
    cursor = ingest.cursor
    passing, standing = _read(ingest, reader, sources, quarantine_ids)
    receipts = ingest.commit_group([one for _, one in passing]) if passing else []
    passed = []
    for (number, _), receipt in zip(passing, receipts, strict=True):
        if receipt.refusals:
            standing.append((number, receipt.refusals[0]))
        else:
            passed.append(number)
    with cursor.transaction():
        cursor.execute(
            "update quarantine set replayed_at = ? where quarantine_id in (select unnest(?))",
            [now, passed],
        )
        refused_again(cursor, standing)
    return Replayed(
        position=ingest.position,
        stored=sum(receipt.stored for receipt in receipts),
        duplicate=sum(receipt.duplicate for receipt in receipts if not receipt.refusals),
        quarantined=len(standing),
        failed=[
            {
                "quarantine_id": number,
                "code": one.code,
                "field": one.field,
                "reason": one.reason,
                "told": one.told and one.told._asdict(),
            }
            for number, one in sorted(standing, key=lambda pair: pair[0])
        ],
    )


def _read(
    ingest: Ingest, reader: MessageReader, sources: Sources, quarantine_ids: list[int]
) -> tuple[list[tuple[int, Delivery]], list[tuple[int, Refusal]]]:
    """Those that pass what is checked while reading, and those that do not."""
    cursor = ingest.cursor
    cursor.execute(
        "select quarantine_id, source_id, type, sent_at, received_at, body from quarantine "
        "where quarantine_id in (select unnest(?)) and replayed_at is null and row_number is null "
        "order by quarantine_id",
        [quarantine_ids],
    )
    rows = cursor.all()
    missing = set(quarantine_ids) - {row[0] for row in rows}
    if missing:
        raise NotFoundError(
            f"Nothing waits in quarantine under {', '.join(map(str, sorted(missing)))}.",
            hint="Rows of files are mended in the file and imported again.",
        )
    passing: list[tuple[int, Delivery]] = []
    standing: list[tuple[int, Refusal]] = []
    for quarantine_id, source_id, kind, sent_at, received_at, body in rows:
        source = sources.by_id[source_id]
        delivery = Delivery(source_id, source.brand, received_at, sent_at)
        reader.read(delivery, bytes(body), type_hint=kind, default_channel=source.channel)
        if delivery.refusals:
            standing.append((quarantine_id, delivery.refusals[0]))
        else:
            passing.append((quarantine_id, delivery))
    return passing, standing
