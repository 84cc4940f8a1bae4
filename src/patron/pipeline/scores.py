"""Answers about scores: what they are made of, what they come to, and how they grow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from patron import profiles
from patron.errors import InputError
from patron.pipeline.book import Book
from patron.pipeline.computed_traits import users
from patron.pipeline.customers import profile_of
from patron.pipeline.score_courses import course, growth
from patron.pipeline.score_definitions import GROWTH_DAYS, Score, names_made
from patron.segments.computed_values import Asking
from patron.segments.courses import courses
from patron.segments.printer import print_expression
from patron.segments.tree import Named
from patron.warehouse.reading import Reading

MOST_POINTS = 400
"""A curve has at most so many points."""


def listing(reading: Reading, book: Book) -> dict[str, Any]:
    """All scores by name."""
    return {**reading.head, "data": [shown(one, book) for _, one in sorted(book.scores.items())]}


def one(reading: Reading, book: Book, name: str) -> dict[str, Any]:
    """One score.

    Raises:
        NotFoundError: There is none.
    """
    return {**reading.head, "score": shown(book.score(name), book)}


def shown(score: Score, book: Book) -> dict[str, Any]:
    """A score as the API shows it, with who uses it."""
    segments, others = users(names_made(score.name), book)
    return {
        "name": score.name,
        "version": score.version,
        "origin": score.origin,
        "description": score.description,
        "text": print_expression(score.expression),
        "definition": score.body,
        "traits": list(names_made(score.name)),
        "segments": segments,
        "computed_traits": others,
    }


def values(
    reading: Reading, book: Book, name: str, *, after: str | None, limit: int, highest: bool
) -> dict[str, Any]:
    """A page of customers with their score and its growth.

    Args:
        reading: The view to read in.
        book: What is defined.
        name: The score.
        after: Where an earlier page ended.
        limit: So many customers.
        highest: Those with the highest score first; otherwise by rising profile id.

    Raises:
        NotFoundError: There is no such score.
        InputError: The cursor is none that an earlier page gave.
    """
    if after is not None and not (after.isascii() and after.isdigit()):
        raise InputError("cursor: expected one that an earlier page gave.", field="cursor")
    book.score(name)
    asking = Asking(reading.cursor, as_of=reading.as_of, catalogue=book.catalogue)
    begin = int(after or 0)
    own = Named(name)
    if highest:
        found = asking.highest(own, skip=begin, limit=limit + 1)
    else:
        found = asking.values(own, after=begin, limit=limit + 1)
    page = dict(list(found.items())[:limit])
    before = [reading.as_of - timedelta(days=days) for days in (0, *GROWTH_DAYS)]
    worth = courses(
        reading.cursor, own, profile_ids=list(page), moments=before, catalogue=book.catalogue
    )
    people = {row["profile_id"]: row for row in profiles.identified(reading.cursor, list(page))}
    following = str(begin + limit if highest else max(page, default=0))
    return {
        **reading.head,
        "name": name,
        "data": [
            {
                **people[profile_id],
                "value": profiles.plain(value),
                "growth": growth(worth[profile_id]),
            }
            for profile_id, value in page.items()
        ],
        "next": following if len(found) > limit else None,
    }


def explained(
    reading: Reading, book: Book, name: str, identifier: str, *, days: int, step: int
) -> dict[str, Any]:
    """One customer's score: its growth, its curve, and the points of each kind of interaction.

    Args:
        reading: The view to read in.
        book: What is defined.
        name: Of the score.
        identifier: ``type:value`` or a profile id.
        days: How far the curve goes back.
        step: The days between two of its points.

    Raises:
        NotFoundError: There is no such score, or nobody has the identifier.
        InputError: The curve would have too many points.
    """
    score = book.score(name)
    if days // step > MOST_POINTS:
        raise InputError(f"A curve has at most {MOST_POINTS} points: take longer steps.")
    own = profile_of(reading, book.identity, identifier)
    asking = Asking(
        reading.cursor, as_of=reading.as_of, catalogue=book.catalogue, profile_id=own.profile_id
    )
    interactions = [
        {**one, "points_each": one["points"], "points": profiles.plain(asking.value(term))}
        for one, term in zip(score.body["interactions"], score.terms, strict=True)
    ]
    return {
        **reading.head,
        "profile_id": own.profile_id,
        "name": name,
        **course(reading, book, name, [own.profile_id], days=days, step=step)[own.profile_id],
        "interactions": interactions,
    }
