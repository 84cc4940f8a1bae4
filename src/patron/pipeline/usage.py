"""Which events, properties and traits are of use to anything that is defined (S3.13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

from patron.clock import format_time
from patron.pipeline.book import Book
from patron.segments.names_used import NamesUsed, names_used
from patron.spec.commerce import ORDER_EVENTS
from patron.spec.identifiers import IdentityRules
from patron.spec.scopes import declared_types
from patron.warehouse import observed
from patron.warehouse.reading import Reading

Kind = Literal["event", "property", "trait"]
Use = tuple[Kind, str | None, str]
"""What is used: an event, a property of an event (None: of any), or a trait."""

OF_ORDERS = ("order_id", "currency", "revenue", "total", "tax", "shipping", "discount", "products")
"""The properties that the orders of a profile, and goals, are made of."""


def usage(reading: Reading, book: Book, *, days: int, unused: bool) -> list[dict[str, Any]]:
    """Every event, property and trait that came in, with what uses it; those of no use first.

    Args:
        reading: The view to read in.
        book: What is defined.
        days: What happened in so many days is counted.
        unused: Only what nothing uses.
    """
    since = reading.as_of - timedelta(days=days)
    users: dict[Use, set[str]] = {}
    for user, used in _uses(book):
        users.setdefault(used, set()).add(user)
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
        by = users.get(use, set())
        if use[0] == "property":
            by = by | users.get(("property", None, use[2]), set())
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
                "planned": use in planned,
            }
        )
    return sorted(rows, key=lambda row: (len(row["used_by"]) > 0, -row["rows"], row["kind"],
                                         row["event"] or "", row["name"]))  # fmt: skip


def _uses(book: Book) -> Iterator[tuple[str, Use]]:
    for name, segment in book.segments.items():
        yield from _named(f"segment {segment.value_of or name}", names_used(segment.rule))
    for name, computed in book.computed.items():
        yield from _named(f"computed trait {name}", names_used(computed.expression))
    for name, linking in book.linking.items():
        for column in linking.names:
            yield f"linking {name}", ("trait", None, column)
    yield from _identifying(book.identity)
    for entity in book.entities.values():
        for way in entity.events:
            yield f"entity {entity.name}", ("property", None, way.property)
    for event in ORDER_EVENTS:
        yield "orders", ("event", None, event)
        for column in OF_ORDERS:
            yield "orders", ("property", event, column)


def _identifying(rules: IdentityRules) -> Iterator[tuple[str, Use]]:
    for kind in declared_types(rules):
        for path in kind.fields:
            part, _, rest = path.rpartition("traits.")
            if part in ("", "context.") and rest and path != rest:
                yield "identity", ("trait", None, rest.split(".")[0])
            elif path.startswith("properties."):
                yield "identity", ("property", None, path.split(".")[1])


def _named(user: str, used: NamesUsed) -> Iterator[tuple[str, Use]]:
    for event in used.events:
        yield user, ("event", None, event)
    for of, name in used.properties:
        yield user, ("property", of, name)
    for name in used.traits:
        yield user, ("trait", None, name)


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
