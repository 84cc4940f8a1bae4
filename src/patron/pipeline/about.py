"""What holds for the whole workspace: its brands, and the currencies that occur."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from patron.clock import format_time, parse_time
from patron.pipeline.book import Book
from patron.warehouse.reading import Reading
from patron.warehouse.sources import NO_BRAND, Source

_CURRENCIES = """
select brand, list_sort(list(distinct currency)) from events
where currency is not null group by brand
"""


def told(reading: Reading, book: Book, sources: Iterable[Source]) -> dict[str, Any]:
    """The workspace's name, age, brands and currencies.

    Args:
        reading: The view to read in.
        book: What is defined.
        sources: All of them.
    """
    meta: dict[str, str] = dict(reading.cursor.execute("select key, value from meta").all())
    currencies: dict[str, list[str]] = dict(reading.cursor.execute(_CURRENCIES).all())
    sending = [one for one in sources if one.brand != NO_BRAND]
    return {
        **reading.head,
        "name": meta["name"],
        "created_at": format_time(parse_time(meta["created_at"])),
        "brands": [
            {
                "name": brand,
                "sources": sorted(one.name for one in sending if one.brand == brand),
                "currencies": currencies.get(brand, []),
            }
            for brand in sorted(book.brands | currencies.keys())
        ],
        "conversions": [
            {"currency": currency, "of": sorted({one.currency for one in rates})}
            for currency, rates in sorted(book.rates.items())
        ],
    }
