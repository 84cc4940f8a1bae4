"""What somebody looks at first: what comes in, which segments moved, what needs a person."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import AsOf, Here, MinPosition
from patron.api.answers import HoldsFor
from patron.clock import parse_time
from patron.pipeline.attention import Kind

router = APIRouter(tags=["operations"])


class SourceInflow(BaseModel):
    """What came in from one source, minute by minute."""

    source: str
    stored: list[int]
    quarantined: list[int]


class Inflow(HoldsFor):
    """What came in during the last hour; duplicates are not among it."""

    minutes: list[str] = Field(description="The beginning of each of 60; the last one still runs.")
    data: list[SourceInflow]


class MovedSegment(BaseModel):
    """What happened to one segment."""

    segment: str = Field(description="`name=value` for the value of a segment.")
    entered: int
    left: int
    before: int = Field(description="Members at the beginning.")
    now: int = Field(description="Members at the end.")
    new: bool = Field(description="First filled meanwhile: before that nothing is on record.")
    last: str | None = Field(description="When anybody entered or left last.")


class MovedSegments(HoldsFor):
    """The segments that moved most."""

    since: str
    data: list[MovedSegment] = Field(description="By entries and exits together, most first.")


class Needed(BaseModel):
    """Something that somebody should look at."""

    kind: Kind
    count: int
    message: str
    api: str = Field(description="Where the API tells more, under /api/v1.")
    names: list[str] = Field(description="What it is about, where that has names.")
    error: str | None = Field(description="What the first of them says of its failure.")


class NeedsAttention(HoldsFor):
    """What needs a person; empty when nothing does."""

    data: list[Needed]


@router.get("/status/inflow", summary="What comes in", response_model=Inflow)
def inflow(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """Messages a minute by source for the last hour, rows of imports included."""
    return here.inflow(min_position=min_position)


@router.get("/status/attention", summary="What needs a person", response_model=NeedsAttention)
def attention(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """Reviews, refused messages, failures, values held back, faults against tracking plans."""
    return here.attention(min_position=min_position)


@router.get("/segments/moved", summary="Which segments moved most", response_model=MovedSegments)
def moved(
    here: Here,
    as_of: AsOf,
    min_position: MinPosition,
    since: Annotated[str, Query(description="Entries and exits after this moment, ISO 8601.")],
    limit: Annotated[int, Query(ge=1, le=1000)] = 10,
) -> dict[str, Any]:
    """Entries, exits, and members before and now, by what live membership recorded."""
    return here.segments_moved(
        parse_time(since, field="since"), as_of=as_of, limit=limit, min_position=min_position
    )
