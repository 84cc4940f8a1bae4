"""Changing to another version of a linking model: what it would come to, doing it, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, NotFoundError
from patron.identity import write
from patron.identity.store import compact_within
from patron.pipeline.identity.apply import changed_rows
from patron.pipeline.identity.effects import segment_effects
from patron.pipeline.identity.examples import examples
from patron.pipeline.identity.suspicion import largest, suspicious
from patron.pipeline.linking import run as runs
from patron.pipeline.linking.change import Change, known_without, reckon, rows_of, without
from patron.pipeline.linking.messages import Keys, model_message, put_messages
from patron.pipeline.linking.reviewing import take_proposals
from patron.pipeline.linking.workplace import Workplace, stored_model
from patron.warehouse import linking as tables
from patron.warehouse.model_links import links_of, put_change, standing_version, stood_before
from patron.warehouse.reading import Reading
from patron.warehouse.sources import LINKING_MODELS, internal_source, number_of_source


@dataclass(frozen=True, slots=True)
class Wanted:
    """The version of a model that is wanted, and what is known of its links.

    Attributes:
        model: Its name.
        version: 0 for none.
        held: The version that stands; None where none ever did.
        found: What scoring found; None for a version that stood before: its links are in the log.
        moment: When links were found.
    """

    model: str
    version: int
    held: int | None
    found: runs.Found | None
    moment: datetime

    @property
    def rule(self) -> str:
        """What its links are called."""
        return f"linking:{self.model}@{self.version}"

    def links(self, cursor: Cursor) -> pa.Table:
        """Its links, as rows of `MODEL_LINKS`."""
        if self.found is None:
            return links_of(cursor, self.model, self.version)
        names = [message.message_id for message in self.found.messages]
        source_id = number_of_source(cursor, LINKING_MODELS) or 0
        moment = round(self.moment.replace(tzinfo=UTC).timestamp() * 1_000_000)
        return rows_of(self.found.pairs, names, self.rule, moment, source_id)

    def told(self) -> str:
        """What brings merges and splits about, as their sentences begin."""
        if self.version == 0:
            return f"Taking back the linking model {self.model}"
        return f"Version {self.version} of the linking model {self.model}"


class Versions:
    """Plans, applies and reverts versions of models.

    Args:
        workplace: Where linking works.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._place = workplace

    def plan(
        self,
        name: str,
        *,
        version: int | None = None,
        revert: bool = False,
        as_of: datetime | None = None,
        segments: bool = True,
    ) -> dict[str, Any]:
        """What another version would come to: links, merges, splits, members. Changes nothing.

        All customers are scored, as they would be without the model.

        Args:
            name: Of the model.
            version: Which one; the newest, or with `revert` the one that stood before, when None.
            revert: Bring back one that stood before; 0 takes all links of the model away.
            as_of: The moment that members of segments are counted for, naive UTC.
            segments: Whether to count members of segments.

        Raises:
            NotFoundError: There is no such model.
            ConflictError: The version stands already.
            BusyError: Linking is at work already.
        """
        wanted = self._wanted(name, version, revert)
        with self._place.reading(as_of=as_of) as reading:
            return self._told(reading, wanted, segments=segments)

    def apply(
        self,
        name: str,
        *,
        version: int | None = None,
        revert: bool = False,
        fingerprint: str | None = None,
    ) -> dict[str, Any]:
        """Have the links of another version hold instead of those of the one that stands.

        In one transaction. What the model that stands had said stays in the log, and comes back
        with it.

        Args:
            name: Of the model.
            version: See `plan`.
            revert: See `plan`.
            fingerprint: Of the plan that this must come to; None for whatever it comes to.

        Raises:
            NotFoundError: There is no such model.
            ConflictError: It comes to something else than the plan did, or stands already.
            BusyError: Linking is at work already.
        """
        wanted = self._wanted(name, version, revert)
        return self._place.writer.run(lambda: self._apply(wanted, fingerprint))

    def _wanted(self, name: str, version: int | None, revert: bool) -> Wanted:
        with self._place.working() as bench:
            self._place.refresh()
            now, rules = self._place.clock.now(), self._place.book().identity
            with self._place.reading() as reading:
                chosen = _chosen(reading, name, version, revert)
                held = standing_version(reading.cursor, name)
                if chosen == 0 or chosen in stood_before(reading.cursor, name):
                    return Wanted(name, chosen, held, None, now)
                stored = stored_model(reading, name, chosen)
                base = without(reading.cursor, rules, name)
                known = known_without(reading.cursor, base, self._place.extra)
            found = runs.find(
                self._place.reading, known, rules, stored,
                since=0, now=now, progress=self._place.note, workbench=bench,
            )  # fmt: skip
            return Wanted(name, chosen, held, found, now)

    def _told(self, reading: Reading, wanted: Wanted, *, segments: bool) -> dict[str, Any]:
        cursor, book = reading.cursor, self._place.book()
        change = self._reckoned(cursor, wanted)
        reckoning = change.reckoning
        effects = []
        if segments:
            effects = segment_effects(
                reading, book, reckoning, self._place.note, changed=bool(reckoning.turns)
            )
        return {
            **_summary(reading, wanted, change, applied=False),
            "largest": largest(cursor, reckoning),
            "suspicious": suspicious(cursor, reckoning, book.identity),
            "examples": examples(cursor, reckoning),
            "segments": effects,
        }

    def _reckoned(self, cursor: Cursor, wanted: Wanted) -> Change:
        base = without(cursor, self._place.book().identity, wanted.model)
        return reckon(base, wanted.links(cursor))

    def _apply(self, wanted: Wanted, fingerprint: str | None) -> dict[str, Any]:
        """Have it hold; in the writer's thread."""
        ingest = self._place.ingest
        # Until identity is read anew, it is not what the tables say.
        with ingest.resolver.aside():
            done, keys = self._written(wanted, fingerprint)
            ingest.use_rules(ingest.rules)
        ingest.advance(keys, None)
        return {**done, "position": ingest.position}

    def _written(self, wanted: Wanted, fingerprint: str | None) -> tuple[dict[str, Any], Keys]:
        """Reckon again, and write it down: what is told of it, and the keys of its messages."""
        ingest, now = self._place.ingest, self._place.clock.now()
        cursor = ingest.cursor
        with cursor.transaction():
            internal_source(cursor, LINKING_MODELS)
            if standing_version(cursor, wanted.model) != wanted.held:
                raise ConflictError("Another version of the model was applied in between.")
            change = self._reckoned(cursor, wanted)
            reading = Reading(cursor, ingest.position, now)
            done = _summary(reading, wanted, change, applied=True)
            if fingerprint is not None and fingerprint != done["fingerprint"]:
                raise ConflictError(
                    "The change would come to something else by now than the plan says: what is "
                    "stored has changed.",
                    hint="Plan again and look at the numbers.",
                )
            return done, _write(ingest.position, self._place, wanted, change, now)


def _chosen(reading: Reading, name: str, version: int | None, revert: bool) -> int:
    """The version that is meant.

    Raises:
        NotFoundError: There is no such version, or none stood before.
        ConflictError: It stands already.
    """
    standing = standing_version(reading.cursor, name)
    if revert:
        before = stood_before(reading.cursor, name)
        if not before:
            raise NotFoundError(f"No version of the linking model {name} was ever run.")
        if version is None:
            version = next((one for one in before if one != standing), 0)
        elif version and version not in before:
            raise NotFoundError(f"Version {version} of the linking model {name} never stood.")
    else:
        version = stored_model(reading, name, version).version
    if version == (standing or 0):
        raise ConflictError(
            f"Version {version} of the linking model {name} stands already."
            if version
            else f"No version of the linking model {name} stands.",
            hint=f"Link who is new by it: patron linking run {name}" if version else None,
        )
    return version


def _summary(reading: Reading, wanted: Wanted, change: Change, *, applied: bool) -> dict[str, Any]:
    found = wanted.found
    return {
        **reading.head,
        "applied": applied,
        "fingerprint": change.fingerprint(wanted.model, wanted.version),
        "model": wanted.model,
        "version": wanted.version,
        "replaces": wanted.held or 0,
        "links": change.wanted,
        "reviews": None if found is None else len(found.proposals),
        "numbers": change.reckoning.numbers(),
    }


def _write(position: int, place: Workplace, wanted: Wanted, change: Change, now: datetime) -> Keys:
    """Write the model's links into the log and the tables, and all that follows from them."""
    cursor, found = place.ingest.cursor, wanted.found
    messages = [] if found is None else found.messages
    keys = put_messages(
        place.ingest, [*messages, model_message(wanted.model, wanted.version, now)], now
    )
    put_change(cursor, wanted.model, wanted.version, position=position + len(keys), recorded_at=now)
    compact_within(cursor)
    changed = changed_rows(
        cursor, change.reckoning, wanted.told(), ("model", f"{wanted.model}@{wanted.version}")
    )
    _put_links(cursor, change, now)
    write(cursor, changed, now)
    # Every row lies under the profile that stands: what was moved was rewritten.
    cursor.execute("delete from profile_map")
    _ask(cursor, wanted, now)
    return keys


def _put_links(cursor: Cursor, change: Change, now: datetime) -> None:
    """Have the table hold these links of models and no others; observed ones stay."""
    parted = change.reckoning.parted
    kept = parted.kept[len(parted.kept) - len(change.links) :]
    cursor.register("linking_rows", change.links.append_column("kept", pa.array(kept)))
    cursor.execute(
        "create or replace temp table linking_put as select n.a, n.b, "
        "make_timestamp(n.moment) as first_observed_at, n.source_id, n.message_id, n.rule, n.kept, "
        "coalesce(o.recorded_at, ?::timestamp) as recorded_at from linking_rows as n "
        "left join links as o on o.a = n.a and o.b = n.b and o.rule = n.rule",
        [now],
    )
    cursor.unregister("linking_rows")
    cursor.execute("delete from links where starts_with(rule, 'linking:')")
    cursor.execute("insert into links by name select * from linking_put")
    cursor.execute("drop table linking_put")


def _ask(cursor: Cursor, wanted: Wanted, now: datetime) -> None:
    """Close the reviews that are settled, and ask about the pairs that are in doubt."""
    found = wanted.found
    if found is None:
        tables.settle_joined(cursor)
        return
    pending = tables.reviews(cursor, state="pending")
    everybody = {end for one in pending for end in (one.profile_a, one.profile_b)}
    asked = take_proposals(cursor, replace(found, rescored=everybody))
    tables.propose(cursor, asked, wanted.model, wanted.version, now)
    messages = [message.message_id for message in found.messages]
    source_id = internal_source(cursor, LINKING_MODELS)
    linked, refused = tables.fate_of_links(cursor, messages, source_id)
    made = tables.Run(
        wanted.model, wanted.version, found.stamp, found.scored, found.records,
        linked, refused, len(asked),
    )  # fmt: skip
    tables.put_run(cursor, made, now)
