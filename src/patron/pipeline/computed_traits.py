"""Answers about computed traits: what they are, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from patron import profiles
from patron.definitions import Change
from patron.errors import ConflictError, InputError, RuleError, in_use
from patron.pipeline import explanations
from patron.pipeline.audiences import plain_tree
from patron.pipeline.book import Book
from patron.pipeline.computed_changes import MADE, after
from patron.pipeline.computed_definitions import (
    ComputedTrait,
    check_computed,
    said_users,
    users_of,
)
from patron.segments import tree
from patron.segments.catalogue import Catalogue
from patron.segments.computed import inlined, is_number, used
from patron.segments.computed_values import Asking
from patron.segments.resolve import resolve
from patron.segments.scored import Scored
from patron.warehouse.reading import Reading


def check(
    kind: str,
    name: str,
    body: dict[str, Any],
    book: Book,
    catalogue: Catalogue,
    *,
    allow_unknown: bool,
) -> list[str]:
    """Check a definition that makes computed traits from now on, and all that rests on them.

    Args:
        kind: Of the definition.
        name: Its name.
        body: As it was checked by itself.
        book: What holds.
        catalogue: What is known.
        allow_unknown: Whether names that were never seen are warnings only.

    Returns:
        Warnings.

    Raises:
        RuleError: It is wrong, or a name is unknown and may not be, or what rests on it makes no
            sense of it.
        ConflictError: Another definition makes a computed trait of the same name.
    """
    made = set(MADE[kind](name))
    before: dict[str, Any] | None = {} if book.makes(kind, name) else None
    change = Change(action="change", kind=kind, name=name, before=before, after=body)
    computed = after(catalogue.computed, [change])
    known = msgspec.structs.replace(catalogue, computed=computed)
    warnings = [
        warning
        for one in sorted(made)
        for warning in check_computed(one, known, allow_unknown=allow_unknown)
    ]
    for other in sorted(book.computed.keys() - made):
        _still(f"computed trait {other}", lambda other=other: check_computed(
            other, known, allow_unknown=True))  # fmt: skip
    for segment, rule in sorted(book.rules.items()):
        if made & used(rule, known.computed):
            _still(f"segment {segment}", lambda rule=rule: resolve(rule, known, unknown="warn"))
    return list(dict.fromkeys(warnings))


def _still(what: str, checked: Any) -> None:  # noqa: ANN401 - a check
    try:
        checked()
    except RuleError as error:
        raise RuleError(f"{what}: {error.message}", field="value", hint=error.hint) from None


def check_unused(kind: str, name: str, book: Book) -> None:
    """Whether a definition that makes computed traits can be removed.

    Raises:
        NotFoundError: There is none.
        ConflictError: Others use what it makes; says which.
    """
    known: dict[str, Callable[[str], object]] = {
        "computed_trait": book.computed_trait,
        "score": book.score,
        "preference": book.preference,
    }
    known[kind](name)
    segments, others = users(MADE[kind](name), book)
    if segments or others:
        what = kind.replace("_", " ").capitalize()
        raise ConflictError(
            f"{what} {name} is used by {said_users(segments, others)}.",
            told=in_use("computed_trait", name, [*segments, *others]),
        )


def users(names: Iterable[str], book: Book) -> tuple[list[str], list[str]]:
    """The segments and the computed traits that name some computed traits themselves."""
    segments, others = users_of(set(names), book.rules, book.catalogue.computed)
    return sorted({book.segments[name].value_of or name for name in segments}), others


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
    segments, others = users([found.name], book)
    return {
        "name": found.name,
        "version": found.version,
        "origin": found.origin,
        "made_by": found.made_by,
        "description": found.description,
        "text": found.text,
        "value": plain_tree(found.expression),
        "segments": segments,
        "computed_traits": others,
    }


def values(
    reading: Reading, book: Book, name: str, *, after: str | None, limit: int, scored: Scored
) -> dict[str, Any]:
    """A page of the customers who have a value, with it, by rising profile id.

    It is found of the customers of the page alone; only scores by fifths are made among everybody,
    and kept for the next page.

    Raises:
        NotFoundError: There is no such computed trait.
        InputError: The cursor is none that an earlier page gave.
    """
    if after is not None and not (after.isascii() and after.isdigit()):
        raise InputError("cursor: expected one that an earlier page gave.", field="cursor")
    trait = book.computed_trait(name)
    asking = Asking(reading.cursor, as_of=reading.as_of, catalogue=book.catalogue, scored=scored)
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
    trait = book.computed_trait(name)
    rule = tree.as_object(tree.Trait(f'"{name}"' if "." in name else name, "exists"))
    found = explanations.of_rule(reading, book, rule, identifier)
    condition = found["condition"]
    if is_number(inlined(trait.expression, book.catalogue.computed)):
        _tell_once(condition)
    return {**found, "name": name, "value": condition["value"]}


def _tell_once(condition: dict[str, Any]) -> None:
    """A number is there where it is at least 0 or below; the rows behind both are the same."""
    for inner in condition["conditions"]:
        if inner["kind"] == "any":
            of_any = inner["conditions"]
            condition["conditions"] = [one for one in of_any if one["holds"]] or of_any[:1]
