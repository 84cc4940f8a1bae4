"""Ready-made mappings, to begin with."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

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


@router.get("/presets", summary="Ready-made mappings", response_model=Presets)
def every() -> dict[str, Any]:
    """What there is to begin with, by name."""
    return {"data": [asdict(one) for one in presets()]}


@router.get("/presets/{name}", summary="A ready-made mapping", response_model=Preset)
def one(name: str) -> dict[str, Any]:
    """Its text, to be saved as a definition file and changed, and rows to try it with."""
    return asdict(preset(name))
