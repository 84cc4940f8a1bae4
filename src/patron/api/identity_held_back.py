"""Identifiers that came with too many people, and join nobody."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import Here, MinPosition
from patron.api.answers import HoldsFor

router = APIRouter(prefix="/identity", tags=["identity"])


class HeldBack(BaseModel):
    """An identifier that joins nobody."""

    identifier: str = Field(description="In normal form, as type:value.")
    type: str
    profile_id: int = Field(description="The profile that it has for itself.")
    linked_type: str = Field(
        description="The type that it came with too many values of; of several the first."
    )
    linked: int = Field(description="With how many distinct values of that type.")
    most: int = Field(description="With how many it would still join.")
    since: str = Field(description="When it came with one too many, by the times of messages.")
    parted: int = Field(
        description="How many customers it had joined that were parted when it was held back."
    )


class HeldBackPage(HoldsFor):
    """A page of what is held back, those with the most people first."""

    types: dict[str, int] = Field(description="How many are held back in all, by type.")
    data: list[HeldBack]
    next: str | None = Field(description="Give as `cursor` for the next page.")


@router.get("/held-back", summary="What came with too many people", response_model=HeldBackPage)
def held_back(
    here: Here,
    min_position: MinPosition,
    kind: Annotated[
        str | None, Query(alias="type", description="Only identifiers of this type.")
    ] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Each with how many, since when, and what was parted. These are personal data."""
    return here.held_back(kind=kind, cursor=cursor, limit=limit, min_position=min_position)
