"""Points of a loyalty programme on a customer's card."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from patron.api.access import AsOf, Caller, Here, MinPosition, PageLimit
from patron.api.answers import HoldsFor
from patron.api.bodies import RequestBody
from patron.api.card import Behalf, Customer, Key, Written

router = APIRouter(prefix="/profiles", tags=["profiles"])


class PointsEntry(BaseModel):
    """One entry of a ledger."""

    at: str = Field(description="When it holds from.")
    kind: Literal["earned", "burned", "expired"]
    points: int = Field(description="What it adds; below 0 for what is burned or expires.")
    balance: int = Field(description="The sum of all entries up to it.")
    position: int = Field(description="Of the message behind it; expired: of the one that earned.")
    message_id: str


class PointsLedger(HoldsFor):
    """The points of a customer, the newest entries first."""

    name: str
    profile_id: int
    balance: int
    entries: int = Field(description="How many there are in all.")
    data: list[PointsEntry]


class Burning(RequestBody):
    """How many points to burn."""

    points: int = Field(ge=1, examples=[250])
    on_behalf_of: Behalf = None


class PointsBurned(Written):
    """What was burned, and what is left."""

    name: str
    balance: int


@router.get(
    "/{identifier:path}/points/{name}", summary="A customer's points", response_model=PointsLedger
)
def ledger(
    here: Here,
    identifier: Customer,
    name: str,
    as_of: AsOf,
    min_position: MinPosition,
    limit: PageLimit = 100,
) -> dict[str, Any]:
    """What was earned, burned and expired up to a moment, and their sum."""
    return here.points(name, identifier, limit=limit, as_of=as_of, min_position=min_position)


@router.post(
    "/{identifier:path}/points/{name}/burn",
    summary="Burn points by hand",
    status_code=201,
    response_model=PointsBurned,
)
def burn(
    here: Here, caller: Caller, identifier: Customer, name: str, body: Burning, key: Key = None
) -> dict[str, Any]:
    """Refused beyond the balance. What was burned is an event of the source `by hand`."""
    writer = here.writer(caller, on_behalf_of=body.on_behalf_of, message_id=key)
    return here.write(identifier, writer, lambda card: here.burn_points(card, name, body.points))
