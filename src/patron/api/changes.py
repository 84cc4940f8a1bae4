"""The feed of entries and exits: page by page, and as server-sent events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from patron.api.access import Here, MinPosition
from patron.api.streams import STREAM, streamed
from patron.pipeline.feed import LATEST

router = APIRouter(prefix="/segments", tags=["segments"])

AT_ONCE = 500
"""So many changes are read and sent at a time by a stream."""


class MembershipChange(BaseModel):
    """One entry or exit."""

    cursor: str = Field(description="Store it after processing; give it as `after` to go on.")
    segment: str
    kind: Literal["entered", "left"]
    profile_id: int = Field(description="As it stood then.")
    identifiers: dict[str, list[str]] = Field(description="By type, as they are known now.")
    merged_into: int | None = Field(None, description="The profile that stands for it by now.")
    changed_at: str = Field(description="When it came to hold.")
    recorded_at: str = Field(description="When it was recorded; never before changed_at.")
    reason: str = Field(description="data, time, merged or definition")
    version: int = Field(description="Of the segment's definition.")
    first_fill: bool = Field(description="The segment began with this member: no entry.")


class Changes(BaseModel):
    """A page of the feed, in the order recorded."""

    position: int = Field(description="Changes up to this log position are recorded.")
    as_of: str = Field(description="And up to this moment.")
    data: list[MembershipChange]
    next: str = Field(description="Give as `after` for what follows; also when nothing came.")
    more: bool = Field(description="Whether more is there already.")


After = Annotated[
    str | None,
    Query(description="The last cursor processed; `latest` for what comes from now on."),
]
Limit = Annotated[int, Query(ge=1, le=10_000)]
FirstFill = Annotated[bool, Query(description="With the members that a segment began with.")]
LastEventId = Annotated[
    str | None, Header(description="Sent by an event source that reconnects; wins over `after`.")
]


async def _page(
    here: Here,
    min_position: MinPosition,
    after: After = None,
    limit: Limit = 100,
    first_fill: FirstFill = False,
) -> Callable[[str | None], dict[str, Any]]:
    """Reads the page that is asked for, of one segment or of all."""
    return partial(
        here.memberships.changes,
        after=after, limit=limit, first_fill=first_fill, min_position=min_position,
    )  # fmt: skip


async def _stream(
    request: Request,
    here: Here,
    after: After = None,
    first_fill: FirstFill = False,
    last_event_id: LastEventId = None,
) -> Callable[[str | None], Awaitable[StreamingResponse]]:
    """Begins the stream that is asked for, of one segment or of all."""
    return lambda name: _follow(request, here, name, last_event_id or after, first_fill)


Page = Annotated[Callable[[str | None], dict[str, Any]], Depends(_page)]
Stream = Annotated[Callable[[str | None], Awaitable[StreamingResponse]], Depends(_stream)]


@router.get("/changes", summary="Entries and exits of all segments", response_model=Changes)
def all_changes(page: Page) -> dict[str, Any]:
    """In the order recorded, from the cursor that a consumer stored."""
    return page(None)


@router.get("/{name}/changes", summary="Who entered and left", response_model=Changes)
def changes(name: str, page: Page) -> dict[str, Any]:
    """In the order recorded, from the cursor that a consumer stored."""
    return page(name)


@router.get(
    "/changes/stream",
    summary="Entries and exits of all segments as they come",
    response_class=StreamingResponse,
    responses=STREAM,
)
async def all_stream(stream: Stream) -> StreamingResponse:
    """Server-sent events: `id` is the cursor, `event` entered or left, `data` the change."""
    return await stream(None)


@router.get(
    "/{name}/changes/stream",
    summary="Who enters and leaves, as it comes",
    response_class=StreamingResponse,
    responses=STREAM,
)
async def stream(name: str, stream: Stream) -> StreamingResponse:
    """Server-sent events: `id` is the cursor, `event` entered or left, `data` the change."""
    return await stream(name)


async def _follow(
    request: Request, here: Here, name: str | None, after: str | None, first_fill: bool
) -> StreamingResponse:
    if after == LATEST:
        # Fixed now, before the answer begins: what comes after the request is in the stream.
        end = await run_in_threadpool(here.memberships.changes, name, after=after, limit=1)
        after = end["next"]

    def read(after: str | None) -> tuple[bytes, str, bool]:
        page = here.memberships.changes(name, after=after, limit=AT_ONCE, first_fill=first_fill)
        return b"".join(map(_event, page["data"])), page["next"], page["more"]

    return await streamed(request, read, after, here.memberships.listening)


def _event(change: dict[str, Any]) -> bytes:
    data = msgspec.json.encode(change)
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (
        change["cursor"].encode(), change["kind"].encode(), data,
    )  # fmt: skip
