"""Exchange rates as definitions: what an amount of another currency is worth in one's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from patron.clock import parse_time
from patron.errors import DefinitionError, InputError
from patron.spec.reading import read_definition

MAX_RATES = 500
"""Of one definition: each is a case in the query that converts."""

PLACES = 10
"""A rate has at most so many decimals, and fewer than 9 digits before the point."""

_CURRENCY = re.compile("[A-Z]{3}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class DeclaredRate(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from"}
):
    """One rate as files write it.

    Attributes:
        currency: Of the amounts that are converted.
        since: In files ``from``. The first day, in UTC, that it holds for.
        rate: What one unit of that currency is worth.
    """

    currency: str
    since: str
    rate: str | float | int


class RatesDefinition(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """What other currencies are worth in the one that the definition is named after.

    Attributes:
        name: The currency, in small letters: ``eur``.
        rates: Each holds until the next one of its currency.
        description: For people.
    """

    kind: Literal["exchange_rates"] = "exchange_rates"
    name: str
    rates: tuple[DeclaredRate, ...]
    description: str | None = None


class Rate(msgspec.Struct, frozen=True, order=True):
    """One rate.

    Attributes:
        currency: Of the amounts that are converted.
        since: The first moment that it holds for.
        rate: What one unit of that currency is worth.
    """

    currency: str
    since: datetime
    rate: Decimal


Rates = Mapping[str, tuple[Rate, ...]]
"""By the currency that they lead to; sorted."""


def read_rates(name: str, body: Mapping[str, Any]) -> tuple[Rate, ...]:
    """Read what a definition declares.

    Raises:
        DefinitionError: A field is unknown, missing or wrong.

    >>> read_rates("eur", {"rates": [{"currency": "USD", "from": "2026-01-01", "rate": 0.85}]})
    (Rate(currency='USD', since=datetime.datetime(2026, 1, 1, 0, 0), rate=Decimal('0.85')),)
    """
    if not re.fullmatch("[a-z]{3}", name):
        raise DefinitionError(
            f"name: exchange rates are named after the currency they lead to: eur, not {name}.",
            field="name",
        )
    read = read_definition({"kind": "exchange_rates", "name": name, **body}, RatesDefinition)
    if len(read.rates) > MAX_RATES:
        raise DefinitionError(f"rates: at most {MAX_RATES} of one currency.", field="rates")
    found = [_rate(one, f"rates[{number}]", name.upper()) for number, one in enumerate(read.rates)]
    _check_once(found)
    return tuple(sorted(found))


def _rate(one: DeclaredRate, field: str, to: str) -> Rate:
    if not _CURRENCY.fullmatch(one.currency) or one.currency == to:
        raise DefinitionError(
            f"{field}.currency: expected three capital letters other than {to}.",
            field=f"{field}.currency",
        )
    try:
        since = parse_time(one.since) if _DAY.fullmatch(one.since) else None
    except InputError:
        since = None
    if since is None:
        raise DefinitionError(
            f"{field}.from: expected a day such as 2026-01-31, got {one.since}.",
            field=f"{field}.from",
        )
    try:
        rate = Decimal(str(one.rate))
    except ArithmeticError:
        rate = Decimal(0)
    if not rate.is_finite() or not 0 < rate < 10**8 or rate != round(rate, PLACES):
        raise DefinitionError(
            f"{field}.rate: expected a number above 0 with at most {PLACES} decimals.",
            field=f"{field}.rate",
        )
    return Rate(one.currency, since, rate)


def _check_once(rates: Iterable[Rate]) -> None:
    seen = set()
    for one in rates:
        if (one.currency, one.since) in seen:
            raise DefinitionError(
                f"rates: {one.currency} has two rates from {one.since:%Y-%m-%d}.", field="rates"
            )
        seen.add((one.currency, one.since))
