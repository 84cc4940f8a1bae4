"""Exchange rates: what an amount of another currency is worth in one's own."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from patron.api.access import Here, MinPosition
from patron.api.answers import HoldsFor, Saved
from patron.api.bodies import RequestBody

router = APIRouter(prefix="/exchange-rates", tags=["exchange rates"])


class ExchangeRate(RequestBody):
    """One rate; it holds until the next one of its currency."""

    model_config = ConfigDict(populate_by_name=True)

    currency: str = Field(description="Of the amounts that are converted.", examples=["USD"])
    since: str = Field(
        alias="from", description="The first day, in UTC, that it holds for.",
        examples=["2026-01-31"],
    )  # fmt: skip
    rate: str | float | int = Field(
        description="What one unit of it is worth; at most 10 decimals.", examples=["0.85"]
    )


class NewRate(RequestBody):
    """What one unit of a currency is worth from a day on."""

    rate: str | float | int = Field(description="At most 10 decimals.", examples=["0.85"])


class NewExchangeRates(RequestBody):
    """What other currencies are worth in the one that the definition is named after."""

    rates: list[ExchangeRate]
    description: str | None = None


class ExchangeRates(NewExchangeRates):
    """The rates to one currency, and who converts by them."""

    name: str = Field(description="The currency, in small letters.", examples=["eur"])
    currency: str = Field(examples=["EUR"])
    version: int
    origin: str = Field(description="file or api")
    segments: list[str] = Field(description="The segments whose rules convert to it.")
    computed_traits: list[str] = Field(description="The computed traits that convert to it.")


class ExchangeRatesAnswer(HoldsFor):
    """The rates to one currency."""

    exchange_rates: ExchangeRates


class ExchangeRatesList(HoldsFor):
    """All exchange rates."""

    data: list[ExchangeRates]


class ExchangeRatesSaved(Saved):
    """A change that is durable."""


@router.get("", summary="All exchange rates", response_model=ExchangeRatesList)
def listing(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """By the currency that they lead to, with who converts by them."""
    return here.exchange_rates(min_position=min_position)


@router.get("/{name}", summary="The rates to one currency", response_model=ExchangeRatesAnswer)
def one(here: Here, name: str, min_position: MinPosition) -> dict[str, Any]:
    """By currency and day, with who converts by them."""
    return here.exchange_rates_to(name, min_position=min_position)


@router.put("/{name}", summary="Declare exchange rates", response_model=ExchangeRatesSaved)
def put(here: Here, name: str, body: NewExchangeRates) -> dict[str, Any]:
    """All rates to the currency; an edit of every rule that converts to it."""
    said = body.model_dump(exclude_none=True, by_alias=True)
    return here.put_exchange_rates(name, said)


@router.put(
    "/{name}/rates/{currency}/{since}",
    summary="Declare one exchange rate",
    response_model=ExchangeRatesSaved,
)
def put_rate(here: Here, name: str, currency: str, since: str, body: NewRate) -> dict[str, Any]:
    """From a day in UTC on, such as 2026-01-31; all other rates stay as they are."""
    return here.put_exchange_rate(name, currency, since, body.rate)


@router.delete("/{name}", summary="Remove exchange rates", response_model=ExchangeRatesSaved)
def delete(here: Here, name: str) -> dict[str, Any]:
    """Refused while segments or computed traits convert by them."""
    return here.delete_exchange_rates(name)
