"""Who did what."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from patron.api.access import Here
from patron.clock import parse_time
from patron.workspace import Workspace

router = APIRouter(prefix="/audit", tags=["audit"])

AT_ONCE = 1_000
"""So many entries of a file are read at once."""

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


async def wanted(
    actor: Annotated[str | None, Query(description="Only by this person or token.")] = None,
    action: Annotated[
        str | None, Query(description="Only actions that contain this.", examples=["/segments"])
    ] = None,
    refused: Annotated[
        bool | None, Query(description="Only what was refused, or only what was not.")
    ] = None,
    since: Time = None,
    until: Time = None,
) -> dict[str, Any]:
    """Which entries are asked for."""
    return {
        "actor": actor,
        "action": action,
        "refused": refused,
        "since": None if since is None else parse_time(since, field="since"),
        "until": None if until is None else parse_time(until, field="until"),
    }


Wanted = Annotated[dict[str, Any], Depends(wanted)]


@router.get("", summary="Who did what", response_model=Entries)
def entries(
    here: Here,
    wanted: Wanted,
    cursor: Annotated[int | None, Query(ge=1, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> dict[str, Any]:
    """Changes, exports, questions in SQL, sign-ins and refusals; newest first."""
    rows, following = here.audit(**wanted, before=cursor, limit=limit)
    return {"data": rows, "next": following}


@router.get(
    "/export",
    summary="Who did what, as a file",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}}},
)
def export(here: Here, wanted: Wanted) -> StreamingResponse:
    """CSV, newest first; `named` is a JSON object."""
    return StreamingResponse(
        _lines(here, wanted),
        media_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


def _lines(here: Workspace, wanted: dict[str, Any]) -> Iterator[str]:
    before: int | None = None
    yield _written([list(Entry.model_fields)])
    while True:
        rows, before = here.audit(**wanted, before=before, limit=AT_ONCE)
        yield _written(
            [{**row, "named": msgspec.json.encode(row["named"]).decode()}.values() for row in rows]
        )
        if before is None:
            return


def _written(rows: list[Any]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
