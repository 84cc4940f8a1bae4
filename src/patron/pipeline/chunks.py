"""A chunk of a file import through the same road as everything else, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.errors import told
from patron.identity import Batch, Resolution, Resolver, write
from patron.pipeline.group import Receipt
from patron.pipeline.households import follow_households
from patron.pipeline.ingest import Ingest
from patron.pipeline.tracking import note_rows, over_rows
from patron.spec.incoming import Refusal, Why
from patron.warehouse.landing import count, land
from patron.warehouse.quarantine import quarantine


class Messages(NamedTuple):
    """Messages of a chunk as identity wants them.

    Attributes:
        table: The columns of *incoming*, with the identifiers that count.
        without_consent: Why none of its identifiers counts, by row.
        batch: The same for identity.
    """

    table: pa.Table
    without_consent: dict[int, Why]
    batch: Batch


class Chunk(NamedTuple):
    """A stretch of files, on its way to the writer.

    Attributes:
        incoming: The columns of *incoming*, identifiers included.
        refusals: Rows of this stretch that were refused.
        messages: All of `incoming` for identity; None where there are none.
        resolver: The one that they were prepared for.
    """

    incoming: pa.Table
    refusals: list[Refusal]
    messages: Messages | None
    resolver: Resolver


def prepare_chunk(ingest: Ingest, incoming: pa.Table, refusals: list[Refusal]) -> Chunk:
    """Do what needs neither the tables nor the writer; in any thread."""
    # Other rules bring another resolver, and only after all else that they bring.
    resolver = ingest.resolver
    if not len(incoming):
        return Chunk(incoming, refusals, None, resolver)
    found = _read(ingest, incoming)
    prepared = found._replace(batch=resolver.prepared(found.batch))
    return Chunk(incoming, refusals, prepared, resolver)


def commit_chunk(
    ingest: Ingest,
    source_id: int,
    chunk: Chunk,
    received_at: datetime,
    within: Callable[[Cursor], None] = lambda _cursor: None,
) -> Receipt:
    """Store a chunk; in the writer's thread.

    Args:
        ingest: The writer's.
        source_id: Of the import.
        chunk: What is stored.
        received_at: When the import began, naive UTC.
        within: Is called before the commit: what it writes is stored with the chunk, or not at all.

    Returns:
        How many became what. Duplicates are those stored before, and copies within the chunk.
    """
    incoming, refusals = chunk.incoming, chunk.refusals
    keys = _keys(incoming)
    fresh = _first_of_each(keys) & (ingest.keys.find(keys) < 0)
    table = incoming.filter(pa.array(fresh))
    keys = keys[fresh]
    resolution: Resolution | None = None
    with ingest.transaction():
        faulty = over_rows(ingest.watch, source_id, table) if ingest.watch else {}
        against_plan = {row: one.refusal for row, one in faulty.items() if one.refusal}
        if against_plan:
            refusals = [*refusals, *against_plan.values()]
            passing = ~np.isin(np.arange(len(table)), list(against_plan))
            table, keys = table.filter(pa.array(passing)), keys[passing]
        if len(table):
            table, without_consent, batch = _messages(ingest, chunk, table)
            resolution = ingest.resolver.resolve(batch)
            known = resolution.profile_id > 0
            refusals = refusals + _without_identity(table, resolution, without_consent)
            first = ingest.position + 1
            write(ingest.cursor, resolution, recorded_at=received_at, first=first)
            table = _placed(table, resolution, known, first)
            keys = keys[known]
            land(ingest.cursor, table)
            follow_households(ingest, resolution, keys)
            _remember_mapped(ingest, len(table))
        new = quarantine(ingest.cursor, [(source_id, r) for r in refusals], received_at)
        newly = [refusal for refusal, is_new in zip(refusals, new, strict=True) if is_new]
        note_rows(ingest.watch, ingest.cursor, source_id, faulty, table, newly, received_at)
        receipt = Receipt(stored=len(table), quarantined=sum(new))
        receipt.duplicate = len(incoming) - int(fresh.sum()) + len(new) - sum(new)
        count(
            ingest.cursor,
            source_id,
            stored=receipt.stored,
            duplicate=receipt.duplicate,
            quarantined=receipt.quarantined,
        )
        within(ingest.cursor)
    ingest.advance(keys, resolution)
    receipt.position = ingest.position
    return receipt


def _messages(ingest: Ingest, chunk: Chunk, table: pa.Table) -> Messages:
    """Those messages of a chunk that were not stored before."""
    whole = len(table) == len(chunk.incoming) and chunk.resolver is ingest.resolver
    return chunk.messages if whole and chunk.messages is not None else _read(ingest, table)


def _read(ingest: Ingest, table: pa.Table) -> Messages:
    table, without_consent = ingest.consents.counting_in(table)
    batch = Batch.from_incoming(table, ingest.regions, ingest.brands)
    return Messages(table, without_consent, batch)


def _remember_mapped(ingest: Ingest, count: int) -> None:
    """Note that a mapping, and not the rules, said what identifies these messages."""
    if count:
        ingest.cursor.execute(
            "insert into mapped_messages values (?, ?)",
            [ingest.position + 1, ingest.position + count],
        )


def _keys(table: pa.Table) -> npt.NDArray[np.uint64]:
    return np.column_stack(
        [table.column("key_hi").to_numpy(), table.column("key_lo").to_numpy()]
    ).astype(np.uint64)


def _first_of_each(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Which keys are the first of their kind."""
    first = np.zeros(len(keys), dtype=np.bool_)
    if len(keys):
        pairs = np.ascontiguousarray(keys).view([("hi", np.uint64), ("lo", np.uint64)]).ravel()
        _, index = np.unique(pairs, return_index=True)
        first[index] = True
    return first


def _placed(
    table: pa.Table, resolution: Resolution, known: npt.NDArray[np.bool_], first: int
) -> pa.Table:
    if not known.all():
        table = table.filter(pa.array(known))
    positions = np.arange(first, first + len(table), dtype=np.int64)
    return (
        table.append_column("position", pa.array(positions))
        .append_column("profile_id", pa.array(resolution.profile_id[known]))
        .append_column("identifier_id", pa.array(resolution.identifier_id[known]))
    )


def _without_identity(
    table: pa.Table, resolution: Resolution, without_consent: dict[int, Why]
) -> list[Refusal]:
    """The messages none of whose identifiers can identify anybody, or may."""
    lost = np.flatnonzero(resolution.profile_id == 0)
    if not len(lost):
        return []
    nobody = resolution.nobody()
    bare = Why("identifiers", "The row has no identifier.", told("nobody", why=[":none"]))
    rows = (
        table.select(["message_id", "body", "origin", "row_number"])
        .take(pa.array(lost))
        .to_pylist()
    )
    reasons = nobody | without_consent
    return [
        Refusal(
            code="no_consent" if item in without_consent else "no_identity",
            **reasons.get(item, bare)._asdict(),
            body=row["body"].encode(),
            message_id=row["message_id"],
            origin=row["origin"],
            row_number=row["row_number"],
        )
        for item, row in zip(lost.tolist(), rows, strict=True)
    ]
