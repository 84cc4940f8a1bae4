"""What was refused, and sending it through again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import Here, MinPosition
from patron.api.answers import Coded, HoldsFor
from patron.api.bodies import RequestBody

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
    told: Coded | None = Field(None, description="The same by a code, where it has one.")
    origin: str = Field(description="http, or the file's name")
    row_number: int | None = Field(description="The row of that file, from 1.")
    body: str = Field(description="What was received; bytes that are not UTF-8 are replaced.")
    replayed_at: str | None


class RefusedPage(HoldsFor):
    """A page of refusals, newest first."""

    data: list[Refused]
    next: str | None = Field(description="Give as `cursor` for the next page.")


class RefusedGroup(BaseModel):
    """Refusals of one source for one reason in one field."""

    source: str
    code: str
    field: str | None
    messages: int = Field(description="Of them, those that can be replayed.")
    rows: int = Field(description="Of them, rows of files: these are mended in the file.")
    first_received_at: str
    last_received_at: str
    quarantine_id: int = Field(description="Of the newest, which is the sample.")
    reason: str = Field(description="Why the newest was refused.")
    told: Coded | None = Field(None, description="The same by a code, where it has one.")
    body: str = Field(description="What was received of the newest.")


class RefusedGroups(HoldsFor):
    """Refusals by source, reason and field, the largest group first."""

    data: list[RefusedGroup]
    left_out: int = Field(description="So many more groups there are.")


class Chosen(RequestBody):
    """Which of the refused messages that wait. Rows of files are none of them."""

    source: str | None = None
    code: str | None = None
    field: str | None = Field(None, description="Empty for refusals that name none.")
    after: int = Field(0, description="`next` of the answer before: go on there.", ge=0)
    limit: int = Field(500, description="So many at most.", ge=1, le=1000)


class StillRefused(BaseModel):
    """A message that is refused under today's rules, too."""

    quarantine_id: int
    code: str
    field: str | None
    reason: str
    told: Coded | None = Field(None, description="The same by a code, where it has one.")


class Replayed(BaseModel):
    """What became of the replayed ones."""

    position: int
    stored: int
    duplicate: int
    quarantined: int
    failed: list[StillRefused] = Field(description="Those of `quarantined`, and why.")
    next: int | None = Field(description="Give as `after`: more wait. Null when that was all.")


Source = Annotated[str | None, Query(description="Only of this source.")]
Code = Annotated[str | None, Query(description="Only with this reason.")]
FieldName = Annotated[
    str | None,
    Query(alias="field", description="Only of this field; empty for those that name none."),
]
Waiting = Annotated[
    bool | None, Query(description="Those that wait, or those that were replayed; both without.")
]


@router.get("", summary="Refused messages and rows", response_model=RefusedPage)
def refused(
    here: Here,
    min_position: MinPosition,
    source: Source = None,
    code: Code = None,
    field: FieldName = None,
    waiting: Waiting = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Newest first, each with its field, its reason and what was received."""
    return here.quarantined(
        source=source, code=code, field=field, waiting=waiting,
        cursor=cursor, limit=limit, min_position=min_position,
    )  # fmt: skip


@router.get("/groups", summary="What was refused, grouped", response_model=RefusedGroups)
def groups(
    here: Here,
    min_position: MinPosition,
    source: Source = None,
    code: Code = None,
    field: FieldName = None,
    waiting: Waiting = True,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """By source, reason and field: how many, since when, and the newest of each as a sample."""
    return here.quarantine_groups(
        source=source, code=code, field=field, waiting=waiting,
        limit=limit, min_position=min_position,
    )  # fmt: skip


@router.post("/replay", summary="Send refused messages through again", response_model=Replayed)
def replay(here: Here, quarantine_ids: list[int]) -> dict[str, Any]:
    """Reads them under today's rules. Those that pass are stored once, and marked as replayed."""
    return here.replay(quarantine_ids)


@router.post(
    "/replay/all", summary="Send all that wait, or those of a choice, again",
    response_model=Replayed,
)  # fmt: skip
def replay_all(here: Here, chosen: Chosen) -> dict[str, Any]:
    """The oldest first, so many at a time; `next` tells where to go on. `{}` means all."""
    return here.replay_chosen(**chosen.model_dump())
