"""One customer, whole, by any identifier."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from patron.api.access import AsOf, Here, MinPosition, admin
from patron.profiles import Kind
from patron.spec.groups import GroupType

router = APIRouter(prefix="/profiles", tags=["profiles"], dependencies=[Depends(admin)])


class HoldsFor(BaseModel):
    """A log position and a moment."""

    position: int
    as_of: str


class Belongs(BaseModel):
    """A group that a customer belongs to."""

    type: GroupType
    id: str = Field(description="With the type what `GET /api/v1/groups/{type}/{id}` takes.")
    joined_at: str | None = Field(
        description="None: this profile is what came in under the household's value alone."
    )
    other_members: int


class Profile(BaseModel):
    """One customer."""

    model_config = ConfigDict(extra="allow")

    position: int
    as_of: str
    profile_id: int
    first_seen_at: str
    identifiers: list[dict[str, Any]]
    traits: dict[str, dict[str, Any]] = Field(
        description="Per trait its value, source and time; with include=computed the computed ones "
        "too, with `computed`."
    )
    orders: dict[str, Any] = Field(description="Number, revenue per currency, first and last.")
    groups: list[Belongs] = Field(description="Households and companies, and how many others.")
    segments: list[str] | None = Field(None, description="With include=segments.")
    segments_hold_for: HoldsFor | None = Field(
        None, description="What the segments hold for: they may be newer than all else here."
    )
    memberships: list[dict[str, Any]] | None = Field(
        None, description="With include=memberships: segment, since, recorded_at, reason."
    )


class Page(BaseModel):
    """A page of a customer's history, newest first."""

    position: int
    as_of: str
    profile_id: int
    data: list[dict[str, Any]]
    next: str | None = Field(None, description="Give as `cursor` for the next page.")


Key = Annotated[str, "An identifier such as email:ann@example.com, or a profile id."]


@router.get("/{identifier:path}/timeline", summary="What became of a customer", response_model=Page)
def timeline(
    here: Here,
    identifier: Key,
    as_of: AsOf,
    min_position: MinPosition,
    event: Annotated[list[str] | None, Query(description="Only events of these names.")] = None,
    kind: Annotated[
        list[Kind] | None,
        Query(
            description="Only these kinds; all but visits when left out, and events alone where "
            "`event` is given."
        ),
    ] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """Events with order lines, notes, segments entered and left, merges; visits when asked for."""
    return here.timeline(
        identifier,
        as_of=as_of,
        min_position=min_position,
        events=event,
        kinds=kind,
        cursor=cursor,
        limit=limit,
    )


@router.get("/{identifier:path}/orders", summary="What a customer ordered", response_model=Page)
def orders(here: Here, identifier: Key, as_of: AsOf, min_position: MinPosition) -> dict[str, Any]:
    """Each order in its latest state, newest first."""
    return here.orders(identifier, as_of=as_of, min_position=min_position)


@router.get("/{identifier:path}", summary="One customer", response_model=Profile)
def profile(
    here: Here,
    identifier: Key,
    as_of: AsOf,
    min_position: MinPosition,
    include: Annotated[
        list[str] | None, Query(description="segments, memberships, observations, computed")
    ] = None,
) -> dict[str, Any]:
    """Identifiers, traits with source and time, a summary of orders, and segments if asked for."""
    return here.profile(
        identifier, as_of=as_of, min_position=min_position, include=tuple(include or ())
    )
