"""Changing a segment without fear: compare before, and go back after."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import AsOf, Here, MinPosition
from patron.api.answers import HoldsFor, Saved, Version
from patron.api.bodies import RequestBody

router = APIRouter(prefix="/segments", tags=["segments"])


class OtherRule(RequestBody):
    """A rule that a segment could have."""

    rule: str | dict[str, Any] = Field(examples=['did "Order Completed" in the last 60 days'])


class Side(BaseModel):
    """Customers on one side of a change."""

    count: int
    sample: list[dict[str, Any]]


class Comparison(HoldsFor):
    """Who would enter and leave; all counts are exact."""

    segment: str
    version: int = Field(description="The one that holds, which the rule is compared with.")
    text: str
    rule: dict[str, Any]
    entering: Side
    leaving: Side
    staying: Side
    used_by: list[str] = Field(description="Segments that would change with it.")
    warnings: list[str]


class Versions(HoldsFor):
    """All versions, the newest first."""

    segment: str
    data: list[Version]


class Back(RequestBody):
    """A version to bring back."""

    version: int = Field(ge=1)


@router.post("/{name}/compare", summary="Who would enter and leave", response_model=Comparison)
def compare(
    here: Here,
    name: str,
    body: OtherRule,
    as_of: AsOf,
    min_position: MinPosition,
    sample: Annotated[int, Query(ge=0, le=100)] = 10,
    allow_unknown: Annotated[
        bool, Query(description="Accept names of events and traits that were never seen.")
    ] = False,
) -> dict[str, Any]:
    """If the segment had this rule. Changes nothing."""
    return here.insights.compare(
        name, body.rule, as_of=as_of, min_position=min_position, sample=sample,
        allow_unknown=allow_unknown,
    )  # fmt: skip


@router.get("/{name}/versions", summary="What it said before", response_model=Versions)
def versions(here: Here, name: str, min_position: MinPosition) -> dict[str, Any]:
    """Also of a segment that was removed."""
    return here.insights.versions(name, min_position=min_position)


@router.post("/{name}/restore", summary="Bring a version back", response_model=Saved)
def restore(here: Here, name: str, body: Back) -> dict[str, Any]:
    """As a new version; also of a segment that was removed."""
    return here.restore_segment(name, body.version)
