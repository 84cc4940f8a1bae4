"""Tokens for programs: a name, a role, and a secret that is shown once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from patron.access.desk import Desk
from patron.access.own_token import OwnToken
from patron.access.people import role_named
from patron.access.roles import Role
from patron.access.secrets import hashed_secret, new_secret
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, InputError, NotFoundError, taken, told, unknown

OWN = "admin"
"""The token in the workspace's folder, which the command line uses."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")
_NOTED = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a program may ask with.

    Attributes:
        hash: Of the secret.
        name: Of those that are in force only one has it.
        role: What it may do.
        created_at: Naive UTC, as all times.
        made_by: Who made it; None: it came with the workspace.
        expires_at: From when on it holds no more; None: it does not expire.
        revoked_at: Since when it holds no more; None: it does hold.
    """

    hash: str
    name: str
    role: Role
    created_at: datetime
    made_by: str | None
    expires_at: datetime | None
    revoked_at: datetime | None


class Tokens:
    """Every token there was.

    Args:
        cursor: To read them.
        desk: To write with.
        own: The file that the command line reads its token from.
    """

    def __init__(self, cursor: Cursor, desk: Desk, own: OwnToken) -> None:
        self._desk = desk
        self._own = own
        cursor.execute(
            "select hash, name, role, created_at, made_by, expires_at, used_at, revoked_at "
            "from tokens"
        )
        rows = cursor.all()
        self._tokens = {
            row[0]: Token(
                hash=row[0], name=row[1], role=row[2], created_at=row[3], made_by=row[4],
                expires_at=row[5], revoked_at=row[7],
            )
            for row in rows
        }  # fmt: skip
        self._used: dict[str, datetime] = {row[0]: row[6] for row in rows if row[6]}
        own.settle(lambda secret: self.lives(hashed_secret(secret)))

    def all(self) -> list[Token]:
        """All tokens, those in force first, then by name."""
        return sorted(self._tokens.values(), key=lambda one: (not self._holds(one), one.name))

    def used_at(self, token: Token) -> datetime | None:
        """When a token was last used, to within an hour; None for never."""
        return self._used.get(token.hash)

    def of(self, secret: str) -> Token | None:
        """The token with a secret, which is thereby used; None when none is in force."""
        token = self._tokens.get(hashed_secret(secret))
        if token is None or not self._holds(token):
            return None
        now = self._desk.clock.now()
        used = self._used.get(token.hash)
        if used is None or now - used >= _NOTED:
            self._used[token.hash] = now
            self._desk.note(lambda cursor: _note(cursor, token.hash, now))
        return token

    def lives(self, hash_: str) -> bool:
        """Whether a token is in force; asking does not use it."""
        token = self._tokens.get(hash_)
        return token is not None and self._holds(token)

    def add(
        self, name: str, role: str, *, made_by: str, days: int | None = None
    ) -> tuple[Token, str]:
        """Make a token.

        Args:
            name: What uses it, such as ``crm``.
            role: What it may do.
            made_by: Who makes it.
            days: After how many it expires; None for never.

        Returns:
            The token, and its secret, which is shown this once.

        Raises:
            InputError: The name or role cannot be.
            ConflictError: A token of that name is in force.
        """
        if not _NAME.fullmatch(name):
            raise InputError(
                "name: expected up to 63 small letters, digits, dots and dashes, such as crm.",
                field="name",
                told=told("token_name"),
            )
        known = role_named(role)
        secret = new_secret("patron_token_")

        def change(cursor: Cursor) -> Token:
            if self._named(name) is not None:
                raise ConflictError(
                    f"There is a token {name} already.",
                    field="name",
                    hint="Revoke it first.",
                    told=taken("token", name),
                )
            now = self._desk.clock.now()
            until = None if days is None else now + timedelta(days=days)
            token = Token(
                hash=hashed_secret(secret), name=name, role=known, created_at=now,
                made_by=made_by, expires_at=until, revoked_at=None,
            )  # fmt: skip
            with cursor.transaction():
                _insert(cursor, token)
            self._tokens[token.hash] = token
            return token

        return self._desk.write(change), secret

    def replace(self, name: str, *, made_by: str) -> tuple[Token, str]:
        """Give a token another secret; the old one holds no more, at once.

        It keeps its role, and holds from now on for as long as the old one was made for. The
        workspace's own token is written to its file, too.

        Returns:
            The token, and its secret, which is shown this once.

        Raises:
            NotFoundError: No token of that name is in force.
        """
        secret = new_secret("patron_admin_" if name == OWN else "patron_token_")

        def change(cursor: Cursor) -> Token:
            old, now = self._in_force(name), self._desk.clock.now()
            until = old.expires_at and now + (old.expires_at - old.created_at)
            gone = replace(old, revoked_at=now)
            token = replace(
                old, hash=hashed_secret(secret), created_at=now, made_by=made_by, expires_at=until
            )
            if name == OWN:
                self._own.prepare(secret)
            with cursor.transaction():
                _revoke(cursor, gone)
                _insert(cursor, token)
            self._tokens |= {gone.hash: gone, token.hash: token}
            if name == OWN:
                self._own.put_in_place()
            return token

        return self._desk.write(change), secret

    def revoke(self, name: str) -> Token:
        """Let a token hold no more.

        Raises:
            NotFoundError: No token of that name is in force.
            ConflictError: It is the one that the command line uses.
        """
        if name == OWN:
            raise ConflictError(
                "The admin token of the workspace cannot be revoked: the command line uses it.",
                hint="Replace it, and the old one holds no more.",
                told=told("admin_token_stays"),
            )

        def change(cursor: Cursor) -> Token:
            gone = replace(self._in_force(name), revoked_at=self._desk.clock.now())
            with cursor.transaction():
                _revoke(cursor, gone)
            self._tokens[gone.hash] = gone
            return gone

        return self._desk.write(change)

    def _named(self, name: str) -> Token | None:
        return next((one for one in self._tokens.values()
                     if one.name == name and self._holds(one)), None)  # fmt: skip

    def _in_force(self, name: str) -> Token:
        token = self._named(name)
        if token is None:
            raise NotFoundError(f"No token {name} is in force.", told=unknown("token", name))
        return token

    def _holds(self, token: Token) -> bool:
        until = token.expires_at
        return token.revoked_at is None and (until is None or self._desk.clock.now() < until)


def _insert(cursor: Cursor, token: Token) -> None:
    cursor.execute(
        "insert into tokens (hash, name, role, created_at, made_by, expires_at) "
        "values (?, ?, ?, ?, ?, ?)",
        [token.hash, token.name, token.role, token.created_at, token.made_by, token.expires_at],
    )


def _revoke(cursor: Cursor, gone: Token) -> None:
    cursor.execute("update tokens set revoked_at = ? where hash = ?", [gone.revoked_at, gone.hash])


def _note(cursor: Cursor, hash_: str, now: datetime) -> None:
    with cursor.transaction():
        cursor.execute("update tokens set used_at = ? where hash = ?", [now, hash_])
