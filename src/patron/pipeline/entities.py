"""Entities: what sources say of them is taken in, and what is known is answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from patron import profiles, structs
from patron.collect.catalogue import entity_rows, is_address, pulled, read_feed
from patron.engines.duckdb import Cursor
from patron.errors import InputError, NotFoundError
from patron.pipeline.book import Book
from patron.segments.frames import Relations
from patron.spec.entities import PRODUCT, EntityKind
from patron.spec.entity_items import Item, RefusedItem, read_items
from patron.spec.mapping import Mapping
from patron.warehouse import entities
from patron.warehouse.entities import Said
from patron.warehouse.reading import Reading

BATCH = 5_000
"""So many items are written in one transaction: what is collected meanwhile waits no longer."""

SHOWN = 1_000
"""So many refused items are told of; all are counted."""

Raw = dict[str, Any] | RefusedItem | None


@dataclass(slots=True)
class Intake:
    """What came of taking items in.

    Attributes:
        kind: What they are.
        brand: Whose catalogue; empty for that of every brand.
        source: Who said it.
        items: How many were read.
        stored: How many of them said something new.
        removed: How many the source does not name any more.
        refused: Those that were not taken.
        refused_count: How many these are.
        named: The ids of all that were read, refused ones too.
        nameless: Some had no id that could be read.
    """

    kind: str
    brand: str
    source: str
    items: int = 0
    stored: int = 0
    removed: int = 0
    refused: list[RefusedItem] = field(default_factory=list)
    refused_count: int = 0
    named: set[str] = field(default_factory=set)
    nameless: bool = False

    def refuse(self, refused: Iterable[RefusedItem]) -> None:
        """Count refused items, and keep the first of them."""
        for one in refused:
            self.refused_count += 1
            if one.entity_id is None:
                self.nameless = True
            else:
                self.named.add(one.entity_id)
            if len(self.refused) < SHOWN:
                self.refused.append(one)

    @property
    def changed(self) -> bool:
        """Whether anything is known now that was not."""
        return bool(self.stored or self.removed)

    @property
    def shown(self) -> dict[str, Any]:
        """As the API shows it."""
        refused = [msgspec.to_builtins(one) for one in self.refused]
        return {
            "kind": self.kind, "brand": self.brand or None, "source": self.source,
            "items": self.items, "stored": self.stored,
            "unchanged": self.items - self.refused_count - self.stored,
            "removed": self.removed, "refused": self.refused_count, "reasons": refused,
        }  # fmt: skip


def said(
    book: Book,
    kind: str,
    brand: str | None,
    source: str,
    observed_at: datetime | None,
    now: datetime,
) -> Said:
    """Who says something of what.

    Raises:
        NotFoundError: There is no such kind or brand.
        InputError: It says what will be.
    """
    found = kind_named(book, kind)
    if brand and brand not in book.brands:
        raise NotFoundError(f"No source is of brand {brand}.")
    if not source or len(source) > 200:
        raise InputError("source: expected 1 to 200 characters.", field="source")
    if observed_at is not None and observed_at > now:
        raise InputError("observed_at: lies in the future.", field="observed_at")
    return Said(found, brand or "", source, observed_at or now, now)


def kind_named(book: Book, kind: str) -> EntityKind:
    """A kind of entity.

    Raises:
        NotFoundError: None is called so.
    """
    if kind not in book.entities:
        known = ", ".join(sorted(book.entities))
        raise NotFoundError(f"There is no entity {kind}.", hint=f"There are {known}.")
    return book.entities[kind]


def batches(teller: Said, raw: Iterable[Raw], intake: Intake) -> Iterator[list[Item]]:
    """Items to be written together; those that are wrong, or were there before, are refused."""
    numbered = iter(enumerate(raw, 1))
    while some := list(islice(numbered, BATCH)):
        good = []
        for number, one in some:
            intake.items += 1
            if isinstance(one, RefusedItem):
                intake.refuse([one])
                continue
            taken = read_items(teller.kind, [one], first=number)
            intake.refuse(taken.refused)
            for item in taken.items:
                if item.entity_id in intake.named:
                    reason = f"{item.entity_id} occurs before; the first counts."
                    intake.refuse([RefusedItem(number, item.entity_id, None, reason)])
                else:
                    intake.named.add(item.entity_id)
                    good.append(item)
        yield good


def missing(cursor: Cursor, teller: Said, intake: Intake) -> Iterator[list[Item]]:
    """Of a source that said all that it knows: what it said before and does not name any more.

    Where an item had no id that could be read, any could be meant, and none is missing.
    """
    said_before = set() if intake.nameless else entities.ids_said(cursor, teller)
    gone = sorted(said_before - intake.named)
    for start in range(0, len(gone), BATCH):
        yield [Item(entity_id, None) for entity_id in gone[start : start + BATCH]]


@contextmanager
def rows_of(
    cursor: Cursor, place: str, mapping: Mapping | None, now: datetime
) -> Iterator[Iterable[Raw]]:
    """The items of a feed, or of the files of a mapping.

    Args:
        cursor: In no transaction.
        place: A path, or for a feed also an address.
        mapping: None for a Google Merchant feed.
        now: The present, naive UTC.

    Raises:
        InputError: It cannot be read.
    """
    if mapping is not None:
        if is_address(place):
            raise InputError("path: a mapping reads files of this machine.", field="path")
        yield entity_rows(cursor, mapping, Path(place), now)
    elif is_address(place):
        with pulled(place) as file:
            yield read_feed(file)
    else:
        try:
            with Path(place).open("rb") as file:
                yield read_feed(file)
        except OSError as error:
            raise InputError(f"{place} cannot be read: {error.strerror}.", field="path") from None


# ── answers ──


def one(
    reading: Reading, book: Book, kind: str, entity_id: str, brand: str | None
) -> dict[str, Any]:
    """What is known of one entity, what each source said, and how often events named a product.

    Raises:
        NotFoundError: There is none of this id.
    """
    kind_named(book, kind)
    found = entities.find_entity(reading.cursor, kind, entity_id, brand)
    if not found:
        raise NotFoundError(f"There is no {kind} {entity_id}.")
    own = found[0]
    answer = {**reading.head, "kind": kind, **_shown(own)}
    answer["brands"] = [row["brand"] or None for row in found]
    answer["observations"] = entities.said_of(reading.cursor, kind, entity_id, own["brand"])
    if kind == PRODUCT:
        answer["events"] = _named_by(reading, own)
    return dict(profiles.plain(answer))


def page(
    reading: Reading,
    book: Book,
    kind: str,
    *,
    brand: str | None,
    search: str | None,
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """A page of the entities of a kind, by id.

    Raises:
        InputError: The cursor is none that an earlier page gave.
        NotFoundError: There is no such kind.
    """
    kind_named(book, kind)
    rows = entities.page_of_entities(
        reading.cursor, kind, brand=brand, search=search, after=_after(cursor), limit=limit + 1
    )
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        last = shown[-1]
        following = msgspec.json.encode([last["entity_id"], last["brand"]]).decode()
    data = [_shown(row) for row in shown]
    return dict(profiles.plain({**reading.head, "kind": kind, "data": data, "next": following}))


def kinds(reading: Reading, book: Book) -> dict[str, Any]:
    """The kinds of entities, and how many there are of each."""
    counts = entities.count_entities(reading.cursor)
    data = [
        {
            "kind": name,
            "entities": counts.get(name, 0),
            "events": [way.property for way in kind.events],
            "lines": [way.property for way in kind.lines],
            "attributes": dict(kind.attributes),
            "seen": sorted(kind.seen),
        }
        for name, kind in sorted(book.entities.items())
    ]
    return {**reading.head, "data": data}


def _after(cursor: str | None) -> tuple[str, str] | None:
    if cursor is None:
        return None
    try:
        return structs.decode(cursor, tuple[str, str])
    except msgspec.MsgspecError:
        raise InputError(
            "cursor: expected one that an earlier page gave.", field="cursor"
        ) from None


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["entity_id"],
        "brand": row["brand"] or None,
        "observed_at": row["observed_at"],
        "attributes": row["attributes"],
    }


def _named_by(reading: Reading, product: dict[str, Any]) -> list[dict[str, Any]]:
    """How often order lines named a product up to the moment asked for, by event."""
    relations = Relations.of(reading.cursor)
    alias = product["attributes"].get("sku") or product["entity_id"]
    reading.cursor.execute(
        _NAMED_BY.format(lines=relations.order_lines),
        {
            "id": product["entity_id"],
            "alias": alias,
            "brand": product["brand"],
            "at": reading.as_of,
        },
    )
    return reading.cursor.records()


_NAMED_BY = """
select name as event, count(distinct position) as times, sum(quantity) as quantity
from {lines} as l
where occurred_at <= $at and (
    (product_id = $id and exists (
        from reachable_entities as r
        where r.kind = 'product' and r.entity_id = $id and r.brand = l.brand))
    or (sku = $alias and not coalesce((l.brand, coalesce(product_id, '')) in (
        select brand, entity_id from reachable_entities where kind = 'product'), false))
) and ($brand = l.brand or ($brand = '' and not exists (
    from entities as own
    where own.kind = 'product' and own.brand = l.brand and own.entity_id = $id)))
group by name order by name
"""
