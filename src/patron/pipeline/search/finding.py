"""A search for customers: each word must begin a value or a word of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from patron.engines.duckdb import Cursor
from patron.errors import InputError
from patron.pipeline.search.index import SearchIndex, Sorted
from patron.pipeline.search.terms import BACKWARDS, spelled, terms
from patron.warehouse.reading import Reading

MOST_WORDS = 6
_LAST = "\U0010ffff"
"""Sorts behind every character that texts have."""

_NUMBER = frozenset("0123456789 +-()./")


class Hit(NamedTuple):
    """A customer who was found.

    Attributes:
        rank: 0 where a word is a whole value, 1 where it begins one, 2 where it stands within.
        profile_id: The profile, which stands.
    """

    rank: int
    profile_id: int


@dataclass(frozen=True)
class Search:
    """What is searched for.

    Attributes:
        text: As typed; None: everybody.
        inside: Also what stands within words; takes longer.
        among: Conditions on `profile_id`. They may name `$people`.
    """

    text: str | None
    inside: bool = False
    among: tuple[str, ...] = ()


class Finder:
    """Finds customers in one view of the tables.

    Args:
        reading: The view.
        index: The sorted file.
        people: The types of identifiers that tell people.
    """

    def __init__(self, reading: Reading, index: SearchIndex, people: Sequence[str]) -> None:
        self._cursor = reading.cursor
        self._as_of = reading.as_of
        self._people = list(people)
        self._sorted = index.sorted(reading)
        self._touched = [] if self._sorted is None else _touched(reading.cursor, self._sorted)

    def find(self, search: Search, *, after: Hit | None = None, limit: int = 50) -> list[Hit]:
        """Those who were found, the best first.

        Args:
            search: What is searched for.
            after: The last one of the page before.
            limit: How many at most.

        Raises:
            InputError: There is nothing to search for, or there are too many words.
        """
        values: dict[str, Any] = {"people": self._people, "as_of": self._as_of, "limit": limit}
        among = "(select *, 0 as rank from profiles) as p"
        if search.text is not None:
            found = self._found(_words(self._cursor, search.text), values, inside=search.inside)
            among = f"({found}) join profiles as p using (profile_id)"
        conditions = [
            "$people is not null",  # given to every question, asked of in some
            "p.merged_into is null",
            "p.first_seen_at <= $as_of",
            *search.among,
        ]
        if after is not None:
            conditions.append("(rank, profile_id) > ($after_rank, $after_id)")
            values |= {"after_rank": after.rank, "after_id": after.profile_id}
        self._cursor.execute(
            f"select rank, profile_id from {among} "
            f"where {' and '.join(conditions)} order by rank, profile_id limit $limit",
            values,
        )
        return [Hit(*row) for row in self._cursor.all()]

    def _found(self, words: Sequence[str], values: dict[str, Any], *, inside: bool) -> str:
        """The query for those whom all words find, each with the worst of its ranks."""
        files = []
        if self._sorted is not None:
            values["path"] = str(self._sorted.path)
            files = [f"select * from read_parquet($path) where {self._untouched()}"]
        parts = [
            f"({_found_by(number, word, files, values, inside=inside)}) as f{number}"
            for number, word in enumerate(words)
        ]
        joined = parts[0] + "".join(f" join {part} using (profile_id)" for part in parts[1:])
        worst = ", ".join(f"f{number}.rank" for number in range(len(parts)))
        return (
            f"with beside as materialized ({self._beside(values)}) "
            f"select profile_id, greatest({worst}) as rank from {joined}"
        )

    def _untouched(self) -> str:
        """The condition for what still is so as it was when the file was made."""
        return "true" if not self._touched else "profile_id not in (select unnest($touched))"

    def _beside(self, values: dict[str, Any]) -> str:
        """The query for what the file does not hold."""
        if self._sorted is None:
            return terms("true", "true")
        extent = self._sorted.extent
        values |= {"identifier": extent.identifier, "position": extent.position}
        identifiers, traits = "identifier_id > $identifier", "position > $position"
        if self._touched:
            values["touched"] = self._touched
            again = " or profile_id in (select unnest($touched))"
            identifiers, traits = f"({identifiers}{again})", f"({traits}{again})"
        return terms(identifiers, traits)


def _touched(cursor: Cursor, file: Sorted) -> list[int]:
    """Profiles that lost or got something since a file was made, other than by a merge."""
    cursor.execute(
        "select distinct unnest([kept_profile_id, other_profile_id]) from merges "
        "where merge_id > ? and kind <> 'merge'",
        [file.extent.merge],
    )
    return [row[0] for row in cursor.all()]


def _words(cursor: Cursor, text: str) -> list[str]:
    """The words of what was typed, spelled as terms are. A number is one word."""
    text = text.strip()
    if set(text) <= _NUMBER and any(one.isdigit() for one in text):
        return ["".join(one for one in text if one.isdigit())]
    cursor.execute(f"select {spelled('?')}", [text])
    words = list(dict.fromkeys(str(cursor.value()).split()))
    if not words:
        raise InputError("search: expected a part of an identifier or a name.", field="search")
    if len(words) > MOST_WORDS:
        raise InputError(f"search: expected at most {MOST_WORDS} words.", field="search")
    return words


def _found_by(
    number: int, word: str, files: Sequence[str], values: dict[str, Any], *, inside: bool
) -> str:
    """The query for the profiles that one word finds, each with its rank."""
    low, high = f"$low{number}", f"$high{number}"
    values |= {f"low{number}": word, f"high{number}": word + _LAST}
    begins = f"(term >= {low} and term < {high})"
    rank = f"case when term = {low} then 0 when {begins} then 1 else 2 end"
    wanted = begins
    if word.isdigit() and len(word) > 2:
        # The last digits; a 0 in front is not part of an international number.
        end = BACKWARDS + word.lstrip("0")[::-1]
        values |= {f"end{number}": end, f"end_high{number}": end + _LAST}
        wanted = f"({wanted} or (term >= $end{number} and term < $end_high{number}))"
        rank = f"case when starts_with(term, chr(1)) then 1 else {rank} end"
    if inside:
        wanted = f"({wanted} or (whole and contains(term, {low})))"
    among = " union all ".join(
        f"select term, profile_id from ({one}) where {wanted}" for one in ("from beside", *files)
    )
    return f"""
        select coalesce(m.merged_into, t.profile_id) as profile_id, min({rank}) as rank
        from ({among}) as t
        left join (select profile_id, merged_into from profiles where merged_into is not null) as m
            on m.profile_id = t.profile_id
        group by 1
    """
