"""The feed of profiles: which customers changed, page by page and as server-sent events."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from patron.api.access import Here, MinPosition
from patron.api.answers import HoldsFor
from patron.api.changes import After, LastEventId
from patron.api.streams import STREAM, Page, streamed
from patron.pipeline.feed import LATEST
from patron.spec.webhooks import WHAT, What

router = APIRouter(prefix="/profiles", tags=["profiles"])

AT_ONCE = 500
"""So many changes of each kind are read and sent at a time by a stream."""


class ChangedMembership(BaseModel):
    """A segment that a customer entered or left."""

    segment: str
    kind: Literal["entered", "left"]
    changed_at: str


class ChangedIdentity(BaseModel):
    """A merge, or what undid one."""

    kind: str = Field(description="merge, split or move")
    with_profile_id: int


class WhatChanged(BaseModel):
    """What changed, by its kind; kinds that nothing changed of are left out."""

    events: list[str] | None = Field(None, description="Names of events that came in.")
    traits: list[str] | None = Field(None, description="Names of traits that were observed.")
    identifiers: list[str] | None = Field(None, description="Types of new identifiers.")
    notes: list[str] | None = Field(None, description="Ids of notes written or changed.")
    groups: list[str] | None = Field(None, description="Groups that calls named.")
    merges: list[ChangedIdentity] | None = None
    segments: list[ChangedMembership] | None = Field(None, description="In the order recorded.")


class ChangedProfile(BaseModel):
    """One customer of whom something changed."""

    profile_id: int
    identifiers: dict[str, list[str]] = Field(description="By type, as they are known now.")
    merged_into: int | None = Field(description="The profile that stands for it since.")
    changed: list[What]
    changes: WhatChanged


class ChangedProfiles(HoldsFor):
    """A page of the feed: each customer once."""

    data: list[ChangedProfile]
    next: str = Field(description="Give as `after` for what follows; also when nothing came.")
    more: bool = Field(description="Whether more is there already.")


Kinds = Annotated[
    list[What] | None, Query(description="Only changes of these kinds; all when left out.")
]


@router.get(
    "/changes",
    summary="Which customers changed",
    response_model=ChangedProfiles,
    response_model_exclude_unset=True,
)
def changes(
    here: Here,
    min_position: MinPosition,
    after: After = None,
    limit: Annotated[
        int, Query(ge=1, le=10_000, description="How many changes to look at, of each kind.")
    ] = 100,
    what: Kinds = None,
) -> dict[str, Any]:
    """From the cursor that a consumer stored: each customer once, with all that changed since."""
    return here.profile_feed.changes(
        after=after, limit=limit, what=what or WHAT, min_position=min_position
    )


@router.get(
    "/changes/stream",
    summary="Which customers change, as it happens",
    response_class=StreamingResponse,
    responses=STREAM,
)
async def stream(
    request: Request,
    here: Here,
    after: After = None,
    what: Kinds = None,
    last_event_id: LastEventId = None,
) -> StreamingResponse:
    """Server-sent events named `profiles`: `id` is the cursor, `data` a list of customers."""
    feed = here.profile_feed
    start = last_event_id or after
    if start == LATEST:
        start = (await run_in_threadpool(feed.changes, after=LATEST, limit=1))["next"]

    def read(after: str | None) -> Page:
        page = feed.changes(after=after, limit=AT_ONCE, what=what or WHAT)
        return _event(page), page["next"], page["more"]

    return await streamed(request, read, start, feed.listening)


def _event(page: dict[str, Any]) -> bytes:
    if not page["data"]:
        return b""
    data = msgspec.json.encode(page["data"])
    return b"id: %b\nevent: profiles\ndata: %b\n\n" % (page["next"].encode(), data)
