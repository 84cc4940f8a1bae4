"""Training and running linking models on what a workspace holds."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from patron.errors import ConflictError, InputError, NotFoundError
from patron.identity import decision_rows
from patron.linking import (
    LinkingDefinition,
    LinkingModel,
    match_weights_page,
    train,
)
from patron.pipeline.identity.wishes import Said
from patron.pipeline.linking import run as runs
from patron.pipeline.linking.change import known_without, without
from patron.pipeline.linking.compared import read_places, values_at
from patron.pipeline.linking.messages import A_GROUP, delivery, model_message, put_messages
from patron.pipeline.linking.records import as_labels, as_table
from patron.pipeline.linking.reviewing import (
    VERDICTS,
    decide_review,
    new_proposals,
    take_proposals,
)
from patron.pipeline.linking.shown import shown_model, shown_review
from patron.pipeline.linking.versions import Versions
from patron.pipeline.linking.workplace import Workplace, stored_model
from patron.warehouse import linking as tables
from patron.warehouse.model_links import put_change, standing_version
from patron.warehouse.reading import Reading
from patron.warehouse.sources import BY_HAND, LINKING_MODELS, internal_source

DEFAULT = "default"
"""The model that needs no definition."""


class Linking:
    """Trains and runs models; one of both at a time.

    Args:
        workplace: Where it works.

    Attributes:
        versions: Changes from one version of a model to another.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._place = workplace
        self.versions = Versions(workplace)

    # Models

    def train(self, name: str, *, with_reviews: bool = False) -> dict[str, Any]:
        """Train a model on all profiles, and keep it as the next version of its name.

        They are taken as they would be without the links that the model made before.

        Args:
            name: Of a definition of kind ``linking``; ``default`` needs none.
            with_reviews: Learn from what reviewers said too.

        Raises:
            NotFoundError: There is no such definition.
            InputError: Too little is known of too few profiles.
            BusyError: Linking is at work already.
        """
        definition = self._definition(name)
        with self._place.working() as bench:
            self._place.refresh()
            with self._place.reading() as reading:
                # Whom the model made one are several again: it learns from how they differ.
                base = without(reading.cursor, self._place.book().identity, name)
                known = known_without(reading.cursor, base, self._place.extra)
                rows = [(row[0], row[1]) for row in known.rows]
                labels = tables.labels(reading.cursor) if with_reviews else []
            if len(rows) < 2:
                raise InputError(
                    "Linking learns from at least two profiles of whom traits are known."
                )
            columns = [field.name for field in definition.fields]
            model = train(
                as_table(rows, columns), definition,
                labels=as_labels(labels, columns), workbench=bench, progress=self._place.note,
            )  # fmt: skip
            stored = self._place.write(
                lambda: tables.put_model(
                    self._place.ingest.cursor,
                    name,
                    model.to_json().decode(),
                    records=len(rows),
                    labels=len(labels),
                    now=self._place.clock.now(),
                )
            )
        return {"position": self._place.ingest.position, **shown_model(stored, weights=True)}

    def models(self) -> dict[str, Any]:
        """All versions of all models, the newest first, without their weights."""
        with self._place.reading() as reading:
            stored = tables.models(reading.cursor)
            standing = {each.name: standing_version(reading.cursor, each.name) for each in stored}
            found = [
                {**shown_model(each), "stands": standing[each.name] == each.version}
                for each in stored
            ]
            return {**reading.head, "data": found}

    def model(self, name: str, version: int | None = None) -> dict[str, Any]:
        """A model with what each degree of likeness is worth.

        Raises:
            NotFoundError: There is none.
        """
        with self._place.reading() as reading:
            return {
                **reading.head,
                **shown_model(stored_model(reading, name, version), weights=True),
            }

    def chart(self, name: str, version: int | None = None) -> str:
        """The match weights of a model as a web page that loads nothing.

        Raises:
            NotFoundError: There is none.
        """
        with self._place.reading() as reading:
            stored = stored_model(reading, name, version)
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
            version: Which one; when None the one that stands, or before any did the newest.
            everything: Score all.
            dry_run: Only say what would follow.

        Raises:
            NotFoundError: There is no such model.
            ConflictError: Another version stands.
            BusyError: Linking is at work already.
        """
        with self._place.working() as bench:
            self._place.refresh()
            now, rules = self._place.clock.now(), self._place.book().identity
            with self._place.reading() as reading:
                stored = _standing(reading, name, version)
                last = tables.last_run(reading.cursor, name, stored.version)
                since = 0 if everything or last is None else last.stamp
                known = runs.known_now(reading.cursor, rules, self._place.extra)
            found = runs.find(
                self._place.reading, known, rules, stored,
                since=since, now=now, progress=self._place.note, workbench=bench,
            )  # fmt: skip
            with self._place.reading() as reading:
                asked = new_proposals(reading.cursor, found)
            done = tables.Run(
                name, stored.version, found.stamp, found.scored, found.records,
                len(found.messages), 0, len(asked),
            )  # fmt: skip
            if not dry_run:
                done = self._carry_out(done, found)
        return {
            "position": self._place.ingest.position,
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
        return self._place.progress()

    # Reviews

    def reviews(
        self, *, state: tables.State | None = "pending", limit: int = 100
    ) -> dict[str, Any]:
        """Pairs that a person is asked about, the likeliest to be one person first.

        Args:
            state: Only these; None for all.
            limit: How many at most.
        """
        with self._place.reading() as reading:
            found = tables.reviews(reading.cursor, state=state)
            shown = self._shown(reading, found[:limit])
            return {**reading.head, "total": len(found), "data": shown}

    def review(
        self,
        review_id: int,
        verdict: str,
        *,
        made_by: str,
        on_behalf_of: str | None = None,
        reason: str | None = None,
        message_id: str | None = None,
    ) -> dict[str, Any]:
        """Decide about a pair: a decision by hand like any other, which wins over every model.

        Args:
            review_id: Which one.
            verdict: ``same`` joins the two profiles, ``different`` keeps them apart.
            made_by: Who says so.
            on_behalf_of: For whom, in words.
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
            said = Said(
                why, made_by, self._place.clock.now(), message_id or secrets.token_hex(16),
                on_behalf_of,
            )  # fmt: skip
            decide_review(self._place.ingest, review_id, verdict, said)

        self._place.writer.run(decide)
        with self._place.reading() as reading:
            found = tables.review(reading.cursor, review_id)
            shown = self._shown(reading, [found] if found else [])
            return {**reading.head, **shown[0]}

    # Inside

    def _carry_out(self, done: tables.Run, found: runs.Found) -> tables.Run:
        now = self._place.clock.now()
        source_id = self._place.writer.run(lambda: self._stand(done.model, done.version, now))
        for start in range(0, len(found.messages), A_GROUP):
            messages = found.messages[start : start + A_GROUP]
            self._place.writer.run(
                lambda messages=messages: self._place.ingest.commit_group(  # type: ignore[misc]
                    [delivery(source_id, messages, now)]
                )
            )

        def finish() -> tables.Run:
            cursor = self._place.ingest.cursor
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

        return self._place.write(finish)

    def _stand(self, name: str, version: int, now: datetime) -> int:
        """Have the first version that runs stand; returns the number of the internal source.

        Runs in the writer's thread.
        """
        ingest = self._place.ingest
        cursor = ingest.cursor
        with cursor.transaction():
            source_id = internal_source(cursor, LINKING_MODELS)
            standing = standing_version(cursor, name)
            if standing is not None and standing != version:
                raise ConflictError("Another version of the model was applied in between.")
            keys = None
            if standing is None:
                keys = put_messages(ingest, [model_message(name, version, now)], now)
                put_change(
                    cursor, name, version, position=ingest.position + len(keys), recorded_at=now
                )
        if keys is not None:
            ingest.advance(keys, None)
        return source_id

    def _definition(self, name: str) -> LinkingDefinition:
        found = self._place.book().linking.get(name)
        if found is None and name != DEFAULT:
            raise NotFoundError(
                f"There is no linking definition {name}.",
                hint=f"Declare it, or train {DEFAULT}, which needs no definition.",
            )
        return found or LinkingDefinition()

    def _shown(self, reading: Reading, found: list[tables.StoredReview]) -> list[dict[str, Any]]:
        places = [read_places(side) for each in found
                  for side in (each.left_places, each.right_places)]  # fmt: skip
        values = values_at(reading.cursor, self._place.book().identity, places)
        known = list(zip(places, values, strict=True))
        numbers = [each.decision_id for each in found if each.decision_id is not None]
        decided = decision_rows.read_decisions(reading.cursor, BY_HAND, only=numbers)
        behalf = {one["decision_id"]: one["on_behalf_of"] for one in decided}
        return [
            {
                **shown_review(reading.cursor, each, known[2 * at], known[2 * at + 1]),
                "on_behalf_of": behalf.get(each.decision_id),
            }
            for at, each in enumerate(found)
        ]


def _standing(reading: Reading, name: str, version: int | None) -> tables.StoredModel:
    """The model that runs.

    Raises:
        NotFoundError: There is none.
        ConflictError: Another version stands.
    """
    standing = standing_version(reading.cursor, name)
    if standing is None or version == standing:
        return stored_model(reading, name, version)
    if standing == 0 or version is not None:
        stands = f"version {standing}" if standing else "no version any more"
        raise ConflictError(
            f"Of the linking model {name} stands {stands}.",
            hint="See what another one would change, and have it stand: patron linking plan, "
            "patron linking apply",
        )
    return stored_model(reading, name, standing)
