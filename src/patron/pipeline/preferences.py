"""Answers about preferences: what they follow from, and what customers prefer."""

from __future__ import annotations

from typing import Any

from patron import profiles
from patron.errors import InputError
from patron.pipeline.book import Book
from patron.pipeline.computed_traits import users
from patron.pipeline.customers import profile_of
from patron.pipeline.preference_definitions import Preference
from patron.pipeline.preference_values import likings_of, shown
from patron.segments import preferences
from patron.warehouse.reading import Reading


def listing(reading: Reading, book: Book) -> dict[str, Any]:
    """All preferences by name."""
    found = [_defined(one, book) for _, one in sorted(book.preferences.items())]
    return {**reading.head, "data": found}


def one(reading: Reading, book: Book, name: str) -> dict[str, Any]:
    """One preference, and of each value how many customers prefer it to all others.

    Raises:
        NotFoundError: There is none.
    """
    found = book.preference(name)
    favourites = preferences.favoured_by(
        reading.cursor, found.expression, as_of=reading.as_of, catalogue=book.catalogue
    )
    counted = [
        {"value": profiles.plain(value), "customers": customers} for value, customers in favourites
    ]
    return {**reading.head, "preference": _defined(found, book), "favourites": counted}


def _defined(found: Preference, book: Book) -> dict[str, Any]:
    """A preference as the API shows it, with who uses it."""
    segments, others = users([found.name], book)
    return {
        "name": found.name,
        "version": found.version,
        "origin": found.origin,
        "description": found.description,
        "definition": found.body,
        "segments": segments,
        "computed_traits": others,
    }


def values(
    reading: Reading, book: Book, name: str, *, after: str | None, limit: int
) -> dict[str, Any]:
    """A page of the customers who named any value, each with all of theirs.

    Raises:
        NotFoundError: There is no such preference.
        InputError: The cursor is none that an earlier page gave.
    """
    if after is not None and not (after.isascii() and after.isdigit()):
        raise InputError("cursor: expected one that an earlier page gave.", field="cursor")
    found = preferences.preferences(
        reading.cursor,
        book.preference(name).expression,
        as_of=reading.as_of,
        catalogue=book.catalogue,
        after=int(after or 0),
        limit=limit + 1,
    )
    page = list(found)[:limit]
    people = profiles.identified(reading.cursor, page)
    return {
        **reading.head,
        "name": name,
        "data": [{**row, **shown(found[row["profile_id"]])} for row in people],
        "next": str(page[-1]) if len(found) > limit else None,
    }


def explained(reading: Reading, book: Book, name: str, identifier: str) -> dict[str, Any]:
    """What one customer prefers.

    Raises:
        NotFoundError: There is no such preference, or nobody has the identifier.
    """
    book.preference(name)
    own = profile_of(reading, book.identity, identifier)
    likings = likings_of(reading, book, name, [own.profile_id]).get(own.profile_id, [])
    return {**reading.head, "profile_id": own.profile_id, "name": name, **shown(likings)}
