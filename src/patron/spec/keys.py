"""128-bit keys by which messages and identifiers are recognised.

A key is the MD5 of a short text, as two unsigned 64-bit halves: DuckDB computes the same halves
with ``md5_number_upper`` and ``md5_number_lower``, so single messages and bulk loads agree. At 50
million keys the chance of any accidental collision is about 4e-24. MD5 is a name here, not a seal.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import md5

import numpy as np

SEPARATOR = "\x1f"
"""Unit separator: stands between the parts of a key and cannot occur in a part."""


def key_of(text: str) -> tuple[int, int]:
    """The two halves (upper, lower) of a text's key.

    >>> key_of("abc")
    (12704604231530709392, 8250560606382298838)
    """
    digest = md5(text.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def keys_of(texts: Iterable[str]) -> np.ndarray:
    """The keys of many texts.

    Returns:
        An array of shape (n, 2) and type uint64: upper and lower half.

    >>> keys_of(["abc"]).tolist()
    [[12704604231530709392, 8250560606382298838]]
    """
    digests = b"".join([md5(text.encode(), usedforsecurity=False).digest() for text in texts])
    return np.frombuffer(digests, dtype="<u8").reshape(-1, 2)


def message_key_text(source_id: int, message_id: str) -> str:
    """The text whose key stands for one message of one source."""
    return f"{source_id}{SEPARATOR}{message_id}"


def identifier_key_text(kind: str, value: str) -> str:
    """The text whose key stands for one identifier value in normal form."""
    return f"{kind}{SEPARATOR}{value}"
