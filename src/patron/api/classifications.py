"""Classifications: what sorts customers into classes, and what the classes hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from patron.api.access import AllowUnknown, AsOf, Here, MinPosition
from patron.api.answers import HoldsFor, Saved
from patron.clock import parse_time

router = APIRouter(prefix="/classifications", tags=["classifications"])

Trait = Annotated[
    str | None, Query(description="One of its traits that sort; the first when left out.")
]
Brand = Annotated[str | None, Query(description="Sort by what is known of this brand alone.")]


class ClassificationDefinition(BaseModel):
    """What sorts customers; the other fields depend on the kind."""

    model_config = ConfigDict(extra="allow")

    kind: Literal["rfm", "lifecycle", "activity", "loyalty"]
    description: str | None = None
    per_brand: list[str] | None = Field(
        None, description="Brands that get segments of their own, such as lifecycle on Orchid."
    )


class Classes(BaseModel):
    """A computed trait that sorts customers."""

    trait: str
    values: list[str] = Field(description="The classes, in their order.")


class Made(BaseModel):
    """A computed trait that a classification makes."""

    name: str
    text: str


class Classification(BaseModel):
    """A classification, and what it makes."""

    name: str
    kind: str
    version: int
    origin: str = Field(description="file or api")
    description: str | None
    definition: dict[str, Any]
    classes: list[Classes]
    computed_traits: list[Made]
    segments: list[str]


class ClassificationAnswer(HoldsFor):
    """One classification."""

    classification: Classification


class ClassificationList(HoldsFor):
    """All classifications."""

    data: list[Classification]


class ClassificationSaved(Saved):
    """A change that is durable."""


class Bought(BaseModel):
    """What the customers of a class bought up to then, in one currency."""

    currency: str | None
    orders: int
    revenue: str


class ClassSize(BaseModel):
    """A class and its customers."""

    value: str | None = Field(description="None for customers who are in no class.")
    customers: int
    by_currency: list[Bought]


class ClassSizes(HoldsFor):
    """All classes."""

    name: str
    trait: str
    brand: str | None
    data: list[ClassSize]


class ClassMovement(BaseModel):
    """Customers who were in one class, and are in another or the same."""

    model_config = ConfigDict(populate_by_name=True)

    before: str | None = Field(alias="from", description="None: in no class then.")
    to: str | None
    customers: int


class ClassMovements(HoldsFor):
    """Who went where between two moments."""

    name: str
    trait: str
    brand: str | None
    since: str
    data: list[ClassMovement]


@router.get("", summary="All classifications", response_model=ClassificationList)
def listing(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """What sorts customers, and the traits and segments that it makes."""
    return here.classifications(min_position=min_position)


@router.get("/{name}", summary="One classification", response_model=ClassificationAnswer)
def one(here: Here, name: str, min_position: MinPosition) -> dict[str, Any]:
    """Its definition, and the traits and segments that it makes."""
    return here.classification(name, min_position=min_position)


@router.put(
    "/{name}", summary="Make or change a classification", response_model=ClassificationSaved
)
def put(
    here: Here,
    name: str,
    body: ClassificationDefinition,
    allow_unknown: AllowUnknown = False,
) -> dict[str, Any]:
    """The rules that rest on what it makes change with it."""
    return here.put_classification(
        name, body.model_dump(exclude_none=True), allow_unknown=allow_unknown
    )


@router.delete("/{name}", summary="Remove a classification", response_model=ClassificationSaved)
def delete(here: Here, name: str) -> dict[str, Any]:
    """Refused while others use what it makes."""
    return here.delete_classification(name)


@router.get("/{name}/classes", summary="The classes and their sizes", response_model=ClassSizes)
def classes(
    here: Here,
    name: str,
    as_of: AsOf,
    min_position: MinPosition,
    trait: Trait = None,
    brand: Brand = None,
) -> dict[str, Any]:
    """How many customers each class has, and what they bought, as of any moment."""
    return here.classes(name, trait=trait, brand=brand, as_of=as_of, min_position=min_position)


@router.get(
    "/{name}/movements", summary="Who went from which class to which", response_model=ClassMovements
)
def movements(
    here: Here,
    name: str,
    since: Annotated[str, Query(description="The earlier moment, ISO 8601.")],
    as_of: AsOf,
    min_position: MinPosition,
    trait: Trait = None,
    brand: Brand = None,
) -> dict[str, Any]:
    """Between two moments, by what is known today; those who stayed are counted too."""
    return here.class_movements(
        name, since=parse_time(since, field="since"), trait=trait, brand=brand, as_of=as_of,
        min_position=min_position,
    )  # fmt: skip
