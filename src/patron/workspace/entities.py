"""Products and other entities: taken in, and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from patron.errors import InputError, NotFoundError
from patron.pipeline import entities
from patron.pipeline.book import read_book
from patron.pipeline.entities import Intake, Raw
from patron.spec.entity_items import Item
from patron.warehouse.entities import Said, put_entities
from patron.workspace.opened import Opened


class Entities(Opened):
    """Says what is known of products, stores, campaigns, and takes in what sources say."""

    def entity_kinds(self, *, min_position: int | None = None) -> dict[str, Any]:
        """The kinds of entities, and how many there are of each."""
        with self.reading(min_position=min_position) as reading:
            return entities.kinds(reading, self._book)

    def entities(
        self,
        kind: str,
        *,
        brand: str | None = None,
        search: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """A page of the entities of a kind, by id; those in which every word occurs."""
        with self.reading(min_position=min_position) as reading:
            return entities.page(
                reading, self._book, kind, brand=brand, search=search, cursor=cursor, limit=limit
            )

    def entity(
        self,
        kind: str,
        entity_id: str,
        *,
        brand: str | None = None,
        as_of: datetime | None = None,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """What is known of one entity, and what each source said of it.

        Raises:
            NotFoundError: There is none.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return entities.one(reading, self._book, kind, entity_id, brand)

    def put_entities(
        self,
        kind: str,
        items: list[Any],
        *,
        brand: str | None = None,
        source: str = "api",
        observed_at: datetime | None = None,
        complete: bool = False,
    ) -> dict[str, Any]:
        """Take in what a source says of some entities; each item is judged by itself.

        Args:
            kind: What they are.
            items: JSON objects, each with an id.
            brand: Whose catalogue; None for that of every brand.
            source: Who says it; it takes the place of what the same source said before.
            observed_at: When it was so; now when None.
            complete: The source has no others: those that it named before are gone.
        """
        teller = entities.said(self._book, kind, brand, source, observed_at, self.clock.now())
        return self._take(teller, items, complete=complete)

    def delete_entity(
        self, kind: str, entity_id: str, *, brand: str | None = None, source: str = "api"
    ) -> dict[str, Any]:
        """A source has an entity no longer; what others say of it stays.

        Raises:
            NotFoundError: The source never named it, or took it back already.
        """
        teller = entities.said(self._book, kind, brand, source, None, self.clock.now())
        intake = Intake(kind, teller.brand, source)
        intake.removed = self._write(teller, [Item(entity_id, None)])
        if not intake.removed:
            raise NotFoundError(f"{source} says nothing of a {kind} {entity_id}.")
        return self._taken(intake)

    def import_catalogue(
        self,
        place: str,
        *,
        mapping: str | None = None,
        brand: str | None = None,
        source: str | None = None,
        complete: bool = False,
    ) -> dict[str, Any]:
        """Take in a Google Merchant feed, or files by a mapping with `entity`.

        The whole is read before anything is written, so a feed that is cut off changes nothing.

        Args:
            place: A path on the server's machine; of a feed an http(s) address, too.
            mapping: None for a feed.
            brand: Whose catalogue; None for that of every brand.
            source: Who says it; the mapping's source, else the place, when None.
            complete: What the source named before and does not name here is gone.

        Raises:
            InputError: It cannot be read.
            NotFoundError: There is no such mapping, kind or brand.
        """
        wanted = None if mapping is None else self._book.mapping(mapping)
        kind = "product"
        if wanted is not None:
            if wanted.entity is None:
                raise InputError(
                    f"Mapping {mapping} makes messages.", hint=f"Say patron import {mapping}."
                )
            kind, source = wanted.entity.kind, source or wanted.source
        now = self.clock.now()
        teller = entities.said(self._book, kind, brand, source or place[-200:], None, now)
        with self._store.cursor() as cursor, entities.rows_of(cursor, place, wanted, now) as rows:
            return self._take(teller, rows, complete=complete)

    def _take(self, teller: Said, raw: Iterable[Raw], *, complete: bool) -> dict[str, Any]:
        intake = Intake(teller.kind.name, teller.brand, teller.source)
        read = list(entities.batches(teller, raw, intake))
        try:
            for batch in read:
                intake.stored += self._write(teller, batch)
            if complete:
                with self.reading() as reading:
                    gone = list(entities.missing(reading.cursor, teller, intake))
                intake.removed = sum(self._write(teller, batch) for batch in gone)
        finally:
            # What was written before something went wrong is known from now on, too.
            if intake.changed:
                self._learn()
        return self._head(intake)

    def _taken(self, intake: Intake) -> dict[str, Any]:
        self._learn()
        return self._head(intake)

    def _head(self, intake: Intake) -> dict[str, Any]:
        with self.reading() as reading:
            return {**reading.head, **intake.shown}

    def _write(self, teller: Said, items: list[Item]) -> int:
        def write() -> int:
            with self._ingest.cursor.transaction():
                return put_entities(self._ingest.cursor, teller, items)

        return self._writer.run(write)

    def _learn(self) -> None:
        """Have rules read what is known now."""

        def learn() -> None:
            self._book = read_book(self._ingest.cursor, self.settings.time_zone)

        call: Callable[[], None] = learn
        self._writer.run(call)
        if self._live.running:
            self._live.step()
