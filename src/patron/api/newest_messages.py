"""What came in last, message by message, with what became of each: for people who look."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from patron.api.access import Here
from patron.api.answers import Coded, HoldsFor
from patron.api.streams import STREAM, streamed
from patron.pipeline.group import Fate as WhatBecame

router = APIRouter(prefix="/messages", tags=["operations"])

AT_ONCE = 50
"""So many messages are streamed at a time, the newest; of the others their number is told."""

PAUSE = 0.5
"""Seconds between two such pages at least."""


class ArrivedMessage(BaseModel):
    """A message that came in."""

    cursor: str
    received_at: str
    source: str
    message_id: str | None
    type: str | None
    name: str | None = Field(description="Of the event.")
    fate: WhatBecame
    profile_id: int | None = Field(description="Whom it was filed under when it was stored.")
    code: str | None
    field: str | None
    reason: str | None = Field(description="Why it was refused.")
    told: Coded | None = Field(None, description="The same by a code, where it has one.")
    body: str = Field(description="What was received: its first 4,000 characters.")


class ArrivedMessages(HoldsFor):
    """The newest messages, the newest first."""

    data: list[ArrivedMessage]
    next: str = Field(description="Give as `after` for what comes in later.")
    left_out: int = Field(description="So many more fit and are still remembered.")


After = Annotated[str | None, Query(description="Only what came in after this cursor.")]
Source = Annotated[str | None, Query(description="Only of this source.")]
Kind = Annotated[str | None, Query(alias="type", description="Only of this type.")]
Became = Annotated[WhatBecame | None, Query(description="Only with this fate.")]
LastEventId = Annotated[
    str | None, Header(description="Sent by an event source that reconnects; wins over `after`.")
]


@router.get("", summary="What came in last", response_model=ArrivedMessages)
def newest(
    here: Here,
    after: After = None,
    source: Source = None,
    kind: Kind = None,
    fate: Became = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Remembered of this process are the newest 1,000, duplicates among them; not those of files.

    After a restart it begins with what is stored, which duplicates are not.
    """
    return here.newest_messages(
        after=after, source=source, type_=kind, fate=fate, limit=limit
    )  # fmt: skip


@router.get(
    "/stream",
    summary="What comes in, as it comes",
    response_class=StreamingResponse,
    responses=STREAM,
)
async def stream(
    request: Request,
    here: Here,
    after: After = None,
    source: Source = None,
    kind: Kind = None,
    fate: Became = None,
    last_event_id: LastEventId = None,
) -> StreamingResponse:
    """Server-sent events: `event` is message, `data` the message, `id` the cursor.

    At most 50 messages every half second are sent, the newest; `event: left_out` tells how many
    came in besides.
    """

    def read(after: str | None) -> tuple[bytes, str, bool]:
        page = here.newest_messages(
            after=after, source=source, type_=kind, fate=fate, limit=AT_ONCE
        )  # fmt: skip
        events = [_event(one["cursor"], "message", one) for one in reversed(page["data"])]
        if page["left_out"]:
            events.insert(0, _event(None, "left_out", {"messages": page["left_out"]}))
        return b"".join(events), page["next"], False

    start = last_event_id or after or here.newest_messages(limit=1)["next"]
    return await streamed(request, read, start, here.arrivals.listening, PAUSE)


def _event(cursor: str | None, name: str, data: dict[str, Any]) -> bytes:
    id_ = b"" if cursor is None else b"id: %b\n" % cursor.encode()
    return b"%bevent: %b\ndata: %b\n\n" % (id_, name.encode(), msgspec.json.encode(data))
