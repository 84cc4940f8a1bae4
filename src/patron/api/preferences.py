"""Preferences: what customers like and dislike, by what they do."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from patron.api.access import AllowUnknown, AsOf, Customer, Here, MinPosition, PageLimit
from patron.api.answers import HoldsFor
from patron.api.bodies import RequestBody
from patron.api.computed_traits import ComputedTraitSaved
from patron.api.scores import Age, HalfLife, Interaction

router = APIRouter(prefix="/preferences", tags=["preferences"])


class Preferring(Interaction):
    """What one kind of interaction says of the value that it names."""

    model_config = ConfigDict(populate_by_name=True)

    weight: float = Field(description="For each; less than 0 where it speaks against the value.")
    of: str | None = Field(None, description="What names the value; that of the preference else.")
    constant: str | None = Field(
        None, alias="is", description="The value itself, where each of them names the same."
    )


class PreferenceDefinition(RequestBody):
    """What a preference follows from."""

    interactions: list[Preferring]
    of: str | None = Field(
        None,
        description="What names the value: a property of events, or of lines.",
        examples=["category"],
    )
    bands: list[dict[str, Any]] | None = Field(
        None, description="Names for numbers within bounds: value, at_least, above, at_most, below."
    )
    decay: list[Age] | HalfLife | None = Field(None, description="How weights age.")
    at_least: float | None = Field(
        None, description="Values of less weight are neither liked nor disliked."
    )
    description: str | None = None


class Preference(BaseModel):
    """A preference, and who uses it."""

    name: str
    version: int
    origin: str = Field(description="file or api")
    description: str | None
    definition: dict[str, Any] = Field(description="As it was declared.")
    segments: list[str] = Field(description="The segments whose rules name it.")
    computed_traits: list[str] = Field(description="The computed traits that name it.")


class Favoured(BaseModel):
    """A value, and how many customers prefer it to all others."""

    value: Any
    customers: int


class PreferenceAnswer(HoldsFor):
    """One preference."""

    preference: Preference
    favourites: list[Favoured]


class PreferenceList(HoldsFor):
    """All preferences."""

    data: list[Preference]


class Liking(BaseModel):
    """A value, and how much a customer likes it."""

    value: Any
    weight: str = Field(description="What speaks for it, less what speaks against it.")
    affinity: str | None = Field(description="The weight, of all that speaks for any value.")
    rank: int
    verdict: str | None = Field(description="liked, disliked, or neither.")
    last_at: str = Field(description="When it was last named.")


class Likings(BaseModel):
    """What a customer prefers."""

    profile_id: int
    favourite: Any = None
    values: list[Liking]


class CustomerLikings(Likings):
    """A customer, and what they prefer."""

    identifiers: dict[str, list[str]]


class PreferenceValues(HoldsFor):
    """A page of customers, by profile id."""

    name: str
    data: list[CustomerLikings]
    next: str | None = Field(description="Give as `cursor` for the next page.")


class PreferenceExplanation(Likings):
    """What one customer prefers."""

    position: int
    as_of: str
    name: str


@router.get("", summary="All preferences", response_model=PreferenceList)
def listing(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """What each follows from, and who uses it."""
    return here.preferences(min_position=min_position)


@router.get("/{name}", summary="One preference", response_model=PreferenceAnswer)
def one(here: Here, name: str, as_of: AsOf, min_position: MinPosition) -> dict[str, Any]:
    """What it follows from, who uses it, and how many customers prefer what."""
    return here.preference(name, as_of=as_of, min_position=min_position)


@router.put("/{name}", summary="Make or change a preference", response_model=ComputedTraitSaved)
def put(
    here: Here,
    name: str,
    body: PreferenceDefinition,
    allow_unknown: AllowUnknown = False,
) -> dict[str, Any]:
    """The rules that rest on it change with it."""
    said = body.model_dump(exclude_none=True, by_alias=True)
    return here.put_preference(name, said, allow_unknown=allow_unknown)


@router.delete("/{name}", summary="Remove a preference", response_model=ComputedTraitSaved)
def delete(here: Here, name: str) -> dict[str, Any]:
    """Refused while segments or computed traits use it."""
    return here.delete_preference(name)


@router.get("/{name}/values", summary="Everybody's preferences", response_model=PreferenceValues)
def values(
    here: Here,
    name: str,
    as_of: AsOf,
    min_position: MinPosition,
    cursor: str | None = None,
    limit: PageLimit = 100,
) -> dict[str, Any]:
    """The customers who named any value, each with all of theirs, page by page."""
    return here.preference_values(
        name, as_of=as_of, min_position=min_position, cursor=cursor, limit=limit
    )


@router.get(
    "/{name}/explain", summary="What one customer prefers", response_model=PreferenceExplanation
)
def explain(
    here: Here,
    name: str,
    profile: Customer,
    as_of: AsOf,
    min_position: MinPosition,
) -> dict[str, Any]:
    """Every value with its weight, its affinity and its rank."""
    return here.explain_preference(name, profile, as_of=as_of, min_position=min_position)
