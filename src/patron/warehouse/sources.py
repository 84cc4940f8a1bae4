"""Sources as rows: who may send, under which brand, found by write key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from patron.engines.duckdb import Cursor
from patron.warehouse.source_keys import add_key, keys_that_hold
from patron.warehouse.store import hash_secret

BY_HAND = "by hand"
"""The internal source of what people decide; no declared source can be called so."""

LINKING_MODELS = "linking models"
"""The internal source of what linking models say; no declared source can be called so either."""

NO_BRAND = ""
"""The brand of internal sources: what comes from there counts for none."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where data comes from."""

    source_id: int
    name: str
    brand: str
    kind: str
    channel: str
    trust: int
    active: bool


class Sources:
    """All sources, in memory, by name and by write key.

    Keys that were seen are remembered, so that a request costs one look-up and no hash.
    """

    def __init__(self, cursor: Cursor) -> None:
        cursor.execute(
            "select source_id, name, brand, kind, channel, trust, active "
            "from sources order by source_id"
        )
        self.all = [Source(*row) for row in cursor.all()]
        self.by_name = {source.name: source for source in self.all}
        self.by_id = {source.source_id: source for source in self.all}
        owners = ((self.by_id[number], hashed) for number, hashed in keys_that_hold(cursor))
        self._by_hash = {hashed: source for source, hashed in owners if source.active}
        self._seen: dict[str, Source] = {}

    def of_key(self, key: str) -> Source | None:
        """The active source that a write key belongs to."""
        source = self._seen.get(key)
        if source is None:
            source = self._by_hash.get(hash_secret(key))
            if source is not None:
                self._seen[key] = source
        return source


class SourceNames:
    """The names of sources by number; these never change, so each is read once.

    >>> from patron.engines.duckdb import Database
    >>> cursor = Database().cursor()
    >>> _ = cursor.execute("create table sources as select 3 as source_id, 'till' as name")
    >>> SourceNames().of(cursor, [3, 4])
    {3: 'till'}
    """

    def __init__(self) -> None:
        self._known: dict[int, str] = {}

    def of(self, cursor: Cursor, numbers: Iterable[int]) -> dict[int, str]:
        """The names of some sources; of those that there are."""
        wanted = set(numbers)
        if not wanted <= self._known.keys():
            self._known.update(cursor.execute("select source_id, name from sources").all())
        return {number: self._known[number] for number in wanted & self._known.keys()}


def put_source(
    cursor: Cursor,
    *,
    name: str,
    brand: str,
    kind: str,
    channel: str,
    trust: int,
    write_key: str | None = None,
    now: datetime | None = None,
) -> int:
    """Add or change a source; its number never changes.

    Args:
        cursor: Inside a write transaction.
        name: Unique name.
        brand: The brand that its messages count for.
        kind: web, app, store, crm, …
        channel: The channel of messages that name none.
        trust: Rank of trust, 1 is the most trusted.
        write_key: A further write key; None for no new one.
        now: When the key is made, naive UTC.

    Returns:
        The source's number.
    """
    if brand != NO_BRAND:
        cursor.execute("insert or ignore into brands values (?)", [brand])
    found = number_of_source(cursor, name)
    if found is None:
        found = int(cursor.execute("select coalesce(max(source_id), 0) + 1 from sources").value())
        cursor.execute(
            "insert into sources values (?, ?, ?, ?, ?, ?, true)",
            [found, name, brand, kind, channel, trust],
        )
        cursor.execute("insert into counters values (?, 0, 0, 0, 0)", [found])
    else:
        cursor.execute(
            "update sources set brand = ?, kind = ?, channel = ?, trust = ?, active = true "
            "where source_id = ?",
            [brand, kind, channel, trust, found],
        )
    if write_key:
        add_key(cursor, found, write_key, made_at=now)
    return found


def known_brands(cursor: Cursor) -> set[str]:
    """All brands that any source has, or ever had: what is stored may count for them."""
    return {row[0] for row in cursor.execute("select brand from brands").all()}


def retire_source(cursor: Cursor, name: str) -> None:
    """Take no more from a source; what it sent stays."""
    cursor.execute("update sources set active = false where name = ?", [name])


def internal_source(cursor: Cursor, name: str) -> int:
    """The number of an internal source, which is made when it is first needed.

    Nothing can be sent to it from outside, for it has no write key.

    Args:
        cursor: Inside a write transaction.
        name: Such as `BY_HAND`.
    """
    found = number_of_source(cursor, name)
    if found is not None:
        return found
    return put_source(
        cursor, name=name, brand=NO_BRAND, kind="internal", channel="internal", trust=1
    )


def number_of_source(cursor: Cursor, name: str) -> int | None:
    """The number of a source; None when there is none of this name."""
    found: int | None = cursor.execute(
        "select source_id from sources where name = ?", [name]
    ).value()
    return found
