"""A folder that is open: its stages, wired to one another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

from patron.access import desk as access
from patron.access.accounts import Accounts
from patron.access.oidc import provider
from patron.clock import Clock, SystemClock
from patron.collect.requests import RequestReader
from patron.engines.duckdb import Cursor
from patron.errors import NotYetError, told
from patron.pipeline.arrivals import Arrivals
from patron.pipeline.book import Book, read_book
from patron.pipeline.enrichment.enrichments import Enrichments
from patron.pipeline.group import Receipt
from patron.pipeline.histories import HistoryKeeper
from patron.pipeline.identity.work import IdentityWork
from patron.pipeline.imports import Imports
from patron.pipeline.ingest import Ingest
from patron.pipeline.insights import Insights
from patron.pipeline.linking import Linking, Workplace
from patron.pipeline.live import Memberships
from patron.pipeline.live.runner import Runner
from patron.pipeline.live.verification import Verification
from patron.pipeline.profile_feed import ProfileFeed
from patron.pipeline.pulls import Desk, Pulls
from patron.pipeline.recollection import Recollection, States
from patron.pipeline.recorded import Recorded
from patron.pipeline.recurring import RecurringDates
from patron.pipeline.rule_text import Names
from patron.pipeline.search import SearchIndex
from patron.pipeline.tracking import watch
from patron.pipeline.vocabulary import Remembered
from patron.pipeline.webhooks import Webhooks
from patron.segments.scored import Scored
from patron.segments.surviving import traits_view
from patron.settings import Settings, database_url, secret
from patron.settings import load as load_settings
from patron.spec.incoming import Delivery
from patron.warehouse import answers
from patron.warehouse.histories import Histories
from patron.warehouse.reading import Reading
from patron.warehouse.sources import SourceNames, Sources
from patron.warehouse.store import Store, initialise
from patron.warehouse.writer import Writer


class Opened:
    """What every task rests on: the tables, the writer, what is defined, the live memberships."""

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
            cursor.execute(traits_view(self._book.survivorships))
            self._sources = Sources(cursor)
        self._reader = RequestReader(self._book.identity)
        self._ingest = Ingest(self._store, self._book.identity)
        with self._store.cursor() as cursor:
            self.arrivals = Arrivals(cursor, self.clock.now())
        self._ingest.on_group = self.arrivals.note
        self._writer: Writer[Delivery, Receipt] = Writer(
            self._ingest.commit_group,
            max_waiting=self.settings.max_waiting,
            weigh=lambda delivery: delivery.accepted,
        )
        with self._store.cursor() as cursor:
            self.accounts = Accounts(
                cursor,
                access.Desk(
                    lambda change: self._writer.run(lambda: change(self._ingest.cursor)),
                    self._note,
                    self.clock,
                ),
                self.folder,
            )
        self.oidc = provider(
            self.settings.oidc,
            self.settings.public_url,
            lambda: secret(self.folder, "oidc"),
            self.clock,
        )
        self._imports = Imports(self._store, self._ingest, self._writer, self.clock)
        self.pulls = Pulls(
            self._imports,
            Desk(self._store, self._ingest, self._writer),
            lambda: self._book.mappings,
            lambda: self._sources.by_name,
            self._url_of,
            self.clock,
        )
        self.enrichments = Enrichments(
            Desk(self._store, self._ingest, self._writer),
            lambda: self._book.enrichments,
            self.clock,
        )
        self.recurring_dates = RecurringDates(
            Desk(self._store, self._ingest, self._writer), lambda: self._book, self.clock
        )
        self._identity_work = IdentityWork(self.clock)
        self._names = Names()
        self._remembered = Remembered()
        self._live = Runner(
            Memberships(self._store.cursor(), self._store.live / "memberships"),
            lambda: self._book,
            lambda: self._ingest.position,
            self.clock,
        )
        self._ingest.on_advance = self._live.notify
        self._ingest.watch = watch(self._book.tracking_plans, self._book.traits, self._sources.all)
        self._verification = Verification(self._live, self._store.cursor, self._writer.run)
        self.memberships = Recorded(
            self._live,
            self._verification,
            reading=self.reading,
            book=lambda: self._book,
            position=lambda: self._ingest.position,
            clock=self.clock,
        )
        self.profile_feed = ProfileFeed(self.reading, self.memberships)
        self.webhooks = Webhooks(
            self.reading,
            lambda change: self._writer.run(lambda: change(self._ingest.cursor)),
            lambda: self._book.webhooks,
            lambda name: secret(self.folder, name),
            self.clock,
            self.profile_feed,
        )
        self._scored = Scored()
        self._histories = Histories(self._store.live, self._store.cursor)
        self._states = States()
        self._source_names = SourceNames()
        self._history_keeper = HistoryKeeper(self._histories)
        self._search = SearchIndex(
            self._store.live,
            self.reading,
            lambda: [kind.name for kind in self._book.identity.types if kind.tells_people],
        )
        self.insights = Insights(self.reading, lambda: self._book)
        self.linking = Linking(
            Workplace(
                self.reading,
                lambda: self._book,
                self._ingest,
                self._writer,
                self.clock,
                (self.settings.memory_limit, self.settings.threads),
            )
        )
        if live:
            self._live.start()
            self._verification.start()
            self.pulls.start_schedule()
            self.enrichments.start_schedule()
            self.recurring_dates.start_schedule()
            self.webhooks.start_schedule()
            self._search.start(self.clock)
            self._history_keeper.start(self.clock)

    def _note(self, change: Callable[[Cursor], None]) -> None:
        """Write something small later: whoever asked does not wait for it."""
        self._writer.start(lambda: change(self._ingest.cursor))

    def _url_of(self, connection: str) -> str:
        return database_url(self.folder, connection)

    @staticmethod
    def create(folder: Path | str, *, name: str = "patron", clock: Clock | None = None) -> str:
        """Make a workspace folder; returns the admin token, which also lies in the folder.

        Raises:
            ConflictError: There is one already.
        """
        return initialise(Path(folder), name=name, now=(clock or SystemClock()).now())

    @property
    def book(self) -> Book:
        """What is defined."""
        return self._book

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
                    f"The log has reached position {self._ingest.position}, "
                    f"not yet {min_position}.",
                    told=told("not_yet"),
                )
            self._ingest.advanced.wait(0.05)
        with self._histories.held() as copies, self._store.cursor() as cursor:
            # Read before the view is taken, so that the view holds at least this position.
            position = self._ingest.position
            memory = Recollection(self._ingest, self._states)
            with cursor.transaction():
                now = as_of or self.clock.now()
                yield Reading(cursor, position, now, memory, copies, self._source_names)

    def ready(self) -> int:
        """The log position, when tables can be read and the writer takes work."""
        self._writer.run(lambda: None)
        with self.reading() as reading:
            return reading.position

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
        self.pulls.close()
        self.enrichments.close()
        self.recurring_dates.close()
        self.webhooks.close()
        self._search.close()
        self._history_keeper.close()
        self._imports.close()
        self._identity_work.close()
        self._verification.close()
        self._writer.close()
        self._live.close()
        self._ingest.save()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()
