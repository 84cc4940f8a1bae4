"""Answers about computed traits: what they are, and what they come to."""

from __future__ import annotations

from typing import Any

import msgspec

from patron import profiles
from patron.errors import ConflictError, InputError, RuleError
from patron.pipeline import explanations
from patron.pipeline.audiences import plain_tree
from patron.pipeline.book import Book
from patron.pipeline.computed_definitions import (
    ComputedTrait,
    check_computed,
    read_computed,
    said_users,
    users_of,
)
from patron.segments import tree
from patron.segments.catalogue import Catalogue
from patron.segments.computed import used
from patron.segments.computed_values import Asking
from patron.segments.resolve import resolve
from patron.warehouse.reading import Reading


def check(
    name: str, body: dict[str, Any], book: Book, catalogue: Catalogue, *, allow_unknown: bool
) -> list[str]:
    """Check a computed trait that is to hold from now on, and all that rests on it.

    Returns:
        Warnings.

    Raises:
        RuleError: It is wrong, or a name is unknown and may not be, or what rests on it makes no
            sense of it.
    """
    made = read_computed(name, body, version=0, origin="api")
    known = msgspec.structs.replace(
        catalogue, computed={**catalogue.computed, name: made.expression}
    )
    warnings = check_computed(name, known, allow_unknown=allow_unknown)
    for other in sorted(book.computed):
        if other != name:
            _still(f"computed trait {other}", lambda other=other: check_computed(
                other, known, allow_unknown=True))  # fmt: skip
    for segment, rule in sorted(book.rules.items()):
        if name in used(rule, known.computed):
            _still(f"segment {segment}", lambda rule=rule: resolve(rule, known, unknown="warn"))
    return warnings


def _still(what: str, checked: Any) -> None:  # noqa: ANN401 - a check
    try:
        checked()
    except RuleError as error:
        raise RuleError(f"{what}: {error.message}", field="value", hint=error.hint) from None


def check_unused(name: str, book: Book) -> None:
    """Whether a computed trait can be removed.

    Raises:
        NotFoundError: There is none.
        ConflictError: Others use it; says which.
    """
    book.computed_trait(name)
    users = users_of({name}, book.rules, book.catalogue.computed)
    if any(users):
        segments = sorted({book.segments[user].value_of or user for user in users[0]})
        raise ConflictError(f"Computed trait {name} is used by {said_users(segments, users[1])}.")


def listing(reading: Reading, book: Book) -> dict[str, Any]:
    """All computed traits by name."""
    return {**reading.head, "data": [shown(one, book) for _, one in sorted(book.computed.items())]}


def one(reading: Reading, book: Book, name: str) -> dict[str, Any]:
    """One computed trait.

    Raises:
        NotFoundError: There is none.
    """
    return {**reading.head, "computed_trait": shown(book.computed_trait(name), book)}


def shown(found: ComputedTrait, book: Book) -> dict[str, Any]:
    """A computed trait as the API shows it, with who uses it."""
    segments, others = users_of({found.name}, book.rules, book.catalogue.computed)
    return {
        "name": found.name,
        "version": found.version,
        "origin": found.origin,
        "description": found.description,
        "text": found.text,
        "value": plain_tree(found.expression),
        "segments": sorted({book.segments[name].value_of or name for name in segments}),
        "computed_traits": others,
    }


def values(
    reading: Reading, book: Book, name: str, *, after: str | None, limit: int
) -> dict[str, Any]:
    """A page of the customers who have a value, with it, by rising profile id.

    Raises:
        NotFoundError: There is no such computed trait.
        InputError: The cursor is none that an earlier page gave.
    """
    if after is not None and not (after.isascii() and after.isdigit()):
        raise InputError("cursor: expected one that an earlier page gave.", field="cursor")
    trait = book.computed_trait(name)
    asking = Asking(reading.cursor, as_of=reading.as_of, catalogue=book.catalogue)
    found = asking.values(trait.expression, after=int(after or 0), limit=limit + 1)
    page = dict(list(found.items())[:limit])
    people = profiles.identified(reading.cursor, list(page))
    return {
        **reading.head,
        "name": name,
        "data": [{**one, "value": profiles.plain(page[one["profile_id"]])} for one in people],
        "next": str(max(page)) if len(found) > limit else None,
    }


def explained(reading: Reading, book: Book, name: str, identifier: str) -> dict[str, Any]:
    """What the value of one customer comes to, and the events behind it.

    Raises:
        NotFoundError: There is no such computed trait, or nobody has the identifier.
    """
    book.computed_trait(name)
    rule = tree.as_object(tree.Trait(f'"{name}"' if "." in name else name, "exists"))
    found = explanations.of_rule(reading, book, rule, identifier)
    return {**found, "name": name, "value": found["condition"]["value"]}
