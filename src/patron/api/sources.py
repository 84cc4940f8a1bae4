"""Sources that pages of shops send to: the snippet for them, and whether it works."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from patron.api import tracker
from patron.api.access import Here, MinPosition

router = APIRouter(prefix="/sources", tags=["sources"])

WRITE_KEY = "WRITE_KEY"
"""What stands in a snippet for a key that was not given: Patron keeps none that it could tell."""


class Snippet(BaseModel):
    """What to put into the head of every page."""

    source: str
    snippet: str = Field(description="HTML; WRITE_KEY stands in it when no key was given.")
    script: str = Field(description="The address of the tracker.")
    integrity: str | None = Field(description="Its hash; none with `latest`.")


class Kind(BaseModel):
    """Messages of one type."""

    type: str = Field(examples=["page"])
    messages: int
    last_received_at: str
    last_page: str | None = Field(description="Where the last one came from: host and path.")


class Site(BaseModel):
    """A host whose pages send."""

    host: str
    messages: int
    last_received_at: str
    pages: list[str] = Field(description="The paths that sent most, the most frequent first.")
    libraries: list[str] = Field(description="What sends there, with versions.")


class Install(BaseModel):
    """What comes in from a source."""

    position: int
    as_of: str
    source: str
    kinds: list[Kind] = Field(description="Of all messages ever, the latest first.")
    looked_at: int = Field(description="So many of the newest messages were looked at for sites.")
    sites: list[Site] = Field(description="Where these came from, the latest first.")
    quarantined: int = Field(description="Refused messages that nobody replayed yet.")


@router.get("/{name}/snippet", summary="What a shop puts on its pages", response_model=Snippet)
def snippet(
    request: Request,
    here: Here,
    name: str,
    url: Annotated[
        str | None,
        Query(description="Where browsers reach Patron; where this request did when left out."),
    ] = None,
    write_key: Annotated[
        str | None, Query(description="The source's key, which every page then shows.")
    ] = None,
    latest: Annotated[
        bool, Query(description="Always the newest tracker, without an integrity hash.")
    ] = False,
    undecided: Annotated[
        Literal["hold", "drop", "send"],
        Query(description="What happens to calls before the visitor consents or refuses."),
    ] = "hold",
    data_layer: Annotated[
        bool, Query(description="Read commerce events from the page's data layer.")
    ] = False,
) -> dict[str, Any]:
    """Its build of the tracker stays available, whatever Patron is upgraded to."""
    here.check_write_key(name, write_key)
    base = (url or str(request.base_url)).rstrip("/")
    build = tracker.current()
    text = tracker.snippet(
        build,
        url=base,
        write_key=write_key or WRITE_KEY,
        latest=latest,
        undecided=undecided,
        data_layer=data_layer,
    )
    if not latest:
        tracker.pin(build, here.folder)
    return {
        "source": name,
        "snippet": text,
        "script": f"{base}/patron.js" if latest else f"{base}/patron-{build.digest}.js",
        "integrity": None if latest else build.integrity,
    }


@router.get("/{name}/install", summary="Whether a source's pages send", response_model=Install)
def install(here: Here, name: str, min_position: MinPosition) -> dict[str, Any]:
    """When the last message of each type came, and from which pages."""
    return here.install(name, min_position=min_position)
