"""Training and running linking models on what a workspace holds."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from patron.clock import Clock
from patron.errors import BusyError, InputError, NotFoundError
from patron.linking import (
    LinkingDefinition,
    LinkingModel,
    Workbench,
    match_weights_page,
    train,
)
from patron.pipeline.book import Book
from patron.pipeline.identity.wishes import Said
from patron.pipeline.ingest import Ingest, Receipt
from patron.pipeline.linking import run as runs
from patron.pipeline.linking.messages import A_GROUP, delivery
from patron.pipeline.linking.records import as_labels, as_table, extra_fields, read_records
from patron.pipeline.linking.reviewing import (
    VERDICTS,
    decide_review,
    new_proposals,
    take_proposals,
)
from patron.pipeline.linking.shown import shown_model, shown_review
from patron.spec.incoming import Delivery
from patron.warehouse import linking as tables
from patron.warehouse.reading import Reading
from patron.warehouse.sources import LINKING_MODELS, internal_source
from patron.warehouse.writer import Writer

DEFAULT = "default"
"""The model that needs no definition."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Task:
    """What linking is doing."""

    what: str
    done: int
    total: int


class Linking:
    """Trains and runs models; one of both at a time.

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
        reading: Callable[[], AbstractContextManager[Reading]],
        book: Callable[[], Book],
        ingest: Ingest,
        writer: Writer[Delivery, Receipt],
        clock: Clock,
        limits: tuple[str | None, int | None] = (None, None),
    ) -> None:
        self._reading = reading
        self._book = book
        self._ingest = ingest
        self._writer = writer
        self._clock = clock
        self._limits = limits
        self._turn = threading.Lock()
        self._task: Task | None = None

    # Models

    def train(self, name: str, *, with_reviews: bool = False) -> dict[str, Any]:
        """Train a model on all profiles, and keep it as the next version of its name.

        Args:
            name: Of a definition of kind ``linking``; ``default`` needs none.
            with_reviews: Learn from what reviewers said too.

        Raises:
            NotFoundError: There is no such definition.
            InputError: Too little is known of too few profiles.
            BusyError: Linking is at work already.
        """
        definition = self._definition(name)
        with self._working(), self._bench() as bench:
            self._refresh()
            with self._reading() as reading:
                rows = [(row[0], row[1]) for row in tables.records(reading.cursor)]
                labels = tables.labels(reading.cursor) if with_reviews else []
            if len(rows) < 2:
                raise InputError(
                    "Linking learns from at least two profiles of whom traits are known."
                )
            columns = [field.name for field in definition.fields]
            model = train(
                as_table(rows, columns), definition,
                labels=as_labels(labels, columns), workbench=bench, progress=self._note,
            )  # fmt: skip
            stored = self._write(
                lambda: tables.put_model(
                    self._ingest.cursor,
                    name,
                    model.to_json().decode(),
                    records=len(rows),
                    labels=len(labels),
                    now=self._clock.now(),
                )
            )
        return {"position": self._ingest.position, **shown_model(stored, weights=True)}

    def models(self) -> dict[str, Any]:
        """All versions of all models, the newest first, without their weights."""
        with self._reading() as reading:
            found = [shown_model(each) for each in tables.models(reading.cursor)]
            return {**reading.head, "data": found}

    def model(self, name: str, version: int | None = None) -> dict[str, Any]:
        """A model with what each degree of likeness is worth.

        Raises:
            NotFoundError: There is none.
        """
        with self._reading() as reading:
            return {**reading.head, **shown_model(_model(reading, name, version), weights=True)}

    def chart(self, name: str, version: int | None = None) -> str:
        """The match weights of a model as a web page that loads nothing.

        Raises:
            NotFoundError: There is none.
        """
        with self._reading() as reading:
            stored = _model(reading, name, version)
        return match_weights_page(LinkingModel.from_json(stored.body))

    # Running

    def run(
        self,
        name: str,
        *,
        version: int | None = None,
        everything: bool = False,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Score what is new or changed since the last run of this version, and act on it.

        Args:
            name: Of the model.
            version: Which one; the newest by default. One that did not run last scores all.
            everything: Score all.
            dry_run: Only say what would follow.

        Raises:
            NotFoundError: There is no such model.
            BusyError: Linking is at work already.
        """
        with self._working(), self._bench() as bench:
            self._refresh()
            now = self._clock.now()
            with self._reading() as reading:
                stored = _model(reading, name, version)
                last = tables.last_run(reading.cursor, name)
                again = everything or last is None or last.version != stored.version
                since = 0 if again or last is None else last.stamp
            found = runs.find(
                self._reading, self._book().identity, stored,
                since=since, now=now, progress=self._note, workbench=bench,
            )  # fmt: skip
            with self._reading() as reading:
                asked = new_proposals(reading.cursor, found)
            done = tables.Run(
                name, stored.version, found.stamp, found.scored, found.records,
                len(found.messages), 0, len(asked),
            )  # fmt: skip
            if not dry_run:
                done = self._carry_out(done, found)
        return {
            "position": self._ingest.position,
            "dry_run": dry_run,
            "model": name,
            "version": stored.version,
            "scored": done.scored,
            "records": done.records,
            "linked": done.linked,
            "refused": done.refused,
            "kept_apart": found.forbidden,
            "reviews": done.reviews,
        }

    def progress(self) -> dict[str, Any]:
        """What linking is doing now."""
        task = self._task
        if task is None:
            return {"working": False, "what": None, "done": 0, "total": 0}
        return {"working": True, "what": task.what, "done": task.done, "total": task.total}

    # Reviews

    def reviews(
        self, *, state: tables.State | None = "pending", limit: int = 100
    ) -> dict[str, Any]:
        """Pairs that a person is asked about, the likeliest to be one person first.

        Args:
            state: Only these; None for all.
            limit: How many at most.
        """
        with self._reading() as reading:
            found = tables.reviews(reading.cursor, state=state)
            shown = self._shown(reading, found[:limit])
            return {**reading.head, "total": len(found), "data": shown}

    def review(
        self,
        review_id: int,
        verdict: str,
        *,
        made_by: str,
        reason: str | None = None,
        message_id: str | None = None,
    ) -> dict[str, Any]:
        """Decide about a pair: a decision by hand like any other, which wins over every model.

        Args:
            review_id: Which one.
            verdict: ``same`` joins the two profiles, ``different`` keeps them apart.
            made_by: Who says so.
            reason: Why.
            message_id: The same one does nothing a second time.

        Raises:
            NotFoundError: There is no such review.
            InputError: It is no verdict.
            ConflictError: They hold two values of an identifier of which a profile has one, another
                decision says otherwise, or the review was decided before, and that stands.
        """
        if verdict not in VERDICTS:
            raise InputError(f"verdict: expected same or different, got {verdict!r}.")

        def decide() -> None:
            why = reason or f"Review {review_id} of linking."
            said = Said(why, made_by, self._clock.now(), message_id or secrets.token_hex(16))
            decide_review(self._ingest, review_id, verdict, said)

        self._writer.run(decide)
        with self._reading() as reading:
            found = tables.review(reading.cursor, review_id)
            shown = self._shown(reading, [found] if found else [])
            return {**reading.head, **shown[0]}

    # Inside

    def _carry_out(self, done: tables.Run, found: runs.Found) -> tables.Run:
        now = self._clock.now()
        source_id = self._write(lambda: internal_source(self._ingest.cursor, LINKING_MODELS))
        for start in range(0, len(found.messages), A_GROUP):
            messages = found.messages[start : start + A_GROUP]
            self._writer.run(
                lambda messages=messages: self._ingest.commit_group(  # type: ignore[misc]
                    [delivery(source_id, messages, now)]
                )
            )

        def finish() -> tables.Run:
            cursor = self._ingest.cursor
            tables.settle_joined(cursor)
            asked = take_proposals(cursor, found)
            tables.propose(cursor, asked, done.model, done.version, now)
            names = [message.message_id for message in found.messages]
            linked, refused = tables.fate_of_links(cursor, names, source_id)
            made = tables.Run(
                done.model, done.version, done.stamp, done.scored, done.records,
                linked, refused, len(asked),
            )  # fmt: skip
            tables.put_run(cursor, made, now)
            return made

        return self._write(finish)

    def _refresh(self) -> None:
        """Bring the records of profiles up to date."""
        self._note("records", 0, 1)
        book = self._book()
        extra = extra_fields(book.linking.values())
        fields = msgspec.json.encode(extra).decode()
        with self._reading() as reading:
            before = tables.progress(reading.cursor)
            upto = tables.reached(reading.cursor, before, fields)
            fits = before is not None and before.fields == fields
            of = tables.changed(reading.cursor, before) if before is not None and fits else None
            if of == []:
                return
            rows = list(read_records(reading.cursor, book.identity, extra, of))
        self._write(lambda: tables.put_records(self._ingest.cursor, rows, upto, of=of))

    def _definition(self, name: str) -> LinkingDefinition:
        found = self._book().linking.get(name)
        if found is None and name != DEFAULT:
            raise NotFoundError(
                f"There is no linking definition {name}.",
                hint=f"Declare it, or train {DEFAULT}, which needs no definition.",
            )
        return found or LinkingDefinition()

    def _shown(self, reading: Reading, found: list[tables.StoredReview]) -> list[dict[str, Any]]:
        profiles = {end for each in found for end in (each.profile_a, each.profile_b)}
        known = {row[0]: msgspec.json.decode(row[1])
                 for row in tables.records(reading.cursor, sorted(profiles))}  # fmt: skip
        return [shown_review(reading.cursor, each, known) for each in found]

    def _write(self, call: Callable[[], T]) -> T:
        def inside() -> T:
            with self._ingest.cursor.transaction():
                return call()

        return self._writer.run(inside)

    def _bench(self) -> Workbench:
        return Workbench(memory_limit=self._limits[0], threads=self._limits[1])

    def _note(self, what: str, done: int, total: int) -> None:
        self._task = Task(what, done, total)

    @contextmanager
    def _working(self) -> Iterator[None]:
        if not self._turn.acquire(blocking=False):
            raise BusyError("Linking is at work already.")
        try:
            yield
        finally:
            self._task = None
            self._turn.release()


def _model(reading: Reading, name: str, version: int | None) -> tables.StoredModel:
    found = tables.models(reading.cursor, name)
    for each in found:
        if version is None or each.version == version:
            return each
    if found:
        raise NotFoundError(f"There is no version {version} of the linking model {name}.")
    raise NotFoundError(
        f"There is no linking model {name}.", hint=f"Train it: patron linking train {name}"
    )
