"""Customers in lists: everybody, those of a kind or of a segment, those who are searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from patron import profiles
from patron.clock import format_time
from patron.errors import InputError
from patron.pipeline.book import Book
from patron.pipeline.search.finding import Finder, Hit, Search
from patron.pipeline.search.index import SearchIndex
from patron.pipeline.search.naming import most_telling_first, name_of, text_of
from patron.segments import query
from patron.warehouse.reading import Reading

Ints = npt.NDArray[np.int64]

_LONGEST = 18
"""Digits of a profile id."""

_THERE = "select profile_id from profiles where merged_into is null and first_seen_at <= $as_of"
_KNOWN = "select profile_id from current_identifiers where list_contains($people, type)"


@dataclass(frozen=True)
class Selection:
    """Which customers to list.

    Attributes:
        known: Only those whom an identifier tells, or only those known by a device alone.
        search: Only those with an identifier or a name that begins like this, or has a word that
            does.
        inside: With `search`, those too where it stands within a word.
        segment: Only those who are in it.
        cursor: `next` of the page before.
        limit: How many at most.
    """

    known: bool | None = None
    search: str | None = None
    inside: bool = False
    segment: str | None = None
    cursor: str | None = None
    limit: int = 100


def listing(reading: Reading, book: Book, index: SearchIndex, wanted: Selection) -> dict[str, Any]:
    """A page of customers: by rising profile id, or of a search the best first.

    Raises:
        InputError: The cursor is none that an earlier page gave, or there is nothing to search for.
        NotFoundError: There is no such segment.
    """
    people = [kind.name for kind in book.identity.types if kind.tells_people]
    after = _after(wanted.cursor)
    among = _among(reading, book, wanted)
    found = Finder(reading, index, people).find(
        Search(wanted.search, wanted.inside, among), after=after, limit=wanted.limit + 1
    )
    page = found[: wanted.limit]
    following = "-".join(map(str, page[-1])) if len(found) > wanted.limit else None
    ids = [hit.profile_id for hit in page]
    return {**reading.head, "data": _rows(reading, book, people, ids), "next": following}


def counts(reading: Reading, book: Book) -> dict[str, Any]:
    """How many customers there are, and of how many it is known who they are."""
    people = [kind.name for kind in book.identity.types if kind.tells_people]
    there = _ids(reading, _THERE, {"as_of": reading.as_of})
    told = _ids(reading, _KNOWN, {"people": people})
    # Ids are dense: to mark each takes a quarter of the time of a join.
    known = np.zeros(max(there.max(initial=0), told.max(initial=0)) + 1, dtype=bool)
    known[told] = True
    total, count = len(there), int(known[there].sum())
    return {**reading.head, "total": total, "known": count, "anonymous": total - count}


def _ids(reading: Reading, sql: str, values: dict[str, Any]) -> Ints:
    reading.cursor.execute(sql, values)
    return np.asarray(reading.cursor.numpy()["profile_id"], dtype=np.int64)


def _among(reading: Reading, book: Book, wanted: Selection) -> tuple[str, ...]:
    """The conditions on profile ids."""
    found = []
    if wanted.known is not None:
        found.append(f"profile_id {'in' if wanted.known else 'not in'} ({_KNOWN})")
    if wanted.segment is not None:
        rule = book.segment(wanted.segment).rule
        sql = query.members_sql(reading.cursor, rule, as_of=reading.as_of, catalogue=book.catalogue)
        found.append(f"profile_id in ({sql})")
    return tuple(found)


def _after(cursor: str | None) -> Hit | None:
    """Where the page before ended."""
    if cursor is None:
        return None
    numbers = cursor.split("-")
    if len(numbers) != 2 or not all(
        one.isascii() and one.isdigit() and len(one) <= _LONGEST for one in numbers
    ):
        raise InputError("cursor: expected one that an earlier page gave.", field="cursor")
    return Hit(*map(int, numbers))


def _rows(reading: Reading, book: Book, people: list[str], ids: list[int]) -> list[dict[str, Any]]:
    cursor = reading.cursor
    stands = profiles.standings(cursor, ids)
    customers = [stands[one] for one in ids]
    rows = reading.rows({one.profile_id: one.stored_ids for one in customers})
    traits = profiles.traits_of(
        cursor, customers, reading.as_of, book.survivorships, rows=rows, names=reading.source_names
    )
    known = profiles.identifiers_of(cursor, customers)
    return [
        {
            "profile_id": one.profile_id,
            "name": name_of({trait.name: trait.value for trait in traits.get(one.profile_id, ())}),
            **_identified(most_telling_first(known.get(one.profile_id, ()), book.identity)),
            "known": any(kind.type in people for kind in known.get(one.profile_id, ())),
            "first_seen_at": format_time(one.first_seen_at),
        }
        for one in customers
    ]


def _identified(known: Sequence[profiles.KnownIdentifier]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for one in known:
        found.setdefault(one.type, []).append(one.value)
    return {"identifier": text_of(known[0]) if known else None, "identifiers": found}
