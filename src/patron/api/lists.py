"""Static lists: identifiers, put in by hand or from elsewhere; entries follow the person."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from patron.api.access import AsOf, Here, MinPosition
from patron.api.answers import HoldsFor
from patron.api.bodies import RequestBody

router = APIRouter(prefix="/lists", tags=["lists"])


class Entries(RequestBody):
    """Who is in a list."""

    members: list[str] = Field(examples=[["email:ann@example.com", "loyalty_card:4711"]])


class StaticList(BaseModel):
    """A list and its size."""

    name: str
    entries: int


class Lists(HoldsFor):
    """All lists."""

    data: list[StaticList]


class Changed(BaseModel):
    """A list after a change."""

    position: int
    name: str
    entries: int


class Snapshot(RequestBody):
    """Where a list's entries come from."""

    segment: str


class Taken(Changed):
    """A list that holds who was in a segment."""

    segment: str
    as_of: str


@router.get("", summary="All static lists", response_model=Lists)
def listing(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """Name and number of entries."""
    return here.lists(min_position=min_position)


@router.put("/{name}", summary="Make or replace a list", response_model=Changed)
def put(here: Here, name: str, body: Entries) -> dict[str, Any]:
    """The list holds exactly these afterwards."""
    return here.put_list(name, body.members)


@router.post("/{name}/members", summary="Add to a list", response_model=Changed)
def add(here: Here, name: str, body: Entries) -> dict[str, Any]:
    """Those who are in it already stay in it once."""
    return here.add_to_list(name, body.members)


@router.post("/{name}/snapshot", summary="Keep who is in a segment", response_model=Taken)
def snapshot(here: Here, name: str, body: Snapshot, as_of: AsOf) -> dict[str, Any]:
    """The list holds exactly them afterwards, each by the strongest identifier they have."""
    return here.snapshot_list(name, body.segment, as_of=as_of)
