"""Who is who for one view of the tables, by the memory of identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from patron.engines.duckdb import Cursor
from patron.identity import Resolver
from patron.identity.recall import Asked
from patron.pipeline.ingest import Ingest
from patron.warehouse.histories import State
from patron.warehouse.standing import Standing


class Recollection:
    """What memory says of the tables as they are in one view.

    To look through the tables takes two thirds of all that a small question about a customer takes.

    Args:
        ingest: Keeps the memory.
        states: What was read of the tables for earlier views, by the version of memory.
    """

    def __init__(self, ingest: Ingest, states: States) -> None:
        self._ingest = ingest
        self._states = states
        self._resolver = ingest.resolver
        self._version = self._resolver.version
        self._agrees: bool | None = None

    def standings(self, cursor: Cursor, asked: Sequence[Asked]) -> Mapping[Asked, Standing]:
        """The profiles that stand for some customers.

        Args:
            cursor: In a transaction that began after this was made.
            asked: Profile ids, and types with values in normal form.

        Returns:
            Those of whom memory can tell; of the others, and of all while memory and the tables
            change, the tables have to be asked.
        """
        if not self._agreed(cursor):
            return {}
        found = self._resolver.recall(asked)
        return found if self._unchanged() else {}

    def state(self, cursor: Cursor) -> State:
        """What copies are judged by (see `warehouse.histories`)."""
        agreed = self._agreed(cursor)
        found = self._states.of(self._resolver, self._version) if agreed else None
        if found is None:
            found = State.of(cursor)
            if agreed:
                self._states.keep(self._resolver, self._version, found)
        return found

    def numbers_of(self, identifiers: Sequence[tuple[str, str]]) -> list[int]:
        """Hints where to look for them in the tables; see `Resolver.numbers_of`."""
        return self._resolver.numbers_of(identifiers)

    def _agreed(self, cursor: Cursor) -> bool:
        """Whether memory was what the tables are when the view was taken."""
        if self._agrees is None:
            cursor.take_view()
            self._agrees = self._version % 2 == 0 and self._unchanged()
        return self._agrees

    def _unchanged(self) -> bool:
        return self._ingest.resolver is self._resolver and self._resolver.version == self._version


class States:
    """What copies are judged by, as read once for as long as nothing of it changes."""

    def __init__(self) -> None:
        self._newest: tuple[Resolver, int, State] | None = None

    def of(self, resolver: Resolver, version: int) -> State | None:
        """The state at this version of this memory, if it was read."""
        newest = self._newest
        return newest[2] if newest is not None and newest[:2] == (resolver, version) else None

    def keep(self, resolver: Resolver, version: int, state: State) -> None:
        """The state at this version of this memory."""
        self._newest = resolver, version, state
