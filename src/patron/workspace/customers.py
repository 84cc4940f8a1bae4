"""Questions about one customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from patron.identity.graph.explanation import MOST
from patron.pipeline import customers, groups
from patron.pipeline.identity import graph
from patron.pipeline.known import Known, known_segments
from patron.profiles import Kind
from patron.spec.groups import GroupType
from patron.workspace.opened import Opened


class Customers(Opened):
    """Answers questions about one customer."""

    def profile(
        self,
        identifier: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        include: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """One customer by any identifier or by profile id; see `customers.profile`.

        Raises:
            NotFoundError: Nobody has it.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            book = self._book

            def known(profile_id: int) -> Known | None:
                return known_segments(self._live, reading, book, profile_id, self._store.cursor)

            return customers.profile(
                reading, book, identifier, include, known if as_of is None else None
            )

    def timeline(
        self,
        identifier: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        events: list[str] | None = None,
        kinds: Sequence[Kind] | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> dict[str, Any]:
        """What became of a customer, newest first, page by page; see `profiles.timeline`."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return customers.timeline(
                reading,
                self._book,
                identifier,
                events=events,
                kinds=kinds,
                before=cursor,
                limit=limit,
            )

    def orders(
        self, identifier: str, *, as_of: datetime | None = None, min_position: int | None = None
    ) -> dict[str, Any]:
        """What a customer ordered, each order in its latest state."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return customers.orders(reading, self._book, identifier)

    def group(
        self,
        kind: GroupType,
        group_id: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> dict[str, Any]:
        """A household or company with a page of its members; see `groups.group`.

        Raises:
            NotFoundError: Nobody is in it.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return groups.group(
                reading, self._book.identity, kind, group_id, after=cursor, limit=limit
            )

    def identity_of(
        self, identifier: str, *, min_position: int | None = None, most: int = MOST
    ) -> dict[str, Any]:
        """Why the identifiers of a customer are one person; see `graph.explained`.

        Raises:
            NotFoundError: Nobody has the identifier.
        """
        with self.reading(min_position=min_position) as reading:
            return graph.explained(reading, self._book, identifier, most=most)

    def identity_picture(
        self, identifier: str, *, min_position: int | None = None, most: int = MOST
    ) -> str:
        """The same as a picture, in SVG.

        Raises:
            NotFoundError: Nobody has the identifier.
        """
        with self.reading(min_position=min_position) as reading:
            return graph.drawn(reading, self._book, identifier, most=most)
