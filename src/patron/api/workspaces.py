"""What holds for the whole workspace: its time zone, brands and currencies."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from patron.api.access import Here, MinPosition
from patron.api.answers import HoldsFor

router = APIRouter(tags=["operations"])


class BrandShown(BaseModel):
    """A brand: what its sources send counts for it."""

    name: str
    sources: list[str]
    currencies: list[str] = Field(description="Those that its events name.")


class Converted(BaseModel):
    """A currency that amounts can be converted to, by declared rates."""

    currency: str
    of: list[str] = Field(description="Those that rates are declared of.")


class WorkspaceShown(HoldsFor):
    """What holds for all of it."""

    name: str
    created_at: str
    time_zone: str = Field(
        description="IANA zone in which its days begin: `time_zone` of patron.toml."
    )
    public_url: str | None = Field(description="Where people reach it: `public_url` there.")
    brands: list[BrandShown]
    conversions: list[Converted]


@router.get("/workspace", summary="What holds for all of it", response_model=WorkspaceShown)
def workspace(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """Brands and their currencies are those that occur; nothing has to be set up for them."""
    return here.about(min_position=min_position)
