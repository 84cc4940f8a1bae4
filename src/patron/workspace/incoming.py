"""What comes in: messages, files, and refused messages once more."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path
from typing import Any

from patron.clock import format_time
from patron.errors import AccessError, InputError, NotFoundError, told, unknown
from patron.pipeline import replay
from patron.pipeline.group import Fate, Receipt
from patron.warehouse.quarantine import reasons_of
from patron.warehouse.refusals import Choice
from patron.warehouse.sources import Source
from patron.workspace.opened import Opened


class Incoming(Opened):
    """Takes messages and files in."""

    def collect_one(self, body: bytes, kind: str, key: str | None) -> Future[Receipt]:
        """Take one message of the tracking protocol.

        Args:
            body: Its JSON.
            kind: identify, track, page, screen, group or alias; the request's path says which.
            key: The write key, when a header or the query carried it.

        Returns:
            Completed after the commit.

        Raises:
            AccessError: No active source has this key.
            InputError: The body is not JSON.
            BusyError: Too much waits already.
        """
        source = self.source_of_key(key or self._reader.key_in(body))
        return self._writer.submit(self._reader.one(body, kind, source, self.clock.now()))

    def collect_batch(self, body: bytes, key: str | None) -> Future[Receipt]:
        """Take a batch of messages; see `collect_one`."""
        known = self.source_of_key(key) if key else None
        batch = self._reader.decode_batch(body)
        source = known or self.source_of_key(batch.writeKey)
        return self._writer.submit(self._reader.batch(batch, source, self.clock.now()))

    def newest_messages(
        self,
        *,
        after: str | None = None,
        source: str | None = None,
        type_: str | None = None,
        fate: Fate | None = None,
        limit: int = 100,
    ) -> dict[str, Any]:
        """What came in last, the newest first; see `pipeline.arrivals`."""
        names = {one.source_id: one.name for one in self._sources.all}
        data, end, more = self.arrivals.page(
            names, after=after, source=source, type_=type_, fate=fate, limit=limit
        )
        head = {"position": self._ingest.position, "as_of": format_time(self.clock.now())}
        return {**head, "data": data, "next": end, "left_out": more}

    def source_of_key(self, key: str | None) -> Source:
        """The source that a write key belongs to.

        Raises:
            AccessError: There is no key, or no active source has it.
        """
        if not key:
            raise AccessError(
                "The write key is missing.",
                hint="Send it as the user name of Basic authorisation, or as writeKey.",
            )
        source = self._sources.of_key(key)
        if source is None:
            raise AccessError("No active source has this write key.")
        return source

    def start_import(self, mapping: str, path: str) -> dict[str, Any]:
        """Import files in the background, by an applied mapping; returns how it stands.

        Raises:
            NotFoundError: There is no such mapping or path.
            DefinitionError: The files do not fit the mapping.
        """
        wanted = self._book.mapping(mapping)
        if wanted.database is not None:
            raise InputError(
                f"Mapping {mapping} reads the database {wanted.database.connection}, no files.",
                field="mapping",
                hint=f"Pull it: patron import pull {mapping}",
                told=told("mapping_of_database", mapping=mapping),
            )
        if wanted.entity is not None:
            raise InputError(
                f"Mapping {mapping} is of a catalogue.",
                hint=f"Say patron catalogue import --mapping {mapping}.",
                told=told("mapping_of_catalogue", mapping=mapping),
            )
        source = self._sources.by_name.get(wanted.source)
        if source is None:
            raise NotFoundError(
                f"Mapping {mapping}: there is no source {wanted.source}.",
                told=unknown("source", wanted.source),
            )
        return asdict(self._imports.start(wanted, source, Path(path), self._reader.messages))

    def imports(self) -> dict[str, Any]:
        """The imports since the workspace was opened, the newest first."""
        return {"data": [asdict(one) for one in self._imports.all]}

    def import_state(self, import_id: str) -> dict[str, Any]:
        """How an import stands, and why rows of it are in quarantine.

        Raises:
            NotFoundError: There is none of this id.
        """
        state = asdict(self._imports.state(import_id))
        arrived = self._imports.received_at(import_id)
        if arrived is None or not state["quarantined"]:
            return {**state, "refused": []}
        with self.reading() as reading:
            return {**state, "refused": reasons_of(reading.cursor, arrived)}

    def cancel_import(self, import_id: str) -> dict[str, Any]:
        """End an import soon; what is stored stays.

        Raises:
            NotFoundError: There is none of this id.
        """
        return asdict(self._imports.cancel(import_id))

    def replay(self, quarantine_ids: list[int]) -> dict[str, Any]:
        """Send refused messages through again, under today's rules."""
        return asdict(
            self._writer.run(
                lambda: replay.replay(
                    self._ingest, self._reader.messages, self._sources, quarantine_ids,
                    self.clock.now(),
                )
            )
        )  # fmt: skip

    def replay_chosen(
        self,
        *,
        source: str | None = None,
        code: str | None = None,
        field: str | None = None,
        after: int = 0,
        limit: int = 500,
    ) -> dict[str, Any]:
        """Send those that wait of a choice through again, the oldest first, so many at a time."""
        choice = Choice(source, code, field, waiting=True)
        return asdict(
            self._writer.run(
                lambda: replay.replay_chosen(
                    self._ingest, self._reader.messages, self._sources, choice,
                    self.clock.now(), after=after, limit=limit,
                )
            )
        )  # fmt: skip
