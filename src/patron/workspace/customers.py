"""Questions about one customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from patron.errors import PatronError
from patron.identity.graph.explanation import MOST
from patron.pipeline import customers, groups, search
from patron.pipeline.book import Book
from patron.pipeline.identity import graph
from patron.pipeline.known import known_segments
from patron.pipeline.parts import KnownSegments
from patron.pipeline.search import Selection
from patron.profiles import Kind
from patron.spec.groups import GroupType
from patron.warehouse.reading import Reading
from patron.workspace.opened import Opened


class Customers(Opened):
    """Answers questions about one customer."""

    def profile(
        self,
        identifier: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        include: Sequence[str] = (),
        only: bool = False,
        brand: str | None = None,
    ) -> dict[str, Any]:
        """One customer by any identifier or by profile id; see `customers.profile`.

        Raises:
            NotFoundError: Nobody has it.
            InputError: `include` names something that is no part of a profile, or `brand` none.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            book = self._book
            known = None if as_of is not None else self._known(reading, book)
            return customers.profile(
                reading, book, identifier, include, known,
                only=only, brand=brand, scored=self._scored,
            )  # fmt: skip

    def profiles_each(
        self,
        identifiers: Sequence[str],
        *,
        include: Sequence[str] = (),
        only: bool = False,
        brand: str | None = None,
    ) -> list[dict[str, Any] | PatronError]:
        """What `profile` gives or raises for each of several customers, read together as of now.

        Raises:
            InputError: `include` names something that is no part of a profile, or `brand` none.
        """
        with self.reading() as reading:
            book = self._book
            return customers.profiles_each(
                reading, book, identifiers, include, self._known(reading, book),
                only=only, brand=brand, scored=self._scored,
            )  # fmt: skip

    def profile_id(self, identifier: str) -> int:
        """The number of the profile that stands for ``type:value`` or for a profile id.

        Raises:
            InputError: It is no identifier.
            NotFoundError: Nobody has it.
        """
        with self.reading() as reading:
            return customers.profile_of(reading, self._book.identity, identifier).profile_id

    def profiles(
        self,
        identifiers: Sequence[str],
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        include: Sequence[str] = (),
        only: bool = False,
        brand: str | None = None,
    ) -> dict[str, Any]:
        """Several customers at once; see `customers.batch`.

        Raises:
            InputError: There are none or too many, or `include` names no part of a profile, or
                `brand` no brand.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            book = self._book
            known = None if as_of is not None else self._known(reading, book)
            return customers.batch(
                reading, book, identifiers, include, known,
                only=only, brand=brand, scored=self._scored,
            )  # fmt: skip

    def customers(
        self,
        wanted: Selection | None = None,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
    ) -> dict[str, Any]:
        """A page of customers, anonymous visitors among them; see `search.listing`.

        Args:
            wanted: Which of them; the first hundred of all when None.
            as_of: Who was first seen after it is left out.
            min_position: The answer must hold at least this log position.
        """
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return search.listing(reading, self._book, self._search, wanted or Selection())

    def customer_counts(
        self, *, as_of: datetime | None = None, min_position: int | None = None
    ) -> dict[str, Any]:
        """How many customers there are, and of how many it is known who they are."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return search.counts(reading, self._book)

    def _known(self, reading: Reading, book: Book) -> KnownSegments:
        """The segments of a profile from memory, as of the present."""
        return lambda profile_id: known_segments(
            self._live, reading, book, profile_id, self._store.cursor
        )

    def timeline(
        self,
        identifier: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        events: list[str] | None = None,
        kinds: Sequence[Kind] | None = None,
        brand: str | None = None,
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
                brand=brand,
                before=cursor,
                limit=limit,
            )

    def orders(
        self,
        identifier: str,
        *,
        as_of: datetime | None = None,
        min_position: int | None = None,
        brand: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> dict[str, Any]:
        """What a customer ordered, each order in its latest state, page by page."""
        with self.reading(as_of=as_of, min_position=min_position) as reading:
            return customers.orders(
                reading, self._book, identifier, brand=brand, after=cursor, limit=limit
            )

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
