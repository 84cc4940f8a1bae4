"""How scores of customers went: their growth, and their curves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from patron import profiles
from patron.pipeline.book import Book
from patron.pipeline.score_definitions import GROWTH_DAYS
from patron.segments.courses import courses
from patron.segments.tree import Named
from patron.warehouse.reading import Reading

CURVE_DAYS = 90
CURVE_STEP = 7


def scores_of(
    reading: Reading,
    book: Book,
    profile_ids: Sequence[int],
    *,
    names: Sequence[str],
    brands: tuple[str, ...] = (),
) -> dict[int, dict[str, Any]]:
    """Scores of customers who stand, by name, each with its growth and its curve.

    Of some brands only, where any are given.
    """
    found: dict[int, dict[str, Any]] = {one: {} for one in profile_ids}
    for name in names:
        courses_of = course(
            reading, book, name, profile_ids, days=CURVE_DAYS, step=CURVE_STEP, brands=brands
        )
        for one, gone in courses_of.items():
            found[one][name] = gone
    return found


def course(
    reading: Reading,
    book: Book,
    name: str,
    profile_ids: Sequence[int],
    *,
    days: int,
    step: int,
    brands: tuple[str, ...] = (),
) -> dict[int, dict[str, Any]]:
    """Of customers a score now, what it grew by, and what it was every so many days.

    Args:
        reading: The view to read in.
        book: What is defined.
        name: Of the score.
        profile_ids: Who is asked about.
        days: How far the curve goes back.
        step: The days between two of its points, of which the oldest comes first.
        brands: What was done on these alone; on all when empty.
    """
    curve = range(0, days + 1, step)
    ages = sorted({*curve, *GROWTH_DAYS, 0})
    moments = {age: reading.as_of - timedelta(days=age) for age in ages}
    found = courses(
        reading.cursor,
        Named(name),
        profile_ids=profile_ids,
        moments=list(moments.values()),
        catalogue=book.catalogue,
        brands=brands,
    )
    told: dict[int, dict[str, Any]] = {}
    for one, numbers in found.items():
        worth = dict(zip(ages, numbers, strict=True))
        points = [{"at": moments[age], "value": worth[age]} for age in reversed(curve)]
        told[one] = {
            **profiles.plain({"value": worth[0], "curve": points}),
            "growth": growth([worth[days] for days in (0, *GROWTH_DAYS)]),
        }
    return told


def growth(worth: Sequence[Decimal | None]) -> dict[str, str | None]:
    """Of a score now and before so many days each, what it grew by."""
    now, *earlier = worth
    grown = {
        str(days): None if now is None or then is None else now - then
        for days, then in zip(GROWTH_DAYS, earlier, strict=True)
    }
    found: dict[str, str | None] = profiles.plain(grown)
    return found
