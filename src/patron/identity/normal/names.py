"""Names of people in a form that compares: order, titles, suffixes, particles, accents."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from patron.identity.normal.text import REMEMBERED, matching, tidy

TITLES = frozenset(
    {
        "mr", "mrs", "ms", "miss", "mx", "mister", "dr", "doctor", "prof", "professor", "sir",
        "dame", "rev", "reverend", "hon", "capt", "herr", "frau", "fraulein", "dipl", "ing", "mag",
        "inz", "mgr", "hab", "lek", "med", "pani", "panna", "monsieur", "madame", "mademoiselle",
        "mme", "mlle", "senor", "senora", "senorita", "sra", "signor", "signora", "sig", "khun",
    }
)  # fmt: skip
"""Words of address before a name, in matching form."""

_TITLES_THAT_ARE_NAMES = frozenset({"pan", "hr", "fr", "don", "lord", "lady", "nai"})
"""Also names: only taken for titles when two more words follow."""

SUFFIXES = frozenset(
    {
        "jr", "sr", "junior", "senior", "ii", "iii", "iv", "phd", "md", "esq", "esquire", "mba",
        "cpa", "dds",
    }
)  # fmt: skip
"""Words after a name, in matching form."""

PARTICLES = frozenset(
    {
        "van", "von", "vom", "zu", "zum", "zur", "der", "den", "de", "del", "della", "di", "da",
        "dal", "do", "dos", "das", "du", "des", "la", "le", "lo", "bin", "bint", "ibn", "ben", "al",
        "el", "ter", "ten", "te", "af", "av", "y", "e", "st",
    }
)  # fmt: skip
"""Words that belong to the family name that follows them."""

PLACEHOLDERS = frozenset(
    {
        "", "null", "none", "nil", "nan", "na", "n a", "unknown", "undefined", "anonymous",
        "guest", "test", "testing", "test test", "first name", "firstname", "given name",
        "last name", "lastname", "family name", "surname", "name", "no name", "noname",
        "not provided", "not given", "not available", "asdf", "qwerty", "unbekannt", "brak",
        "nieznany", "nieznane",
    }
)  # fmt: skip
"""What stands in forms instead of a name, in matching form."""

_THAI_TITLE = re.compile(r"^(?:นางสาว|น\.ส\.|นาย|นาง|คุณ|ด\.ช\.|ด\.ญ\.|ดร\.)\s*(?=\S{2})")
_FAMILY_FIRST = re.compile("[\u3400-\u9fff\uac00-\ud7af]{2,4}")


class Name(NamedTuple):
    """A name in matching form; what is not known is empty."""

    given: str
    family: str

    @property
    def full(self) -> str:
        """Given name, then family name."""
        return f"{self.given} {self.family}".strip()


@lru_cache(REMEMBERED)
def given_name(text: str) -> str | None:
    """A given name in matching form, without titles; None when it is none.

    >>> given_name("Dr. Zoë"), given_name("n/a")
    ('zoe', None)
    """
    return _named(_untitled(_words(text)))


@lru_cache(REMEMBERED)
def family_name(text: str) -> str | None:
    """A family name in matching form, without what is put after names; None when it is none.

    >>> family_name("van der Berg, Jr."), family_name("Berg, van der"), family_name("---")
    ('van der berg', 'van der berg', None)
    """
    words = _unsuffixed(_words(text))
    if "," in text and (after := _words(text.split(",", 1)[1])) and PARTICLES.issuperset(after):
        words = [*after, *_words(text.split(",", 1)[0])]
    return _named(words)


def full_name(text: str) -> Name | None:
    """A whole name, in whichever order it is written; None when it is none.

    A comma parts a family name from the given ones that follow. Without one the last word is the
    family name, with the particles before it. Of two to four Chinese or Korean characters
    without a space the first is the family name. One word alone is a given name.

    >>> full_name("Dr. Ludwig van Beethoven")
    Name(given='ludwig', family='van beethoven')
    >>> full_name("SMITH, John, Jr.")
    Name(given='john', family='smith')
    >>> full_name("Test") is None
    True
    """
    text = tidy(text)
    if _FAMILY_FIRST.fullmatch(text):
        return Name(matching(text[1:]), matching(text[0]))
    parts = [words for part in text.split(",") if (words := _words(part))]
    while len(parts) > 1 and all(word in SUFFIXES | TITLES for word in parts[-1]):
        parts.pop()
    if len(parts) > 1:
        family = _unsuffixed(_untitled(parts[0]))
        given = _unsuffixed(_untitled([word for part in parts[1:] for word in part]))
    else:
        words = _unsuffixed(_untitled(parts[0] if parts else []))
        start = len(words) - 1
        while start > 1 and words[start - 1] in PARTICLES:
            start -= 1
        given, family = (words[:start], words[start:]) if start > 0 else (words, [])
    found = Name(" ".join(given), " ".join(family))
    return None if _named([*given, *family]) is None else found


def _words(text: str) -> list[str]:
    """The words of a name in matching form; one that is joined by hyphens stays together."""
    words = _THAI_TITLE.sub("", tidy(text)).split()
    return [plain for word in words if (plain := matching(word))]


def _untitled(words: list[str]) -> list[str]:
    # A title that a hyphen joins to the name is one all the same.
    first = words[0].split() if words else []
    if first and (first[0] in TITLES or first[0] in _TITLES_THAT_ARE_NAMES):
        words = [*first, *words[1:]]
    while (len(words) > 1 and TITLES.issuperset(words[0].split())) or (
        len(words) > 2 and words[0] in _TITLES_THAT_ARE_NAMES
    ):
        words = words[1:]
    return words


def _unsuffixed(words: list[str]) -> list[str]:
    last = words[-1].split() if words else []
    if last and last[-1] in SUFFIXES:
        words = [*words[:-1], *last]
    while len(words) > 1 and words[-1] in SUFFIXES:
        words = words[:-1]
    return words


def _named(words: list[str]) -> str | None:
    """The words of a name, or None: a placeholder, a word of address, no letters, one repeated."""
    text = " ".join(words)
    letters = text.replace(" ", "")
    if text in PLACEHOLDERS or (len(words) == 1 and text in TITLES):
        return None
    if not any(character.isalpha() for character in letters):
        return None
    return None if len(letters) > 2 and len(set(letters)) == 1 else text
