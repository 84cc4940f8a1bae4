"""Answers about what sorts customers into classes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from patron import profiles
from patron.clock import format_time
from patron.errors import ConflictError, InputError, RuleError, in_use
from patron.pipeline import classification_definitions as definitions
from patron.pipeline.book import Book
from patron.pipeline.checks import dependents
from patron.pipeline.classification_definitions import Classification
from patron.pipeline.classification_kinds import KINDS
from patron.pipeline.computed_definitions import check_computed, said_users, users_of
from patron.pipeline.customers import check_brand
from patron.segments import class_sizes
from patron.segments.catalogue import Catalogue
from patron.segments.resolve import resolve
from patron.warehouse.reading import Reading


def known_kind(body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The kind that a body of the API names, and the definition without it.

    Raises:
        InputError: It names none.
    """
    kind = body.get("kind")
    if kind not in KINDS:
        raise InputError(f"kind: expected one of {', '.join(KINDS)}.", field="kind")
    return kind, {name: value for name, value in body.items() if name != "kind"}


def check(
    kind: str,
    name: str,
    body: dict[str, Any],
    book: Book,
    catalogue: Catalogue,
    *,
    allow_unknown: bool,
) -> list[str]:
    """Check a classification that is to hold from now on; returns warnings.

    Raises:
        DefinitionError: It is wrong.
        RuleError: A name is unknown and may not be.
        ConflictError: It makes what another definition makes, or would unmake what is used.
    """
    held = book.classifications.get(name)
    if held is not None and held.kind != kind:
        raise ConflictError(f"{name} is a {held.kind}; remove it first.")
    made = definitions.read_classification(kind, name, body, version=0, origin="api")
    others = [one for one in book.classifications.values() if one.name != name]
    definitions.check_names(
        [*others, made],
        book.unsorted,
        [one.name for one in book.segments.values() if one.made_by is None],
    )
    if held is not None:
        lost = set(held.computed) - set(made.computed), set(held.segments) - set(made.segments)
        _check_unused(held, *lost, book)
    known = msgspec.structs.replace(
        catalogue,
        computed={**catalogue.computed, **definitions.expressions_of([made])},
        segments={**catalogue.segments, **{n: s.rule for n, s in made.segments.items()}},
    )
    warnings = []
    try:
        for trait in made.computed:
            warnings += check_computed(trait, known, allow_unknown=allow_unknown)
        for segment in made.segments.values():
            found = resolve(segment.rule, known, unknown="warn" if allow_unknown else "error")
            warnings += [one.message for one in found.warnings]
    except RuleError as error:
        error.field = None
        raise
    return list(dict.fromkeys(warnings))


def check_unused(name: str, book: Book) -> Classification:
    """A classification that can be removed.

    Raises:
        NotFoundError: There is none.
        ConflictError: Others use what it makes; says which.
    """
    found = book.classification(name)
    _check_unused(found, set(found.computed), set(found.segments), book)
    return found


def _check_unused(held: Classification, traits: set[str], segments: set[str], book: Book) -> None:
    users, others = users_of(traits, book.rules, book.catalogue.computed)
    users = [*users, *dependents(segments, dict(book.segments))] if segments else users
    own = {book.segments[one].value_of or one for one in set(users) - set(held.segments)}
    others = [one for one in others if one not in held.computed]
    if own or others:
        raise ConflictError(
            f"{held.name} is used by {said_users(sorted(own), others)}.",
            told=in_use("classification", held.name, [*sorted(own), *others]),
        )


def listing(reading: Reading, book: Book) -> dict[str, Any]:
    """All classifications by name."""
    found = [shown(one) for _, one in sorted(book.classifications.items())]
    return {**reading.head, "data": found}


def shown(found: Classification) -> dict[str, Any]:
    """A classification as the API shows it."""
    return {
        "name": found.name,
        "kind": found.kind,
        "version": found.version,
        "origin": found.origin,
        "description": found.description,
        "definition": found.body,
        "classes": [
            {"trait": trait, "values": list(values)} for trait, values in found.classes.items()
        ],
        "computed_traits": [
            {"name": name, "text": one.text} for name, one in sorted(found.computed.items())
        ],
        "segments": sorted(name for name, one in found.segments.items() if one.value_of is None),
    }


def classes(
    reading: Reading, book: Book, name: str, *, trait: str | None, brand: str | None
) -> dict[str, Any]:
    """Every class with the number of its customers and what they bought, in its order.

    Raises:
        NotFoundError: There is no such classification.
        InputError: It sorts by no such trait, or nobody knows the brand.
    """
    found, trait = _sorting(book, name, trait, brand)
    sizes = class_sizes.sizes(
        reading.cursor, book.computed[trait].expression, as_of=reading.as_of,
        catalogue=book.catalogue, brands=_brands(brand),
    )  # fmt: skip
    by_value = {one.value: one for one in sizes}
    order: list[str | None] = [*found.classes[trait], *([None] if None in by_value else [])]
    rows = [by_value.get(value, class_sizes.Size(value, 0, ())) for value in order]
    return {
        **reading.head,
        "name": name,
        "trait": trait,
        "brand": brand,
        "data": [
            {
                "value": row.value,
                "customers": row.customers,
                "by_currency": [profiles.plain(one._asdict()) for one in row.by_currency],
            }
            for row in rows
        ],
    }


def movements(
    reading: Reading,
    book: Book,
    name: str,
    *,
    since: datetime,
    trait: str | None,
    brand: str | None,
) -> dict[str, Any]:
    """How many customers went from each class to each between two moments.

    Raises:
        NotFoundError: There is no such classification.
        InputError: It sorts by no such trait, the brand is unknown, or the moments are in no order.
    """
    found, trait = _sorting(book, name, trait, brand)
    if since > reading.as_of:
        raise InputError("since: expected a moment that is not after as_of.", field="since")
    moved = class_sizes.movements(
        reading.cursor, book.computed[trait].expression, since=since, as_of=reading.as_of,
        catalogue=book.catalogue, brands=_brands(brand),
    )  # fmt: skip
    values: list[str | None] = [*found.classes[trait], None]
    place = {value: number for number, value in enumerate(values)}
    moved.sort(key=lambda one: (place[one.before], place[one.after]))
    return {
        **reading.head,
        "name": name,
        "trait": trait,
        "brand": brand,
        "since": format_time(since),
        "data": [
            {"from": one.before, "to": one.after, "customers": one.customers} for one in moved
        ],
    }


def _sorting(
    book: Book, name: str, trait: str | None, brand: str | None
) -> tuple[Classification, str]:
    found = book.classification(name)
    known = list(found.classes)
    if trait is not None and trait not in known:
        raise InputError(f"trait: {name} sorts by {', '.join(known)}.", field="trait")
    check_brand(book, brand)
    return found, trait or known[0]


def _brands(brand: str | None) -> tuple[str, ...]:
    return () if brand is None else (brand,)
