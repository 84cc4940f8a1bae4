"""What answers have in common: what they hold for, and that a change is durable."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class HoldsFor(BaseModel):
    """A log position and a moment."""

    position: int
    as_of: str


class Recorded(BaseModel):
    """A change of a definition that is durable."""

    position: int
    name: str


class Saved(Recorded):
    """A change that is durable."""

    version: int | None
    warnings: list[str] = Field(default_factory=list)


class Version(BaseModel):
    """What a definition said from some moment on."""

    version: int
    recorded_at: str
    origin: str = Field(description="file or api")
    removed: bool
    definition: dict[str, Any] | None
