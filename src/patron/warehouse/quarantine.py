"""Refused messages and rows, kept with their reason until somebody mends and replays them."""

from __future__ import annotations

from datetime import datetime
from hashlib import md5
from typing import Any

import numpy as np
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.spec.incoming import Refusal, told_part, told_text

_COLUMNS = (
    "source_id, message_id, type, sent_at, received_at, code, field, reason, origin, row_number, "
    "body, key_hi, key_lo, told"
)


def refusal_key(source_id: int, refusal: Refusal) -> bytes:
    """16 bytes that are equal for two refusals of the same bytes from the same source."""
    where = "" if refusal.row_number is None else f"{refusal.origin}\x1f{refusal.row_number}"
    return md5(
        f"{source_id}\x1f{where}\x1f".encode() + refusal.body, usedforsecurity=False
    ).digest()


def quarantine(
    cursor: Cursor, refused: list[tuple[int, Refusal]], received_at: datetime
) -> list[bool]:
    """Keep what was refused, each once, however often it is sent.

    Args:
        cursor: Inside the writer's transaction.
        refused: Source number and refusal.
        received_at: When they came.

    Returns:
        Per refusal, whether it is new.
    """
    if not refused:
        return []
    digests = [refusal_key(source, refusal) for source, refusal in refused]
    keys = np.frombuffer(b"".join(digests), dtype="<u8").reshape(-1, 2)
    columns = {
        "source_id": pa.array([s for s, _ in refused], pa.int32()),
        "message_id": pa.array([r.message_id for _, r in refused], pa.string()),
        "type": pa.array([r.type for _, r in refused], pa.string()),
        "sent_at": pa.array([r.sent_at for _, r in refused], pa.timestamp("us")),
        "received_at": pa.array([received_at] * len(refused), pa.timestamp("us")),
        "code": pa.array([r.code for _, r in refused], pa.string()),
        "field": pa.array([r.field for _, r in refused], pa.string()),
        "reason": pa.array([r.reason for _, r in refused], pa.string()),
        "origin": pa.array([r.origin for _, r in refused], pa.string()),
        "row_number": pa.array([r.row_number for _, r in refused], pa.int64()),
        "body": pa.array([r.body for _, r in refused], pa.binary()),
        "key_hi": pa.array(keys[:, 0]),
        "key_lo": pa.array(keys[:, 1]),
        "told": pa.array([told_text(r.told) for _, r in refused], pa.string()),
    }
    cursor.register("refused_now", pa.table(columns))
    try:
        cursor.execute(
            "select key_hi, key_lo from quarantine semi join refused_now using (key_hi, key_lo)"
        )
        known = set(cursor.all())
        fresh: list[bool] = []
        for high, low in keys.tolist():
            fresh.append((high, low) not in known)
            known.add((high, low))
        if any(fresh):
            cursor.register("refused_fresh", pa.table(columns).filter(pa.array(fresh)))
            insert_refused(cursor, "refused_fresh")
            cursor.unregister("refused_fresh")
    finally:
        cursor.unregister("refused_now")
    return fresh


def reasons_of(cursor: Cursor, received_at: datetime) -> list[dict[str, Any]]:
    """Why rows of an import are in quarantine that nobody replayed, the most frequent first.

    Args:
        cursor: On the warehouse.
        received_at: When the import's messages arrived: one import runs at a time.
    """
    cursor.execute(
        "select code, field, count(*) as rows, first(reason order by quarantine_id) as reason, "
        "first(origin order by quarantine_id) as origin, "
        "first(row_number order by quarantine_id) as row, "
        "first(told order by quarantine_id) as told from quarantine "
        "where received_at = ? and origin <> 'http' and replayed_at is null "
        "group by code, field order by rows desc, code, field",
        [received_at],
    )
    return [{**row, "told": told_part(row["told"])} for row in cursor.records()]


def insert_refused(cursor: Cursor, relation: str) -> None:
    """Append rows with the columns of quarantine (without the number) from a readable relation."""
    cursor.execute(
        f"insert into quarantine (quarantine_id, {_COLUMNS}) "
        "select (select coalesce(max(quarantine_id), 0) from quarantine) + row_number() over (), "
        f"{_COLUMNS} from {relation}"
    )
