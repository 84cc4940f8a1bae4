"""Answers about one customer, found by any identifier."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from patron import profiles
from patron.errors import InputError, NotFoundError, PatronError, unknown
from patron.identity import NormalForms
from patron.pipeline.book import Book
from patron.pipeline.class_changes import class_kinds
from patron.pipeline.parts import Asked, KnownSegments, read_parts, wanted
from patron.segments.scored import Scored
from patron.spec.identifiers import Identifier, IdentityRules
from patron.spec.reading import did_you_mean
from patron.spec.scopes import brand_wanted
from patron.warehouse.reading import Reading

MOST_AT_ONCE = 500
"""So many customers are read at once."""

MOST_DIGITS = 18
"""No profile id has more."""


def profile_id_of(reading: Reading, rules: IdentityRules, identifier: str) -> int:
    """The id of the profile that stands for an identifier; as `profile_of`."""
    return profile_of(reading, rules, identifier).profile_id


def profile_of(
    reading: Reading, rules: IdentityRules, identifier: str, *, in_use: bool = True
) -> profiles.Standing:
    """The profile that stands for ``type:value`` or for a profile id.

    Args:
        reading: The view to read in.
        rules: How identifiers are spelled.
        identifier: ``type:value`` or a profile id.
        in_use: Of a device that several people share, whoever was logged in last; otherwise the
            profile that the identifier itself belongs to.

    Raises:
        InputError: It is no identifier.
        NotFoundError: Nobody has it.
    """
    [found] = profiles_of(reading, rules, [identifier], in_use=in_use)
    if isinstance(found, PatronError):
        raise found
    return found


def profiles_of(
    reading: Reading, rules: IdentityRules, identifiers: Sequence[str], *, in_use: bool = True
) -> list[profiles.Standing | PatronError]:
    """As `profile_of`, of several: in their order, with what stands against each that is wrong."""
    devices = {kind.name for kind in rules.types if kind.stands_for == "device"}
    forms = NormalForms.of(rules)
    asked: list[int | tuple[str, str] | PatronError] = [
        _asked(forms, rules, identifier) for identifier in identifiers
    ]
    every = list(dict.fromkeys(one for one in asked if not isinstance(one, PatronError)))
    memory = reading.memory
    stands = dict(memory.standings(reading.cursor, every)) if memory else {}
    left = [one for one in every if one not in stands]
    stands |= _by_tables(reading, left, devices if in_use else set())
    found: list[profiles.Standing | PatronError] = []
    for identifier, one in zip(identifiers, asked, strict=True):
        if isinstance(one, PatronError):
            found.append(one)
        elif one not in stands:
            found.append(
                NotFoundError(
                    f"No customer has {identifier}.", told=unknown("customer", identifier)
                )
            )
        else:
            found.append(stands[one])
    return found


def _by_tables(
    reading: Reading,
    asked: Sequence[tuple[str, str] | int],
    devices: Collection[str],
) -> dict[tuple[str, str] | int, profiles.Standing]:
    """What stands for identifiers in normal form and for profile ids.

    Of identifiers of these types it is asked who had the device.
    """
    if not asked:
        return {}
    named = [one for one in asked if not isinstance(one, int)]
    used_at = {one: reading.as_of for one in named if one[0] in devices}
    numbers = reading.memory.numbers_of(named) if reading.memory else []
    owned = profiles.resolved(reading.cursor, named, used_at, numbers) if named else {}
    led = {one: one if isinstance(one, int) else owned.get(one) for one in asked}
    stands = profiles.standings(reading.cursor, {one for one in led.values() if one is not None})
    return {one: stands[now] for one, now in led.items() if now in stands}


def _asked(
    forms: NormalForms, rules: IdentityRules, identifier: str
) -> int | tuple[str, str] | PatronError:
    """A profile id, or an identifier in normal form, or why it is none."""
    if identifier.isascii() and identifier.isdigit():
        if len(identifier) > MOST_DIGITS:
            return NotFoundError(
                f"No customer has {identifier}.", told=unknown("customer", identifier)
            )
        return int(identifier)
    try:
        asked = Identifier.parse(identifier)
    except PatronError as error:
        return error
    normal = forms.normal(asked.type, asked.value)
    if isinstance(normal, str):
        return asked.type, normal
    return InputError(
        brand_wanted(rules, asked.type) or f"{asked.type}: {normal.reason}",
        hint=f"Declared are {', '.join(sorted(kind.name for kind in rules.types))}."
        if normal.code == "not_declared"
        else None,
    )


def profile(
    reading: Reading,
    book: Book,
    identifier: str,
    include: Sequence[str],
    known: KnownSegments | None = None,
    *,
    only: bool = False,
    brand: str | None = None,
    scored: Scored | None = None,
) -> dict[str, Any]:
    """One customer, whole.

    Args:
        reading: The view to read in.
        book: What is defined.
        identifier: ``type:value`` or a profile id.
        include: Names of parts (`parts.PARTS`) beside those that are always there, or ``all``.
        known: The segments of a profile from memory, or None where memory is older than this
            reading.
        only: Leave out what `include` does not name.
        brand: The customer as this brand knows them: what its sources said, and what was done,
            ordered and computed there. Who it is, is the same at all.
        scored: Has the scores of everybody that were made for other questions.

    Raises:
        NotFoundError: Nobody has the identifier.
        InputError: There is no such part, or no such brand.
    """
    [found] = profiles_each(
        reading, book, [identifier], include, known, only=only, brand=brand, scored=scored
    )
    if isinstance(found, PatronError):
        raise found
    return found


def profiles_each(
    reading: Reading,
    book: Book,
    identifiers: Sequence[str],
    include: Sequence[str],
    known: KnownSegments | None = None,
    *,
    only: bool = False,
    brand: str | None = None,
    scored: Scored | None = None,
) -> list[dict[str, Any] | PatronError]:
    """What `profile` gives or raises for each of several customers, read together.

    Raises:
        InputError: There is no such part, or no such brand.
    """
    head = _head(reading, brand)
    return [
        one if isinstance(one, PatronError) else {**head, **one}
        for one in _each(reading, book, identifiers, include, known, only, brand, scored)
    ]


def _each(
    reading: Reading,
    book: Book,
    identifiers: Sequence[str],
    include: Sequence[str],
    known: KnownSegments | None,
    only: bool,
    brand: str | None,
    scored: Scored | None,
) -> list[dict[str, Any] | PatronError]:
    """The parts of each, in the order asked for."""
    parts = wanted(include, only=only)
    check_brand(book, brand)
    stands = profiles_of(reading, book.identity, identifiers)
    customers = {one.profile_id: one for one in stands if isinstance(one, profiles.Standing)}
    asked = Asked(reading, book, list(customers.values()), known, brand, scored, parts)
    found = read_parts(asked, parts) if customers else {}
    return [one if isinstance(one, PatronError) else found[one.profile_id] for one in stands]


def check_brand(book: Book, brand: str | None) -> None:
    """Whether a brand can be asked for.

    Raises:
        InputError: No source is of this brand.
    """
    if brand is not None and brand not in book.brands:
        raise InputError(
            f"brand: there is no brand {brand}; {did_you_mean(brand, book.brands)}", field="brand"
        )


def _head(reading: Reading, brand: str | None) -> dict[str, Any]:
    return reading.head if brand is None else {**reading.head, "brand": brand}


def batch(
    reading: Reading,
    book: Book,
    identifiers: Sequence[str],
    include: Sequence[str],
    known: KnownSegments | None = None,
    *,
    only: bool = False,
    brand: str | None = None,
    scored: Scored | None = None,
) -> dict[str, Any]:
    """Several customers at once; one that is not found loses nothing of the others.

    Args:
        reading: The view to read in.
        book: What is defined.
        identifiers: ``type:value`` or a profile id each.
        include: As of `profile`.
        known: As of `profile`.
        only: As of `profile`.
        brand: As of `profile`.
        scored: As of `profile`.

    Raises:
        InputError: There are none or too many, or there is no such part or brand.
    """
    if not 1 <= len(identifiers) <= MOST_AT_ONCE:
        raise InputError(f"ids: expected 1 to {MOST_AT_ONCE}.", field="ids")
    found = _each(reading, book, identifiers, include, known, only, brand, scored)
    data: list[dict[str, Any]] = [
        {"id": identifier, "profile": None, "error": one.message}
        if isinstance(one, PatronError)
        else {"id": identifier, "profile": one, "error": None}
        for identifier, one in zip(identifiers, found, strict=True)
    ]
    return {
        **_head(reading, brand),
        "found": sum(one["error"] is None for one in data),
        "data": data,
    }


def timeline(
    reading: Reading,
    book: Book,
    identifier: str,
    *,
    events: list[str] | None,
    kinds: Sequence[profiles.Kind] | None,
    brand: str | None,
    before: str | None,
    limit: int,
) -> dict[str, Any]:
    """A page of what became of a customer, newest first; see `profiles.timeline`."""
    check_brand(book, brand)
    own = profile_of(reading, book.identity, identifier)
    page = profiles.timeline(
        reading.cursor,
        own,
        reading.as_of,
        before=before,
        limit=limit,
        names=events,
        kinds=kinds,
        brand=brand,
        classes=class_kinds(book),
        rows=reading.rows({own.profile_id: own.stored_ids}),
    )
    return _page(reading, own, page.entries, page.next)


def orders(
    reading: Reading,
    book: Book,
    identifier: str,
    *,
    brand: str | None,
    after: str | None,
    limit: int,
) -> dict[str, Any]:
    """A page of a customer's orders, each in its latest state; see `profiles.orders`."""
    check_brand(book, brand)
    own = profile_of(reading, book.identity, identifier)
    page = profiles.orders(
        reading.cursor,
        own,
        reading.as_of,
        brand=brand,
        after=after,
        limit=limit,
        rows=reading.rows({own.profile_id: own.stored_ids}),
    )
    return _page(reading, own, page.orders, page.next)


def _page(
    reading: Reading, own: profiles.Standing, data: Sequence[object], following: str | None
) -> dict[str, Any]:
    found = profiles.plain(list(data))
    return {**reading.head, "profile_id": own.profile_id, "data": found, "next": following}
