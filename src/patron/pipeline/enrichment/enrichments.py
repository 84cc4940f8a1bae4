"""Runs enrichments: over what came in since the last run, by hand and on a schedule."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from patron.clock import Clock, format_time
from patron.collect.messages import MessageReader
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, NotFoundError, PatronError
from patron.pipeline.enrichment.connectors import connector
from patron.pipeline.enrichment.derived import Derived, Speaking
from patron.pipeline.enrichment.inputs import Input, inputs, newest
from patron.pipeline.pulls import Desk
from patron.pipeline.schedule import Schedule
from patron.spec.enrichment import EnrichmentDefinition
from patron.spec.incoming import Delivery
from patron.spec.spans import span
from patron.warehouse.sources import NO_BRAND, put_source

AT_ONCE = 100_000
"""Messages or identifiers that are looked at together."""

MESSAGES = 5_000
"""Messages a transaction."""

ENRICHES = "enrichment"
"""The kind of the internal sources of what enrichments say."""

_log = structlog.get_logger("patron.enrichments")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended.

    Attributes:
        name: Of the enrichment.
        read: How many identifiers or messages it was given.
        stored: How many messages it added.
        position: The log position that holds for it.
    """

    name: str
    read: int
    stored: int
    position: int


class Enrichments:
    """The enrichments of one workspace.

    Args:
        desk: Where to read and store.
        definitions: Gives the enrichments that hold, by name.
        clock: Where now comes from.
    """

    def __init__(
        self,
        desk: Desk,
        definitions: Callable[[], Mapping[str, EnrichmentDefinition]],
        clock: Clock,
    ) -> None:
        self._desk = desk
        self._definitions = definitions
        self._clock = clock
        self._turn = threading.Lock()
        self._closing = False
        self._schedule = Schedule(self.run_what_is_due, "patron-enrichments")

    def run(self, name: str, *, from_start: bool = False) -> dict[str, Any]:
        """Look at what came in since the last run, and store what follows from it.

        Args:
            name: Of the enrichment.
            from_start: Look at everything again; what was said before is known by its id.

        Raises:
            NotFoundError: There is no such enrichment.
            ConflictError: It runs already.
            DefinitionError: Its connector is not installed.
        """
        definition = self._definition(name)
        if not self._turn.acquire(blocking=False):
            raise ConflictError("Another run of an enrichment has not ended.", hint="Wait for it.")
        try:
            return asdict(self._run(Speaking(definition, connector(definition)), from_start))
        except PatronError as error:
            self._keep(name, None, None, 0, error.message)
            raise
        finally:
            self._turn.release()

    def states(self) -> list[dict[str, Any]]:
        """All enrichments, with how the last run of each ended."""
        with self._desk.store.cursor() as cursor:
            cursor.execute("select name, ran_at, stored, error from enrichment_runs")
            ran = {name: rest for name, *rest in cursor.all()}
        found = []
        for name, definition in sorted(self._definitions().items()):
            at, stored, error = ran.get(name, (None, 0, None))
            using = connector(definition)
            found.append(
                {
                    "name": name,
                    "use": definition.use,
                    "every": definition.every,
                    "description": definition.description,
                    "traits": [definition.traits.get(one, one) for one in using.gives],
                    "provenance": using.provenance,
                    "basis": using.basis,
                    "ran_at": None if at is None else format_time(at),
                    "stored": stored,
                    "error": error,
                }
            )
        return found

    def run_what_is_due(self) -> datetime | None:
        """Run those whose time has come; returns when the next one is due."""
        following: list[datetime] = []
        with self._desk.store.cursor() as cursor:
            rows = cursor.execute("select name, ran_at from enrichment_runs").all()
        ran: dict[str, datetime] = dict(rows)
        for name, definition in self._definitions().items():
            if definition.every is None:
                continue
            length = timedelta(microseconds=span(definition.every))
            now = self._clock.now()
            if name not in ran or ran[name] + length <= now:
                try:
                    self.run(name)
                except PatronError as error:
                    _log.warning("an enrichment failed", name=name, error=error.message)
                ran[name] = now
            following.append(ran[name] + length)
        return min(following, default=None)

    def start_schedule(self) -> None:
        """From now on, run each when it is due."""
        self._schedule.start(self._clock)

    def look_again(self) -> None:
        """Take up definitions that changed."""
        self._schedule.look_again()

    def close(self) -> None:
        """Stop between two transactions, and wait until that is so."""
        self._closing = True
        self._schedule.close()
        with self._turn:
            pass

    def _definition(self, name: str) -> EnrichmentDefinition:
        found = self._definitions().get(name)
        if found is None:
            raise NotFoundError(f"There is no enrichment {name}.")
        return found

    def _run(self, speaking: Speaking, from_start: bool) -> Ran:
        name, reads = speaking.definition.name, speaking.connector.reads
        with self._desk.store.cursor() as cursor:
            ours = _sources(cursor)
            source_id = ours[speaking.definition.source]
            end = newest(cursor, reads)
        reached = 0 if from_start else self._reached(name, speaking.reads)
        read = stored = 0
        while reached < end and not self._closing:
            until = min(end, reached + AT_ONCE)
            with self._desk.store.cursor() as cursor, cursor.transaction():
                found = inputs(cursor, reads, reached, until, leave_out=ours.values())
                messages = self._messages(cursor, speaking, source_id, found, until, ours)
            for first in range(0, len(messages), MESSAGES):
                stored += self._store(source_id, messages[first : first + MESSAGES])
            read += len(found)
            reached = until
            self._keep(name, speaking.reads, reached, stored, None)
        if not end:
            self._keep(name, speaking.reads, 0, 0, None)
        return Ran(name, read, stored, self._desk.ingest.position)

    def _messages(
        self,
        cursor: Cursor,
        speaking: Speaking,
        source_id: int,
        found: list[Input],
        until: int,
        ours: Mapping[str, int],
    ) -> list[dict[str, Any]]:
        reads = speaking.connector.reads
        whose = {one.identifier_id for one in found}
        news: list[tuple[Input, Derived]]
        if reads.kind == "identifiers":
            follows = zip(found, speaking.derive(found), strict=True)
            news = [pair for pair in follows if any(v is not None for v in pair[1].values())]
        else:
            news = speaking.news(
                found,
                speaking.last_said(cursor, source_id, whose),
                lambda some: inputs(cursor, reads, 0, until, leave_out=ours.values(), whose=some),
            )
        cursor.execute(
            "select identifier_id, type, value from identifiers "
            "where identifier_id in (select unnest(?))",
            [list(whose)],
        )
        names = {number: (kind, value) for number, kind, value in cursor.all()}
        return [speaking.message(one, traits, names[one.identifier_id]) for one, traits in news]

    def _store(self, source_id: int, messages: list[dict[str, Any]]) -> int:
        ingest = self._desk.ingest

        def commit() -> int:
            delivery = Delivery(source_id, NO_BRAND, self._clock.now())
            reader = MessageReader(ingest.rules)
            for message in messages:
                reader.read(delivery, msgspec.json.encode(message), default_channel="internal")
            [receipt] = ingest.commit_group([delivery])
            return receipt.stored

        return self._desk.writer.run(commit)

    def _reached(self, name: str, reads: str) -> int:
        with self._desk.store.cursor() as cursor:
            cursor.execute(
                "select reached from enrichment_runs where name = ? and reads = ?", [name, reads]
            )
            return int(cursor.value() or 0)

    def _keep(
        self, name: str, reads: str | None, reached: int | None, stored: int, error: str | None
    ) -> None:
        now, cursor = self._clock.now(), self._desk.ingest.cursor

        def keep() -> None:
            cursor.execute(
                "insert into enrichment_runs values (?, coalesce(?, ''), coalesce(?, 0), ?, ?, ?) "
                "on conflict (name) do update set reads = coalesce(?, reads), "
                "reached = coalesce(?, reached), ran_at = ?, stored = ?, error = ?",
                [name, reads, reached, now, stored, error, reads, reached, now, stored, error],
            )

        self._desk.writer.run(keep)


def put_enrichment_source(cursor: Cursor, definition: EnrichmentDefinition) -> None:
    """Make the internal source of what an enrichment says; nothing can be sent to it."""
    put_source(
        cursor,
        name=definition.source,
        brand=NO_BRAND,
        kind=ENRICHES,
        channel="internal",
        trust=definition.trust,
    )


def _sources(cursor: Cursor) -> dict[str, int]:
    """The sources of what enrichments say, by name."""
    return dict(
        cursor.execute("select name, source_id from sources where kind = ?", [ENRICHES]).all()
    )
