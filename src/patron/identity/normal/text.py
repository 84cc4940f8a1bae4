"""Text before anything else is asked of it: tidied, folded, and in letters that compare."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

_APOSTROPHES = re.compile("['\u2019\u2018\u02bc`\u00b4]")
_APART = re.compile("[^a-z0-9]+")


REMEMBERED = 16_384
"""How many answers each function about words that many people share keeps at hand."""


Code = Literal[
    "brand_wanted", "card_digits", "check_digit", "control_characters", "impossible_phone",
    "like_listed", "listed", "no_card", "no_country", "no_email", "no_phone", "none",
    "not_declared", "nothing_in_it", "phone_extension", "repeated", "shared_device", "too_long",
]  # fmt: skip
"""Why a value identifies nobody; ``none``: there is no value at all."""


class Refusal(NamedTuple):
    """Why a raw value identifies nobody: one sentence without the value itself, and its code."""

    reason: str
    code: Code


def tidy(text: str) -> str:
    """In Unicode normal form C, without white space and invisible marks at its ends."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = unicodedata.normalize("NFC", text)
    start, end = 0, len(text)
    while start < end and _invisible(text[start]):
        start += 1
    while end > start and _invisible(text[end - 1]):
        end -= 1
    return text[start:end]


def _invisible(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"


def lower(text: str) -> str:
    """Lower case, in Unicode normal form C.

    >>> lower("A8F0-77")
    'a8f0-77'
    """
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.lower())


def wide(text: str) -> str:
    """Without the marks that only tell spellings of one character apart; digits in ASCII.

    Full-width and other compatible letters become plain ones (NFKC); digits of every script
    become 0 to 9.

    >>> wide("๒๕๒๘"), wide("ﬁ")
    ('2528', 'fi')
    """
    if text.isascii():
        return text
    return "".join(
        character if character.isascii() or not character.isdecimal() else str(int(character))
        for character in unicodedata.normalize("NFKC", text)
    )


def matching(text: str) -> str:
    """Words in lower-case ASCII with one space between: for comparing, never for showing.

    Accents fall away, other scripts are transliterated letter by letter, hyphens part words,
    apostrophes do not, and symbols are nothing.

    >>> matching("O'Brien-Łukasiewicz"), matching("Иванов"), matching("Großmüller")
    ('obrien lukasiewicz', 'ivanov', 'grossmuller')
    """
    if not text.isascii():
        from anyascii import anyascii

        plain = wide(text).casefold()
        plain = "".join(c for c in plain if not unicodedata.category(c).startswith("S"))
        text = anyascii(_APOSTROPHES.sub("", plain))
    return _APART.sub(" ", _APOSTROPHES.sub("", text).lower()).strip()
