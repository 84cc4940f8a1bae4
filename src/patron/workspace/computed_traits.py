"""Questions about computed traits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from patron.pipeline import computed_traits
from patron.workspace.opened import Opened


class ComputedTraits(Opened):
    """Answers questions about computed traits."""

    def computed_traits(self, *, min_position: int | None = None) -> dict[str, Any]:
        """All computed traits, with who uses them."""
        with self.reading(min_position=min_position) as reading:
            return computed_traits.listing(reading, self._book)

    def computed_trait(self, name: str, *, min_position: int | None = None) -> dict[str, Any]:
        """One computed trait, with who uses it.

        Raises:
            NotFoundError: There is none.
        """
        with self.reading(min_position=min_position) as reading:
            return computed_traits.one(reading, self._book, name)

    def computed_values(
        self,
        name: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> dict[str, Any]:
        """The customers who have a value, with it, page by page; see `computed_traits.values`."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return computed_traits.values(
                reading, self._book, name, after=cursor, limit=limit, scored=self._scored
            )

    def explain_computed(
        self,
        name: str,
        profile: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """What the value of one customer comes to, and the events behind it."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return computed_traits.explained(reading, self._book, name, profile)
