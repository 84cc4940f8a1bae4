"""What was refused, and sending it through again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import Here, MinPosition
from patron.api.answers import HoldsFor

router = APIRouter(prefix="/quarantine", tags=["quarantine"])


class Refused(BaseModel):
    """One refused message or row."""

    quarantine_id: int
    source: str
    message_id: str | None
    received_at: str
    code: str
    field: str | None
    reason: str
    origin: str = Field(description="http, or the file's name")
    row_number: int | None = Field(description="The row of that file, from 1.")
    body: str = Field(description="What was received; bytes that are not UTF-8 are replaced.")
    replayed_at: str | None


class RefusedPage(HoldsFor):
    """A page of refusals, newest first."""

    data: list[Refused]
    next: str | None = Field(description="Give as `cursor` for the next page.")


class Replayed(BaseModel):
    """What became of the replayed ones."""

    position: int
    stored: int
    duplicate: int
    quarantined: int


@router.get("", summary="Refused messages and rows", response_model=RefusedPage)
def refused(
    here: Here,
    min_position: MinPosition,
    source: str | None = None,
    code: str | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Newest first, each with its field, its reason and what was received."""
    return here.quarantined(
        source=source, code=code, cursor=cursor, limit=limit, min_position=min_position
    )


@router.post("/replay", summary="Send refused messages through again", response_model=Replayed)
def replay(here: Here, quarantine_ids: list[int]) -> dict[str, Any]:
    """Reads them under today's rules. Those that pass are stored once, and marked as replayed."""
    return here.replay(quarantine_ids)
