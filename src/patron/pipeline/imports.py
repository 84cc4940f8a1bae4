"""File imports as jobs: each runs in a thread of its own and hands chunks to the writer."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import structlog

from patron.clock import Clock, format_time
from patron.collect.files import FileImport, read_messages
from patron.collect.messages import MessageReader
from patron.errors import BusyError, NotFoundError, PatronError, unknown
from patron.pipeline.ahead import one_ahead
from patron.pipeline.chunks import commit_chunk, prepare_chunk
from patron.pipeline.group import Receipt
from patron.pipeline.ingest import Ingest
from patron.spec.incoming import Delivery, Refusal, told_in
from patron.spec.mapping import Mapping
from patron.warehouse.sources import Source
from patron.warehouse.store import Store
from patron.warehouse.writer import Writer

LINES = 5_000
"""Protocol messages a transaction."""

CHUNK = 122_880
"""Messages a transaction: a row group of DuckDB, so that no half-filled one is written twice."""

KEPT = 1_000
"""So many ended imports are remembered, for whoever asks how they ended."""

_log = structlog.get_logger("patron.imports")


@dataclass(frozen=True, slots=True)
class ImportState:
    """How an import stands."""

    import_id: str
    mapping: str
    path: str
    state: str
    started_at: str
    finished_at: str | None = None
    total: int | None = None
    accepted: int = 0
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0
    position: int = 0
    error: str | None = None
    notes: list[str] = field(default_factory=list)
    read: int | None = None


class Imports:
    """The imports of one workspace, one at a time.

    An import that is killed is started again by whoever asked for it: what was stored is recognised
    by its message ids, so nothing is there twice.
    """

    def __init__(
        self, store: Store, ingest: Ingest, writer: Writer[Delivery, Receipt], clock: Clock
    ) -> None:
        self._store = store
        self._ingest = ingest
        self._writer = writer
        self._clock = clock
        self._states: dict[str, ImportState] = {}
        self._turn = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._jobs: dict[str, Job] = {}
        self._arrivals: dict[str, datetime] = {}
        self._cancelled: set[str] = set()
        self._closing = False

    def start(
        self, mapping: Mapping, source: Source, path: Path, reader: MessageReader
    ) -> ImportState:
        """Check that the files fit, then import them in the background.

        Raises:
            NotFoundError: There are no such files.
            DefinitionError: They do not fit the mapping.
        """
        return self.begin(
            _FileJob(self._store, mapping, source, path, reader), mapping.name, str(path)
        )

    def begin(
        self,
        job: Job,
        mapping: str,
        path: str,
        on_end: Callable[[ImportState], None] = lambda _state: None,
    ) -> ImportState:
        """Check that an import can begin, then run it in the background.

        Args:
            job: What is to be done.
            mapping: The name of its mapping.
            path: What is read, as people name it.
            on_end: Told in the import's own thread how it ended.

        Raises:
            PatronError: What the job says against it.
        """
        job.check()
        state = ImportState(
            import_id=secrets.token_hex(8),
            mapping=mapping,
            path=path,
            state="running",
            started_at=format_time(self._clock.now()),
            position=self._ingest.position,
        )
        self._forget_old_ones()
        self._states[state.import_id] = state
        thread = threading.Thread(
            target=self._run, args=(state.import_id, job, on_end), daemon=True
        )
        self._threads = [thread, *(one for one in self._threads if one.is_alive())]
        self._jobs[state.import_id] = job
        thread.start()
        return state

    def state(self, import_id: str) -> ImportState:
        """How an import of this process stands.

        Raises:
            NotFoundError: None has this id.
        """
        found = self._states.get(import_id)
        if found is None:
            raise NotFoundError(
                f"There is no import {import_id}.", told=unknown("import", import_id)
            )
        return found

    @property
    def all(self) -> list[ImportState]:
        """The imports of this process, the newest first."""
        return list(reversed(self._states.values()))

    def received_at(self, import_id: str) -> datetime | None:
        """What its messages carry as the time of their arrival; None before its turn has come."""
        return self._arrivals.get(import_id)

    def cancel(self, import_id: str) -> ImportState:
        """End an import between two chunks; what is stored stays. One that has ended stays so.

        Raises:
            NotFoundError: None has this id.
        """
        state = self.state(import_id)
        job = self._jobs.get(import_id)
        if job is not None:
            self._cancelled.add(import_id)
            job.cancel()
        return state

    def failures(self) -> dict[str, str | None]:
        """What went wrong with the last import by each mapping, of those that this process ran."""
        last = {state.mapping: state for state in self._states.values()}
        return {name: state.error for name, state in last.items() if state.state == "failed"}

    def _forget_old_ones(self) -> None:
        ended = [one for one, state in self._states.items() if state.state != "running"]
        for import_id in ended[: max(0, len(ended) - KEPT)]:
            del self._states[import_id]
            self._arrivals.pop(import_id, None)

    def close(self) -> None:
        """Stop between two chunks, and wait until all have."""
        self._closing = True
        for job in list(self._jobs.values()):
            job.cancel()
        for thread in self._threads:
            thread.join()

    def _run(self, import_id: str, job: Job, on_end: Callable[[ImportState], None]) -> None:
        error: str | None = None
        whole = False
        try:
            with self._turn:
                whole = self._import(import_id, job)
        except PatronError as failure:
            error = failure.message
        except Exception as failure:  # noqa: BLE001 - the thread ends here, the state must say so
            _log.exception("import failed", import_id=import_id)
            error = f"The import failed unexpectedly: {type(failure).__name__}."
        self._jobs.pop(import_id, None)
        cancelled = import_id in self._cancelled and not whole
        self._cancelled.discard(import_id)
        ended = replace(
            self._states[import_id],
            state="cancelled" if cancelled else "failed" if error else "done",
            error="It was cancelled." if cancelled else error,
            finished_at=format_time(self._clock.now()),
        )
        try:
            on_end(ended)
        finally:
            self._states[import_id] = ended

    def _import(self, import_id: str, job: Job) -> bool:
        """Store all of it; returns whether that was done, and not cancelled before."""
        if import_id in self._cancelled:
            return False
        received_at = self._arrivals[import_id] = self._clock.now()
        # While the writer stores one chunk, the next one is read and prepared.
        with closing(one_ahead(job.steps(self._ingest, received_at))) as steps:
            for commit in steps:
                if self._closing:
                    raise BusyError("The workspace was closed before the import was done.")
                if import_id in self._cancelled:
                    return False
                self._show(import_id, job)
                self._add(import_id, self._writer.run(commit))
        self._show(import_id, job)
        stored = self._states[import_id].stored
        if stored < job.tidy_from:
            self._writer.run(self._ingest.parts.tend)
            return True
        self._writer.run(self._ingest.compact)
        self._writer.run(lambda: self._ingest.parts.join(stored))
        return True

    def _show(self, import_id: str, job: Job) -> None:
        self._states[import_id] = replace(
            self._states[import_id], total=job.total, read=job.read, notes=list(job.notes)
        )

    def _add(self, import_id: str, receipt: Receipt) -> None:
        state = self._states[import_id]
        taken = receipt.stored + receipt.duplicate + receipt.quarantined
        self._states[import_id] = replace(
            state,
            accepted=state.accepted + taken,
            stored=state.stored + receipt.stored,
            duplicate=state.duplicate + receipt.duplicate,
            quarantined=state.quarantined + receipt.quarantined,
            position=receipt.position,
        )


class Job(Protocol):
    """What an import does.

    Attributes:
        total: How many messages there will be, once that is known.
        notes: Sentences that a person should read.
        read: How many rows were read so far, where that is not what is counted as accepted.
        tidy_from: After so many stored messages the tables are tidied up at once, which takes a
            pass over all that is stored.
    """

    total: int | None
    read: int | None
    notes: list[str]
    tidy_from: int

    def check(self) -> None:
        """See that it can begin."""

    def steps(self, ingest: Ingest, received_at: datetime) -> Iterator[Callable[[], Receipt]]:
        """The commits, one after the other; each is to be run in the writer's thread."""

    def cancel(self) -> None:
        """End soon; called from another thread."""


class _FileJob:
    """One import of files: its files, and the commits that bring them in."""

    def __init__(
        self, store: Store, mapping: Mapping, source: Source, path: Path, reader: MessageReader
    ) -> None:
        self._store = store
        self._mapping = mapping
        self._source = source
        self._path = path
        self._reader = reader
        self._files: FileImport | None = None
        self.tidy_from = 0
        self.total: int | None = None
        self.read: int | None = None
        self.notes: list[str] = []
        if mapping.mode == "rows":
            self._files = FileImport(
                mapping,
                path,
                source_id=source.source_id,
                brand=source.brand,
                channel=source.channel,
            )

    def cancel(self) -> None:
        """Nothing takes long between two commits."""

    def check(self) -> None:
        """See that the files are there and fit."""
        if self._files is None:
            next(read_messages(self._mapping, self._path), None)
            return
        with self._store.cursor() as cursor:
            self._files.check(cursor)

    def steps(self, ingest: Ingest, received_at: datetime) -> Iterator[Callable[[], Receipt]]:
        """The commits, one after the other; each is to be run in the writer's thread."""
        if self._files is None:
            yield from self._message_steps(ingest, received_at)
        else:
            yield from self._row_steps(ingest, self._files, received_at)

    def _row_steps(
        self, ingest: Ingest, files: FileImport, received_at: datetime
    ) -> Iterator[Callable[[], Receipt]]:
        with self._store.cursor() as cursor:
            try:
                self.total = files.prepare(cursor, received_at)
                self.notes = files.notes
                rows = None if self._mapping.group_by else CHUNK
                for incoming, refused in files.chunks(cursor, rows):
                    chunk = prepare_chunk(ingest, incoming, refusals_in(refused))
                    yield lambda chunk=chunk: commit_chunk(  # type: ignore[misc]
                        ingest, self._source.source_id, chunk, received_at
                    )
            finally:
                files.close(cursor)

    def _message_steps(
        self, ingest: Ingest, received_at: datetime
    ) -> Iterator[Callable[[], Receipt]]:
        lines = read_messages(self._mapping, self._path)
        while batch := list(islice(lines, LINES)):
            delivery = Delivery(self._source.source_id, self._source.brand, received_at)
            for line in batch:
                self._reader.read(
                    delivery,
                    line.body,
                    default_channel=self._source.channel,
                    origin=line.file,
                    row_number=line.row,
                )
            yield lambda delivery=delivery: ingest.commit_group([delivery])[0]  # type: ignore[misc]


def refusals_in(refused: pa.Table) -> list[Refusal]:
    """The rows of a table of refused rows."""
    return [
        Refusal(
            code=row["code"],
            reason=row["reason"],
            body=bytes(row["body"] or b""),
            field=row["field"],
            message_id=row["message_id"],
            origin=row["origin"],
            row_number=row["row_number"],
            told=told_in(row["told"]),
        )
        for row in refused.to_pylist()
    ]
