"""Answers about one customer, found by any identifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from patron import profiles
from patron.clock import format_time
from patron.errors import InputError, NotFoundError
from patron.identity import NormalForms
from patron.pipeline.book import Book
from patron.pipeline.known import Known
from patron.segments import query, record
from patron.segments.computed_values import Asking
from patron.spec.identifiers import Identifier, IdentityRules
from patron.spec.scopes import brand_wanted
from patron.warehouse.reading import Reading


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
    if identifier.isascii() and identifier.isdigit():
        found = profiles.standing(reading.cursor, int(identifier))
    else:
        asked = Identifier.parse(identifier)
        normal = NormalForms(rules).normal(asked.type, asked.value)
        if not isinstance(normal, str):
            said = brand_wanted(rules, asked.type) or f"{asked.type}: {normal.reason}"
            raise InputError(said)
        devices = {kind.name for kind in rules.types if kind.stands_for == "device"}
        used_at = reading.as_of if in_use and asked.type in devices else None
        found = profiles.resolve(reading.cursor, asked.type, normal, used_at=used_at)
    if found is None:
        raise NotFoundError(f"No customer has {identifier}.")
    return found


def profile(
    reading: Reading,
    book: Book,
    identifier: str,
    include: tuple[str, ...],
    known: Callable[[int], Known | None] | None = None,
) -> dict[str, Any]:
    """One customer, whole.

    Args:
        reading: The view to read in.
        book: What is defined.
        identifier: ``type:value`` or a profile id.
        include: ``segments``: their names; ``memberships``: those on record, with since when;
            ``observations``: of every trait; ``computed``: computed traits, among the others.
        known: The segments of a profile from memory, or None where memory is older than this
            reading.

    Raises:
        NotFoundError: Nobody has the identifier.
    """
    own = profile_of(reading, book.identity, identifier)
    rules = book.survivorships
    found = profiles.plain(profiles.summary(reading.cursor, own, reading.as_of, rules))
    found["traits"] = {trait.pop("name"): trait for trait in found["traits"]}
    if "computed" in include:
        found["traits"] |= computed_of(reading, book, own.profile_id)
    if "observations" in include:
        observed = profiles.observations(reading.cursor, own, reading.as_of, rules=rules)
        found["observations"] = profiles.plain(observed)
    if "segments" in include:
        found |= _segments(reading, book, own.profile_id, known)
    if "memberships" in include:
        found["memberships"] = memberships_of(reading, own.profile_id)
    return {**reading.head, **found}


def _segments(
    reading: Reading, book: Book, profile_id: int, known: Callable[[int], Known | None] | None
) -> dict[str, Any]:
    """The segments, and what they hold for: memory may be newer than the view."""
    held = known(profile_id) if known else None
    if held is None:
        return {
            "segments": segments_of(reading, book, profile_id),
            "segments_hold_for": reading.head,
        }
    holds_for = {"position": held.position, "as_of": format_time(held.at)}
    return {"segments": held.names, "segments_hold_for": holds_for}


def segments_of(reading: Reading, book: Book, profile_id: int) -> list[str]:
    """The names of the segments that a customer is in."""
    catalogue = book.catalogue
    return [
        name
        for name, segment in sorted(book.segments.items())
        if query.is_member(
            reading.cursor, segment.rule, profile_id, as_of=reading.as_of, catalogue=catalogue
        )
    ]


def memberships_of(reading: Reading, profile_id: int) -> list[dict[str, Any]]:
    """The memberships of a customer as recorded, each with since when it holds."""
    return [
        {
            "segment": held.segment,
            "since": format_time(held.since),
            "recorded_at": format_time(held.recorded_at),
            "reason": held.reason,
            "first_fill": held.first_fill,
        }
        for held in record.standing(reading.cursor, profile_id)
    ]


def computed_of(reading: Reading, book: Book, profile_id: int) -> dict[str, dict[str, Any]]:
    """The computed traits of one customer who stands that have a value, as traits are shown."""
    asking = Asking(
        reading.cursor, as_of=reading.as_of, catalogue=book.catalogue, profile_id=profile_id
    )
    found = {name: asking.value(one.expression) for name, one in sorted(book.computed.items())}
    return {
        name: {
            "value": profiles.plain(value),
            "computed": True,
            "source": None,
            "occurred_at": None,
        }
        for name, value in found.items()
        if value is not None
    }


def timeline(
    reading: Reading,
    book: Book,
    identifier: str,
    *,
    events: list[str] | None,
    kinds: Sequence[profiles.Kind] | None,
    before: str | None,
    limit: int,
) -> dict[str, Any]:
    """A page of what became of a customer, newest first; see `profiles.timeline`."""
    own = profile_of(reading, book.identity, identifier)
    page = profiles.timeline(
        reading.cursor, own, reading.as_of, before=before, limit=limit, names=events, kinds=kinds
    )
    data = profiles.plain(page.entries)
    return {**reading.head, "profile_id": own.profile_id, "data": data, "next": page.next}


def orders(reading: Reading, book: Book, identifier: str) -> dict[str, Any]:
    """A customer's orders, each in its latest state, newest first."""
    own = profile_of(reading, book.identity, identifier)
    found = profiles.plain(profiles.orders(reading.cursor, own, reading.as_of))
    return {**reading.head, "profile_id": own.profile_id, "data": found}
