"""Sources: all of them with what came in, and their write keys."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from patron.api.access import Caller, Here, MinPosition, note
from patron.api.answers import HoldsFor, Recorded
from patron.api.bodies import RequestBody
from patron.spec.sources import SourceKind

router = APIRouter(prefix="/sources", tags=["sources"])


class SourceKey(BaseModel):
    """A write key, without its secret."""

    key_id: int
    ends_with: str | None = Field(description="Its last characters; null for keys of old.")
    made_by: str | None
    made_at: str | None
    revoked_at: str | None = Field(description="Null while it holds.")


class SourceTotals(BaseModel):
    """What became of everything that it ever sent."""

    accepted: int
    stored: int
    duplicate: int
    quarantined: int


class ListedSource(BaseModel):
    """A place that data comes from."""

    name: str
    brand: str
    type: str
    channel: str
    trust: int
    active: bool = Field(description="False once it was removed: it takes nothing more.")
    description: str | None
    origin: str | None = Field(description="file or api: who declared it last.")
    keys: list[SourceKey] = Field(description="The newest first.")
    totals: SourceTotals
    last_message_at: str | None = Field(description="When it last sent anything new.")
    last_24_hours: dict[str, int] = Field(
        description="Messages by type; refused ones as `quarantined`."
    )


class SourceList(HoldsFor):
    """All sources."""

    data: list[ListedSource]


class SourceBody(RequestBody):
    """What a source is."""

    brand: str = "main"
    type: SourceKind = "file"
    trust: int = Field(100, description="Rank of trust, 1 is the most trusted.", ge=1, le=1000)
    channel: str | None = Field(None, description="Of messages that name none; else its type.")
    description: str | None = None


class NewSource(SourceBody):
    """A source to declare."""

    name: str


class SourceSaved(Recorded):
    """A source that is declared."""

    write_key: str | None = Field(description="Of a new one; shown this once.")


class NewSourceKey(BaseModel):
    """A further write key."""

    position: int
    source: str
    key_id: int
    write_key: str = Field(description="Shown this once: only its hash is kept.")


class KeyRevoked(Recorded):
    """A key that holds no more."""


@router.get("", summary="All sources", response_model=SourceList)
def listing(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """Each with its keys, what became of all that it sent, and what came in the last day."""
    return here.sources(min_position=min_position)


@router.post("", summary="Declare a source", response_model=SourceSaved, status_code=201)
def create(request: Request, response: Response, here: Here, body: NewSource) -> dict[str, Any]:
    """As a definition file would; one that is there already is changed, and keeps its keys."""
    note(request, source=body.name)
    response.headers["Cache-Control"] = "no-store"
    return here.put_source(body.name, body.model_dump(exclude={"name"}, exclude_defaults=True))


@router.put("/{name}", summary="Declare or change a source", response_model=SourceSaved)
def put(response: Response, here: Here, name: str, body: SourceBody) -> dict[str, Any]:
    """As a definition file would; what it sent stays as it was."""
    response.headers["Cache-Control"] = "no-store"
    return here.put_source(name, body.model_dump(exclude_defaults=True))


@router.post("/{name}/keys", summary="Make a further write key", response_model=NewSourceKey,
             status_code=201)  # fmt: skip
def make_key(response: Response, here: Here, caller: Caller, name: str) -> dict[str, Any]:
    """The others hold on: put the new one in place, then revoke the old one."""
    response.headers["Cache-Control"] = "no-store"
    return here.make_source_key(name, made_by=caller)


@router.delete("/{name}/keys/{key_id}", summary="Revoke a write key", response_model=KeyRevoked)
def revoke_key(here: Here, name: str, key_id: int) -> dict[str, Any]:
    """Nothing more is taken that is sent with it; what was sent stays."""
    return here.revoke_source_key(name, key_id)
