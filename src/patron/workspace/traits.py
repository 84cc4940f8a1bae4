"""Questions about traits, and about the rates that amounts are converted by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from patron.pipeline import declared_traits, traits
from patron.workspace.opened import Opened


class Traits(Opened):
    """Answers questions about traits."""

    def traits(
        self, *, as_of: datetime | None = None, min_position: int | None = None
    ) -> dict[str, Any]:
        """Every trait, what is declared of it, and who uses it; see `traits.traits`."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return {**reading.head, "data": traits.traits(reading, self._book)}

    def declared_trait(self, name: str, *, min_position: int | None = None) -> dict[str, Any]:
        """What is declared of one trait, and who reads it.

        Raises:
            NotFoundError: There is no such definition.
        """
        with self.reading(min_position=min_position) as reading:
            return {**reading.head, "trait": declared_traits.one(reading, self._book, name)}

    def trait_conflicts(
        self, *, as_of: datetime | None = None, min_position: int | None = None
    ) -> dict[str, Any]:
        """On which traits sources disagree; see `traits.disagreements`."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return {**reading.head, "data": traits.disagreements(reading, self._book)}

    def traits_of(
        self,
        identifier: str,
        *,
        name: str | None = None,
        as_of: datetime | None = None,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """What every source said of a customer, and what holds; see `traits.of_customer`.

        Raises:
            NotFoundError: Nobody has the identifier.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return traits.of_customer(reading, self._book, identifier, name)
