"""Sources: declared one by one, their write keys, and what came in from each."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from patron import definitions
from patron.clock import format_time
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, NotFoundError, told, unknown
from patron.pipeline.readers import source_definition
from patron.warehouse import inflow
from patron.warehouse.reading import Reading
from patron.warehouse.source_keys import add_key, keys_by_source, revoke_all, revoke_key
from patron.warehouse.sources import NO_BRAND, Source, put_source
from patron.warehouse.status import counters

Body = dict[str, Any]

DAY = timedelta(hours=24)


def declare_source(
    cursor: Cursor, name: str, body: Body, *, new: bool, now: datetime
) -> str | None:
    """Let a source be as its definition says, in the writer's transaction.

    Args:
        cursor: In the writer's transaction.
        name: The source.
        body: Its definition.
        new: Whether it is to get a write key.
        now: The moment, naive UTC.

    Returns:
        The key of a new one: it is kept as a hash only.
    """
    source = source_definition(name, body)
    key = _new_key() if new else None
    if new:
        revoke_all(cursor, name, now)
    put_source(
        cursor,
        name=name,
        brand=source.brand,
        kind=source.type,
        channel=source.default_channel,
        trust=source.trust,
        write_key=key,
        now=now,
    )
    return key


def put(cursor: Cursor, name: str, body: Body, now: datetime) -> str | None:
    """Declare or change one source, as files would; returns the write key of a new one."""
    new = definitions.get(cursor, "source", name) is None
    definitions.record(cursor, "source", name, body, "api", now)
    return declare_source(cursor, name, body, new=new, now=now)


def make_key(cursor: Cursor, source: Source, made_by: str, now: datetime) -> dict[str, Any]:
    """A further write key of a source; it is told this once.

    Raises:
        ConflictError: The source takes nothing any more.
    """
    if not source.active:
        raise ConflictError(
            f"Source {source.name} was removed: declare it again first.",
            told=told("source_removed", name=source.name),
        )
    key = _new_key()
    number = add_key(cursor, source.source_id, key, made_by=made_by, made_at=now)
    return {"source": source.name, "key_id": number, "write_key": key}


def revoke(cursor: Cursor, source: Source, key_id: int, now: datetime) -> None:
    """Revoke a write key; what was sent with it stays.

    Raises:
        NotFoundError: The source has no such key.
    """
    revoke_key(cursor, source.source_id, key_id, now)


def found(sources: dict[str, Source], name: str) -> Source:
    """A source that messages come from, by its name.

    Raises:
        NotFoundError: There is none.
    """
    one = sources.get(name)
    if one is None or one.brand == NO_BRAND:
        raise NotFoundError(f"There is no source {name}.", told=unknown("source", name))
    return one


def listing(reading: Reading, sources: Iterable[Source], now: datetime) -> list[dict[str, Any]]:
    """Every source with its keys, what came of all that it sent, and what came in last.

    Args:
        reading: The view to read in.
        sources: All of them; those of Patron itself are left out.
        now: The end of the last 24 hours, naive UTC.
    """
    cursor = reading.cursor
    declared = definitions.current(cursor)
    keys = keys_by_source(cursor)
    totals = {row.pop("source"): row for row in counters(cursor)["sources"]}
    lately = inflow.by_type(cursor, now - DAY)
    last = inflow.last_messages(cursor)
    rows = []
    for one in sources:
        if one.brand == NO_BRAND:
            continue
        stored = declared.get(("source", one.name))
        rows.append(
            {
                "name": one.name,
                "brand": one.brand,
                "type": one.kind,
                "channel": one.channel,
                "trust": one.trust,
                "active": one.active,
                "description": None if stored is None else stored.body.get("description"),
                "origin": None if stored is None else stored.origin,
                "keys": [_shown(key) for key in keys.get(one.source_id, [])],
                "totals": totals[one.name],
                "last_message_at": _said(last.get(one.source_id)),
                "last_24_hours": lately.get(one.source_id, {}),
            }
        )
    return rows


def _shown(key: dict[str, Any]) -> dict[str, Any]:
    return {**key, "made_at": _said(key["made_at"]), "revoked_at": _said(key["revoked_at"])}


def _said(moment: datetime | None) -> str | None:
    return None if moment is None else format_time(moment)


def _new_key() -> str:
    return secrets.token_urlsafe(24)
