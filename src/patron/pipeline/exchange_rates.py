"""Answers about exchange rates: what is declared, and who converts by it."""

from __future__ import annotations

from typing import Any

import msgspec

from patron import definitions, structs
from patron.definitions import Body, Stored
from patron.engines.duckdb import Cursor
from patron.errors import ConflictError, NotFoundError, in_use
from patron.pipeline.book import Book
from patron.pipeline.computed_definitions import check_computed, said_users
from patron.segments.catalogue import Catalogue
from patron.segments.names_used import converted_to
from patron.segments.resolve import resolve
from patron.spec.rates import RatesDefinition, read_rates
from patron.warehouse.reading import Reading

KIND = "exchange_rates"


def listing(reading: Reading, book: Book) -> list[dict[str, Any]]:
    """All exchange rates, by the currency that they lead to."""
    held = definitions.current(reading.cursor)
    return [_shown(name, one, book) for (kind, name), one in sorted(held.items()) if kind == KIND]


def one(reading: Reading, book: Book, name: str) -> dict[str, Any]:
    """The exchange rates to one currency.

    Raises:
        NotFoundError: There are none.
    """
    found = definitions.get(reading.cursor, KIND, name)
    if found is None:
        raise _unknown(name, book)
    return _shown(name, found, book)


def users(name: str, book: Book) -> tuple[list[str], list[str]]:
    """The segments and the computed traits that convert to a currency themselves."""
    to = name.upper()
    segments = {
        book.segments[name].value_of or name
        for name, rule in book.rules.items()
        if to in converted_to(rule)
    }
    computed = [name for name, one in book.computed.items() if to in converted_to(one.expression)]
    return sorted(segments), sorted(computed)


def check(name: str, body: Body, book: Book, catalogue: Catalogue) -> list[str]:
    """What those who convert to a currency will lack, that they have now.

    Args:
        name: Of the definition.
        body: As it was checked by itself.
        book: What holds.
        catalogue: What is known.

    Returns:
        Warnings.
    """
    rates = {**catalogue.rates, name.upper(): read_rates(name, body)}
    known = msgspec.structs.replace(catalogue, rates=rates)
    segments, computed = users(name, book)
    found = []
    for user in segments:
        for part, rule in book.rules.items():
            if user in (part, book.segments[part].value_of):
                was, will = (resolve(rule, one, unknown="warn") for one in (catalogue, known))
                new = [one.message for one in will.warnings if one not in was.warnings]
                found += [f"segment {user}: {message}" for message in new]
    for user in computed:
        said, says = (check_computed(user, one, allow_unknown=True) for one in (catalogue, known))
        found += [f"computed trait {user}: {message}" for message in says if message not in said]
    return list(dict.fromkeys(found))


def with_rate(
    cursor: Cursor, name: str, currency: str, since: str, rate: str | float | int
) -> Body:
    """What a definition says with one rate more, or another one for its day.

    Args:
        cursor: In the transaction that writes it: whatever others add meanwhile is in it, too.
        name: Of the definition; there may be none yet.
        currency: Of the amounts that are converted.
        since: The first day that the rate holds for.
        rate: What one unit is worth.
    """
    held = definitions.get(cursor, KIND, name)
    body = {"rates": []} if held is None else held.body
    others = [one for one in body["rates"] if (one["currency"], one["from"]) != (currency, since)]
    return {**body, "rates": [*others, {"currency": currency, "from": since, "rate": rate}]}


def check_unused(name: str, book: Book) -> None:
    """Whether exchange rates can be removed.

    Raises:
        NotFoundError: There are none.
        ConflictError: Others convert by them; says which.
    """
    if name.upper() not in book.rates or name != name.lower():
        raise _unknown(name, book)
    segments, computed = users(name, book)
    if segments or computed:
        raise ConflictError(
            f"The exchange rates {name} are used by {said_users(segments, computed)}.",
            told=in_use("exchange_rates", name, [*segments, *computed]),
        )


def _shown(name: str, stored: Stored, book: Book) -> dict[str, Any]:
    definition = structs.convert({**stored.body, "name": name}, RatesDefinition)
    segments, computed = users(name, book)
    return {
        "name": name,
        "currency": name.upper(),
        "version": stored.version,
        "origin": stored.origin,
        "description": definition.description,
        "rates": [
            {"currency": rate.currency, "from": f"{rate.since:%Y-%m-%d}", "rate": f"{rate.rate:f}"}
            for rate in book.rates.get(name.upper(), ())
        ],
        "segments": segments,
        "computed_traits": computed,
    }


def _unknown(name: str, book: Book) -> NotFoundError:
    known = ", ".join(sorted(to.lower() for to in book.rates)) or "none yet"
    return NotFoundError(
        f"There are no exchange rates {name}.",
        hint=f"They are named after the currency they lead to. There is: {known}.",
    )
