"""The one road into the tables: deduplicate, resolve identity, land, count, commit.

A group of requests and a chunk of a file go the same way, in one transaction each.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from patron.collect.consent import Consents
from patron.collect.rereading import StoredReader
from patron.engines.duckdb import Cursor
from patron.errors import QueryError, StorageError
from patron.identity import Brands, Regions, Resolution, Resolver, compact, write
from patron.pipeline.group import Group, Receipt
from patron.pipeline.households import follow_households
from patron.pipeline.identity.older import read_older_uses
from patron.pipeline.tracking import Watch, note_group, over_group
from patron.spec.identifiers import IdentityRules
from patron.spec.incoming import Delivery, Message, Refusal
from patron.warehouse.keys import KeyIndex
from patron.warehouse.landing import count, land
from patron.warehouse.parts import Parts
from patron.warehouse.quarantine import quarantine
from patron.warehouse.store import Store

COMPACT_AT = 20_000
"""So many merged profiles may wait before their rows are rewritten: questions that follow the map
slow down with its length, and a rewrite stops the writer for one pass over the stored rows."""

OnGroup = Callable[[Group, list[Receipt], list[int], Resolution | None], None]
"""Told of each group that was committed: its receipts, and which messages were placed and where."""


class Ingest:
    """The writer's memory and its work; used from the writer's thread alone.

    Args:
        store: The workspace's tables.
        rules: The identity rules that hold.
    """

    def __init__(self, store: Store, rules: IdentityRules) -> None:
        self.cursor = store.cursor()
        self.parts = Parts(store.database)
        self.rules = rules
        self.regions = Regions(rules)
        self.brands = Brands(rules)
        self.consents = Consents(rules)
        self.watch = Watch({})
        self.position = 0
        self.advanced = threading.Event()
        self.on_advance: Callable[[], None] = lambda: None
        self.on_group: OnGroup = lambda _group, _receipts, _placed, _resolution: None
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
        self.consents = Consents(rules)
        self.resolver = Resolver.load(self.cursor, rules)
        self._merged = int(self.cursor.execute("select count(*) from profile_map").value())

    def commit_group(self, deliveries: list[Delivery]) -> list[Receipt]:
        """Store a group of deliveries in one transaction.

        Returns:
            A receipt per delivery, made after the commit.
        """
        if self._merged >= COMPACT_AT:
            self.compact()
        self.parts.tend()
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
        group = Group(deliveries)
        found = self.keys.find(group.keys) if len(group.messages) else np.empty(0, np.int64)
        fresh = group.fresh(found)
        with self.transaction():
            faults = over_group(self.watch, group, fresh) if self.watch else {}
            fresh = group.not_refused(fresh)
            resolution = self._resolve(group, fresh)
            placed = self._placed(group, fresh, resolution)
            if resolution is not None and placed:
                self._land(group, placed, resolution)
            refused = group.refused()
            new_refusals = quarantine(self.cursor, [(d.source_id, r) for d, r in refused],
                                      deliveries[0].received_at)  # fmt: skip
            receipts = group.receipts(placed, new_refusals)
            if faults:
                note_group(self.watch, self.cursor, group, faults, placed)
            for source_id, (stored, duplicate, quarantined) in group.totals(receipts).items():
                count(self.cursor, source_id, stored=stored, duplicate=duplicate,
                      quarantined=quarantined)  # fmt: skip
        if placed:
            self.advance(group.keys[np.asarray(placed)], resolution)
        for receipt in receipts:
            receipt.position = self.position
        self.on_group(group, receipts, placed, resolution)
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

    def _resolve(self, group: Group, fresh: list[int]) -> Resolution | None:
        if not fresh:
            return None
        return self.resolver.resolve(group.batch(fresh, self.regions, self.brands))

    def _placed(self, group: Group, fresh: list[int], resolution: Resolution | None) -> list[int]:
        """The messages that have an identity; those without one are refused."""
        if resolution is None:
            return []
        if resolution.profile_id.all():
            return fresh
        nobody = resolution.nobody()
        placed = []
        for row, (item, profile_id) in enumerate(
            zip(fresh, resolution.profile_id.tolist(), strict=True)
        ):
            if profile_id:
                placed.append(item)
            else:
                group.refuse(item, nobody[row], code="no_identity")
        return placed

    def _land(self, group: Group, placed: list[int], resolution: Resolution) -> None:
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
