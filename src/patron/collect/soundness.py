"""Whether an item can be stored at all: its size, encoding, depth and numbers."""

from __future__ import annotations

import math
import re

import msgspec

from patron import structs
from patron.errors import Told, told

MAX_ITEM_BYTES = 32 * 1024
MAX_DEPTH = 64

_SMALL_E = re.compile(rb"e\+?\d{3}")
_LARGE_E = re.compile(rb"E\+?\d{3}")
_DIGITS = re.compile(rb"\d{300}")


class RefusedError(Exception):
    """One item cannot be taken; carries what the sender needs to mend it."""

    def __init__(self, code: str, field: str | None, reason: str, told: Told | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.field = field
        self.reason = reason
        self.told = told


def sound_text(raw: bytes | memoryview) -> str:
    """The item as text.

    Raises:
        RefusedError: It is too large or too deep, or no UTF-8: no table could hold it.
    """
    if len(raw) > MAX_ITEM_BYTES:
        raise RefusedError(
            "too_large",
            None,
            f"The message has {len(raw):,} bytes; at most {MAX_ITEM_BYTES:,} are taken.",
            told("message_too_large", bytes=len(raw), most=MAX_ITEM_BYTES),
        )
    data = bytes(raw)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise RefusedError(
            "invalid_utf8", None, f"The message is not UTF-8 (byte {error.start})."
        ) from None
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise RefusedError(
            "too_deep", None, f"The message is nested deeper than {MAX_DEPTH} levels."
        )
    if "\\u" in text and not _surrogates_paired(data):
        raise RefusedError(
            "invalid_utf8", None, "The message holds half of a surrogate pair (\\ud800 to \\udfff)."
        )
    if _may_overflow(data) and _has_infinity(data):
        raise RefusedError(
            "out_of_range", None, "The message holds a number that no computer number can hold."
        )
    return text


def _may_overflow(data: bytes) -> bool:
    """Whether a number can be too large: of three hundred digits, or by its exponent."""
    # Three patterns: each begins with one letter, which is found fast.
    return bool(
        _SMALL_E.search(data) or _LARGE_E.search(data) or (len(data) > 300 and _DIGITS.search(data))
    )


def _has_infinity(data: bytes) -> bool:
    """Whether a number in the JSON overflows, as 1e400 does."""
    try:
        waiting = [structs.decode(data)]
    except (msgspec.DecodeError, RecursionError):
        return False  # reported by the decoder that follows, with the place
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, float) and math.isinf(value):
            return True
    return False


def _surrogates_paired(data: bytes) -> bool:
    if b"\\ud" not in data.lower():
        return True
    try:
        structs.decode(data)
    except (msgspec.DecodeError, UnicodeError):
        return False
    return True


def _depth(text: str) -> int:
    deepest = depth = 0
    quoted = escaped = False
    for character in text:
        if quoted:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                quoted = False
        elif character == '"':
            quoted = True
        elif character in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "}]":
            depth -= 1
    return deepest
