"""Traits: what is declared of them, who uses them, and where sources disagree."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import AsOf, Here, MinPosition
from patron.api.answers import HoldsFor, Saved
from patron.api.bodies import RequestBody
from patron.api.profiles import Key
from patron.spec.survivorship import Reason
from patron.spec.traits import Basis, Provenance, Rule, TraitType

router = APIRouter(tags=["traits"])


class Trait(BaseModel):
    """One trait."""

    trait: str = Field(description="Its name, as messages have it.")
    definition: str | None = Field(description="The name of its definition; None: none.")
    type: TraitType
    survivorship: Rule = Field(description="Which observation of it holds.")
    trust_order: list[str] = Field(
        description="Of trusted: the sources that go before all others, the first one first."
    )
    holds_for: str | None
    provenance: Provenance | None = Field(
        description="As its definition says; where one enrichment said all of it, as that does."
    )
    basis: Basis | None = Field(description="As provenance.")
    personal: bool
    description: str | None
    customers: int = Field(description="Of whom it was ever observed.")
    observations: int
    last_observed_at: str | None
    segments: list[str] = Field(description="Those that read it by themselves.")


class Traits(HoldsFor):
    """Every trait that is declared or was observed."""

    data: list[Trait]


class NewTrait(RequestBody):
    """What is declared of a trait."""

    trait: str | None = Field(
        None, description="Its name, as messages have it; that of the definition unless given."
    )
    type: TraitType = "any"
    survivorship: Rule = Field("most_recent", description="Which observation of it holds.")
    trust_order: list[str] = Field(
        [],
        description="With trusted: the sources that are trusted most about it, the first one most; "
        "all others after them, by their trust rank.",
        examples=[["crm", "web"]],
    )
    holds_for: str | None = Field(
        None, description="An observation so old counts no more.", examples=["180 days"]
    )
    provenance: Provenance | None = None
    basis: Basis | None = None
    personal: bool = False
    description: str | None = None


class DeclaredTrait(NewTrait):
    """A definition of a trait, and who reads the trait."""

    name: str = Field(description="Of the definition.")
    version: int
    origin: str = Field(description="file or api")
    segments: list[str] = Field(description="The segments whose rules name it.")
    computed_traits: list[str] = Field(description="The computed traits that name it.")
    recurring_dates: list[str] = Field(description="The dates that recur and are of it.")
    linking: list[str] = Field(description="The linking models that compare it.")


class DeclaredTraitAnswer(HoldsFor):
    """One definition of a trait."""

    trait: DeclaredTrait


class TraitSaved(Saved):
    """A change that is durable."""


class Conflict(BaseModel):
    """How far sources agree on one trait; of each source its last word counts."""

    trait: str
    customers: int = Field(description="Of whom any source gives a value.")
    told_by_several: int = Field(description="Of whom more than one source does.")
    conflicting: int = Field(description="Of whom sources give values that differ.")
    survivorship: Rule


class Conflicts(HoldsFor):
    """How far sources agree, the traits with the most conflicts first."""

    data: list[Conflict]


class Observation(BaseModel):
    """A value that a source gave."""

    value: Any = Field(description="None: it cleared what it had said.")
    source: str | None
    occurred_at: str
    wins: bool = Field(description="Whether it holds, or is part of what does.")
    reason: Reason = Field(description="Why it holds or does not.")
    provenance: Provenance | None = Field(
        description="The company itself, a partner, or bought; None: not declared."
    )
    basis: Basis | None = Field(description="Whether the customer said it; None: not declared.")


class Told(BaseModel):
    """One trait of a customer."""

    trait: str
    value: Any = Field(description="What holds.")
    held: bool = Field(description="Whether anything holds.")
    survivorship: Rule
    provenance: Provenance | None = Field(description="Of what holds.")
    basis: Basis | None = Field(description="Of what holds.")
    personal: bool
    observations: list[Observation] = Field(description="What each source said, newest first.")


class OfCustomer(HoldsFor):
    """The traits of a customer, with what every source said."""

    profile_id: int
    data: list[Told]


@router.get("/traits", summary="What traits there are", response_model=Traits)
def traits(here: Here, as_of: AsOf, min_position: MinPosition) -> dict[str, Any]:
    """Each with what is declared of it, how often it was observed, and which segments read it."""
    return here.traits(as_of=as_of, min_position=min_position)


@router.get("/traits/conflicts", summary="Where sources disagree", response_model=Conflicts)
def conflicts(here: Here, as_of: AsOf, min_position: MinPosition) -> dict[str, Any]:
    """Of how many customers sources give different values, trait by trait."""
    return here.trait_conflicts(as_of=as_of, min_position=min_position)


@router.get("/traits/{name}", summary="A declared trait", response_model=DeclaredTraitAnswer)
def one(here: Here, name: str, min_position: MinPosition) -> dict[str, Any]:
    """What its definition says, and who reads it. The name is that of the definition."""
    return here.declared_trait(name, min_position=min_position)


@router.put("/traits/{name}", summary="Declare a trait", response_model=TraitSaved)
def put(here: Here, name: str, body: NewTrait) -> dict[str, Any]:
    """What is left out is as usual. Who is in a segment that reads it may change."""
    return here.put_trait(name, body.model_dump(exclude_defaults=True))


@router.delete("/traits/{name}", summary="Remove what is declared", response_model=TraitSaved)
def delete(here: Here, name: str) -> dict[str, Any]:
    """The values stay. Refused where another one would hold, and others read it."""
    return here.delete_trait(name)


@router.get(
    "/profiles/{identifier:path}/traits",
    summary="What every source said of a customer",
    response_model=OfCustomer,
)
def of_customer(
    here: Here,
    identifier: Key,
    as_of: AsOf,
    min_position: MinPosition,
    trait: Annotated[str | None, Query(description="Only this trait.")] = None,
) -> dict[str, Any]:
    """Of each trait the value that holds, and why each other one does not."""
    return here.traits_of(identifier, name=trait, as_of=as_of, min_position=min_position)
