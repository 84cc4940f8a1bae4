"""Sessions: who is signed in where. Kept in memory and, as hashes, in a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from patron.access.desk import Desk
from patron.access.secrets import hashed_secret, new_secret
from patron.engines.duckdb import Cursor

IDLE = timedelta(hours=12)
"""A session that nothing was asked in for so long has ended."""

LONGEST = timedelta(days=7)
"""How long a session lasts at most."""

MOST = 20
"""So many sessions a person may have; another one ends the oldest."""

_NOTED = timedelta(minutes=5)
"""How exactly the table knows when a session was last used."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        hash: Of the value in the cookie.
        person_id: Who.
        created_at: Naive UTC.
    """

    hash: str
    person_id: int
    created_at: datetime


class Sessions:
    """Everybody who is signed in.

    Args:
        cursor: To read who is.
        desk: To write with.
    """

    def __init__(self, cursor: Cursor, desk: Desk) -> None:
        self._desk = desk
        cursor.execute("select hash, person_id, created_at, seen_at from sessions")
        rows = cursor.all()
        self._sessions = {row[0]: Session(*row[:3]) for row in rows}
        self._seen: dict[str, datetime] = {row[0]: row[3] for row in rows}
        self._noted = dict(self._seen)

    def begin(self, person_id: int) -> str:
        """Sign somebody in.

        Returns:
            The value of the cookie.
        """
        value = new_secret()

        def change(cursor: Cursor) -> None:
            now = self._desk.clock.now()
            session = Session(hashed_secret(value), person_id, now)
            own = sorted(
                (one for one in self._sessions.values() if one.person_id == person_id),
                key=lambda one: one.created_at,
            )
            gone = [one.hash for one in own[: max(0, len(own) + 1 - MOST)]]
            gone += [hash_ for hash_ in self._sessions if not self._lives(hash_)]
            with cursor.transaction():
                self._forget(cursor, gone)
                cursor.execute(
                    "insert into sessions values (?, ?, ?, ?)",
                    [session.hash, person_id, now, now],
                )
            self._drop(gone)
            self._seen[session.hash] = self._noted[session.hash] = now
            self._sessions[session.hash] = session

        self._desk.write(change)
        return value

    def of(self, value: str) -> Session | None:
        """The session of a cookie, which is thereby used; None when it has ended."""
        hash_ = hashed_secret(value)
        if not self._lives(hash_):
            return None
        session = self._sessions.get(hash_)
        now = self._desk.clock.now()
        self._seen[hash_] = now
        if session is not None and now - self._noted.get(hash_, now) >= _NOTED:
            self._noted[hash_] = now
            self._desk.note(lambda cursor: _note(cursor, hash_, now))
        return session

    def lives(self, hash_: str) -> bool:
        """Whether a session has not ended; asking does not use it."""
        return self._lives(hash_)

    def seen_at(self, person_id: int) -> datetime | None:
        """When any session that somebody has was last used; None without one."""
        own = [one.hash for one in list(self._sessions.values()) if one.person_id == person_id]
        return max((self._seen[one] for one in own if self._lives(one)), default=None)

    def end(self, hash_: str) -> None:
        """Sign out."""
        self._end([hash_])

    def end_all(self, person_id: int) -> None:
        """Sign somebody out everywhere."""
        self._end([one.hash for one in self._sessions.values() if one.person_id == person_id])

    def _end(self, hashes: list[str]) -> None:
        def change(cursor: Cursor) -> None:
            with cursor.transaction():
                self._forget(cursor, hashes)

        self._drop(hashes)  # at once, however long the writer is busy
        self._desk.write(change)

    def _lives(self, hash_: str) -> bool:
        session, seen = self._sessions.get(hash_), self._seen.get(hash_)
        if session is None or seen is None:
            return False
        now = self._desk.clock.now()
        return now < seen + IDLE and now < session.created_at + LONGEST

    def _drop(self, hashes: list[str]) -> None:
        for hash_ in hashes:
            self._sessions.pop(hash_, None)
            self._seen.pop(hash_, None)
            self._noted.pop(hash_, None)

    @staticmethod
    def _forget(cursor: Cursor, hashes: list[str]) -> None:
        cursor.execute("delete from sessions where hash in (select unnest(?))", [hashes])


def _note(cursor: Cursor, hash_: str, now: datetime) -> None:
    with cursor.transaction():
        cursor.execute("update sessions set seen_at = ? where hash = ?", [now, hash_])
