"""How good the data of each source is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import AsOf, Here, MinPosition
from patron.api.answers import HoldsFor

router = APIRouter(tags=["operations"])


class FieldQuality(BaseModel):
    """One identifier type or one trait of one source, in counts; no values are told."""

    kind: Literal["identifier", "trait"]
    field: str = Field(description="The identifier type, or the trait.")
    filled: int = Field(description="Customers for whom the source gave a value.")
    valid: int = Field(description="Of these, customers with a value that is not refused.")
    distinct: int = Field(description="Distinct valid values, in normal form.")
    duplicate: int = Field(description="Of these, values given for several identities.")
    conflicting: int = Field(description="Customers with several distinct valid values.")
    stale: int = Field(description="Customers whose newest value is too old.")
    refused: int = Field(description="Distinct values that are refused.")
    held_back: int = Field(description="Distinct values that came with too many people.")


class SourceQuality(BaseModel):
    """One source, and all fields that it ever filled."""

    source: str
    type: str = Field(description="What kind of source it is.")
    messages: int
    customers: int = Field(description="Customers of whom the source told anything.")
    unidentified: int = Field(description="Messages in quarantine that identify nobody.")
    fields: list[FieldQuality]


class Quality(HoldsFor):
    """The data quality of all sources."""

    stale_after_days: int
    sources: list[SourceQuality]


@router.get("/quality", summary="How good the data of each source is", response_model=Quality)
def quality(
    here: Here,
    as_of: AsOf,
    min_position: MinPosition,
    source: Annotated[str | None, Query(description="Only of this source.")] = None,
    stale_after_days: Annotated[
        int, Query(ge=1, le=36_500, description="A value last given so long ago is stale.")
    ] = 365,
) -> dict[str, Any]:
    """Filled, valid, distinct, duplicate, conflicting and stale values per source and field."""
    return here.quality(
        as_of=as_of, source=source, stale_after_days=stale_after_days, min_position=min_position
    )
