"""Mappings: those that hold, and ready-made ones to begin with."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field

from patron.api.access import Here, MinPosition
from patron.api.answers import HoldsFor, Recorded
from patron.api.bodies import RequestBody
from patron.workspace import preset, presets

router = APIRouter(prefix="/mappings", tags=["mappings"])


class PresetLine(BaseModel):
    """A ready-made mapping."""

    name: str
    description: str
    source: str = Field(description="The source that comes with it.")
    events: list[str] = Field(description="What rows become; none for what is known of customers.")


class Preset(PresetLine):
    """A ready-made mapping with its text."""

    definitions: str = Field(
        description="A definition file (YAML) with the source and the mapping."
    )
    sample: str = Field(description="A CSV file with made-up rows that fit.")


class Presets(BaseModel):
    """All ready-made mappings."""

    data: list[PresetLine]


class NamedMapping(BaseModel):
    """A mapping that holds."""

    name: str
    source: str
    description: str | None
    reads: Literal["files", "database"]
    makes: Literal["messages", "entities"]
    kind: str | None = Field(description="Of the entities that it makes.")
    body: dict[str, Any]
    definitions: str = Field(description="The same as a definition file (YAML).")


class Mappings(HoldsFor):
    """All mappings."""

    data: list[NamedMapping]


class MappingSaved(Recorded):
    """A change that is durable."""


class MappingText(RequestBody):
    """A definition file."""

    definitions: str = Field(description="YAML that holds one mapping.")


class ReadMapping(BaseModel):
    """The mapping of a definition file."""

    name: str
    mapping: dict[str, Any] = Field(description="The body of the mapping.")


@router.get("", summary="All mappings", response_model=Mappings)
def listing(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """By name."""
    return here.mappings(min_position=min_position)


@router.put("/{name}", summary="Make or change a mapping", response_model=MappingSaved)
def put(
    here: Here,
    name: str,
    body: Annotated[
        dict[str, Any],
        Body(
            examples=[
                {
                    "source": "shop",
                    "file": "*.csv",
                    "message": {
                        "type": "identify",
                        "timestamp": "at",
                        "identifiers": {"user_id": "id"},
                    },
                }
            ]
        ),
    ],
) -> dict[str, Any]:
    """The body of a definition. The next import goes by it; what was imported stays as it is."""
    return here.put_mapping(name, body)


@router.post("/read", summary="Read a mapping", response_model=ReadMapping)
def read(here: Here, body: MappingText) -> dict[str, Any]:
    """What the text of a definition file says. Nothing is defined."""
    return here.read_mapping(body.definitions)


@router.get("/presets", summary="Ready-made mappings", response_model=Presets)
def every() -> dict[str, Any]:
    """What there is to begin with, by name."""
    return {"data": [asdict(one) for one in presets()]}


@router.get("/presets/{name}", summary="A ready-made mapping", response_model=Preset)
def one(name: str) -> dict[str, Any]:
    """Its text, to be saved as a definition file and changed, and rows to try it with."""
    return asdict(preset(name))
