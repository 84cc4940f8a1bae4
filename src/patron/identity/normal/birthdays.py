"""Birthdays in many spellings, as ISO dates; what can be no birthday is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from patron.identity.normal.text import matching, tidy, wide

MONTH_FIRST = frozenset({"US", "PH", "FM", "MH", "PW", "PR", "GU", "VI", "AS", "MP", "UM"})
"""Countries that write the month before the day in figures."""

OLDEST = 125
"""Nobody is older, in years."""

PIVOT = 2029
"""Without a day to judge by, years of two digits are the hundred that end in this one."""

PLACEHOLDERS = frozenset(
    {date(1900, 1, 1), date(1901, 1, 1), date(1904, 1, 1), date(1970, 1, 1), date(1911, 11, 11)}
)
"""Days that programs and forms write for "not known". Who was born on one is read as unknown."""

_BUDDHIST = 543
_BUDDHIST_FROM = 2400

_MONTHS = (
    ("january", "jan", "januar", "janner", "stycznia", "styczen", "sty", "มกราคม", "มค", "i",
        "januari", "enero", "ene", "janvier", "janv", "gennaio", "gen", "janeiro",
        "ledna", "leden", "ianuarie", "ian", "ocak", "yanvarya", "yanvar",
        "tammikuuta", "tammikuu"),
    ("february", "feb", "februar", "lutego", "luty", "lut", "กุมภาพันธ์", "กพ", "ii",
        "februari", "febrero", "fevrier", "fevr", "febbraio", "fevereiro", "fev",
        "unora", "unor", "februarie", "subat", "fevralya", "fevral", "helmikuuta", "helmikuu"),
    ("march", "mar", "marz", "maerz", "mrz", "marca", "marzec", "มีนาคม", "มีค", "iii", "maart",
        "mrt", "marts", "mars", "marzo", "marco",
        "brezna", "brezen", "marcius", "martie", "mart", "marta", "maaliskuuta", "maaliskuu"),
    ("april", "apr", "kwietnia", "kwiecien", "kwi", "เมษายน", "เมย", "iv", "avril", "avr",
        "abril", "abr", "aprile",
        "dubna", "duben", "aprilis", "aprilie", "nisan", "aprelya", "aprel", "huhtikuuta",
        "huhtikuu"),
    ("may", "mai", "maja", "maj", "พฤษภาคม", "พค", "v", "mei", "mayo", "maggio", "mag", "maio",
        "kvetna", "kveten", "majus", "mayis", "maya", "toukokuuta", "toukokuu"),
    ("june", "jun", "juni", "czerwca", "czerwiec", "cze", "มิถุนายน", "มิย", "vi", "juin",
        "junio", "giugno", "giu", "junho",
        "cervna", "cerven", "junius", "iunie", "haziran", "iyunya", "iyun", "kesakuuta", "kesakuu"),
    ("july", "jul", "juli", "lipca", "lipiec", "lip", "กรกฎาคม", "กค", "vii", "juillet", "juil",
        "julio", "luglio", "lug", "julho",
        "cervence", "cervenec", "julius", "iulie", "temmuz", "iyulya", "iyul", "heinakuuta",
        "heinakuu"),
    ("august", "aug", "sierpnia", "sierpien", "sie", "สิงหาคม", "สค", "viii", "augustus",
        "augusti", "aout", "agosto", "ago",
        "srpna", "srpen", "augusztus", "agustos", "avgusta", "avgust", "elokuuta", "elokuu"),
    ("september", "sep", "sept", "wrzesnia", "wrzesien", "wrz", "กันยายน", "กย", "ix",
        "septembre", "septiembre", "setiembre", "settembre", "set", "setembro",
        "zari", "szeptember", "septembrie", "eylul", "sentyabrya", "sentyabr", "syyskuuta",
        "syyskuu"),
    ("october", "oct", "oktober", "okt", "pazdziernika", "pazdziernik", "paz", "ตุลาคม", "ตค",
        "x", "octobre", "octubre", "ottobre", "ott", "outubro", "out",
        "rijna", "rijen", "octombrie", "ekim", "oktyabrya", "oktyabr", "lokakuuta", "lokakuu"),
    ("november", "nov", "listopada", "listopad", "lis", "พฤศจิกายน", "พย", "xi", "novembre",
        "noviembre", "novembro",
        "listopadu", "noiembrie", "kasim", "noyabrya", "noyabr", "marraskuuta", "marraskuu"),
    ("december", "dec", "dezember", "dez", "grudnia", "grudzien", "gru", "ธันวาคม", "ธค", "xii",
        "desember", "decembre", "diciembre", "dic", "dicembre", "dezembro",
        "prosince", "prosinec", "decembrie", "aralik", "dekabrya", "dekabr", "joulukuuta",
        "joulukuu"),
)  # fmt: skip
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
"""Months by name, accents and dots left out, and in Roman figures: English, German, Polish, Thai,
Dutch, French, Spanish, Italian, Portuguese, Czech, Hungarian, Romanian, Turkish, Russian, Finnish
and the languages of Scandinavia."""

_YEAR_FIRST = re.compile(r"(\d{4})(?:([-/. ])(\d{1,2})\2(\d{1,2})|(\d{2})(\d{2}))(?:[T ].*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})(?: .*)?")
_YEAR_MONTH_DAY = re.compile(r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]")
_WORDS = re.compile(r"[0-9]+|[\u0e00-\u0e7f]+|[^\W\d_]+")
_NO_WORDS = frozenset(
    {"er", "st", "nd", "rd", "th", "of", "de", "r", "roku", "g", "goda", "พศ", "วันที่", "เดือน", "ปี"}
)


def birthday(raw: object, region: str | None = None, *, as_of: date | None = None) -> str | None:
    """A birthday as an ISO date; None when it cannot be read, or can be nobody's.

    Figures are read as year-month-day; with the year last as day.month.year, or month/day/year in
    countries that write so. Where both ways are possible and no country is known, it is none.
    Years of the Buddhist era (2400 and later) are counted back. Of two digits a year is the
    latest that is not after `as_of`; none in Thailand, where it could be of either era.

    Args:
        raw: Text, a whole number such as 19850307, or an object with year, month and day.
        region: ISO 3166 country of the person, for the order of day and month.
        as_of: The day that the value was told on; later birthdays are refused.

    >>> birthday("7. März 1985"), birthday("07/03/1985", "DE"), birthday("07/03/1985", "US")
    ('1985-03-07', '1985-03-07', '1985-07-03')
    >>> birthday("7 มีนาคม 2528", "TH"), birthday("07/03/1985"), birthday("1900-01-01")
    ('1985-03-07', None, None)
    """
    parts = _parts(raw, region)
    if parts is None:
        return None
    year, month, day, short = parts
    if short and region == "TH":
        return None
    if short:
        year = _whole_year(year, month, day, as_of)
    elif year >= _BUDDHIST_FROM:
        year -= _BUDDHIST
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    earliest = 1900 if as_of is None else as_of.year - OLDEST
    if found in PLACEHOLDERS or found.year < earliest or (as_of is not None and found > as_of):
        return None
    return found.isoformat()


def _parts(raw: object, region: str | None) -> tuple[int, int, int, bool] | None:
    """Year, month, day, and whether the year has two digits only."""
    if isinstance(raw, Mapping):
        return _of_object(raw)
    if isinstance(raw, date | datetime):
        return raw.year, raw.month, raw.day, False
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        return None
    text = wide(tidy(str(raw)))
    if found := _YEAR_FIRST.fullmatch(text):
        return int(found[1]), int(found[3] or found[5]), int(found[4] or found[6]), False
    if found := _YEAR_MONTH_DAY.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3]), False
    if found := _YEAR_LAST.fullmatch(text):
        first, second = int(found[1]), int(found[3])
        months = _day_and_month(first, second, found[2], region)
        return None if months is None else (int(found[4]), *months, len(found[4]) == 2)
    return _in_words(text)


def _of_object(raw: Mapping[str, Any]) -> tuple[int, int, int, bool] | None:
    try:
        return int(raw["year"]), int(raw["month"]), int(raw["day"]), False
    except (KeyError, TypeError, ValueError):
        return None


def _day_and_month(
    first: int, second: int, separator: str, region: str | None
) -> tuple[int, int] | None:
    """Month and day of two figures, or None where both could be either."""
    if first == second or second > 12:
        return first, second
    if first > 12 or separator == ".":
        return second, first
    if region is None:
        return None
    return (first, second) if region in MONTH_FIRST else (second, first)


def _in_words(text: str) -> tuple[int, int, int, bool] | None:
    """With the month in words: 7 March 1985, March 7th 1985, 7 มี.ค. 2528, 7 III 1985."""
    words = [_word(word) for word in _WORDS.findall(text.replace(".", "").casefold())]
    words = [word for word in words if word not in _NO_WORDS and word not in _DAYS]
    months = [MONTHS[word] for word in words if word in MONTHS]
    figures = [word for word in words if word.isdecimal()]
    if len(words) != 3 or len(months) != 1 or len(figures) != 2:
        return None
    day, year = figures
    if len(day) == 4:
        day, year = year, day
    thai = any("\u0e00" <= word[0] <= "\u0e7f" for word in words)
    if len(day) > 2 or len(year) not in ({4} if thai else {2, 4}):
        return None
    return int(year), months[0], int(day), len(year) == 2


_DAYS = frozenset(
    {
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "montag",
        "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag",
    }
)  # fmt: skip


def _word(word: str) -> str:
    return word if "\u0e00" <= word[0] <= "\u0e7f" else matching(word)


def _whole_year(year: int, month: int, day: int, as_of: date | None) -> int:
    """The latest year with these two last digits that is not after `as_of`."""
    if as_of is None:
        century = PIVOT - PIVOT % 100
        return century + year if century + year <= PIVOT else century - 100 + year
    latest = as_of.year - (as_of.year - year) % 100
    return latest if (latest, month, day) <= (as_of.year, as_of.month, as_of.day) else latest - 100
