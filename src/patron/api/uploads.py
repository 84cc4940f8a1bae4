"""Files handed in through the browser, and mappings by their example."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from patron.api.access import Here
from patron.api.answers import Coded
from patron.api.bodies import RequestBody

router = APIRouter(tags=["imports"])


class Upload(BaseModel):
    """A file that was handed in."""

    upload: str = Field(description="Its id: that of its content and name.")
    name: str = Field(description="Made safe: its letters, digits, dots, dashes and underscores.")
    bytes: int
    uploaded_at: str


class UploadList(BaseModel):
    """All uploads, the newest first."""

    data: list[Upload]


class OfUpload(RequestBody):
    """An upload."""

    upload: str


class FileColumn(BaseModel):
    """A column, as the first rows have it."""

    name: str
    kind: str = Field(description="text, number, boolean, time, object, list or empty")
    time_format: str | None
    filled: int
    different: int
    samples: list[str]


class FittingPreset(BaseModel):
    """A ready-made mapping whose columns the file has."""

    name: str
    description: str
    share: float = Field(description="Of its columns, how many are there.")


class SuggestedMapping(BaseModel):
    """What is in a file, and a mapping to begin with. Nothing is defined."""

    format: str
    csv: dict[str, Any] | None = Field(description="How delimited text is written.")
    rows: int = Field(description="So many rows were looked at.")
    columns: list[FileColumn]
    presets: list[FittingPreset] = Field(description="The best fitting first.")
    name: str
    mapping: dict[str, Any] = Field(description="The body of the mapping.")
    definitions: str = Field(description="The same as a definition file (YAML).")
    notes: list[str] = Field(description="What a person should look at.")


class TryMapping(RequestBody):
    """A mapping and a file."""

    mapping: str | dict[str, Any] = Field(description="The name of one, or a body.")
    upload: str
    name: str = Field("mapping", description="How a body that is tried is to be called.")


class TriedIdentifier(BaseModel):
    """What says whose a message is."""

    type: str
    value: str
    normal: str | None = Field(description="As it is compared; null: it can identify nobody.")
    reason: str | None
    code: str | None = Field(description="Why it can identify nobody, in a word.")


class TriedMessage(BaseModel):
    """What a row, or a group of rows, becomes."""

    row: int | None = Field(description="In the file, from 1.")
    message: dict[str, Any] = Field(description="As a message of the tracking protocol.")
    identifiers: list[TriedIdentifier]
    identified: bool = Field(description="False: it would be refused, for it identifies nobody.")


class TriedRefusal(BaseModel):
    """A row that would be refused."""

    row: int | None
    field: str | None
    code: str
    reason: str
    told: Coded | None = Field(None, description="The same by a code, where it has one.")
    body: str


class TriedMapping(BaseModel):
    """What a mapping makes of the first 20 rows. Nothing is stored."""

    messages: list[TriedMessage]
    refused: list[TriedRefusal]
    notes: list[str]
    definitions: str = Field(description="The mapping as a definition file (YAML).")


@router.post("/uploads", summary="Hand a file in", response_model=Upload, status_code=201,
             openapi_extra={"requestBody": {"required": True, "content": {
                 "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
             )  # fmt: skip
async def upload(
    request: Request,
    here: Here,
    name: Annotated[str, Query(description="As its owner calls it.", min_length=1)],
) -> dict[str, Any]:
    """The body is the file: CSV, JSON lines or Parquet, by the ending of the name; up to 2 GiB.

    It is kept for a week, so that a mapping can be made, tried and run on it.
    """
    return await here.uploads.take(name, request.stream())


@router.get("/uploads", summary="Files handed in", response_model=UploadList)
def uploads(here: Here) -> dict[str, Any]:
    """The newest first."""
    return {"data": here.uploads.all()}


@router.delete("/uploads/{upload}", summary="Remove a file handed in", response_model=OfUpload)
def remove(here: Here, upload: str) -> dict[str, Any]:
    """What was imported from it stays."""
    here.uploads.remove(upload)
    return {"upload": upload}


@router.post("/mappings/suggest", summary="A mapping by example", response_model=SuggestedMapping)
def suggest(here: Here, body: OfUpload) -> dict[str, Any]:
    """The file's columns with kinds and samples, presets that fit, and a mapping to begin with."""
    return here.suggest_mapping(body.upload)


@router.post("/mappings/try", summary="What a mapping makes of a file", response_model=TriedMapping)
def try_mapping(here: Here, body: TryMapping) -> dict[str, Any]:
    """The first 20 rows as the messages that they would become, and what would be refused."""
    return here.try_mapping(body.mapping, body.upload, body.name)
