"""What customers prefer, as it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from patron import profiles
from patron.pipeline.book import Book
from patron.segments.preferences import Liking, preferences
from patron.warehouse.reading import Reading

MOST_SHOWN = 20
"""So many values of a preference are shown among others."""


def preferences_of(
    reading: Reading,
    book: Book,
    profile_ids: Sequence[int],
    *,
    names: Sequence[str],
    brands: tuple[str, ...] = (),
) -> dict[int, dict[str, Any]]:
    """Preferences of customers who stand, by name; of each the values preferred most.

    Of some brands only, where any are given.
    """
    found: dict[int, dict[str, Any]] = {one: {} for one in profile_ids}
    for name in names:
        likings = likings_of(reading, book, name, profile_ids, brands=brands)
        for one in profile_ids:
            found[one][name] = shown(likings.get(one, [])[:MOST_SHOWN])
    return found


def likings_of(
    reading: Reading,
    book: Book,
    name: str,
    profile_ids: Sequence[int],
    *,
    brands: tuple[str, ...] = (),
) -> dict[int, list[Liking]]:
    """All values of customers who named any, the most preferred first.

    Raises:
        NotFoundError: There is no such preference.
    """
    return preferences(
        reading.cursor,
        book.preference(name).expression,
        as_of=reading.as_of,
        catalogue=book.catalogue,
        profile_ids=tuple(profile_ids),
        brands=brands,
        limit=len(profile_ids),
    )


def shown(likings: Sequence[Liking]) -> dict[str, Any]:
    """Values as the API shows them, with the favourite, which is None where nothing is liked."""
    first = likings[0] if likings and likings[0].verdict == "liked" else None
    found: dict[str, Any] = profiles.plain(
        {
            "favourite": None if first is None else first.value,
            "values": [
                {
                    "value": one.value,
                    "weight": one.weight,
                    "affinity": one.affinity,
                    "rank": one.rank,
                    "verdict": one.verdict,
                    "last_at": one.last_at,
                }
                for one in likings
            ],
        }
    )
    return found
