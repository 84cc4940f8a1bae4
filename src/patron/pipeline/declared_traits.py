"""Answers about what is declared of traits, and who reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from patron import definitions
from patron.definitions import Body, Stored
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, NotFoundError
from patron.pipeline.book import Book
from patron.pipeline.readers import trait_definition
from patron.pipeline.trait_definitions import check_once, check_trust_orders
from patron.segments.names_used import names_used
from patron.segments.paths import split
from patron.spec.traits import TraitDefinition
from patron.warehouse.reading import Reading

KIND = "trait"


def one(reading: Reading, book: Book, name: str) -> dict[str, Any]:
    """What is declared of one trait, and who reads it.

    Args:
        reading: The view to read in.
        book: What is defined.
        name: Of the definition.

    Raises:
        NotFoundError: There is none.
    """
    found = definitions.get(reading.cursor, KIND, name)
    if found is None:
        raise _unknown(name, book)
    return _shown(trait_definition(name, found.body), found, book)


def check(cursor: Cursor, name: str, body: Body, book: Book) -> None:
    """Whether what is declared of a trait can hold beside the other definitions.

    Raises:
        DefinitionError: Another definition is of the same trait, or it names a source that never
            was.
    """
    found = trait_definition(name, body)
    check_once({**book.traits, name: found})
    check_trust_orders(cursor, [found])


def check_unused(name: str, book: Book) -> None:
    """Whether a definition of a trait can be removed without changing what others read.

    Raises:
        NotFoundError: There is none.
        ConflictError: Another value of it would hold, and others read it; says which.
    """
    if name not in book.traits:
        raise _unknown(name, book)
    trait = book.traits[name].called
    found = [
        f"{kind.replace('_', ' ')} {user}"
        for kind, names in readers(trait, book).items()
        for user in names
    ]
    survivorships = book.survivorships
    if found and survivorships.of(trait) != survivorships.others:
        raise ConflictError(
            f"Trait {name} is used by {', '.join(found)}, and without its definition another "
            "value may hold.",
            hint="Declare it with survivorship most_recent and without holds_for first: then "
            "nothing changes with it.",
        )


def readers(trait: str, book: Book) -> Mapping[str, list[str]]:
    """Who reads a trait by itself: names of definitions, by kind.

    Args:
        trait: As messages call it.
        book: What is defined.
    """
    if trait in book.computed:  # whoever says the name means the computed one
        return {"segment": [], "computed_trait": [], "recurring_date": [], "linking": []}
    segments = {
        segment.value_of or name
        for name, segment in book.segments.items()
        if trait in names_used(segment.rule).traits
    }
    return {
        "segment": sorted(segments),
        "computed_trait": sorted(
            name
            for name, one in book.computed.items()
            if trait in names_used(one.expression).traits
        ),
        "recurring_date": sorted(
            name
            for name, one in book.recurring_dates.items()
            if one.trait is not None and split(one.trait)[0] == trait
        ),
        "linking": sorted(name for name, one in book.linking.items() if trait in one.names),
    }


def _shown(found: TraitDefinition, stored: Stored, book: Book) -> dict[str, Any]:
    said = msgspec.structs.asdict(found)
    users = readers(found.called, book)
    return {
        **{key: value for key, value in said.items() if key != "kind"},
        "trait": found.called,
        "version": stored.version,
        "origin": stored.origin,
        "segments": users["segment"],
        "computed_traits": users["computed_trait"],
        "recurring_dates": users["recurring_date"],
        "linking": users["linking"],
    }


def _unknown(name: str, book: Book) -> NotFoundError:
    by_trait = {one.called: one.name for one in book.traits.values()}
    hint = f"The trait {name} is declared by {by_trait[name]}." if name in by_trait else None
    return NotFoundError(f"There is no definition of a trait {name}.", hint=hint)
