"""The one road into the tables: deduplicate, resolve identity, land, count, commit.

A group of requests and a chunk of a file go the same way, in one transaction each.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from patron.collect.rereading import StoredReader
from patron.engines.duckdb import Cursor
from patron.errors import QueryError, StorageError
from patron.identity import Batch, Brands, Regions, Resolution, Resolver, compact, write
from patron.pipeline.households import follow_households
from patron.pipeline.identity.older import read_older_uses
from patron.spec.identifiers import IdentityRules
from patron.spec.incoming import LINK, SCHEMA, Delivery, Message, Refusal
from patron.spec.keys import keys_of, message_key_text
from patron.warehouse.keys import KeyIndex
from patron.warehouse.landing import count, land
from patron.warehouse.parts import Parts
from patron.warehouse.quarantine import quarantine
from patron.warehouse.store import Store

COMPACT_AT = 20_000
"""So many merged profiles may wait before their rows are rewritten: questions that follow the map
slow down with its length, and a rewrite stops the writer for one pass over the stored rows."""

Fate = Literal["stored", "duplicate", "quarantined"]


@dataclass(slots=True)
class Receipt:
    """What became of one delivery, after the commit.

    Attributes:
        position: The log position that holds for it: all of it is visible from there on.
        fates: Per item as it was sent.
    """

    position: int = 0
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0
    fates: list[Fate] = field(default_factory=list)


class Ingest:
    """The writer's memory and its work; used from the writer's thread alone.

    Args:
        store: The workspace's tables.
        rules: The identity rules that hold.
    """

    def __init__(self, store: Store, rules: IdentityRules) -> None:
        self.cursor = store.cursor()
        self.parts = Parts(self.cursor)
        self.rules = rules
        self.regions = Regions(rules)
        self.brands = Brands(rules)
        self.position = 0
        self.advanced = threading.Event()
        self.on_advance: Callable[[], None] = lambda: None
        self.keys = KeyIndex()
        self.resolver: Resolver
        self._saved = store.live / "message-keys.npy"
        self._merged = 0
        self.load()

    def load(self) -> None:
        """Rebuild the memory from the tables; keys that a clean stop wrote are taken from there."""
        read_older_uses(self.cursor, self.rules)
        self.resolver = Resolver.load(self.cursor, self.rules)
        self._merged = int(self.cursor.execute("select count(*) from profile_map").value())
        self.keys, known = self._saved_keys()
        self.cursor.execute(
            "select key_hi, key_lo, position from messages where position > ? order by position",
            [known],
        )
        columns = self.cursor.numpy()
        positions = np.asarray(columns["position"], dtype=np.int64)
        if len(positions):
            keys = np.column_stack([columns["key_hi"], columns["key_lo"]]).astype(np.uint64)
            self.keys.add(keys, positions)
        self.position = int(positions[-1]) if len(positions) else known

    def _saved_keys(self) -> tuple[KeyIndex, int]:
        """The keys of the last clean stop, and the log position that they reach to.

        They are a cache: when they do not fit the log, the log is read instead.
        """
        newest = int(self.cursor.execute("select coalesce(max(position), 0) from messages").value())
        try:
            keys = KeyIndex.load(self._saved)
        except (StorageError, OSError, ValueError):
            return KeyIndex(), 0
        if len(keys) <= newest:
            self.cursor.execute(
                "select key_hi, key_lo from messages where position = ?", [len(keys)]
            )
            last = self.cursor.one()
            if last is not None:
                found = keys.find(np.array([last], dtype=np.uint64))
                if found[0] == len(keys):
                    return keys, len(keys)
        return KeyIndex(), 0

    def save(self) -> None:
        """Write the keys of all messages, so that the next start need not read the log."""
        self.keys.save(self._saved)

    def compact(self) -> int:
        """Rewrite the rows of merged profiles under the ids that stand; returns how many."""
        self._merged = 0
        return compact(self.cursor)

    def use_rules(self, rules: IdentityRules) -> None:
        """Go on under other identity rules."""
        self.rules = rules
        self.regions = Regions(rules)
        self.brands = Brands(rules)
        self.resolver = Resolver.load(self.cursor, rules)
        self._merged = int(self.cursor.execute("select count(*) from profile_map").value())

    def commit_group(self, deliveries: list[Delivery]) -> list[Receipt]:
        """Store a group of deliveries in one transaction.

        Returns:
            A receipt per delivery, made after the commit.
        """
        if self._merged >= COMPACT_AT:
            self.compact()
        self.parts.join_in_time()
        try:
            return self._commit_group(deliveries)
        except QueryError:
            # The checks before this point let something through that the engine cannot hold.
            # Find it, refuse it by itself, and store all the rest.
            self._refuse_what_does_not_land(deliveries)
            return self._commit_group(deliveries)

    def _commit_group(self, deliveries: list[Delivery]) -> list[Receipt]:
        for delivery in deliveries:
            if delivery.rules is not None and delivery.rules is not self.rules:
                self._identify_again(delivery)
        group = _Group(deliveries)
        found = self.keys.find(group.keys) if len(group.messages) else np.empty(0, np.int64)
        fresh = group.fresh(found)
        with self.transaction():
            resolution = self._resolve(group, fresh)
            placed = self._placed(group, fresh, resolution)
            if resolution is not None and placed:
                self._land(group, placed, resolution)
            refused = group.refused()
            new_refusals = quarantine(self.cursor, [(d.source_id, r) for d, r in refused],
                                      deliveries[0].received_at)  # fmt: skip
            receipts = group.receipts(placed, new_refusals)
            for source_id, (stored, duplicate, quarantined) in group.totals(receipts).items():
                count(self.cursor, source_id, stored=stored, duplicate=duplicate,
                      quarantined=quarantined)  # fmt: skip
        if placed:
            self.advance(group.keys[np.asarray(placed)], resolution)
        for receipt in receipts:
            receipt.position = self.position
        return receipts

    def _identify_again(self, delivery: Delivery) -> None:
        """Other rules hold since the delivery was read: look for identifiers by these."""
        if delivery.rules != self.rules:
            reader = StoredReader(self.rules)
            for message in delivery.messages:
                message.identifiers = reader.identifiers(message.body, message.type)
        delivery.rules = self.rules

    def advance(self, keys: np.ndarray, resolution: Resolution | None) -> None:
        """Take committed messages into memory, in the order of their positions."""
        if resolution is not None and resolution.survivors is not None:
            self._merged += len(resolution.survivors)
        self.keys.add(keys, np.arange(self.position + 1, self.position + 1 + len(keys)))
        self.position += len(keys)
        self.advanced.set()
        self.advanced.clear()
        self.on_advance()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction that takes identity's memory along, forward or back."""
        try:
            with self.cursor.transaction():
                yield
        except BaseException:
            self.resolver.rollback()
            raise
        self.resolver.commit()

    def _resolve(self, group: _Group, fresh: list[int]) -> Resolution | None:
        if not fresh:
            return None
        return self.resolver.resolve(group.batch(fresh, self.regions, self.brands))

    def _placed(self, group: _Group, fresh: list[int], resolution: Resolution | None) -> list[int]:
        """The messages that have an identity; those without one are refused."""
        if resolution is None:
            return []
        if resolution.profile_id.all():
            return fresh
        reasons = {refused.item: refused.reason for refused in resolution.refused}
        placed = []
        for row, (item, profile_id) in enumerate(
            zip(fresh, resolution.profile_id.tolist(), strict=True)
        ):
            if profile_id:
                placed.append(item)
            else:
                group.refuse(item, reasons[row])
        return placed

    def _land(self, group: _Group, placed: list[int], resolution: Resolution) -> None:
        first = self.position + 1
        write(self.cursor, resolution, recorded_at=group.received_at, first=first)
        known = resolution.profile_id > 0
        messages = [group.messages[item] for item in placed]
        table = group.table(placed, messages)
        table = table.append_column(
            "position", pa.array(np.arange(first, first + len(placed), dtype=np.int64))
        )
        table = table.append_column("profile_id", pa.array(resolution.profile_id[known]))
        table = table.append_column("identifier_id", pa.array(resolution.identifier_id[known]))
        land(self.cursor, table)
        follow_households(self, resolution, group.keys[np.asarray(placed)])

    def _refuse_what_does_not_land(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            for index, message in reversed(list(enumerate(delivery.messages))):
                reason = _cannot_land(self.cursor, message)
                if reason is not None:
                    _turn_into_refusal(delivery, index, message, reason)


class _Group:
    """Several deliveries side by side: their messages, flat, with where each came from."""

    def __init__(self, deliveries: list[Delivery]) -> None:
        self.deliveries = deliveries
        self.received_at: datetime = deliveries[0].received_at
        self.messages: list[Message] = []
        self.owners: list[Delivery] = []
        self.starts: list[int] = []
        for delivery in deliveries:
            self.starts.append(len(self.messages))
            self.messages += delivery.messages
            self.owners += [delivery] * len(delivery.messages)
        texts = [
            message_key_text(owner.source_id, message.message_id)
            for owner, message in zip(self.owners, self.messages, strict=True)
        ]
        self.keys = keys_of(texts)
        self._texts = texts
        self._late_refusals: dict[int, Refusal] = {}

    def fresh(self, found: np.ndarray) -> list[int]:
        """The messages not stored before, each of several copies in this group once."""
        seen: set[str] = set()
        fresh = []
        for item, (position, text) in enumerate(zip(found.tolist(), self._texts, strict=True)):
            if position < 0 and text not in seen:
                seen.add(text)
                fresh.append(item)
        return fresh

    def batch(self, fresh: list[int], regions: Regions, brands: Brands) -> Batch:
        """The fresh messages as identity wants them."""
        messages = [self.messages[item] for item in fresh]
        owned = [self.owners[item].brand for item in fresh]
        return Batch.of(
            _microseconds([m.occurred_at for m in messages]),
            [self.owners[item].source_id for item in fresh],
            [m.message_id for m in messages],
            [
                regions.place(brands.place(m.identifiers, brand), m.body, brand)
                for brand, m in zip(owned, messages, strict=True)
            ],
            [m.type == "alias" for m in messages],
            [m.type == LINK for m in messages],
        )

    def table(self, placed: list[int], messages: list[Message]) -> pa.Table:
        """The placed messages as the columns of *incoming*."""
        owners = [self.owners[item] for item in placed]
        keys = self.keys[np.asarray(placed)]
        commerce = [m.commerce for m in messages]
        columns: dict[str, Any] = {
            "item": np.asarray(placed, dtype=np.int64),
            "source_id": [o.source_id for o in owners],
            "brand": [o.brand for o in owners],
            "channel": [m.channel for m in messages],
            "message_id": [m.message_id for m in messages],
            "key_hi": keys[:, 0],
            "key_lo": keys[:, 1],
            "type": [m.type for m in messages],
            "name": [m.name for m in messages],
            "occurred_at": [m.occurred_at for m in messages],
            "received_at": [o.received_at for o in owners],
            "body": [m.body for m in messages],
            "properties": [m.properties for m in messages],
            "traits": [m.traits for m in messages],
        }
        for name in SCHEMA.names[len(columns) :]:
            columns[name] = [None if c is None else getattr(c, name) for c in commerce]
        arrays = [pa.array(columns[f.name], f.type) for f in SCHEMA]
        return pa.Table.from_arrays(arrays, schema=SCHEMA)

    def refuse(self, item: int, reason: str) -> None:
        """Refuse a message that passed validation but identifies nobody."""
        message = self.messages[item]
        self._late_refusals[item] = Refusal(
            code="no_identity",
            reason=reason,
            body=message.body.encode(),
            field="userId",
            message_id=message.message_id,
            type=message.type,
            sent_at=self.owners[item].sent_at,
        )

    def refused(self) -> list[tuple[Delivery, Refusal]]:
        """All refusals, those of validation first."""
        early = [(d, r) for d in self.deliveries for r in d.refusals]
        late = [(self.owners[item], r) for item, r in sorted(self._late_refusals.items())]
        return early + late

    def receipts(self, placed: list[int], new_refusals: list[bool]) -> list[Receipt]:
        """What became of each item of each delivery."""
        stored = set(placed)
        flags = iter(new_refusals)
        early = [[next(flags) for _ in d.refusals] for d in self.deliveries]
        late = dict(zip(sorted(self._late_refusals), flags, strict=True))
        receipts = []
        for delivery, start, refusals in zip(self.deliveries, self.starts, early, strict=True):
            fates: list[Fate] = []
            for fate in delivery.fates:
                if fate < 0:
                    fates.append("quarantined" if refusals[-1 - fate] else "duplicate")
                elif start + fate in stored:
                    fates.append("stored")
                elif late.get(start + fate, False):
                    fates.append("quarantined")
                else:
                    fates.append("duplicate")
            receipts.append(
                Receipt(
                    stored=fates.count("stored"),
                    duplicate=fates.count("duplicate"),
                    quarantined=fates.count("quarantined"),
                    fates=fates,
                )
            )
        return receipts

    def totals(self, receipts: list[Receipt]) -> dict[int, tuple[int, int, int]]:
        """Stored, duplicate and quarantined per source."""
        totals: dict[int, tuple[int, int, int]] = {}
        for delivery, receipt in zip(self.deliveries, receipts, strict=True):
            stored, duplicate, quarantined = totals.get(delivery.source_id, (0, 0, 0))
            totals[delivery.source_id] = (
                stored + receipt.stored,
                duplicate + receipt.duplicate,
                quarantined + receipt.quarantined,
            )
        return totals


def _microseconds(moments: list[datetime]) -> list[int]:
    microseconds: list[int] = np.array(moments, dtype="datetime64[us]").astype(np.int64).tolist()
    return microseconds


def _cannot_land(cursor: Cursor, message: Message) -> str | None:
    """Why the engine cannot hold this message; None when it can."""
    lines = [] if message.commerce is None else message.commerce.lines or []
    texts = [message.properties, message.traits, *(line["properties"] for line in lines)]
    for text in texts:
        if text is not None:
            try:
                cursor.execute("select ?::JSON::VARIANT", [text])
            except QueryError as error:
                return error.message
    return None


def _turn_into_refusal(delivery: Delivery, index: int, message: Message, reason: str) -> None:
    refusal = Refusal(
        code="cannot_store",
        reason=f"The message cannot be stored: {reason}",
        body=message.body.encode(),
        message_id=message.message_id,
        type=message.type,
        sent_at=delivery.sent_at,
    )
    fate = -1 - len(delivery.refusals)
    delivery.refusals.append(refusal)
    del delivery.messages[index]
    delivery.fates = [fate if f == index else f - 1 if f > index else f for f in delivery.fates]
