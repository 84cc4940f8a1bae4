"""A rule as it is written: its text and its tree, always in step."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from patron.api.access import Here
from patron.api.answers import Coded, HoldsFor
from patron.api.bodies import RequestBody

router = APIRouter(prefix="/segments", tags=["segments"])


class WrittenRule(RequestBody):
    """A rule, as text or as a tree."""

    rule: str | dict[str, Any] = Field(examples=['did "Order Completed" in the last 90 days'])
    name: str | None = Field(
        None, description="The segment that it is to define: a circle through it is found."
    )


class RulePlace(BaseModel):
    """Where a condition stands in the text."""

    start: int = Field(description="Its first character, from 0; characters are code points.")
    end: int = Field(description="The one behind its last.")
    line: int = Field(description="From 1.")
    column: int = Field(description="In that line, from 1.")


class RuleFault(BaseModel):
    """What is wrong with a rule, or probably a mistake."""

    message: str
    path: str | None = Field(description="The condition in the tree; else the field of the JSON.")
    line: int | None
    column: int | None
    start: int | None = Field(description="Of the condition, where the rule could be read.")
    end: int | None
    suggestions: list[str] = Field(description="Nearest known names or words, best first.")
    hint: str | None
    told: Coded | None = Field(description="The same by a code, where it has one.")


class ParsedRule(HoldsFor):
    """A rule in both faces."""

    text: str | None = Field(description="As it came; printed, where a tree came.")
    canonical: str | None = Field(description="As Patron prints it; it reads as the same tree.")
    rule: dict[str, Any] | None = Field(description="The tree; null for what cannot be read.")
    places: dict[str, RulePlace] = Field(
        description="Of every condition in `text`, by its path in the tree: '' for the whole, "
        "all[0], any[1].not."
    )
    errors: list[RuleFault] = Field(description="It cannot be asked or saved like this.")
    warnings: list[RuleFault] = Field(
        description="Names that never occurred: a preview refuses them, and saving unless told to "
        "allow them."
    )


@router.post("/parse", summary="A rule as text and as a tree", response_model=ParsedRule)
def parse(here: Here, body: WrittenRule) -> dict[str, Any]:
    """Reads either face and answers both; what is wrong is part of the answer, not an error."""
    return here.parse(body.rule, name=body.name)
