"""What somebody who writes a rule is offered: names, kinds and real values."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from patron.access.actors import Actor
from patron.api.access import Here, MinPosition
from patron.api.access import known as known_actor
from patron.api.answers import HoldsFor
from patron.spec.tracking_plans import PlanType
from patron.warehouse.vocabulary import Of

router = APIRouter(prefix="/vocabulary", tags=["vocabulary"])


class KnownProperty(BaseModel):
    """A property, or a trait of groups."""

    name: str
    kind: PlanType | str = Field(
        description="text, number, whole, truth, date, list, object, place or any."
    )
    personal: bool = Field(description="It says who a person is; values need a permission.")


class KnownTrait(KnownProperty):
    """A trait of customers."""

    computed: bool = Field(description="It follows from a definition; no message tells it.")
    made_by: str | None = Field(description="The definition, where it is no computed trait itself.")
    count: int | None = Field(description="How often it was told; null for computed ones.")
    description: str | None


class KnownEvent(BaseModel):
    """An event that occurred."""

    name: str
    type: str = Field(description="track, page, screen, group or alias")
    count: int
    last_seen: str
    lines: bool = Field(description="It brought lines of orders, which rules can ask about.")
    properties: list[KnownProperty] = Field(description="As its newest occurrences have them.")


class KnownSegment(BaseModel):
    """A segment, and its values where it has such."""

    name: str
    description: str | None
    values: list[str]


class KnownAttribute(BaseModel):
    """An attribute of an entity."""

    name: str
    kind: str


class KnownEntity(BaseModel):
    """A kind of entity that rules reach through, as in `product.category`."""

    name: str
    of_events: bool = Field(description="Properties of events name it.")
    of_lines: bool = Field(description="Order lines name it.")
    attributes: list[KnownAttribute]


class Vocabulary(HoldsFor):
    """Every name that a rule can use."""

    events: list[KnownEvent] = Field(description="The most frequent first.")
    event_columns: list[KnownProperty] = Field(description="What every event has, besides.")
    order_properties: list[KnownProperty] = Field(description="Of `orders`.")
    line_properties: list[KnownProperty] = Field(description="Of the products in an order.")
    traits: list[KnownTrait]
    group_traits: list[KnownProperty]
    group_types: list[str]
    brands: list[str]
    channels: list[str]
    currencies: list[str]
    sources: list[str]
    segments: list[KnownSegment]
    lists: list[str]
    entities: list[KnownEntity]


class KnownValue(BaseModel):
    """A value that occurs."""

    value: str | int | float | bool
    count: int | None = Field(
        description="Rows that have it, of those looked at; null for the classes of a "
        "classification, which need not occur."
    )


class KnownValues(HoldsFor):
    """The most frequent values."""

    of: Of
    name: str
    event: str | None
    personal: bool
    withheld: bool = Field(description="They are personal data, and the caller may not see them.")
    rows: int = Field(description="So many newest rows were looked at.")
    sampled: bool = Field(description="There are more rows: counts are those of a sample.")
    data: list[KnownValue]


async def with_personal(actor: Annotated[Actor, Depends(known_actor)]) -> bool:
    """Whether the caller may see personal data of many people at once."""
    return actor.may("profiles:export")


WithPersonal = Annotated[bool, Depends(with_personal)]


@router.get("", summary="Every name that a rule can use", response_model=Vocabulary)
def known(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """Events with their properties, traits, brands, segments, lists and the rest, with kinds."""
    return here.vocabulary(min_position=min_position)


@router.get("/values", summary="Real values", response_model=KnownValues)
def values(
    here: Here,
    may_see: WithPersonal,
    min_position: MinPosition,
    of: Of,
    name: Annotated[str, Query(description="Name or path, as rules write it.", min_length=1)],
    event: Annotated[str | None, Query(description="Of a property: only of this event.")] = None,
    starting: Annotated[str, Query(description="Only those that begin so, in any case.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> dict[str, Any]:
    """The most frequent values of a property or trait, by what they begin with."""
    return here.vocabulary_values(
        of, name, event=event, starting=starting, limit=limit, with_personal=may_see,
        min_position=min_position,
    )  # fmt: skip
