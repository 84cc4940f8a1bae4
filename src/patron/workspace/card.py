"""What people add to a customer by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from patron.pipeline import card
from patron.pipeline.card import Card, CardTask, Writer
from patron.pipeline.customers import profile_of
from patron.workspace.opened import Opened


class Cards(Opened):
    """Writes notes, tags, switches and traits on a customer's card."""

    def writer(
        self, name: str, *, on_behalf_of: str | None = None, message_id: str | None = None
    ) -> Writer:
        """Who writes now.

        Args:
            name: Of the token.
            on_behalf_of: For whom, in words.
            message_id: The same one does nothing a second time.
        """
        return Writer(name, self.clock.now(), on_behalf_of, message_id)

    def write(self, identifier: str, writer: Writer, task: CardTask) -> dict[str, Any]:
        """Do something on the card of a customer.

        Args:
            identifier: ``type:value`` or a profile id.
            writer: Who writes.
            task: Such as ``lambda card: card.note("Called back.")``.

        Returns:
            What it gives, with the log position that holds for it.

        Raises:
            NotFoundError: Nobody has the identifier.
        """
        return self._writer.run(
            lambda: task(Card(self._ingest, self._reader.messages, writer, identifier))
        )

    def notes(
        self, identifier: str, *, as_of: datetime | None = None, min_position: int | None = None
    ) -> dict[str, Any]:
        """The notes about a customer, newest first.

        Raises:
            NotFoundError: Nobody has the identifier.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            own = profile_of(reading, self._book.identity, identifier)
            data = card.notes_of(reading, own)
            return {**reading.head, "profile_id": own.profile_id, "data": data}
