"""Computed traits: values that follow from what customers did."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from patron.api.access import AllowUnknown, AsOf, Customer, Here, MinPosition, PageLimit
from patron.api.answers import HoldsFor, Saved
from patron.api.bodies import RequestBody
from patron.api.explanations import Explained, Explanation

router = APIRouter(prefix="/computed-traits", tags=["computed traits"])


class ComputedDefinition(RequestBody):
    """What a trait is computed of."""

    value: str | dict[str, Any] = Field(examples=["revenue(in the last 365 days)"])
    description: str | None = None


class ComputedTrait(BaseModel):
    """A computed trait, and who uses it."""

    name: str
    version: int
    origin: str = Field(description="file or api")
    made_by: str | None = Field(
        description="The definition that it follows from, such as `score engagement`; "
        "none for one with a definition of its own."
    )
    description: str | None
    text: str = Field(description="What it is computed of, to read.")
    value: dict[str, Any] = Field(description="The same, as a tree.")
    segments: list[str] = Field(description="The segments whose rules name it.")
    computed_traits: list[str] = Field(description="The computed traits that name it.")


class ComputedTraitAnswer(HoldsFor):
    """One computed trait."""

    computed_trait: ComputedTrait


class ComputedTraitList(HoldsFor):
    """All computed traits."""

    data: list[ComputedTrait]


class ComputedTraitSaved(Saved):
    """A change that is durable."""


class CustomerValue(BaseModel):
    """A customer, and the value."""

    profile_id: int
    identifiers: dict[str, list[str]]
    value: Any = Field(description="Amounts as text, counts as numbers, the rest as it was sent.")


class ComputedValues(HoldsFor):
    """A page of the customers who have a value, by profile id."""

    name: str
    data: list[CustomerValue]
    next: str | None = Field(description="Give as `cursor` for the next page.")


class ValueExplanation(Explanation):
    """What a value comes to, and why."""

    name: str
    value: Any
    condition: Explained = Field(description="That there is a value, with what is behind it.")


@router.get("", summary="All computed traits", response_model=ComputedTraitList)
def listing(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """What each is computed of, and who uses it."""
    return here.computed_traits(min_position=min_position)


@router.get("/{name}", summary="One computed trait", response_model=ComputedTraitAnswer)
def one(here: Here, name: str, min_position: MinPosition) -> dict[str, Any]:
    """What it is computed of, in both faces, and who uses it."""
    return here.computed_trait(name, min_position=min_position)


@router.put("/{name}", summary="Make or change a computed trait", response_model=ComputedTraitSaved)
def put(
    here: Here,
    name: str,
    body: ComputedDefinition,
    allow_unknown: AllowUnknown = False,
) -> dict[str, Any]:
    """The rules that rest on it change with it."""
    return here.put_computed_trait(
        name, body.model_dump(exclude_none=True), allow_unknown=allow_unknown
    )


@router.delete("/{name}", summary="Remove a computed trait", response_model=ComputedTraitSaved)
def delete(here: Here, name: str) -> dict[str, Any]:
    """Refused while segments or other computed traits use it."""
    return here.delete_computed_trait(name)


@router.get("/{name}/values", summary="Everybody's values", response_model=ComputedValues)
def values(
    here: Here,
    name: str,
    as_of: AsOf,
    min_position: MinPosition,
    cursor: str | None = None,
    limit: PageLimit = 100,
) -> dict[str, Any]:
    """The customers who have a value, with it, page by page."""
    return here.computed_values(
        name, as_of=as_of, min_position=min_position, cursor=cursor, limit=limit
    )


@router.get("/{name}/explain", summary="Why a value is so", response_model=ValueExplanation)
def explain(
    here: Here,
    name: str,
    profile: Customer,
    as_of: AsOf,
    min_position: MinPosition,
) -> dict[str, Any]:
    """The value of one customer, and the events behind it."""
    return here.explain_computed(name, profile, as_of=as_of, min_position=min_position)
