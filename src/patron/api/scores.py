"""Scores: what interactions are worth, as they age."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import AllowUnknown, AsOf, Customer, Here, MinPosition, PageLimit
from patron.api.answers import HoldsFor
from patron.api.bodies import RequestBody
from patron.api.computed_traits import ComputedTraitSaved

router = APIRouter(prefix="/scores", tags=["scores"])


class Age(RequestBody):
    """What something is worth from an age on."""

    after: str = Field(examples=["30d"])
    worth: int = Field(description="In percent, a whole number.", ge=0, le=100)


class HalfLife(RequestBody):
    """What something is worth halves each time so much time has passed."""

    half_life: str = Field(examples=["30d"])


class Interaction(RequestBody):
    """One kind of interaction."""

    event: str = Field(examples=["Page Viewed"])
    where: str | dict[str, Any] | None = Field(None, description="Of these only: a filter.")
    lines: bool | None = Field(None, description="Of order lines, each by itself.")
    currency: str | None = Field(None, description="Of amounts in this currency only.")
    on_brand: str | list[str] | None = Field(None, description="Of these brands only.")


class AtMostEach(RequestBody):
    """So many points of each unit of the calendar at most; name one of them."""

    day: float | None = None
    week: float | None = None
    month: float | None = None
    quarter: float | None = None
    year: float | None = None


class Scored(Interaction):
    """What one kind of interaction adds to a score."""

    points: float = Field(description="For each; less than 0 takes away.")
    per: str | None = Field(None, description="For each unit of this property, such as revenue.")
    at_most: float | None = Field(None, description="So many points in all.")
    at_most_each: AtMostEach | None = Field(
        None, description="So many points of each day, or another unit of the calendar."
    )


class ScoreDefinition(RequestBody):
    """What a score is made of."""

    interactions: list[Scored]
    decay: list[Age] | HalfLife | None = Field(None, description="How points age.")
    at_most: float | None = Field(None, description="The score is never more.")
    at_least: float | None = Field(None, description="The score is never less.")
    description: str | None = None


class Score(BaseModel):
    """A score, and who uses it."""

    name: str
    version: int
    origin: str = Field(description="file or api")
    description: str | None
    text: str = Field(description="What it is computed of, in the language of segments.")
    definition: dict[str, Any] = Field(description="As it was declared.")
    traits: list[str] = Field(description="What rules call it, and its growth.")
    segments: list[str] = Field(description="The segments whose rules name it or its growth.")
    computed_traits: list[str] = Field(description="The computed traits that name them.")


class ScoreAnswer(HoldsFor):
    """One score."""

    score: Score


class ScoreList(HoldsFor):
    """All scores."""

    data: list[Score]


Growth = Annotated[
    dict[str, str | None],
    Field(description="Over the last 7, 30 and 90 days, by the number of days."),
]


class Scoring(BaseModel):
    """A customer, the score and its growth."""

    profile_id: int
    identifiers: dict[str, list[str]]
    value: str
    growth: Growth


class ScoreValues(HoldsFor):
    """A page of customers with their score."""

    name: str
    data: list[Scoring]
    next: str | None = Field(description="Give as `cursor` for the next page.")


class CurvePoint(BaseModel):
    """What a score was at a moment."""

    at: str
    value: str | None


class ScoreExplanation(HoldsFor):
    """One customer's score."""

    profile_id: int
    name: str
    value: str | None
    growth: Growth
    curve: list[CurvePoint] = Field(description="The oldest first.")
    interactions: list[dict[str, Any]] = Field(
        description="Each as it was declared, with the points that it adds now; those of each are "
        "`points_each`."
    )


@router.get("", summary="All scores", response_model=ScoreList)
def listing(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """What each is made of, and who uses it."""
    return here.scores(min_position=min_position)


@router.get("/{name}", summary="One score", response_model=ScoreAnswer)
def one(here: Here, name: str, min_position: MinPosition) -> dict[str, Any]:
    """What it is made of, and who uses it."""
    return here.score(name, min_position=min_position)


@router.put("/{name}", summary="Make or change a score", response_model=ComputedTraitSaved)
def put(
    here: Here,
    name: str,
    body: ScoreDefinition,
    allow_unknown: AllowUnknown = False,
) -> dict[str, Any]:
    """The rules that rest on it change with it."""
    return here.put_score(name, body.model_dump(exclude_none=True), allow_unknown=allow_unknown)


@router.delete("/{name}", summary="Remove a score", response_model=ComputedTraitSaved)
def delete(here: Here, name: str) -> dict[str, Any]:
    """Refused while segments or computed traits use it."""
    return here.delete_score(name)


@router.get("/{name}/values", summary="Everybody's score", response_model=ScoreValues)
def values(
    here: Here,
    name: str,
    as_of: AsOf,
    min_position: MinPosition,
    order: Annotated[
        Literal["profile", "highest"], Query(description="By profile id, or the highest first.")
    ] = "profile",
    cursor: str | None = None,
    limit: PageLimit = 100,
) -> dict[str, Any]:
    """Customers with their score and its growth, page by page."""
    return here.score_values(
        name,
        as_of=as_of,
        min_position=min_position,
        cursor=cursor,
        limit=limit,
        highest=order == "highest",
    )


@router.get("/{name}/explain", summary="One customer's score", response_model=ScoreExplanation)
def explain(
    here: Here,
    name: str,
    profile: Customer,
    as_of: AsOf,
    min_position: MinPosition,
    days: Annotated[int, Query(ge=1, le=3650, description="The curve goes back so far.")] = 90,
    step: Annotated[int, Query(ge=1, le=365, description="A point every so many days.")] = 7,
) -> dict[str, Any]:
    """The score, how it grew, its curve, and what each kind of interaction adds to it."""
    return here.explain_score(
        name, profile, as_of=as_of, min_position=min_position, days=days, step=step
    )
