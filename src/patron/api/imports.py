"""Files in: start an import and watch it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from patron.api.access import Here, note
from patron.api.answers import Coded
from patron.api.bodies import RequestBody
from patron.errors import InputError

router = APIRouter(prefix="/imports", tags=["imports"])


class Start(RequestBody):
    """What to import."""

    mapping: str = Field(description="Name of an applied mapping.")
    path: str | None = Field(None, description="A file or folder on the server's machine.")
    upload: str | None = Field(None, description="In its place: the id of a file handed in.")


class Import(BaseModel):
    """How an import stands."""

    import_id: str
    mapping: str
    path: str
    state: str = Field(description="running, done, failed or cancelled")
    started_at: str
    finished_at: str | None
    total: int | None = Field(description="Messages of files, or rows of a table, once counted.")
    accepted: int
    stored: int
    duplicate: int
    quarantined: int
    position: int
    error: str | None
    notes: list[str] = Field(default_factory=list)
    read: int | None = Field(default=None, description="Rows read so far, of a pull.")


class ImportRefusal(BaseModel):
    """Why rows of an import are in quarantine."""

    code: str
    field: str | None
    rows: int
    reason: str = Field(description="Of the first of them.")
    told: Coded | None = Field(None, description="The same by a code, where it has one.")
    origin: str = Field(description="The file that this row stands in.")
    row: int | None = Field(description="Its number there, from 1.")


class ImportWithRefusals(Import):
    """How an import stands, and what of it waits in quarantine."""

    refused: list[ImportRefusal] = Field(description="The most frequent first.")


class ImportList(BaseModel):
    """Imports, the newest first."""

    data: list[Import]


@router.get("", summary="Imports since the start", response_model=ImportList)
def every(here: Here) -> dict[str, Any]:
    """Those that this server ran since it was started, pulls included; the newest first."""
    return here.imports()


@router.post("", summary="Start an import", response_model=Import, status_code=202)
def start(here: Here, request: Request, body: Start) -> dict[str, Any]:
    """Runs in the background; running the same import twice changes nothing."""
    if (body.path is None) == (body.upload is None):
        raise InputError("path: expected path or upload, one of them.", field="path")
    note(request, mapping=body.mapping)
    path = body.path if body.upload is None else str(here.uploads.path(body.upload))
    return here.start_import(body.mapping, path or "")


@router.get("/{import_id}", summary="How an import stands", response_model=ImportWithRefusals)
def one(here: Here, import_id: str) -> dict[str, Any]:
    """Its counts so far, and why rows of it are in quarantine that nobody replayed yet."""
    return here.import_state(import_id)


@router.post("/{import_id}/cancel", summary="Cancel an import", response_model=Import)
def cancel(here: Here, request: Request, import_id: str) -> dict[str, Any]:
    """It ends after the rows in hand. What is stored stays; the same import can be started again.

    One that has ended stays as it is.
    """
    found = here.cancel_import(import_id)
    note(request, mapping=found["mapping"])
    return found
