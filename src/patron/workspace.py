"""One object that offers every task. Thin: each method calls one stage, or the pipeline."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import pyarrow as pa

from patron import __version__, definitions, profiles
from patron.clock import Clock, SystemClock, format_time
from patron.collect.requests import RequestReader
from patron.engines.duckdb import Cursor
from patron.errors import AccessError, ConflictError, InputError, NotFoundError, NotYetError
from patron.identity import NormalForms, compact
from patron.pipeline import changes, replay
from patron.pipeline.book import Book, Segment, read_book
from patron.pipeline.imports import Imports
from patron.pipeline.ingest import Ingest, Receipt
from patron.segments import export as segment_export
from patron.segments import query
from patron.segments.catalogue import Catalogue, read_catalogue
from patron.segments.printer import print_rule
from patron.segments.tree import Rule, as_object
from patron.settings import Settings
from patron.settings import load as load_settings
from patron.spec.identifiers import Identifier
from patron.spec.incoming import Delivery
from patron.warehouse import answers, lists, metrics, questions, status
from patron.warehouse.sources import Source, Sources
from patron.warehouse.store import Store, hash_secret, initialise
from patron.warehouse.writer import Writer

RuleFace = str | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """A consistent view of the tables, and what it holds for.

    Attributes:
        cursor: In a transaction of its own: all its questions see the same rows.
        position: The newest log position in that view.
        as_of: The moment that the questions are asked for, naive UTC.
    """

    cursor: Cursor
    position: int
    as_of: datetime

    @property
    def head(self) -> dict[str, Any]:
        """What every answer carries."""
        return {"position": self.position, "as_of": format_time(self.as_of)}


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written."""

    path: Path
    count: int
    position: int
    as_of: str


class Workspace:
    """A folder that is open.

    Args:
        folder: Made by `patron init` or `Workspace.create`.
        clock: Where now comes from.
        settings: Those of the folder when None.

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
        self, folder: Path | str, *, clock: Clock | None = None, settings: Settings | None = None
    ) -> None:
        self.folder = Path(folder)
        self.clock: Clock = clock or SystemClock()
        self.settings = settings or load_settings(self.folder)
        self._store = Store(
            self.folder, memory_limit=self.settings.memory_limit, threads=self.settings.threads
        )
        with self._store.cursor() as cursor:
            self._book = read_book(cursor)
            self._sources = Sources(cursor)
            self._roles = dict(cursor.execute("select hash, role from tokens").all())
        self._reader = RequestReader(self._book.identity)
        self._ingest = Ingest(self._store, self._book.identity)
        self._writer: Writer[Delivery, Receipt] = Writer(
            self._ingest.commit_group,
            max_waiting=self.settings.max_waiting,
            weigh=lambda delivery: delivery.accepted,
        )
        self._imports = Imports(self._store, self._ingest, self._writer, self.clock)

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
        batch = self._reader.decode_batch(body)
        source = self.source_of_key(key or batch.writeKey)
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
        with self._store.cursor() as cursor, cursor.transaction():
            position = int(cursor.execute("select coalesce(max(position), 0) from messages").value())
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
                "segments": len(self._book.segments),
            }

    def counters(self, *, min_position: int | None = None) -> dict[str, Any]:
        """accepted = stored + duplicate + quarantined, per source and in total."""
        with self.reading(min_position=min_position) as reading:
            return {**reading.head, **status.counters(reading.cursor)}

    def metrics(self) -> bytes:
        """Metrics in the text format of Prometheus."""
        with self.reading() as reading:
            return metrics.exposition(reading.cursor, reading.position, self._writer.waiting)

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
        """One customer by any identifier or by profile id.

        Raises:
            NotFoundError: Nobody has it.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            profile_id = self._profile_id(reading.cursor, identifier)
            found = profiles.plain(profiles.summary(reading.cursor, profile_id, reading.as_of))
            found["traits"] = {trait.pop("name"): trait for trait in found["traits"]}
            found = {**reading.head, **found}
            if "observations" in include:
                observed = profiles.observations(reading.cursor, profile_id, reading.as_of)
                found["observations"] = profiles.plain(observed)
            if "segments" in include:
                found["segments"] = self._segments_of(reading, profile_id)
            return found

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
            profile_id = self._profile_id(reading.cursor, identifier)
            page = profiles.timeline(
                reading.cursor, profile_id, reading.as_of,
                before=cursor, limit=limit, names=events,
            )  # fmt: skip
            return {
                **reading.head,
                "profile_id": profile_id,
                "data": profiles.plain(page.events),
                "next": page.next,
            }

    def orders(
        self, identifier: str, *, as_of: datetime | None = None, min_position: int | None = None
    ) -> dict[str, Any]:
        """What a customer ordered, each order in its latest state."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            profile_id = self._profile_id(reading.cursor, identifier)
            found = profiles.orders(reading.cursor, profile_id, reading.as_of)
            return {**reading.head, "profile_id": profile_id, "data": profiles.plain(found)}

    def _profile_id(self, cursor: Cursor, identifier: str) -> int:
        found: int | None
        if identifier.isdigit():
            found = profiles.standing(cursor, int(identifier))
        else:
            asked = Identifier.parse(identifier)
            normal = NormalForms(self._book.identity).normal(asked.type, asked.value)
            if not isinstance(normal, str):
                raise InputError(f"{asked.type}: {normal.reason}")
            found = profiles.resolve(cursor, asked.type, normal)
        if found is None:
            raise NotFoundError(f"No customer has {identifier}.")
        return found

    def _segments_of(self, reading: Reading, profile_id: int) -> list[str]:
        catalogue = Catalogue(segments=self._book.rules)
        return [
            name
            for name, segment in sorted(self._book.segments.items())
            if query.is_member(
                reading.cursor, segment.rule, profile_id,
                as_of=reading.as_of, catalogue=catalogue,
            )
        ]  # fmt: skip

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
            catalogue = Catalogue(segments=self._book.rules)
            found = [_shown(segment) for _, segment in sorted(self._book.segments.items())]
            if counts:
                for row in found:
                    rule = self._book.segments[row["name"]].rule
                    row["count"] = query.count(
                        reading.cursor, rule, as_of=reading.as_of, catalogue=catalogue
                    )
            return {**reading.head, "data": found}

    def segment(
        self, name: str, *, as_of: datetime | None = None, min_position: int | None = None
    ) -> dict[str, Any]:
        """One segment with its count."""
        segment = self._book.segment(name)
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            catalogue = Catalogue(segments=self._book.rules)
            total = query.count(
                reading.cursor, segment.rule, as_of=reading.as_of, catalogue=catalogue
            )
            return {**reading.head, "segment": {**_shown(segment), "count": total}}

    def preview(
        self,
        rule: RuleFace,
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
            catalogue = self._catalogue(reading.cursor)
            parsed, warnings = changes.check_rule(rule, catalogue, name=None, allow_unknown=False)
            began = time.perf_counter()
            seen = query.preview(
                reading.cursor, parsed, as_of=reading.as_of, catalogue=catalogue, sample=sample
            )
            spent = (time.perf_counter() - began) * 1000
            shown = profiles.identified(reading.cursor, list(seen.sample))
            return {
                **reading.head,
                "text": print_rule(parsed),
                "rule": _plain_tree(parsed),
                "count": seen.count,
                "total": seen.universe,
                "sample": shown,
                "conditions": [{"text": c.text, "count": c.count} for c in seen.conditions],
                "warnings": warnings,
                "milliseconds": round(spent, 1),
            }

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
        if cursor is not None and not cursor.isdigit():
            raise InputError("cursor: expected one that an earlier page gave.", field="cursor")
        segment = self._book.segment(name)
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            asked: dict[str, Any] = {
                "as_of": reading.as_of,
                "catalogue": Catalogue(segments=self._book.rules),
            }
            total = query.count(reading.cursor, segment.rule, **asked)
            page = query.members(
                reading.cursor, segment.rule, after=int(cursor or 0), limit=limit + 1, **asked
            )
            more = len(page) > limit
            page = page[:limit]
            return {
                **reading.head,
                "count": total,
                "data": profiles.identified(reading.cursor, page),
                "next": str(page[-1]) if more else None,
            }

    def export(
        self,
        name: str,
        file_format: segment_export.Format,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        path: Path | None = None,
    ) -> Exported:
        """Write all members of a segment to a file; to a temporary one when no path is given."""
        segment = self._book.segment(name)
        target = path or self._store.scratch / f"{name}-{secrets.token_hex(8)}.{file_format}"
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            members = query.members_sql(
                reading.cursor,
                segment.rule,
                as_of=reading.as_of,
                catalogue=Catalogue(segments=self._book.rules),
            )
            count = segment_export.export(
                reading.cursor, members, target, file_format, as_of=reading.as_of
            )
            return Exported(target, count, reading.position, format_time(reading.as_of))

    def put_segment(
        self, name: str, body: dict[str, Any], *, allow_unknown: bool = False
    ) -> dict[str, Any]:
        """Make or change a segment; versions before it are kept.

        Raises:
            RuleError: The rule is wrong, or names what was never seen.
        """
        wanted = changes.checked_bodies([("segment", name, body, None)])
        with self.reading() as reading:
            _, warnings = changes.check_rule(
                body["rule"], self._catalogue(reading.cursor), name=name, allow_unknown=allow_unknown
            )
        self._change(lambda cursor: changes.record(cursor, self._book, wanted, self.clock.now()))
        version = self._book.segments[name].version
        return {**self._saved(name), "version": version, "warnings": warnings}

    def delete_segment(self, name: str) -> dict[str, Any]:
        """Remove a segment.

        Raises:
            ConflictError: Others use it; says which.
        """
        self._book.segment(name)
        users = changes.users_of(name, self._book)
        if users:
            raise ConflictError(f"Segment {name} is used by {', '.join(users)}.")
        wanted: changes.Removable = {("segment", name): None}
        self._change(lambda cursor: changes.record(cursor, self._book, wanted, self.clock.now()))
        return {**self._saved(name), "version": None}

    def _catalogue(self, cursor: Cursor) -> Catalogue:
        return read_catalogue(cursor, segments=self._book.rules)

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
            lambda cursor: changes.apply(
                cursor, self._book, wanted, prune=prune, now=now
            )
        )
        with self.reading() as reading:
            return {**reading.head, "applied": True, **changes.shown(made)}

    def _change(self, call: Any) -> Any:  # noqa: ANN401 - what the call returns
        """Run a change of definitions in the writer's thread, and take it into memory."""

        def change() -> Any:  # noqa: ANN401 - what the call returns
            with self._ingest.cursor.transaction():
                result = call(self._ingest.cursor)
            self._book = read_book(self._ingest.cursor)
            self._sources = Sources(self._ingest.cursor)
            if self._book.identity != self._ingest.rules:
                self._ingest.use_rules(self._book.identity)
                self._reader = RequestReader(self._book.identity)
            return result

        return self._writer.run(change)

    def _saved(self, name: str) -> dict[str, Any]:
        return {"position": self._ingest.position, "name": name}

    @property
    def book(self) -> Book:
        """What is defined."""
        return self._book

    # ── upkeep ──

    def compact(self) -> int:
        """Rewrite the rows of merged profiles under the ids that stand; returns how many."""
        return self._writer.run(lambda: compact(self._ingest.cursor))

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
        self._writer.close()
        self._ingest.save()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _shown(segment: Segment) -> dict[str, Any]:
    return {
        "name": segment.name,
        "version": segment.version,
        "origin": segment.origin,
        "description": segment.description,
        "text": segment.text,
        "rule": _plain_tree(segment.rule),
    }


def _plain_tree(rule: Rule) -> dict[str, Any]:
    """A rule as JSON-able values."""
    tree: dict[str, Any] = msgspec.json.decode(
        msgspec.json.Encoder(decimal_format="number").encode(as_object(rule))
    )
    return tree
