"""The segments of one customer, and the sizes of all, from the memory of live membership."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple

from patron import profiles
from patron.engines.duckdb import Cursor
from patron.pipeline.book import Book
from patron.pipeline.live.runner import Runner, Settled
from patron.warehouse.reading import Reading


class Known(NamedTuple):
    """The segments of a customer.

    Attributes:
        names: Their names.
        position: The log position that they hold for.
        at: The moment that they hold for, naive UTC.
    """

    names: list[str]
    position: int
    at: datetime


def known_segments(
    live: Runner,
    reading: Reading,
    book: Book,
    profile_id: int,
    now: Callable[[], AbstractContextManager[Cursor]],
) -> Known | None:
    """The segments of a customer from memory.

    Args:
        live: What keeps memberships.
        reading: The view that all else is read from; it is asked for the present.
        book: The definitions to answer for.
        profile_id: A profile that stands in the view.
        now: Gives a cursor on what is committed by now.

    Returns:
        None where memory is older than the view, or holds for other definitions.
    """
    found = _settled_segments(live, reading, book, profile_id)
    if found is None and live.settled is None and live.running:
        # A step is about to end, after which memory is newer than the view.
        with live.still():
            found = _settled_segments(live, reading, book, profile_id)
    if found is not None and not found.names and found.position != reading.position:
        # The profile may have been merged into another since the view was taken.
        with now() as cursor:
            standing = profiles.standing(cursor, profile_id)
        return found if standing is not None and standing.profile_id == profile_id else None
    return found


class Sizes(NamedTuple):
    """How many are in each segment.

    Attributes:
        members: By name, those of values too.
        position: The log position that they hold for.
        at: The moment that they hold for, naive UTC.
    """

    members: dict[str, int]
    position: int
    at: datetime


def known_sizes(live: Runner, reading: Reading, book: Book) -> Sizes | None:
    """The sizes of all segments from memory.

    Args:
        live: What keeps memberships.
        reading: The view that all else is read from; it is asked for the present.
        book: The definitions to answer for.

    Returns:
        None where memory is older than the view, holds for other definitions, or lacks some.
    """
    settled = live.settled
    if settled is None or live.memberships.errors or not _covers(settled, reading, book):
        return None
    members = {name: len(one.members) for name, one in sorted(live.memberships.live.items())}
    # A step that began meanwhile may have changed some of it.
    if live.settled is not settled or not book.segments.keys() <= members.keys():
        return None
    return Sizes(members, settled.position, max(settled.at, reading.as_of))


def _settled_segments(live: Runner, reading: Reading, book: Book, profile_id: int) -> Known | None:
    settled = live.settled
    if settled is None or live.memberships.errors or not _covers(settled, reading, book):
        return None
    names = live.memberships.of(profile_id)
    # A step that began meanwhile may have changed some of it.
    if live.settled is not settled:
        return None
    return Known(names, settled.position, max(settled.at, reading.as_of))


def _covers(settled: Settled, reading: Reading, book: Book) -> bool:
    """Whether memory is at least as new as the view."""
    if settled.book is not book or settled.position < reading.position:
        return False
    return settled.at >= reading.as_of or reading.as_of < settled.until
