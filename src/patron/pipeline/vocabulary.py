"""What somebody who writes a rule is offered: the names that occur, their kinds, real values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, get_args

from patron.clock import format_time
from patron.errors import InputError
from patron.pipeline.book import Book
from patron.pipeline.inferring import KIND_OF_JSON
from patron.pipeline.personal import Personal
from patron.segments import columns, paths
from patron.segments.tree import NUMBERS, Expression, Taken
from patron.spec.entities import EntityKind
from patron.spec.groups import GroupType
from patron.spec.tracking_plans import PlanType
from patron.warehouse import lists, vocabulary
from patron.warehouse.reading import Reading
from patron.warehouse.sources import NO_BRAND, Source
from patron.warehouse.vocabulary import Of, Typed

GROWTH = 1000
"""What was found is found anew once one row in so many is new."""


def known(
    reading: Reading,
    book: Book,
    sources: Iterable[Source],
    remembered: Remembered,
    at_least: int = 0,
) -> dict[str, Any]:
    """Every name that a rule can use.

    Counts and names of events, traits, brands, channels, currencies, lists and segments are
    complete. Which properties an event has, and of which kind things are, is told from the newest
    rows of each: what occurs in few old ones only can be missing.

    Args:
        reading: The view to read in.
        book: What is defined.
        sources: All of them.
        remembered: What was found before.
        at_least: The position that the answer has to hold for.
    """
    return {
        **remembered.found(reading, book, at_least),
        "event_columns": _columns({name: columns.EVENT_COLUMNS[name] for name in _EVERYWHERE}),
        "order_properties": _columns(columns.ORDER_COLUMNS),
        "group_types": list(get_args(GroupType)),
        "brands": sorted(book.brands),
        "sources": sorted(one.name for one in sources if one.active and one.brand != NO_BRAND),
        "segments": [_segment(book, name) for name in sorted(book.declared)],
        "lists": [row["name"] for row in lists.list_sizes(reading.cursor)],
        "entities": [_entity(one) for _, one in sorted(book.entities.items())],
    }


def _scanned(reading: Reading, book: Book) -> dict[str, Any]:
    """What all rows are looked through for."""
    personal = Personal(book)
    return {
        **reading.head,
        "events": _events(reading, personal),
        "line_properties": _lines(reading, personal),
        "traits": sorted(
            [*_told(reading, book, personal), *_computed(book)], key=itemgetter("name")
        ),
        "group_traits": _group_traits(reading, personal),
        "channels": vocabulary.distinct(reading.cursor, "channel"),
        "currencies": vocabulary.distinct(reading.cursor, "currency"),
    }


class Remembered:
    """What was found in all rows, until a thousandth more has come in or definitions change."""

    def __init__(self) -> None:
        self._kept: tuple[Book, dict[str, Any]] | None = None

    def found(self, reading: Reading, book: Book, at_least: int) -> dict[str, Any]:
        """As of its own position, which is in it.

        Args:
            reading: The view to read in where it has to be found anew.
            book: What is defined.
            at_least: The position that it has to hold for.
        """
        kept = self._kept
        if kept is not None and kept[0] is book:
            position = kept[1]["position"]
            new = reading.position - position
            if position >= at_least and new * GROWTH <= position:
                return kept[1]
        self._kept = (book, _scanned(reading, book))
        return self._kept[1]


def values(
    reading: Reading,
    book: Book,
    of: Of,
    name: str,
    *,
    event: str | None,
    starting: str,
    limit: int,
    with_personal: bool,
) -> dict[str, Any]:
    """The most frequent values of a property or trait, for suggestions.

    Args:
        reading: The view to read in.
        book: What is defined.
        of: Whether it is a property of events, of order lines, or a trait.
        name: Its name or path, as rules write it.
        event: Of a property: only of this event.
        starting: Only values that begin so, whatever their case.
        limit: So many at most.
        with_personal: Whether whoever asks may see personal data of many people at once.

    Raises:
        InputError: The name is none.
    """
    try:
        path = paths.split(name)
    except ValueError as error:
        raise InputError(f"name: {error}.", field="name") from None
    personal = Personal(book)(*path)
    answer = {**reading.head, "of": of, "name": name, "event": event, "personal": personal,
              "withheld": personal and not with_personal}  # fmt: skip
    if answer["withheld"]:
        return {**answer, "rows": 0, "sampled": False, "data": []}
    if of == "trait" and path[0] in book.computed:
        return {**answer, "rows": 0, "sampled": False,
                "data": _classes(book, path[0], starting)[:limit]}  # fmt: skip
    asked = {"event": event, "starting": starting, "limit": limit}
    if of != "trait" and columns.column_type(path, lines=of == "line-property"):
        found = vocabulary.of_column(reading.cursor, of, path[0], **asked)  # type: ignore[arg-type]
    else:
        found = vocabulary.frequent(reading.cursor, of, path, **asked)  # type: ignore[arg-type]
    data = [{"value": json.loads(value), "count": count} for value, count in found.values]
    return {**answer, "rows": found.rows, "sampled": not found.all_rows, "data": data}


_EVERYWHERE = ("brand", "channel")
"""The columns that every event has; the others are among the properties of those that have them."""


def _events(reading: Reading, personal: Personal) -> list[dict[str, Any]]:
    seen = vocabulary.events(reading.cursor, reading.as_of)
    typed = vocabulary.event_properties(reading.cursor, [one.name for one in seen])
    with_lines = vocabulary.events_with_lines(reading.cursor)
    by_event: dict[str, list[Typed]] = {}
    for one in typed:
        by_event.setdefault(one.event, []).append(one)
    return [
        {
            "name": one.name,
            "type": one.type,
            "count": one.times,
            "last_seen": format_time(one.last_seen),
            "lines": one.name in with_lines,
            "properties": list(_named(by_event.get(one.name, []), personal)),
        }
        for one in seen
    ]


def _named(typed: list[Typed], personal: Personal) -> Iterator[dict[str, Any]]:
    for name, same in groupby(sorted(typed, key=attrgetter("name")), attrgetter("name")):
        yield {"name": name, "kind": _kind(list(same)), "personal": personal(name)}


def _kind(typed: list[Typed]) -> PlanType:
    kinds = {KIND_OF_JSON.get(one.type, "any") for one in typed}
    if kinds == {"text"} and all(one.dates for one in typed):
        return "date"
    if kinds == {"number", "whole"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else "any"


def _columns(found: dict[str, columns.ColumnType]) -> list[dict[str, Any]]:
    return [{"name": name, "kind": kind, "personal": False} for name, kind in found.items()]


def _lines(reading: Reading, personal: Personal) -> list[dict[str, Any]]:
    own = _columns(columns.LINE_COLUMNS)
    seen = _named(vocabulary.line_properties(reading.cursor), personal)
    return own + [one for one in seen if one["name"] not in columns.LINE_COLUMNS]


def _told(reading: Reading, book: Book, personal: Personal) -> Iterator[dict[str, Any]]:
    """The traits that messages and people tell."""
    declared = {one.called: one for one in book.traits.values()}
    typed = vocabulary.traits(reading.cursor)
    kinds = {one["name"]: one["kind"] for one in _named(typed, personal)}
    counts = vocabulary.trait_counts(reading.cursor)
    for name in declared.keys() | counts.keys():
        definition = declared.get(name)
        stated = None if definition is None or definition.type == "any" else definition.type
        yield {
            "name": name,
            "kind": stated or kinds.get(name, "any"),
            "personal": personal(name),
            "computed": False,
            "made_by": None,
            "count": counts.get(name, 0),
            "description": None if definition is None else definition.description,
        }


def _computed(book: Book) -> Iterator[dict[str, Any]]:
    for name, one in book.computed.items():
        yield {
            "name": name,
            "kind": _result(one.expression),
            "personal": False,
            "computed": True,
            "made_by": one.made_by,
            "count": None,
            "description": one.description,
        }


def _result(expression: Expression) -> PlanType:
    if isinstance(expression, Taken):
        name = expression.taken()[0]
        return "number" if name in NUMBERS else "list" if name == "list" else "any"
    return "number" if expression.NUMBER else "text"


def _classes(book: Book, trait: str, starting: str) -> list[dict[str, Any]]:
    """The classes that a computed trait can have, where a classification makes it."""
    classes = (one.classes[trait] for one in book.classifications.values() if trait in one.classes)
    return [
        {"value": label, "count": None}
        for labels in classes for label in labels
        if label.lower().startswith(starting.lower())
    ]  # fmt: skip


def _group_traits(reading: Reading, personal: Personal) -> list[dict[str, Any]]:
    typed = vocabulary.group_traits(reading.cursor)
    kinds = {one["name"]: one["kind"] for one in _named(typed, personal)}
    counts = vocabulary.group_trait_counts(reading.cursor)
    return [
        {"name": name, "kind": kinds.get(name, "any"), "personal": personal(name)}
        for name in sorted(counts)
    ]


def _segment(book: Book, name: str) -> dict[str, Any]:
    found = book.declared[name]
    values = [value.partition("=")[2] for value in found.values]
    return {"name": name, "description": found.description, "values": values}


def _entity(kind: EntityKind) -> dict[str, Any]:
    attributes = {**dict.fromkeys(sorted(kind.seen), "any"), **kind.attributes}
    return {
        "name": kind.name,
        "of_events": bool(kind.events),
        "of_lines": bool(kind.lines),
        "attributes": [{"name": name, "kind": type_} for name, type_ in attributes.items()],
    }
