"""Who asks the database, and may stop waiting for the answer."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Self
from weakref import WeakSet

if TYPE_CHECKING:
    from patron.engines.duckdb import Cursor

_current: ContextVar[Asker | None] = ContextVar("asker", default=None)


def current_asker() -> Asker | None:
    """Whom new cursors belong to, in this thread or task; None where nobody may go away."""
    return _current.get()


@contextlib.contextmanager
def for_everybody() -> Iterator[None]:
    """What is worked out inside is of use to others, too: it goes on when who began it is gone."""
    before = _current.set(None)
    try:
        yield
    finally:
        _current.reset(before)


class Asker:
    """Somebody who may go away: what is asked for them then ends, on whatever cursors.

    Inside of `with`, and in threads that take over its context, new cursors are theirs.

    >>> from patron.engines.duckdb import Database
    >>> with Database() as database, Asker() as asker, database.cursor() as cursor:
    ...     asker.go()
    ...     cursor.execute("select 1")
    Traceback (most recent call last):
    ...
    patron.errors.AbandonedError: Nobody waits for the answer any more.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cursors: WeakSet[Cursor] = WeakSet()
        self._gone = False

    def __enter__(self) -> Self:
        self._before = _current.set(self)
        return self

    def __exit__(self, *raised: object) -> None:
        _current.reset(self._before)

    @property
    def gone(self) -> bool:
        """Whether they are gone."""
        return self._gone

    def watch(self, cursor: Cursor) -> None:
        """A cursor asks for them."""
        with self._lock:
            self._cursors.add(cursor)
            gone = self._gone
        if gone:
            cursor.give_up()

    def go(self) -> None:
        """They are gone. From any thread, any number of times."""
        with self._lock:
            self._gone = True
            cursors = list(self._cursors)
        for cursor in cursors:
            cursor.give_up()
