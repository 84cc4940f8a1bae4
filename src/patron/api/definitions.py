"""Definitions as code: what would change, and changing it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from patron.api.access import AsOf, Here, MinPosition, note
from patron.api.answers import HoldsFor, Version
from patron.api.bodies import RequestBody

router = APIRouter(prefix="/definitions", tags=["definitions"])

NAMED = 50
"""So many changes the record of who did what names; the versions hold them all."""


class Document(RequestBody):
    """One definition, as a file holds it."""

    kind: str = Field(examples=["segment"])
    name: str
    body: dict[str, Any]
    path: str | None = Field(None, description="Where it stands, for messages.")


class Wanted(RequestBody):
    """All definitions of a folder."""

    documents: list[Document]
    prune: bool = Field(False, description="Remove also what files never created.")


class Change(BaseModel):
    """One difference."""

    action: str = Field(description="add, change, remove or keep")
    kind: str
    name: str
    fields: list[str] = Field(default_factory=list, description="What changed in it.")
    enter: int | None = Field(None, description="Customers who would enter a segment.")
    leave: int | None = Field(None, description="Customers who would leave it.")
    count: int | None = Field(None, description="Members afterwards.")


class Plan(HoldsFor):
    """What would change, or did."""

    applied: bool
    changes: list[Change]
    warnings: list[str]
    never_sent: list[str] = Field(
        default_factory=list,
        description="What warnings say of names that nobody sent so far, each once.",
    )
    write_keys: dict[str, str] = Field(
        default_factory=dict, description="New write keys by source; shown this once."
    )


class Definitions(HoldsFor):
    """All definitions that hold."""

    data: list[Document]


class Versions(HoldsFor):
    """All versions of a definition, the newest first."""

    kind: str
    name: str
    data: list[Version]


@router.get("", summary="All definitions", response_model=Definitions)
def listing(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """As files would hold them."""
    return here.definitions(min_position=min_position)


@router.get(
    "/{kind}/{name}/versions", summary="What a definition said before", response_model=Versions
)
def versions(here: Here, kind: str, name: str, min_position: MinPosition) -> dict[str, Any]:
    """Also of one that was removed."""
    return here.versions(kind, name, min_position=min_position)


@router.post("/plan", summary="What would change", response_model=Plan)
def plan(
    here: Here,
    body: Wanted,
    as_of: AsOf,
    counts: Annotated[bool, Query(description="Count who would enter and leave.")] = True,
) -> dict[str, Any]:
    """Changes nothing."""
    return here.plan(_documents(body), prune=body.prune, as_of=as_of, counts=counts)


@router.post("/apply", summary="Make it so", response_model=Plan)
def apply(here: Here, request: Request, response: Response, body: Wanted) -> dict[str, Any]:
    """In one transaction; removes only what files once created, unless told to prune."""
    applied = here.apply(_documents(body), prune=body.prune)
    if applied["write_keys"]:
        response.headers["Cache-Control"] = "no-store"
    changed = [
        f"{one['action']} {one['kind']} {one['name']}"
        for one in applied["changes"]
        if one["action"] != "keep"
    ]
    beyond = [f"and {len(changed) - NAMED} more"] if len(changed) > NAMED else []
    note(request, changes=", ".join(changed[:NAMED] + beyond))
    return applied


def _documents(body: Wanted) -> list[dict[str, Any]]:
    return [document.model_dump() for document in body.documents]
