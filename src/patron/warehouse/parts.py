"""Folds the log in, and joins the small parts of tables that frequent checkpoints leave behind.

A table is stored in parts of up to 122,880 rows. Every checkpoint closes what came in since the
last one as a part of its own, so that it takes no longer than that much asks for; questions that
look at every part slow down with their number.
"""

from __future__ import annotations

import contextlib
import time

from patron.engines.duckdb import Database
from patron.errors import QueryError

EVERY = 120.0
"""Seconds between two times that the writer joins parts: with one part of each table at a time it
keeps up with a thousand messages a second, all day, and stops for a second at most."""

ROWS = 122_880
"""Rows of a part that is full."""

LONG = 16 * 1024 * 1024
"""Bytes of a log that is folded in: of some 8,000 messages, which takes less than 0.1 s."""


class Parts:
    """When to fold the log in and to join parts; used by the writer, outside its transactions.

    Args:
        database: What it writes to.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cursor = database.cursor()
        self._last = time.monotonic()

    def tend(self) -> None:
        """Join a few if the last time is long ago, or fold the log in if it has grown long."""
        if time.monotonic() > self._last + EVERY:
            self.join(ROWS)
        elif self._database.log_bytes() > LONG:
            # While somebody else writes it cannot be done: the next group tries again.
            with contextlib.suppress(QueryError):
                self._cursor.fold_log()

    def join(self, rows: int) -> None:
        """Join about as many as rows came in; when somebody else writes, it is left for later."""
        with contextlib.suppress(QueryError):
            self._cursor.join_parts(most=-(-rows // ROWS))
            self._last = time.monotonic()
