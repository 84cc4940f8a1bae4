"""Addresses in parts that compare: street, house number, unit, postcode, place."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from patron.identity.normal.text import REMEMBERED, matching, tidy, wide

STREET_WORDS = {
    "street": "st", "strasse": "str", "road": "rd", "avenue": "ave", "av": "ave", "aven": "ave",
    "boulevard": "blvd", "bvd": "blvd", "bd": "blvd", "boul": "blvd", "drive": "dr", "lane": "ln",
    "court": "ct", "place": "pl", "plac": "pl", "platz": "pl", "square": "sq", "highway": "hwy",
    "parkway": "pkwy", "terrace": "ter", "tce": "ter", "terr": "ter", "crescent": "cres",
    "cr": "cres", "circuit": "cct", "circle": "cir", "close": "cl", "grove": "gr", "parade": "pde",
    "way": "way", "trail": "trl", "alley": "aly", "mount": "mt", "saint": "st", "sankt": "st",
    "sainte": "ste", "north": "n", "south": "s", "east": "e", "west": "w", "aleja": "al",
    "aleje": "al", "allee": "al", "osiedle": "os", "rondo": "rondo", "straat": "str", "weg": "weg",
    "thanon": "thn",
}  # fmt: skip
"""Words of streets, in matching form, and what stands for them."""

STREET_PREFIXES = frozenset({"ul", "ulica"})
"""Words that only say that a street follows."""

NUMBER_LAST = frozenset(
    {
        "AT", "BE", "BG", "BR", "CH", "CL", "CZ", "DE", "DK", "EE", "ES", "FI", "GR", "HR", "HU",
        "IS", "IT", "LI", "LT", "LV", "ME", "MX", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI",
        "SK", "TR", "UA", "RU",
    }
)  # fmt: skip
"""Countries that write the house number after the street."""

UNIT_FIRST = frozenset({"AU", "NZ", "CA"})
"""Countries where the first of two numbers with a slash is the unit."""

_THAI_STREET = re.compile(r"(?:ถนน|ถ\.)\s*")
_PREFIXED = re.compile("(?:strasse|straat)$")
_NUMBER = r"(\d+\s?[a-z]?)(?:\s*([/-])\s*(\d+\s?[a-z]?))?"
_UNIT = re.compile(
    r"(?:[,;\s]+|^)(?:apartment|apt|unit|suite|ste|flat|lokal|lok|mieszkanie|m|wohnung|whg|room|#)"
    r"(?:[.:\s]+|(?<=#))\s*#?(\d+\s?[a-z]?|[a-z]?\d+)\b"
)
_FIRST = re.compile(rf"{_NUMBER}(?:,\s*|\s+)(?=\S)")
_LAST = re.compile(rf"(?:,\s*|\s+|(?<=\.))(?:no\.?|nr\.?|#)?\s*{_NUMBER}$")

_POSTCODES = {
    "AT": r"\d{4}", "AU": r"\d{4}", "BE": r"\d{4}", "BR": r"\d{8}", "CA": r"[A-Z]\d[A-Z]\d[A-Z]\d",
    "CH": r"\d{4}", "CN": r"\d{6}", "CZ": r"\d{5}", "DE": r"\d{5}", "DK": r"\d{4}", "EE": r"\d{5}",
    "ES": r"\d{5}", "FI": r"\d{5}", "FR": r"\d{5}", "GB": r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}",
    "GR": r"\d{5}", "HU": r"\d{4}", "IN": r"\d{6}", "IT": r"\d{5}", "JP": r"\d{7}",
    "KR": r"\d{5}", "LT": r"\d{5}", "LU": r"\d{4}", "LV": r"\d{4}", "MX": r"\d{5}",
    "NL": r"\d{4}[A-Z]{2}", "NO": r"\d{4}", "NZ": r"\d{4}", "PL": r"\d{5}", "PT": r"\d{7}",
    "RO": r"\d{6}", "RU": r"\d{6}", "SE": r"\d{5}", "SG": r"\d{6}", "SI": r"\d{4}",
    "SK": r"\d{5}", "TH": r"\d{5}", "TR": r"\d{5}", "UA": r"\d{5}", "US": r"\d{5}(?:\d{4})?",
    "VN": r"\d{5,6}",
}  # fmt: skip
_FIXED = re.compile(r"\\d\{(\d)\}")
_LONGEST_POSTCODE = 10


class Street(NamedTuple):
    """The parts of a street address in matching form; what is not known is empty."""

    street: str
    house_number: str
    unit: str


def street(text: str, region: str | None = None) -> Street | None:
    """Street, house number and unit of the first line of an address; None when it has no street.

    The number stands first or last. Where both ends carry one the country says which it is, and
    without a country the first is taken. Of two numbers with a slash the second is the unit, or
    the first in Australia, Canada and New Zealand; in Thailand both are the house number.

    >>> street("Hauptstr. 12a", "DE")
    Street(street='hauptstr', house_number='12a', unit='')
    >>> street("12 Main Street, Apt 4", "US")
    Street(street='main st', house_number='12', unit='4')
    >>> street("ul. Długa 12/4")
    Street(street='dluga', house_number='12', unit='4')
    """
    line = _THAI_STREET.sub("", wide(tidy(text)).casefold().replace("\n", ", "))
    unit = ""
    if found := _UNIT.search(line):
        unit = found[1]
        line = f"{line[: found.start()]} {line[found.end() :]}".strip(" ,;")
    first, last = _FIRST.match(line), _LAST.search(line)
    if first and last:
        first, last = (None, last) if region in NUMBER_LAST else (first, None)
    house = ""
    if found := first or last:
        house, second = found[1], found[3] or ""
        if found[2] == "/" and region == "TH":
            house = f"{house}/{second}"
        elif found[2] == "/" and (region in UNIT_FIRST if first else False):
            house, unit = second, house
        elif found[2] == "/":
            unit = unit or second
        line = line[found.end() :] if first else line[: found.start()]
    named = _street_words(line)
    if not any(character.isalpha() for character in named):
        return None
    return Street(named, house.replace(" ", ""), unit.replace(" ", ""))


def house_number(text: str) -> str | None:
    """A house number given by itself.

    >>> house_number(" 12 A "), house_number("?")
    ('12a', None)
    """
    plain = re.sub(r"\s", "", wide(tidy(text)).casefold())
    return plain if re.fullmatch(r"\d+[a-z]?(?:[/-]\d*[a-z]?)?", plain) else None


def _street_words(text: str) -> str:
    words = matching(text).split()
    if len(words) > 1 and words[0] in STREET_PREFIXES:
        words = words[1:]
    return " ".join(STREET_WORDS.get(word) or _PREFIXED.sub("str", word) for word in words)


@lru_cache(REMEMBERED)
def place(text: str) -> str | None:
    """A city or state in matching form; None when it has no letters.

    >>> place("Sankt Gallen"), place("ŁÓDŹ"), place("-")
    ('st gallen', 'lodz', None)
    """
    words = matching(text).split()
    named = " ".join("st" if word in {"saint", "sankt"} else word for word in words)
    if named in {"unknown", "na", "n a", "null", "none", "test", "brak", "unbekannt"}:
        return None
    return named if any(character.isalpha() for character in named) else None


def postcode(text: str, region: str | None = None) -> str | None:
    """A postcode in capitals and digits alone; None when its country has no such one.

    Zeros that a spreadsheet took from the front are put back where the country's are figures
    only; of American ones the first five stand.

    >>> postcode("00-950", "PL"), postcode("1067", "DE"), postcode("sw1a 1aa", "GB")
    ('00950', '01067', 'SW1A1AA')
    >>> postcode("123", "PL") is None, postcode("02134-1000", "US")
    (True, '02134')
    """
    plain = re.sub("[^A-Z0-9]", "", wide(tidy(text)).upper())
    if region is not None and plain.startswith(region) and plain[2:].isdigit():
        plain = plain[2:]
    pattern = _POSTCODES.get(region or "")
    if pattern is None:
        known = 3 <= len(plain) <= _LONGEST_POSTCODE and any(c.isdigit() for c in plain)
        return plain if known and plain.strip("0") else None
    fixed = _FIXED.match(pattern)
    if fixed is not None and plain.isdigit() and len(plain) == int(fixed[1]) - 1:
        plain = f"0{plain}"
    if not re.fullmatch(pattern, plain) or not plain.strip("0"):
        return None
    return plain[:5] if region == "US" else plain
