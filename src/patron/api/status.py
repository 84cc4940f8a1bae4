"""Is it up, and what did it take in: health, status, counters, metrics, fates of messages."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field
from starlette.responses import Response

from patron.api.access import Here, MinPosition
from patron.api.answers import Coded, HoldsFor

open_router = APIRouter(tags=["operations"])
router = APIRouter(tags=["operations"])


class Counters(BaseModel):
    """What became of everything that a source sent: accepted = stored + duplicate + quarantined."""

    source: str
    accepted: int
    stored: int
    duplicate: int
    quarantined: int


class CountersAnswer(HoldsFor):
    """The counters of all sources."""

    total: Counters
    sources: list[Counters]


class Live(BaseModel):
    """How far behind the log and the clock recorded memberships are."""

    running: bool = Field(description="Whether they are kept at the present by themselves.")
    position: int = Field(description="The log position that they hold for.")
    behind: int = Field(description="Positions between that and the newest.")
    at: str | None = Field(description="The moment that they hold for.")
    seconds_behind: float | None = Field(description="Seconds since that moment.")
    segments: int = Field(description="How many are kept.")
    failed: dict[str, str] = Field(description="Segments that cannot be kept, with the reason.")


class Status(BaseModel):
    """What the workspace holds."""

    name: str
    version: str
    schema_version: int
    position: int = Field(description="The log position that the answer holds for.")
    as_of: str
    sources: int
    brands: list[str] = Field(description="Of the sources.")
    profiles: int
    events: int
    segments: int
    quarantined: int = Field(description="Refused messages and rows that wait for a replay.")
    live: Live
    uncopied: int = Field(
        description="Messages that wait to be copied in the order of customers, or for small "
        "copies to be joined. While there are many, as in the quarter of an hour after a large "
        "import, single customers are read slowly."
    )
    webhooks: dict[str, str] = Field(description="working, failing, paused or off, by name.")


class Fate(BaseModel):
    """What became of one message."""

    source: str
    message_id: str
    fate: str = Field(description="stored or quarantined")
    position: int | None = None
    profile_id: int | None = None
    received_at: str
    code: str | None = None
    field: str | None = None
    reason: str | None = None
    told: Coded | None = Field(None, description="The same by a code, where it has one.")


class Fates(HoldsFor):
    """What became of the messages with one id: one answer per source that sent it."""

    data: list[Fate]


@open_router.get("/healthz", summary="Is the process alive?")
def healthz() -> dict[str, str]:
    """Answers as long as the process runs."""
    return {"status": "ok"}


@open_router.get("/readyz", summary="Can it take and answer?")
def readyz(here: Here) -> dict[str, Any]:
    """Answers when the tables can be read and the writer takes work."""
    return {"status": "ok", "position": here.ready()}


@open_router.get("/metrics", summary="Metrics for Prometheus", response_class=Response)
def metrics(here: Here) -> Response:
    """Counters and gauges in the Prometheus text format."""
    return Response(here.metrics(), media_type=CONTENT_TYPE_LATEST)


@router.get("/status", summary="What the workspace holds", response_model=Status)
def status(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """Numbers of sources, profiles, events, segments and quarantined rows."""
    return here.status(min_position=min_position)


@router.get("/counters", summary="accepted = stored + duplicate + quarantined",
            response_model=CountersAnswer)  # fmt: skip
def counters(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """The three fates and their sum, per source and in total."""
    return here.counters(min_position=min_position)


@router.get("/messages/{message_id:path}", summary="What became of a message",
            response_model=Fates)  # fmt: skip
def message(
    here: Here,
    message_id: str,
    min_position: MinPosition,
    source: Annotated[str | None, Query(description="Only of this source.")] = None,
) -> dict[str, Any]:
    """Whether a message was stored, and where, or quarantined, and why."""
    return here.fates(message_id, source, min_position=min_position)
