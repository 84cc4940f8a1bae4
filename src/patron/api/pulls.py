"""Databases in: pull the rows of a mapping, and see how its pulls stand."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import Here
from patron.api.imports import Import

router = APIRouter(prefix="/imports/pulls", tags=["imports"])


class PullRun(BaseModel):
    """How a pull ended."""

    started_at: str
    finished_at: str
    stored: int
    duplicate: int
    quarantined: int
    error: str | None = Field(description="What went wrong; null when nothing did.")


class PullState(BaseModel):
    """How the pulls of a mapping stand."""

    mapping: str
    connection: str = Field(description="The name of the connection; its URL is never shown.")
    table: str | None
    query: str | None
    cursor: str = Field(description="The column by which rows are asked for.")
    position: str | None = Field(description="The cursor up to which rows are stored.")
    every: str | None = Field(description="How often a running server pulls.")
    next_at: str | None = Field(description="When a running server pulls next.")
    running: str | None = Field(description="The id of the import that runs.")
    last_success_at: str | None
    error: str | None = Field(description="Of the last pull that ended.")
    runs: list[PullRun] = Field(description="Those that ended last, newest first.")


class PullStates(BaseModel):
    """How all pulls stand."""

    data: list[PullState]


@router.get("", summary="How the pulls of all mappings stand", response_model=PullStates)
def every(here: Here) -> dict[str, Any]:
    """Of each mapping that reads a database."""
    return {"data": here.pulls.states()}


@router.get("/{mapping}", summary="How the pulls of a mapping stand", response_model=PullState)
def one(here: Here, mapping: str) -> dict[str, Any]:
    """Where they have come to, when the next one is due, and how the last ones ended."""
    return here.pulls.state(mapping)


@router.post("/{mapping}", summary="Pull a database", response_model=Import, status_code=202)
def start(
    here: Here,
    mapping: str,
    from_start: bool = Query(
        default=False, description="Read all rows again; those that are stored are known."
    ),
) -> dict[str, Any]:
    """Runs in the background; while a pull of the mapping runs, this is that one."""
    return asdict(here.pulls.start(mapping, from_start=from_start))
