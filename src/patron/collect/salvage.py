"""Cuts a batch that is not JSON as a whole into its items, so that one bad item costs only itself.

Clients do send such batches: a NaN that Python's encoder let through, half of a surrogate pair that
JavaScript's did, one message nested a thousand levels deep. As long as quotes and brackets match,
the items can be told apart, and each is then judged by itself.
"""

from __future__ import annotations

import re

import msgspec

from patron import structs
from patron.collect.envelope import BatchBody

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\],]|[^"{}\[\],]++', re.DOTALL)
_NAMED = re.compile(rb'\s*("(?:[^"\\]|\\.)*+")\s*:(.*)', re.DOTALL)
_CLOSING = {b"{": b"}", b"[": b"]"}


def salvage(body: bytes) -> BatchBody | None:
    """Read a batch whose items may be anything, as long as its quotes and brackets match.

    Args:
        body: A request's body that is not JSON.

    Returns:
        The batch with each item's bytes; None when the items cannot be told apart, or when what
        surrounds them is wrong too.

    >>> batch = salvage(b'{"batch": [{"price": NaN}, {"price": 2}], "writeKey": "k"}')
    >>> [bytes(item) for item in batch.batch], batch.writeKey
    ([b'{"price": NaN}', b'{"price": 2}'], 'k')
    >>> salvage(b'{"batch": [{"price": 2}') is None
    True
    """
    members = _parts(body, b"{")
    if members is None:
        return None
    items: list[bytes] | None = None
    others: list[bytes] = []
    for member in members:
        named = _NAMED.fullmatch(member)
        if named is None:
            return None
        if named[1] == b'"batch"':
            items = _parts(named[2], b"[")
        else:
            others.append(member)
    if items is None:
        return None
    envelope = b"{" + b",".join([b'"batch":[]', *others]) + b"}"
    try:
        batch = structs.decode(envelope, BatchBody)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    batch.batch = [msgspec.Raw(item) for item in items]
    return batch


def _parts(data: bytes, opening: bytes) -> list[bytes] | None:
    """What stands between the outermost brackets, cut at its commas.

    Returns:
        The parts without the space around them; None when this is not one pair of such brackets
        with all quotes and brackets inside it matched.
    """
    data = data.strip()
    if data[:1] != opening:
        return None
    parts: list[bytes] = []
    waiting: list[bytes] = []
    start = end = 0
    for token in _TOKEN.finditer(data):
        if token.start() != end or (not waiting and end):
            return None
        end = token.end()
        text = token[0]
        if text in _CLOSING:
            waiting.append(_CLOSING[text])
            start = start or end
        elif text in {b"}", b"]"}:
            if waiting.pop() != text:
                return None
        elif text != b"," or len(waiting) > 1:
            continue
        if text == b"," or not waiting:
            parts.append(data[start : end - 1].strip())
            start = end
    if waiting or end != len(data):
        return None
    return [] if parts == [b""] else parts
