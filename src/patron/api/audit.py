"""Who did what."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import Here
from patron.clock import parse_time

router = APIRouter(prefix="/audit", tags=["audit"])

Time = Annotated[str | None, Query(description="ISO 8601.")]


class Entry(BaseModel):
    """Something that was done, or was not allowed."""

    audit_id: int
    recorded_at: str
    actor_kind: str | None = Field(description="person or token; None when nobody is known.")
    actor: str | None = Field(description="E-mail address or token's name, as it was then.")
    action: str = Field(description="A route such as PUT /segments/{name}, or signed in and such.")
    named: dict[str, str] = Field(description="What it named; nothing of customers.")
    status: int | None = Field(description="Of the answer.")
    address: str | None = Field(description="Where it came from.")


class Entries(BaseModel):
    """A page of the record, newest first."""

    data: list[Entry]
    next: int | None = Field(description="Give it as cursor for the page after.")


@router.get("", summary="Who did what", response_model=Entries)
def entries(
    here: Here,
    actor: Annotated[str | None, Query(description="Only by this person or token.")] = None,
    action: Annotated[
        str | None, Query(description="Only actions that contain this.", examples=["/segments"])
    ] = None,
    refused: Annotated[
        bool | None, Query(description="Only what was refused, or only what was not.")
    ] = None,
    since: Time = None,
    until: Time = None,
    cursor: Annotated[int | None, Query(ge=1, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> dict[str, Any]:
    """Changes, exports, questions in SQL, sign-ins and refusals; newest first."""
    rows, following = here.audit(
        actor=actor,
        action=action,
        refused=refused,
        since=None if since is None else parse_time(since, field="since"),
        until=None if until is None else parse_time(until, field="until"),
        before=cursor,
        limit=limit,
    )
    return {"data": rows, "next": following}
