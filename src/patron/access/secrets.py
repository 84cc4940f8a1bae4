"""Secrets that Patron makes: long and random, shown once, kept as a hash."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from patron.warehouse.store import hash_secret


def new_secret(prefix: str = "") -> str:
    """256 random bits as text."""
    return prefix + secrets.token_urlsafe(32)


def hashed_secret(secret: str) -> str:
    """How it is kept; see decision 5."""
    return hash_secret(secret)


def derived(secret: str, purpose: str) -> str:
    """Another secret that follows from one, and does not betray it.

    >>> derived("a", "csrf") == derived("a", "csrf") != derived("b", "csrf")
    True
    """
    return hmac.new(secret.encode(), purpose.encode(), sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell how far they agree."""
    return hmac.compare_digest(one.encode(), other.encode())
