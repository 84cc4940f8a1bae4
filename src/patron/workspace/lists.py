"""Static lists: who is in them is said by hand, and stays so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from patron import definitions
from patron.pipeline import audiences
from patron.warehouse import lists
from patron.workspace.definitions import Definitions


class Lists(Definitions):
    """Makes static lists, and says how large they are."""

    def lists(self, *, min_position: int | None = None) -> dict[str, Any]:
        """Name and size of every static list."""
        with self.reading(min_position=min_position) as reading:
            return {**reading.head, "data": lists.list_sizes(reading.cursor)}

    def put_list(self, name: str, members: list[str]) -> dict[str, Any]:
        """Make a list hold exactly these identifiers."""
        self._put("list", name, {"members": sorted(members)})
        return self._list_size(name)

    def add_to_list(self, name: str, members: list[str]) -> dict[str, Any]:
        """Add identifiers to a list."""
        with self.reading() as reading:
            held = definitions.current(reading.cursor).get(("list", name))
        known = [] if held is None else held.body.get("members", [])
        return self.put_list(name, list({*known, *members}))

    def snapshot_list(
        self, name: str, segment: str, *, as_of: datetime | None = None
    ) -> dict[str, Any]:
        """Make a list hold exactly those who are in a segment at a moment; they stay in it."""
        with self.reading(as_of=as_of) as reading:
            members = audiences.strongest_identifiers(reading, self._book, segment)
        return {**reading.head, **self.put_list(name, members), "segment": segment}

    def _list_size(self, name: str) -> dict[str, Any]:
        with self.reading() as reading:
            sizes = {row["name"]: row["entries"] for row in lists.list_sizes(reading.cursor)}
            return {"position": reading.position, "name": name, "entries": sizes.get(name, 0)}
