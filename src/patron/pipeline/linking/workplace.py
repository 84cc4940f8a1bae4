"""Where linking works: one piece of work at a time, with its progress, and the tables at hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from patron.clock import Clock
from patron.errors import BusyError, NotFoundError
from patron.linking import Workbench
from patron.pipeline.book import Book
from patron.pipeline.group import Receipt
from patron.pipeline.ingest import Ingest
from patron.pipeline.linking.records import FORMS, extra_fields, read_records
from patron.spec.incoming import Delivery
from patron.warehouse import linking as tables
from patron.warehouse.reading import Reading
from patron.warehouse.writer import Writer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Task:
    """What linking is doing."""

    what: str
    done: int
    total: int


class Workplace:
    """What training, running and changing models have in common.

    Args:
        reading: Gives a consistent view.
        book: What is defined.
        ingest: The writer's.
        writer: Runs what changes tables.
        clock: Where now comes from.
        limits: Memory limit and threads of the databases that linking works in.
    """

    def __init__(
        self,
        reading: Callable[..., AbstractContextManager[Reading]],
        book: Callable[[], Book],
        ingest: Ingest,
        writer: Writer[Delivery, Receipt],
        clock: Clock,
        limits: tuple[str | None, int | None] = (None, None),
    ) -> None:
        self.reading = reading
        self.book = book
        self.ingest = ingest
        self.writer = writer
        self.clock = clock
        self._limits = limits
        self._turn = threading.Lock()
        self._task: Task | None = None

    @contextmanager
    def working(self) -> Iterator[Workbench]:
        """A turn, and where to compare records.

        Raises:
            BusyError: Linking is at work already.
        """
        if not self._turn.acquire(blocking=False):
            raise BusyError("Linking is at work already.")
        try:
            with Workbench(memory_limit=self._limits[0], threads=self._limits[1]) as bench:
                yield bench
        finally:
            self._task = None
            self._turn.release()

    def note(self, what: str, done: int, total: int | None) -> None:
        """Say what is being done, and how far it is."""
        self._task = Task(what, done, total or 0)

    def progress(self) -> dict[str, Any]:
        """What linking is doing now."""
        task = self._task
        if task is None:
            return {"working": False, "what": None, "done": 0, "total": 0}
        return {"working": True, "what": task.what, "done": task.done, "total": task.total}

    def write(self, call: Callable[[], T]) -> T:
        """Run something in the writer's thread, in a transaction."""

        def inside() -> T:
            with self.ingest.cursor.transaction():
                return call()

        return self.writer.run(inside)

    @property
    def extra(self) -> list[str]:
        """Traits that are compared beside the fields of the normal forms."""
        return extra_fields(self.book().linking.values())

    def refresh(self) -> None:
        """Bring the records of profiles up to date."""
        self.note("records", 0, 1)
        book, extra = self.book(), self.extra
        fields = msgspec.json.encode([FORMS, *extra]).decode()
        with self.reading() as reading:
            before = tables.progress(reading.cursor)
            upto = tables.reached(reading.cursor, before, fields)
            fits = before is not None and before.fields == fields
            of = tables.changed(reading.cursor, before) if before is not None and fits else None
            if of == []:
                return
            rows = list(read_records(reading.cursor, book.identity, extra, of))
        self.write(lambda: tables.put_records(self.ingest.cursor, rows, upto, of=of))


def stored_model(reading: Reading, name: str, version: int | None) -> tables.StoredModel:
    """A model, the newest version of its name when none is named.

    Raises:
        NotFoundError: There is none.
    """
    found = tables.models(reading.cursor, name)
    for each in found:
        if version is None or each.version == version:
            return each
    if found:
        raise NotFoundError(f"There is no version {version} of the linking model {name}.")
    raise NotFoundError(
        f"There is no linking model {name}.", hint=f"Train it: patron linking train {name}"
    )
