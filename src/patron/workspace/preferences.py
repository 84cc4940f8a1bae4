"""Questions about preferences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from patron.pipeline import preferences
from patron.workspace.opened import Opened


class Preferences(Opened):
    """Answers questions about preferences."""

    def preferences(self, *, min_position: int | None = None) -> dict[str, Any]:
        """All preferences, with who uses them."""
        with self.reading(min_position=min_position) as reading:
            return preferences.listing(reading, self._book)

    def preference(
        self, name: str, *, as_of: datetime | None = None, min_position: int | None = None
    ) -> dict[str, Any]:
        """One preference, with who uses it, and how many customers prefer what.

        Raises:
            NotFoundError: There is none.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return preferences.one(reading, self._book, name)

    def preference_values(
        self,
        name: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> dict[str, Any]:
        """Customers with what they prefer, page by page; see `pipeline.preferences.values`."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return preferences.values(reading, self._book, name, after=cursor, limit=limit)

    def explain_preference(
        self,
        name: str,
        profile: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """What one customer prefers, value by value."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return preferences.explained(reading, self._book, name, profile)
