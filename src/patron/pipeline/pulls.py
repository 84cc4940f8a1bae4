"""Pulls of databases: by hand and on a schedule, each from where the last one has come to.

The position of a mapping is committed with the rows before it, so that the next pull goes on where
one was killed; what is read twice is known by its message ids.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from patron.clock import Clock, format_time, parse_time
from patron.collect.databases import Pull, read_address
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, InputError, NotFoundError, PatronError, told, unknown
from patron.pipeline.chunks import Chunk, commit_chunk, prepare_chunk
from patron.pipeline.group import Receipt
from patron.pipeline.imports import Imports, ImportState, refusals_in
from patron.pipeline.ingest import COMPACT_AT, Ingest
from patron.pipeline.schedule import Schedule
from patron.spec.databases import DatabaseRows
from patron.spec.incoming import Delivery
from patron.spec.mapping import Mapping as RowMapping
from patron.warehouse import pulls as kept
from patron.warehouse.sources import Source
from patron.warehouse.store import Store
from patron.warehouse.writer import Writer

_log = structlog.get_logger("patron.pulls")


@dataclass(frozen=True, slots=True)
class Desk:
    """Where pulls store what they read."""

    store: Store
    ingest: Ingest
    writer: Writer[Delivery, Receipt]


class Pulls:
    """The pulls of one workspace.

    Args:
        imports: Runs them, one after the other.
        desk: Where to.
        mappings: Gives the mappings that hold, by name.
        sources: Gives the sources, by name.
        url_of: Gives the URL of a connection by its name.
        clock: Where now comes from.
    """

    def __init__(
        self,
        imports: Imports,
        desk: Desk,
        mappings: Callable[[], Mapping[str, RowMapping]],
        sources: Callable[[], Mapping[str, Source]],
        url_of: Callable[[str], str],
        clock: Clock,
    ) -> None:
        self._imports = imports
        self._desk = desk
        self._mappings = mappings
        self._sources = sources
        self._url_of = url_of
        self._clock = clock
        self._running: dict[str, str] = {}
        self._lock = threading.Lock()
        self._schedule = Schedule(self.pull_what_is_due, "patron-pulls")

    def start(self, mapping: str, *, from_start: bool = False) -> ImportState:
        """Pull in the background; when a pull of this mapping runs already, it is that one.

        Args:
            mapping: The name of an applied mapping with a database.
            from_start: Read all rows again. Those that are stored are known by their message ids.

        Raises:
            NotFoundError: There is no such mapping, or no such source.
            InputError: It reads files, or the URL is not known here.
            DatabaseError: The database cannot be reached, or refuses.
            DefinitionError: The mapping does not fit what is there.
            ConflictError: A pull of it runs, and everything was to be read again.
        """
        wanted, asked = self._wanted(mapping)
        with self._lock:
            running = self._running.get(mapping)
            if running is not None:
                if from_start:
                    raise ConflictError(
                        f"A pull of {mapping} runs already.",
                        hint="Wait for it.",
                        told=told("runs_already", name=mapping),
                    )
                return self._imports.state(running)
            started = self._clock.now()
            try:
                job = self._job(wanted, asked, from_start=from_start)
                state = self._imports.begin(job, mapping, job.origin, self._ended)
            except PatronError as error:
                self._keep(
                    kept.PullRun(mapping, started, self._clock.now(), 0, 0, 0, error.message)
                )
                raise
            if self._imports.state(state.import_id).state == "running":
                self._running[mapping] = state.import_id
        return state

    def state(self, mapping: str) -> dict[str, Any]:
        """How the pulls of a mapping stand.

        Raises:
            NotFoundError: There is no such mapping.
            InputError: It reads files.
        """
        _, asked = self._wanted(mapping)
        with self._desk.store.cursor() as cursor:
            position = kept.position_of(cursor, mapping, asked.reads)
            runs = kept.runs(cursor, mapping)
        good = next((run for run in runs if run.error is None), None)
        due = self._due_at(asked, runs)
        return {
            "mapping": mapping,
            "connection": asked.connection,
            "table": asked.table,
            "query": asked.query,
            "cursor": asked.cursor,
            "position": position,
            "every": asked.every,
            "next_at": None if due is None else format_time(due),
            "running": self._running.get(mapping),
            "last_success_at": None if good is None else format_time(good.finished_at),
            "error": runs[0].error if runs else None,
            "runs": [_shown(run) for run in runs],
        }

    def states(self) -> list[dict[str, Any]]:
        """How the pulls of all mappings with a database stand, by name."""
        return [self.state(name) for name, one in sorted(self._mappings().items()) if one.database]

    def pull_what_is_due(self) -> datetime | None:
        """Start what a schedule asks for.

        Returns:
            When something is due next; None when nothing will be.
        """
        following = []
        for name, mapping in sorted(self._mappings().items()):
            if mapping.database is None or mapping.database.every is None:
                continue
            with self._desk.store.cursor() as cursor:
                due = self._due_at(mapping.database, kept.runs(cursor, name))
            now = self._clock.now()
            if due is not None and due <= now:
                try:
                    self.start(name)
                except PatronError as error:
                    _log.warning("pull could not begin", mapping=name, error=error.message)
                due = now + timedelta(microseconds=mapping.database.period or 0)
            if due is not None:
                following.append(due)
        return min(following, default=None)

    def start_schedule(self) -> None:
        """From now on, pull what is due, in a thread of its own."""
        self._schedule.start(self._clock)

    def look_again(self) -> None:
        """Definitions may have changed, and with them what is due."""
        self._schedule.look_again()

    def close(self) -> None:
        """Begin no more pulls."""
        self._schedule.close()

    def _wanted(self, name: str) -> tuple[RowMapping, DatabaseRows]:
        mapping = self._mappings().get(name)
        if mapping is None:
            raise NotFoundError(f"There is no mapping {name}.", told=unknown("mapping", name))
        if mapping.database is None:
            raise InputError(
                f"Mapping {name} reads files, no database.",
                field="mapping",
                hint=f"Import them: patron import {name} PATH",
            )
        return mapping, mapping.database

    def _job(self, mapping: RowMapping, asked: DatabaseRows, *, from_start: bool) -> _PullJob:
        source = self._sources().get(mapping.source)
        if source is None:
            raise NotFoundError(
                f"Mapping {mapping.name}: there is no source {mapping.source}.",
                told=unknown("source", mapping.source),
            )
        address = read_address(self._url_of(asked.connection), f"The database {asked.connection}")
        pull = Pull(
            mapping,
            address,
            source_id=source.source_id,
            brand=source.brand,
            channel=source.channel,
        )
        return _PullJob(self._desk, mapping.name, asked, source, pull, from_start=from_start)

    def _due_at(self, asked: DatabaseRows, runs: list[kept.PullRun]) -> datetime | None:
        if asked.period is None:
            return None
        if not runs:
            return self._clock.now()
        return runs[0].started_at + timedelta(microseconds=asked.period)

    def _ended(self, state: ImportState) -> None:
        self._keep(
            kept.PullRun(
                state.mapping,
                parse_time(state.started_at),
                self._clock.now(),
                state.stored,
                state.duplicate,
                state.quarantined,
                state.error,
            )
        )
        with self._lock:
            self._running.pop(state.mapping, None)
        if state.error is not None:
            _log.warning("pull failed", mapping=state.mapping, error=state.error)
        self._schedule.look_again()

    def _keep(self, run: kept.PullRun) -> None:
        self._desk.writer.run(lambda: kept.keep_run(self._desk.ingest.cursor, run))


class _PullJob:
    """One pull, as an import."""

    def __init__(
        self,
        desk: Desk,
        name: str,
        asked: DatabaseRows,
        source: Source,
        pull: Pull,
        *,
        from_start: bool,
    ) -> None:
        self._desk = desk
        self._name = name
        self._asked = asked
        self._source = source
        self._pull = pull
        self._from_start = from_start
        self.origin = pull.origin
        self.total: int | None = None
        self.read: int | None = 0
        self.notes: list[str] = []
        self.tidy_from = COMPACT_AT

    def check(self) -> None:
        """See that the database answers and the mapping fits it."""
        with self._desk.store.cursor() as cursor:
            try:
                self._pull.check(cursor)
            finally:
                self._pull.close()

    def steps(self, ingest: Ingest, received_at: datetime) -> Iterator[Callable[[], Receipt]]:
        """The commits of the batches, each with the position that it reaches."""
        with self._desk.store.cursor() as cursor:
            position = None
            if not self._from_start:
                position = kept.position_of(cursor, self._name, self._asked.reads)
            try:
                for batch in self._pull.batches(cursor, position, received_at):
                    self.total = self._pull.total
                    self.read = (self.read or 0) + batch.rows
                    chunk = None
                    if len(batch.incoming) or len(batch.refused):
                        refusals = refusals_in(batch.refused)
                        chunk = prepare_chunk(ingest, batch.incoming, refusals)
                    yield partial(self._commit, ingest, chunk, batch.position, received_at)
            finally:
                self._pull.close()

    def cancel(self) -> None:
        """End the question that the pull waits for."""
        self._pull.cancel()

    def _commit(
        self, ingest: Ingest, chunk: Chunk | None, position: str | None, received_at: datetime
    ) -> Receipt:
        def keep(cursor: Cursor) -> None:
            if position is not None:
                kept.keep_position(cursor, self._name, self._asked.reads, position, received_at)

        if chunk is not None:
            return commit_chunk(ingest, self._source.source_id, chunk, received_at, keep)
        with ingest.transaction():
            keep(ingest.cursor)
        return Receipt(position=ingest.position)


def _shown(run: kept.PullRun) -> dict[str, Any]:
    return {
        "started_at": format_time(run.started_at),
        "finished_at": format_time(run.finished_at),
        "stored": run.stored,
        "duplicate": run.duplicate,
        "quarantined": run.quarantined,
        "error": run.error,
    }
