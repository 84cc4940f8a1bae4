"""One object that offers every task. Thin: each method calls one stage, or the pipeline."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import pyarrow as pa

from patron import __version__, definitions
from patron.clock import Clock, SystemClock
from patron.collect.requests import RequestReader
from patron.engines.duckdb import Cursor
from patron.errors import AccessError, ConflictError, NotFoundError, NotYetError
from patron.pipeline import audiences, changes, customers, explanations, replay
from patron.pipeline.audiences import Exported
from patron.pipeline.book import Book, read_book
from patron.pipeline.imports import Imports
from patron.pipeline.ingest import Ingest, Receipt
from patron.pipeline.insights import Insights
from patron.pipeline.known import Known, known_segments
from patron.pipeline.live import Advance, Memberships
from patron.pipeline.live.runner import Runner
from patron.pipeline.live.verification import Verification
from patron.pipeline.recorded import Recorded
from patron.segments.catalogue import read_catalogue
from patron.segments.export import Format
from patron.segments.memberships import Members
from patron.settings import Settings
from patron.settings import load as load_settings
from patron.spec.incoming import Delivery
from patron.warehouse import answers, lists, metrics, questions, status
from patron.warehouse.reading import Reading
from patron.warehouse.sources import Source, Sources
from patron.warehouse.store import Store, hash_secret, initialise
from patron.warehouse.writer import Writer

T = TypeVar("T")


class Workspace:
    """A folder that is open.

    Args:
        folder: Made by `patron init` or `Workspace.create`.
        clock: Where now comes from.
        settings: Those of the folder when None.
        live: Keep memberships at the present, in the background.

    Attributes:
        memberships: What is recorded of who was in which segment: the feed of changes,
            verification.

    Raises:
        NotFoundError: The folder is no workspace.
        BusyError: Another process has it open.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "data"
    >>> token = Workspace.create(folder)
    >>> with Workspace(folder) as workspace:
    ...     workspace.status()["profiles"]
    0
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        clock: Clock | None = None,
        settings: Settings | None = None,
        live: bool = False,
    ) -> None:
        self.folder = Path(folder)
        self.clock: Clock = clock or SystemClock()
        self.settings = settings or load_settings(self.folder)
        self._store = Store(
            self.folder, memory_limit=self.settings.memory_limit, threads=self.settings.threads
        )
        with self._store.cursor() as cursor:
            self._book = read_book(cursor, self.settings.time_zone)
            self._sources = Sources(cursor)
            self._roles: dict[str, str] = dict(
                cursor.execute("select hash, role from tokens").all()
            )
        self._reader = RequestReader(self._book.identity)
        self._ingest = Ingest(self._store, self._book.identity)
        self._writer: Writer[Delivery, Receipt] = Writer(
            self._ingest.commit_group,
            max_waiting=self.settings.max_waiting,
            weigh=lambda delivery: delivery.accepted,
        )
        self._imports = Imports(self._store, self._ingest, self._writer, self.clock)
        self._live = Runner(
            Memberships(self._store.cursor(), self._store.live / "memberships"),
            lambda: self._book,
            lambda: self._ingest.position,
            self.clock,
        )
        self._ingest.on_advance = self._live.notify
        self._verification = Verification(self._live, self._store.cursor, self._writer.run)
        self.memberships = Recorded(
            self._live,
            self._verification,
            reading=self.reading,
            book=lambda: self._book,
            position=lambda: self._ingest.position,
            clock=self.clock,
        )
        self._insights = Insights(self.reading, lambda: self._book)
        if live:
            self._live.start()
            self._verification.start()

    @staticmethod
    def create(folder: Path | str, *, name: str = "patron", clock: Clock | None = None) -> str:
        """Make a workspace folder; returns the admin token, which also lies in the folder.

        Raises:
            ConflictError: There is one already.
        """
        return initialise(Path(folder), name=name, now=(clock or SystemClock()).now())

    # ── what comes in ──

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
        source = self._sources.by_name.get(wanted.source)
        if source is None:
            raise NotFoundError(f"Mapping {mapping}: there is no source {wanted.source}.")
        return asdict(self._imports.start(wanted, source, Path(path), self._reader.messages))

    def import_state(self, import_id: str) -> dict[str, Any]:
        """How an import stands.

        Raises:
            NotFoundError: There is none of this id.
        """
        return asdict(self._imports.state(import_id))

    def replay(self, quarantine_ids: list[int]) -> dict[str, Any]:
        """Send refused messages through again, under today's rules."""
        receipt = self._writer.run(
            lambda: replay.replay(
                self._ingest, self._reader.messages, self._sources, quarantine_ids, self.clock.now()
            )
        )
        return {name: getattr(receipt, name) for name in
                ("position", "stored", "duplicate", "quarantined")}  # fmt: skip

    # ── what is read ──

    @contextmanager
    def reading(
        self, *, as_of: datetime | None = None, min_position: int | None = None, wait: float = 2.0
    ) -> Iterator[Reading]:
        """A consistent view for questions.

        Args:
            as_of: The moment asked for, naive UTC; now when None.
            min_position: The view must hold at least this log position.
            wait: Seconds to wait for it.

        Raises:
            NotYetError: The position was not reached in time.
        """
        deadline = time.monotonic() + wait
        while min_position is not None and self._ingest.position < min_position:
            if time.monotonic() > deadline:
                raise NotYetError(
                    f"The log has reached position {self._ingest.position}, not yet {min_position}."
                )
            self._ingest.advanced.wait(0.05)
        # Read before the view is taken, so that the view holds at least this position.
        position = self._ingest.position
        with self._store.cursor() as cursor, cursor.transaction():
            yield Reading(cursor, position, as_of or self.clock.now())

    def ready(self) -> int:
        """The log position, when tables can be read and the writer takes work."""
        self._writer.run(lambda: None)
        with self.reading() as reading:
            return reading.position

    def role_of(self, token: str) -> str | None:
        """The role of an API token; None when it is unknown."""
        return self._roles.get(hash_secret(token))

    def status(self, *, min_position: int | None = None) -> dict[str, Any]:
        """What the workspace holds."""
        with self.reading(min_position=min_position) as reading:
            return {
                **reading.head,
                **status.sizes(reading.cursor),
                "version": __version__,
                "segments": len(self._book.declared),
                "live": self.memberships.status(),
            }

    def counters(self, *, min_position: int | None = None) -> dict[str, Any]:
        """Accepted = stored + duplicate + quarantined, per source and in total."""
        with self.reading(min_position=min_position) as reading:
            return {**reading.head, **status.counters(reading.cursor)}

    def metrics(self) -> bytes:
        """Metrics in the text format of Prometheus."""
        with self.reading() as reading:
            return metrics.exposition(reading.cursor, reading.position, self._writer.waiting,
                                      self.memberships.families())  # fmt: skip

    def fates(
        self, message_id: str, source: str | None, *, min_position: int | None = None
    ) -> dict[str, Any]:
        """What became of the messages with one id."""
        with self.reading(min_position=min_position) as reading:
            return {**reading.head, "data": status.fates(reading.cursor, message_id, source)}

    def quarantined(
        self,
        *,
        source: str | None = None,
        code: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """Refused messages and rows, newest first."""
        with self.reading(min_position=min_position) as reading:
            rows, following = status.refused_page(
                reading.cursor, source=source, code=code, before=cursor, limit=limit
            )
            return {**reading.head, "data": rows, "next": following}

    def sql(
        self, text: str, *, limit: int = 1_000, min_position: int | None = None
    ) -> dict[str, Any]:
        """The answer to a question in SQL over the documented views.

        Raises:
            QueryError: It is not one SELECT over these views, or it fails.
        """
        with self.reading(min_position=min_position) as reading:
            columns, rows, truncated = questions.ask(reading.cursor, text, limit)
            return {**reading.head, "columns": columns, "rows": rows, "truncated": truncated}

    def table(self, text: str) -> pa.Table:
        """The answer to a question in SQL as an Arrow table; `.to_pandas()` makes a data frame."""
        with self.reading() as reading:
            return reading.cursor.arrow(questions.checked(text))

    # ── customers ──

    def profile(
        self,
        identifier: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        include: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """One customer by any identifier or by profile id; see `customers.profile`.

        Raises:
            NotFoundError: Nobody has it.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            book = self._book

            def known(profile_id: int) -> Known | None:
                return known_segments(self._live, reading, book, profile_id, self._store.cursor)

            return customers.profile(
                reading, book, identifier, include, known if as_of is None else None
            )

    def timeline(
        self,
        identifier: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        events: list[str] | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> dict[str, Any]:
        """What a customer did, newest first, page by page."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return customers.timeline(
                reading, self._book, identifier, events=events, before=cursor, limit=limit
            )

    def orders(
        self, identifier: str, *, as_of: datetime | None = None, min_position: int | None = None
    ) -> dict[str, Any]:
        """What a customer ordered, each order in its latest state."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return customers.orders(reading, self._book, identifier)

    # ── segments ──

    def segments(
        self,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        counts: bool = False,
    ) -> dict[str, Any]:
        """All segments, counted if asked for."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return audiences.listing(reading, self._book, counts=counts)

    def segment(
        self, name: str, *, as_of: datetime | None = None, min_position: int | None = None
    ) -> dict[str, Any]:
        """One segment with its count."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return audiences.one(reading, self._book, name)

    def preview(
        self,
        rule: str | dict[str, Any],
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        sample: int = 10,
    ) -> dict[str, Any]:
        """What a rule would give: exact count, a sample, and each condition by itself.

        Raises:
            RuleError: It is wrong, or a name in it was never seen.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return audiences.preview(reading, self._book, rule, sample=sample)

    def explain(
        self,
        profile: str,
        *,
        segment: str = "",
        rule: str | dict[str, Any] = "",
        as_of: datetime | None = None,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """Why a customer is in a segment or fulfils a rule (name one of them), or does not."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            if segment:
                return explanations.of_segment(reading, self._book, segment, profile)
            return explanations.of_rule(reading, self._book, rule, profile)

    def members(
        self,
        name: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> dict[str, Any]:
        """Who is in a segment, with identifiers, page by page."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return audiences.members(reading, self._book, name, after=cursor, limit=limit)

    def export(
        self,
        name: str,
        file_format: Format,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        path: Path | None = None,
    ) -> Exported:
        """Write all members of a segment to a file; to a temporary one when no path is given."""
        target = path or self._store.scratch / f"{secrets.token_hex(16)}.{file_format}"
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return audiences.export(reading, self._book, name, file_format, target)

    @property
    def insights(self) -> Insights:
        """Questions about what segments are worth and how they change."""
        return self._insights

    def advance(self) -> Advance:
        """Bring the recorded memberships of all segments to the present.

        A workspace that is open with `live` does so by itself.
        """
        return self._live.step()

    def live_members(self, name: str) -> Members | None:
        """Who is in a segment as of the last step of live membership; None when it is not kept."""
        return self._live.memberships.members(name)

    def put_segment(
        self, name: str, body: dict[str, Any], *, allow_unknown: bool = False
    ) -> dict[str, Any]:
        """Make or change a segment; versions before it are kept.

        Raises:
            RuleError: A rule is wrong, or names what was never seen.
            ConflictError: Others use a value that it would lose.
        """
        wanted = changes.checked_bodies([("segment", name, body, None)])
        with self.reading() as reading:
            catalogue = read_catalogue(reading.cursor, self._book.catalogue)
            warnings = changes.check_segment(
                name, body, self._book, catalogue, allow_unknown=allow_unknown
            )
        self._change(lambda cursor: changes.record(cursor, self._book, wanted, self.clock.now()))
        version = self._book.segments[name].version
        return {**self._saved(name), "version": version, "warnings": warnings}

    def restore_segment(self, name: str, version: int) -> dict[str, Any]:
        """Bring a version of a segment back, as a new version; also of one that was removed.

        Raises:
            NotFoundError: There is no such version.
            RuleError: It rests on segments or lists that are no more.
        """
        body = self._insights.version(name, version)
        return self.put_segment(name, body, allow_unknown=True)

    def delete_segment(self, name: str) -> dict[str, Any]:
        """Remove a segment.

        Raises:
            ConflictError: Others use it; says which.
        """
        self._book.definition(name)
        users = changes.users_of(name, self._book)
        if users:
            raise ConflictError(f"Segment {name} is used by {', '.join(users)}.")
        wanted: changes.Removable = {("segment", name): None}
        self._change(lambda cursor: changes.record(cursor, self._book, wanted, self.clock.now()))
        return {**self._saved(name), "version": None}

    # ── static lists ──

    def lists(self, *, min_position: int | None = None) -> dict[str, Any]:
        """Name and size of every static list."""
        with self.reading(min_position=min_position) as reading:
            return {**reading.head, "data": lists.list_sizes(reading.cursor)}

    def put_list(self, name: str, members: list[str]) -> dict[str, Any]:
        """Make a list hold exactly these identifiers."""
        wanted = changes.checked_bodies([("list", name, {"members": sorted(members)}, None)])
        self._change(lambda cursor: changes.record(cursor, self._book, wanted, self.clock.now()))
        return self._list_size(name)

    def add_to_list(self, name: str, members: list[str]) -> dict[str, Any]:
        """Add identifiers to a list."""
        with self.reading() as reading:
            held = definitions.current(reading.cursor).get(("list", name))
        known = [] if held is None else held.body.get("members", [])
        return self.put_list(name, list({*known, *members}))

    def snapshot_list(
        self, name: str, segment: str, *, as_of: datetime | None = None
    ) -> dict[str, Any]:
        """Make a list hold exactly those who are in a segment at a moment; they stay in it."""
        with self.reading(as_of=as_of) as reading:
            members = audiences.strongest_identifiers(reading, self._book, segment)
        return {**reading.head, **self.put_list(name, members), "segment": segment}

    def _list_size(self, name: str) -> dict[str, Any]:
        with self.reading() as reading:
            sizes = {row["name"]: row["entries"] for row in lists.list_sizes(reading.cursor)}
            return {"position": reading.position, "name": name, "entries": sizes.get(name, 0)}

    # ── definitions ──

    def definitions(self, *, min_position: int | None = None) -> dict[str, Any]:
        """All definitions as files would hold them."""
        with self.reading(min_position=min_position) as reading:
            held = definitions.current(reading.cursor)
            found = [
                {"kind": kind, "name": name, "body": stored.body, "path": None}
                for (kind, name), stored in sorted(held.items())
            ]
            return {**reading.head, "data": found}

    def plan(
        self,
        documents: list[dict[str, Any]],
        *,
        prune: bool = False,
        as_of: datetime | None = None,
        counts: bool = True,
    ) -> dict[str, Any]:
        """What a set of definitions would change. Changes nothing."""
        wanted = changes.checked_documents(documents)
        with self.reading(as_of=as_of) as reading:
            made = changes.plan(
                reading.cursor, self._book, wanted,
                prune=prune, as_of=reading.as_of, counts=counts,
            )  # fmt: skip
            return {**reading.head, "applied": False, **changes.shown(made)}

    def apply(self, documents: list[dict[str, Any]], *, prune: bool = False) -> dict[str, Any]:
        """Make a set of definitions hold, in one transaction."""
        wanted = changes.checked_documents(documents)
        now = self.clock.now()
        made = self._change(
            lambda cursor: changes.apply(cursor, self._book, wanted, prune=prune, now=now)
        )
        with self.reading() as reading:
            return {**reading.head, "applied": True, **changes.shown(made)}

    def _change(self, call: Callable[[Cursor], T]) -> T:
        """Run a change of definitions in the writer's thread, and take it into memory."""

        def change() -> T:
            with self._ingest.cursor.transaction():
                result = call(self._ingest.cursor)
            self._book = read_book(self._ingest.cursor, self.settings.time_zone)
            self._sources = Sources(self._ingest.cursor)
            if self._book.identity != self._ingest.rules:
                self._ingest.use_rules(self._book.identity)
                self._reader = RequestReader(self._book.identity)
            return result

        changed = self._writer.run(change)
        if self._live.running:
            # What is collected after this answer counts as an entry, not as part of the first fill.
            self._live.step()
        return changed

    def _saved(self, name: str) -> dict[str, Any]:
        return {"position": self._ingest.position, "name": name}

    @property
    def book(self) -> Book:
        """What is defined."""
        return self._book

    # ── upkeep ──

    def compact(self) -> int:
        """Rewrite the rows of merged profiles under the ids that stand; returns how many."""
        return self._writer.run(self._ingest.compact)

    def remembered_answer(self, key: str) -> tuple[str, int, str] | None:
        """The answer to an earlier write with this idempotency key."""
        with self._store.cursor() as cursor:
            return answers.remembered(cursor, key)

    def remember_answer(self, key: str, request_hash: str, code: int, response: str) -> None:
        """Keep the answer to a write under its idempotency key."""
        now = self.clock.now()
        self._writer.run(
            lambda: answers.remember(self._ingest.cursor, key, request_hash, code, response, now)
        )

    def close(self) -> None:
        """Finish what waits, then close the folder."""
        self._imports.close()
        self._verification.close()
        self._writer.close()
        self._live.close()
        self._ingest.save()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
