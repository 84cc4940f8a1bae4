"""What people add to a customer by hand: notes, tags, switches and traits (S5.13).

Each is a message of an internal source, filed under the customer's strongest identifier: it follows
the person through merges and comes out of the log again like everything else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from patron import profiles
from patron.clock import format_time
from patron.collect.messages import MessageReader
from patron.errors import ConflictError, InputError, NotFoundError, told
from patron.pipeline.customers import profile_of
from patron.pipeline.ingest import Ingest
from patron.spec.decisions import MOST_TEXT
from patron.spec.identifiers import Identifier
from patron.spec.incoming import NOTE, Delivery, Message
from patron.spec.traits import Survivorships
from patron.warehouse.reading import Reading
from patron.warehouse.sources import BY_HAND, NO_BRAND, internal_source, number_of_source

MOST_NOTE = 20_000
"""The longest note, in characters."""

MOST_TAGS = 200
"""So many tags one customer may have."""

TAGS = "tags"
"""The trait that holds a customer's tags: a list of texts."""

SWITCHES = "switches"
"""The trait that holds a customer's switches: an object of names, each true or false."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes on a card.

    Attributes:
        name: Of the token.
        at: When, naive UTC.
        on_behalf_of: For whom, in the words of that one.
        message_id: Of the message: the same one does nothing a second time. None makes one.

    Raises:
        InputError: A text is empty or too long.
    """

    name: str
    at: datetime
    on_behalf_of: str | None = None
    message_id: str | None = None

    def __post_init__(self) -> None:
        for field in ("on_behalf_of", "message_id"):
            text: str | None = getattr(self, field)
            most = 100 if field == "message_id" else MOST_TEXT
            if text is not None and (not text.strip() or len(text) > most):
                raise InputError(f"{field}: expected 1 to {most:,} characters.", field=field)


CardTask = Callable[["Card"], dict[str, Any]]
"""Something to write on a card."""


class Card:
    """A customer's card, to write on; used from the writer's thread alone.

    Args:
        ingest: The writer's.
        reader: Reads messages under the rules that hold.
        writer: Who writes.
        customer: ``type:value`` or a profile id.
        rules: Tells which observation of each trait holds by now: what is written can change it.

    Attributes:
        reading: What is stored now, as of the moment of writing.
        profile_id: Whose card it is.

    Raises:
        NotFoundError: Nobody has the identifier.
        ConflictError: The profile has no identifier to write under.
    """

    def __init__(
        self,
        ingest: Ingest,
        reader: MessageReader,
        writer: Writer,
        customer: str,
        rules: Callable[[], Survivorships],
    ) -> None:
        self._rules = rules
        self._ingest = ingest
        self._reader = reader
        self._writer = writer
        self._message_id = writer.message_id or f"card-{secrets.token_hex(12)}"
        self.reading = Reading(ingest.cursor, ingest.position, writer.at)
        self._own = profile_of(self.reading, ingest.rules, customer)
        self.profile_id = self._own.profile_id
        found = profiles.representatives(ingest.cursor, ingest.rules, [self.profile_id])
        if self.profile_id not in found:
            raise ConflictError(f"Profile {self.profile_id} has no identifier to write under.")
        self._identifier: Identifier = found[self.profile_id][1]

    def note(self, text: str | None, note_id: str | None = None) -> dict[str, Any]:
        """Write a note, change one, or take one back.

        Args:
            text: What it is to say; None takes it back.
            note_id: The one that is changed; None writes a new one.

        Returns:
            The note as it reads now, None when it was taken back, with the log position.

        Raises:
            InputError: The text is empty or too long.
            NotFoundError: This customer has no such note.
        """
        if text is not None and (not text.strip() or len(text) > MOST_NOTE):
            raise InputError(f"text: expected 1 to {MOST_NOTE:,} characters.", field="text")
        if note_id is not None and note_id not in self._notes():
            raise NotFoundError(f"Profile {self.profile_id} has no note {note_id}.")
        note_id = note_id or self._message_id
        body = {
            **self._said(NOTE),
            "note_id": note_id,
            "text": text,
            "written_by": self._writer.name,
            "on_behalf_of": self._writer.on_behalf_of,
        }
        delivery = self._delivery()
        delivery.messages.append(
            Message(
                message_id=self._message_id,
                type=NOTE,
                name=None,
                channel="internal",
                occurred_at=self._writer.at,
                body=msgspec.json.encode(body).decode(),
                properties=None,
                traits=None,
                identifiers=[(self._identifier.type, self._identifier.value)],
            )
        )
        delivery.fates.append(0)
        answer = self._commit(delivery)
        note = self._notes().get(note_id)
        return {**answer, "note": None if note is None else profiles.plain(note)}

    def set_traits(self, traits: dict[str, Any]) -> dict[str, Any]:
        """Set traits, each to a value, or to None, which clears it.

        Returns:
            The traits as they hold now, with the log position.

        Raises:
            InputError: There are none, or a value cannot be stored.
        """
        if not traits:
            raise InputError("traits: expected at least one.", field="traits")
        body = {
            **self._said("identify"),
            "traits": traits,
            "written_by": self._writer.name,
            "on_behalf_of": self._writer.on_behalf_of,
        }
        answer = self._read(body)
        held = self._traits()
        return {**answer, "traits": {name: held.get(name) for name in traits}}

    def tag(self, add: list[str], remove: list[str]) -> dict[str, Any]:
        """Add tags and take others away; see `set_traits`."""
        for tag in (*add, *remove):
            if not tag.strip() or len(tag) > 100:
                raise InputError("tags: expected texts of 1 to 100 characters.", field="add")
        held = self._traits().get(TAGS)
        if held is None:
            held = []
        if not isinstance(held, list):
            raise ConflictError(f"The trait {TAGS} of this customer is no list.")
        left = {one for one in held if isinstance(one, str)} - set(remove) | set(add)
        if len(left) > MOST_TAGS:
            raise InputError(
                f"A customer has at most {MOST_TAGS} tags.",
                field="add",
                told=told("too_many_tags", most=MOST_TAGS),
            )
        return self.set_traits({TAGS: sorted(left)})

    def switch(self, name: str, on: bool) -> dict[str, Any]:
        """Turn something on or off for this customer; see `set_traits`."""
        if not name.strip() or len(name) > 100:
            raise InputError("name: expected 1 to 100 characters.", field="name")
        held = self._traits().get(SWITCHES)
        if held is None:
            held = {}
        if not isinstance(held, dict):
            raise ConflictError(f"The trait {SWITCHES} of this customer is no object.")
        return self.set_traits({SWITCHES: {**held, name: on}})

    def track(self, event: str, properties: dict[str, Any]) -> dict[str, Any]:
        """Say that the customer did something.

        Returns:
            The log position.

        Raises:
            InputError: It cannot be stored.
        """
        body = {
            **self._said("track"),
            "event": event,
            "properties": properties,
            "written_by": self._writer.name,
            "on_behalf_of": self._writer.on_behalf_of,
        }
        return self._read(body)

    @property
    def repeats(self) -> bool:
        """Whether the message was stored before: then it does nothing."""
        cursor = self._ingest.cursor
        asked = [number_of_source(cursor, BY_HAND), self._message_id]
        sql = "select exists (select 1 from messages where source_id = ? and message_id = ?)"
        return bool(cursor.execute(sql, asked).value())

    # ── inside ──

    def _read(self, body: dict[str, Any]) -> dict[str, Any]:
        """Commit a message as it would be read from outside."""
        delivery = self._delivery()
        self._reader.read(delivery, msgspec.json.encode(body), default_channel="internal")
        for refusal in delivery.refusals:
            raise InputError(refusal.reason, field=refusal.field, told=refusal.told)
        return self._commit(delivery)

    def _said(self, kind: str) -> dict[str, Any]:
        who = {"type": self._identifier.type, "id": self._identifier.value}
        return {
            "type": kind,
            "messageId": self._message_id,
            "timestamp": format_time(self._writer.at),
            "context": {"externalIds": [who]},
        }

    def _delivery(self) -> Delivery:
        cursor = self._ingest.cursor
        number = number_of_source(cursor, BY_HAND)
        if number is None:
            with cursor.transaction():
                number = internal_source(cursor, BY_HAND)
        rules = self._ingest.rules
        return Delivery(number, NO_BRAND, self._writer.at, rules=rules)

    def _commit(self, delivery: Delivery) -> dict[str, Any]:
        [receipt] = self._ingest.commit_group([delivery])
        if receipt.quarantined:
            raise ConflictError("It cannot be filed under this customer; see the quarantine.")
        return {
            "position": receipt.position,
            "profile_id": self.profile_id,
            "repeated": bool(receipt.duplicate),
        }

    def _notes(self) -> dict[str, profiles.Note]:
        found = profiles.notes(self._ingest.cursor, self.profile_id, self._writer.at)
        return {one.note_id: one for one in found}

    def _traits(self) -> dict[str, Any]:
        found = profiles.traits(
            self._ingest.cursor, self.profile_id, self._writer.at, rules=self._rules()
        )
        return {one.name: one.value for one in found}


def notes_of(reading: Reading, own: profiles.Standing) -> list[dict[str, Any]]:
    """The notes about a customer, newest first."""
    found: list[dict[str, Any]] = profiles.plain(profiles.notes(reading.cursor, own, reading.as_of))
    return found
