"""Ids of devices, of browsers and of advertising: UUIDs, MAC addresses, and others."""

from __future__ import annotations

import re

from patron.identity.normal.text import Refusal, lower

SHARED = frozenset(
    {
        "020000000000",      # what systems give instead of the true MAC address
        "9774d56d682e549c",  # an Android id that a faulty system gave to very many devices
    }
)  # fmt: skip
"""Ids that are known to stand on many devices."""

SHORTEST_FULL = 8
"""From this length on an id of the digit f alone is one that was never set."""

PLAIN_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
"""UUIDs that need no closer look: with a version they cannot be of one digit alone."""

_PLAIN = re.compile(PLAIN_UUID)
_UUID = re.compile(r"(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?"
                   r"([0-9a-f]{4})-?([0-9a-f]{12})\}?")  # fmt: skip
_MAC = re.compile(
    r"[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}"
)
_SEPARATORS = str.maketrans("", "", ":-. {}")


def device(text: str) -> str | Refusal:
    """The id of a device in lower case; UUIDs with hyphens, MAC addresses with colons.

    Ids of zeros alone (which is what is left of an advertising id whose owner objects), of the
    highest digit alone, and those that are known to stand on many devices are refused.

    >>> device("{AEBE52E7-03EE-455A-B3C4-E57283966239}")
    'aebe52e7-03ee-455a-b3c4-e57283966239'
    >>> device("00-1B-63-84-45-E6"), device("Pixel-7")
    ('00:1b:63:84:45:e6', 'pixel-7')
    >>> device("00000000-0000-0000-0000-000000000000").reason
    'This id stands on many devices.'
    """
    text = lower(text)
    if _PLAIN.fullmatch(text):
        return text
    bare = text.removeprefix("urn:uuid:").translate(_SEPARATORS)
    zeros = len(bare) > 1 and not bare.strip("0")
    if zeros or bare in SHARED or (len(bare) >= SHORTEST_FULL and not bare.strip("f")):
        return Refusal("This id stands on many devices.", "shared_device")
    if found := _UUID.fullmatch(text):
        return "-".join(found.groups())
    if _MAC.fullmatch(text):
        return ":".join(bare[start : start + 2] for start in range(0, 12, 2))
    return text
