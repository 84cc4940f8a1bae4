"""Live membership: after each commit, and as the clock moves on, who entered and left what.

A rule is asked again only of customers for whom something happened that it depends on: rows that
came in, merges, and the moments at which a row enters or leaves a window. All of them are asked at
once, from what memory holds of their rows; what the answers change goes to the log of changes.
Everything held in memory follows from the tables, so a restart goes on where the log ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path

from patron.clock import EARLIEST, Clock
from patron.engines.duckdb import Cursor
from patron.errors import PatronError
from patron.pipeline.book import Book
from patron.pipeline.live import snapshot
from patron.pipeline.live.news import hear
from patron.pipeline.live.rules import Live
from patron.pipeline.live.state import State, load, progress
from patron.pipeline.live.step import Advance, Step
from patron.segments.memberships import Members
from patron.segments.moments import start_of

__all__ = ["Advance", "Memberships"]


class Memberships:
    """The members of every segment, and what keeps them right. Used from one thread at a time.

    Args:
        cursor: Of its own.
        folder: Where memory is kept between one start and the next; None for nowhere.
    """

    def __init__(self, cursor: Cursor, folder: Path | None = None) -> None:
        self._cursor = cursor
        self._folder = folder
        self._found = progress(cursor)

    @cached_property
    def _state(self) -> State:
        """Read when it is first asked for: most commands never do."""
        return self._load()

    def _load(self) -> State:
        kept = None if self._folder is None else snapshot.read(self._folder)
        if kept is None or self._folder is None:
            return load(self._cursor)
        try:
            state = load(self._cursor, kept)
        except PatronError:
            state = load(self._cursor)
        if state.memory is not kept.memory:
            # It is of another history: it must not seem to be of this one some day.
            snapshot.drop(self._folder)
        return state

    @property
    def _read(self) -> bool:
        return "_state" in self.__dict__

    def save(self) -> None:
        """Write what is in memory for the next start."""
        if self._folder is not None and self._read:
            snapshot.save(self._state, self._folder)

    def advance(self, book: Book, position: int, clock: Clock) -> Advance:
        """Bring all memberships to the present.

        Args:
            book: The segments that hold.
            position: The log position that has been committed; all of it is taken in.
            clock: Where now comes from; when it goes back, the last moment holds.

        Returns:
            What was done; nothing of it, when it raises.
        """
        before = self._state.progress if self._read and self.at else self._found
        try:
            with self._cursor.transaction():
                # A row that the view holds must not look as if it came from the future: the clock
                # is read after the first query, by which the view is taken.
                heard = hear(self._state, self._cursor)
                now = max(clock.now(), self._state.at or EARLIEST)
                step = Step(self._state, self._cursor, book, heard, position=position, now=now)
                return step.run()
        except BaseException:
            # What the step changed is of no use any more; the next one reads it again.
            self._found = before
            self.__dict__.pop("_state", None)
            raise

    @property
    def position(self) -> int:
        """The log position that the members hold for."""
        if self._read:
            return self._state.position
        return self._found.position if self._found else 0

    @property
    def at(self) -> datetime | None:
        """The moment that they hold for."""
        if self._read:
            return self._state.at
        return self._found.at if self._found else None

    @property
    def next(self) -> datetime | None:
        """The next moment at which time alone may change something, as far as is known."""
        state = self._state
        edge = state.horizon.next if state.horizon else None
        turns = [start_of(state.at, t.unit, -1, t.zone) for t in state.turns] if state.at else []
        soonest = [*turns, *([edge] if edge else [])]
        return min(soonest) if soonest else None

    @property
    def until(self) -> datetime | None:
        """Before this moment time alone changes nothing; None when that is not known."""
        state = self._state
        # A profile that is dated in the future appears at a moment of its own.
        if state.horizon is None or len(state.future):
            return None
        return min(state.horizon.end, self.next or state.horizon.end)

    @property
    def live(self) -> Mapping[str, Live]:
        """The segments that are kept, by name; none before the first step."""
        return self._state.live if self._read else {}

    @property
    def errors(self) -> dict[str, str]:
        """Segments that cannot be kept, with the reason; none before the first step."""
        return self._state.errors if self._read else {}

    def members(self, name: str) -> Members | None:
        """Who is in a segment; None when it is not kept (yet)."""
        live = self.live.get(name)
        return live.members if live else None

    def of(self, profile_id: int) -> list[str]:
        """The segments that a customer is in, by name."""
        return [name for name, live in sorted(self.live.items())
                if profile_id in live.members]  # fmt: skip
