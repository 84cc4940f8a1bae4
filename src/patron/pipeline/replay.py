"""Refused messages, sent through again under today's rules."""

from __future__ import annotations

from datetime import datetime

from patron.collect.messages import MessageReader
from patron.errors import NotFoundError
from patron.pipeline.group import Receipt
from patron.pipeline.ingest import Ingest
from patron.spec.incoming import Delivery
from patron.warehouse.sources import Sources


def replay(
    ingest: Ingest,
    reader: MessageReader,
    sources: Sources,
    quarantine_ids: list[int],
    now: datetime,
) -> Receipt:
    """Read refused messages again; those that pass now are stored and marked as replayed.

    Args:
        ingest: The writer's.
        reader: Under today's rules.
        sources: To read under today's brand and channel.
        quarantine_ids: Which ones.
        now: When, naive UTC.

    Returns:
        What became of them; a refusal that stands is counted as quarantined and stays.

    Raises:
        NotFoundError: One of them is not there.
    """
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
    deliveries, passed, standing = [], [], 0
    for quarantine_id, source_id, kind, sent_at, received_at, body in rows:
        source = sources.by_id[source_id]
        delivery = Delivery(source_id, source.brand, received_at, sent_at)
        reader.read(delivery, bytes(body), type_hint=kind, default_channel=source.channel)
        if delivery.refusals:
            standing += 1
            continue
        deliveries.append(delivery)
        passed.append(quarantine_id)
    receipts = ingest.commit_group(deliveries) if deliveries else []
    cursor.execute(
        "update quarantine set replayed_at = ? where quarantine_id in (select unnest(?))",
        [now, [q for q, r in zip(passed, receipts, strict=True) if not r.refused]],
    )
    return Receipt(
        position=ingest.position,
        stored=sum(r.stored for r in receipts),
        duplicate=sum(r.duplicate for r in receipts if not r.refused),
        quarantined=standing + sum(r.refused for r in receipts),
    )
