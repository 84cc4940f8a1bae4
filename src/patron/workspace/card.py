"""What people add to a customer by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from patron.pipeline import card
from patron.pipeline.card import Card, CardTask, Writer
from patron.pipeline.customers import profile_of
from patron.pipeline.trait_definitions import decided
from patron.segments.surviving import traits_view
from patron.spec.traits import Survivorships
from patron.warehouse.sources import BY_HAND, number_of_source
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
        return self._writer.run(lambda: self._written(identifier, writer, task))

    def _written(self, identifier: str, writer: Writer, task: CardTask) -> dict[str, Any]:
        held = self._survivorships
        answer = task(Card(self._ingest, self._reader.messages, writer, identifier, held))
        held()
        return answer

    def _survivorships(self) -> Survivorships:
        """Which observation of each trait holds, from the writer's thread."""
        if not self._hand_counts:
            # The first trait that is set by hand makes those count, as a definition does.
            decided_now = decided(self._ingest.cursor, self._book.traits.values())
            if decided_now != self._book.survivorships:
                self._book = replace(self._book, survivorships=decided_now)
                self._ingest.cursor.execute(traits_view(decided_now))
        return self._book.survivorships

    @property
    def _hand_counts(self) -> bool:
        hand = number_of_source(self._ingest.cursor, BY_HAND)
        others = self._book.survivorships.others
        return others is not None and hand in others.by_hand

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
