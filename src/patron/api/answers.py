"""What answers have in common: what they hold for, and that a change is durable."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field


class HoldsFor(BaseModel):
    """A log position and a moment."""

    position: int
    as_of: str


class Coded(BaseModel):
    """A sentence by a code, for whoever puts it into another language."""

    code: str = Field(description="Stands for the sentence, and stays when its words change.")
    values: dict[str, str | int | list[str]] = Field(
        description="What differs from one time to the next, by name; near: names that may have "
        "been meant."
    )


Cause = Annotated[
    str | None,
    Field(
        description="What brought a merge or split about, by a code, with what it is about behind "
        "a colon: decision:3. None for what was recorded before there were codes."
    ),
]


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
