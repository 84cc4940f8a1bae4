"""Points on a customer's card: the ledger, and burning some by hand."""

from __future__ import annotations

from typing import Any

from patron import profiles
from patron.errors import ConflictError, InputError, NotFoundError
from patron.pipeline.book import Book
from patron.pipeline.card import Card
from patron.pipeline.customers import profile_of
from patron.segments import points_ledger, tree
from patron.warehouse.reading import Reading

MOST = 1_000_000_000


def programme_of(book: Book, name: str) -> tree.Programme:
    """The points of a loyalty definition.

    Raises:
        NotFoundError: There is none, or it has no points.
    """
    found = book.computed.get(f"{name}_points")
    made = book.classification(name)
    if made.kind != "loyalty" or found is None or not isinstance(found.expression, tree.Balance):
        raise NotFoundError(f"{name} has no points.")
    return found.expression.points


def ledger(
    reading: Reading, book: Book, name: str, identifier: str, *, limit: int
) -> dict[str, Any]:
    """The newest entries of a customer's points, newest first, and the balance.

    Raises:
        NotFoundError: There is no such programme, or nobody has the identifier.
    """
    programme = programme_of(book, name)
    own = profile_of(reading, book.identity, identifier)
    found = points_ledger.entries(
        reading.cursor, programme, own.profile_id, as_of=reading.as_of, catalogue=book.catalogue
    )
    shown = [profiles.plain(one._asdict()) for one in reversed(found[-limit:])]
    return {
        **reading.head,
        "name": name,
        "profile_id": own.profile_id,
        "balance": found[-1].balance if found else 0,
        "entries": len(found),
        "data": shown,
    }


def burn(card: Card, book: Book, name: str, points: int) -> dict[str, Any]:
    """Burn points of a customer by hand; runs in the writer's thread.

    Args:
        card: The customer's.
        book: Holds the programme.
        name: The loyalty definition.
        points: How many, at least 1.

    Raises:
        NotFoundError: There is no such programme.
        InputError: The number makes no sense.
        ConflictError: The customer has fewer, or this programme burns none by hand.
    """
    programme = programme_of(book, name)
    burning = programme.burning
    if not 0 < points <= MOST:
        raise InputError(f"points: expected 1 to {MOST:,}.", field="points")
    if burning is None or burning.event is None or burning.where or burning.on_brand:
        raise ConflictError(f"{name} burns no points by hand: its events are more than a name.")
    balance = _balance(card, programme, book)
    if balance < points and not card.repeats:
        raise ConflictError(f"Profile {card.profile_id} has {balance:,} points.")
    answer = card.track(burning.event, {burning.property: points})
    return {**answer, "name": name, "balance": _balance(card, programme, book)}


def _balance(card: Card, programme: tree.Programme, book: Book) -> int:
    reading = card.reading
    found = points_ledger.entries(
        reading.cursor, programme, card.profile_id, as_of=reading.as_of, catalogue=book.catalogue
    )
    return found[-1].balance if found else 0
