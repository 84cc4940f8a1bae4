"""Files in: start an import and watch it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from patron.api.access import Here, note
from patron.errors import InputError

router = APIRouter(prefix="/imports", tags=["imports"])


class Start(BaseModel):
    """What to import."""

    mapping: str = Field(description="Name of an applied mapping.")
    path: str | None = Field(None, description="A file or folder on the server's machine.")
    upload: str | None = Field(None, description="In its place: the id of a file handed in.")


class Import(BaseModel):
    """How an import stands."""

    import_id: str
    mapping: str
    path: str
    state: str = Field(description="running, done or failed")
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


@router.post("", summary="Start an import", response_model=Import, status_code=202)
def start(here: Here, request: Request, body: Start) -> dict[str, Any]:
    """Runs in the background; running the same import twice changes nothing."""
    if (body.path is None) == (body.upload is None):
        raise InputError("path: expected path or upload, one of them.", field="path")
    note(request, mapping=body.mapping)
    path = body.path if body.upload is None else str(here.uploads.path(body.upload))
    return here.start_import(body.mapping, path or "")


@router.get("/{import_id}", summary="How an import stands", response_model=Import)
def one(here: Here, import_id: str) -> dict[str, Any]:
    """Its counts so far."""
    return here.import_state(import_id)
