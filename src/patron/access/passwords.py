"""Passwords: what is taken as one, and how it is kept: argon2id, as OWASP advises.

Each hash takes tens of milliseconds and 19 MiB on purpose; never call it from an event loop.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from patron.errors import InputError, told

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 12
LONGEST = 256
"""Characters. Without an upper bound the hash of a very long password would be work for free."""


def check(password: str, *, email: str) -> None:
    """Refuse what is no good password.

    Args:
        password: As typed.
        email: Whose it is; a password that repeats it is refused.

    Raises:
        InputError: It is too short, too long or too plain.
    """
    normal = _normal(password)
    if not SHORTEST <= len(normal) <= LONGEST:
        raise InputError(
            f"password: expected {SHORTEST} to {LONGEST} characters. Four unrelated words do well.",
            field="password",
            told=told("password_length", least=SHORTEST, most=LONGEST),
        )
    whose = email.partition("@")[0].casefold()
    if len(set(normal)) < 5 or (len(whose) > 3 and whose in normal.casefold()):
        raise InputError(
            "password: expected one that does not repeat a few characters or the e-mail address.",
            field="password",
            told=told("password_simple"),
        )


def hashed(password: str, *, email: str) -> str:
    """A password as it is kept; see `check` for what is refused."""
    check(password, email=email)
    return _hasher().hash(_normal(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one that is kept.

    Without one that is kept this takes as long, so that the time does not tell who has an account.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > LONGEST:
        password = ""
    try:
        return _hasher().verify(kept or _nobodys(), _normal(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(kept)


def renewed(password: str) -> str:
    """The hash of a password that fits, with today's parameters."""
    return _hasher().hash(_normal(password))


def _normal(password: str) -> str:
    """The same password however a keyboard composes its letters."""
    return unicodedata.normalize("NFKC", password)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # loaded at use: most commands sign nobody in

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this one")
