"""Which events, properties and traits are of use to anything that is defined (S3.13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from patron.access.audit import exported_segments
from patron.clock import format_time
from patron.identity.normal.fields import NAME_TRAITS, field_of
from patron.pipeline.book import Book
from patron.pipeline.users_of_data import Use, feeds, uses
from patron.warehouse import observed
from patron.warehouse.reading import Reading


def usage(reading: Reading, book: Book, *, days: int, unused: bool) -> list[dict[str, Any]]:
    """Every event, property and trait that came in, with what uses it; those of no use first.

    Args:
        reading: The view to read in.
        book: What is defined.
        days: What happened in so many days is counted.
        unused: Only what nothing uses.
    """
    since = reading.as_of - timedelta(days=days)
    exports = exported_segments(reading.cursor, since, reading.as_of)
    users, feeders = _by_use(uses(book, exports)), _by_use(feeds(book))
    planned = set(_planned(book))
    seen = observed.events_seen(reading.cursor, since, reading.as_of)
    seen += observed.traits_seen(reading.cursor, since, reading.as_of)
    rows = []
    for one in seen:
        use: Use
        if not one.event:
            use = ("trait", None, one.name or "")
        elif one.name is None:
            use = ("event", None, one.event)
        else:
            use = ("property", one.event, one.name)
        by = _of(users, use)
        if use[0] == "trait" and field_of(one.name or "") in NAME_TRAITS:
            by.add("names")
        if by and unused:
            continue
        rows.append(
            {
                "kind": use[0],
                "event": use[1],
                "name": use[2],
                "rows": one.times,
                "last_seen": format_time(one.last),
                "used_by": sorted(by),
                "fed_by": sorted(_of(feeders, use)),
                "planned": use in planned,
            }
        )
    return sorted(rows, key=lambda row: (len(row["used_by"]) > 0, -row["rows"], row["kind"],
                                         row["event"] or "", row["name"]))  # fmt: skip


def _by_use(found: Iterable[tuple[str, Use]]) -> dict[Use, set[str]]:
    by_use: dict[Use, set[str]] = {}
    for who, use in found:
        by_use.setdefault(use, set()).add(who)
    return by_use


def _of(found: dict[Use, set[str]], use: Use) -> set[str]:
    """Who names something: by its name, as a property of any event, or with all of its kind."""
    kind, event, name = use
    wider: list[Use] = [(kind, event, name), (kind, None, name), (kind, None, None)]
    return {who for one in wider for who in found.get(one, ())}


def _planned(book: Book) -> Iterator[Use]:
    for plan in book.tracking_plans.values():
        for event, expected in (plan.events or {}).items():
            yield "event", None, event
            for name in expected.properties:
                yield "property", event, name
        for name in plan.traits or {}:
            yield "trait", None, name
    for trait in book.traits.values():
        yield "trait", None, trait.called
