"""Households, companies: groups above people."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from patron.api.access import AsOf, Here, MinPosition
from patron.api.answers import HoldsFor
from patron.spec.groups import GroupType

router = APIRouter(prefix="/groups", tags=["groups"])


class Member(BaseModel):
    """A customer in a group."""

    profile_id: int
    identifiers: dict[str, list[str]]
    joined_at: str


class Group(HoldsFor):
    """A group, and a page of its members by profile id."""

    type: GroupType
    id: str
    member_count: int
    traits: dict[str, dict[str, Any]] = Field(description="Per trait its value, source and time.")
    value_profile_id: int | None = Field(
        description="Of a household the profile of its value: what came in under that alone."
    )
    data: list[Member]
    next: str | None = Field(None, description="Give as `cursor` for the next page.")


@router.get("/{type}/{id:path}", summary="Who is in a household or company", response_model=Group)
def group(
    here: Here,
    type: Annotated[  # noqa: A002 - the path's name
        GroupType, Path(description="household, or group for what group calls name.")
    ],
    id: Annotated[  # noqa: A002 - the path's name
        str, Path(description="Of a household the value that makes it: email:family@example.com.")
    ],
    as_of: AsOf,
    min_position: MinPosition,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> dict[str, Any]:
    """Its traits, and its members with their identifiers, page by page."""
    return here.group(type, id, as_of=as_of, min_position=min_position, cursor=cursor, limit=limit)
