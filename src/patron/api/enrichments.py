"""Enrichments: what adds traits of its own, third-party or inferred."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import Here
from patron.api.answers import Recorded
from patron.api.bodies import RequestBody
from patron.spec.enrichment import LEAST_TRUST
from patron.spec.traits import Basis, Provenance
from patron.workspace import connectors

router = APIRouter(prefix="/enrichments", tags=["enrichments"])


class NewEnrichment(RequestBody):
    """An enrichment as it is declared."""

    use: str = Field(description="The connector.", examples=["phone"])
    every: str | None = Field(
        None, description="How often a running server runs it.", examples=["1 hour"]
    )
    traits: dict[str, str] = Field(
        default_factory=dict,
        description="What its traits are to be called here.",
        examples=[{"phone_country": "country"}],
    )
    trust: int = Field(LEAST_TRUST, description="The trust rank of what it says.")
    description: str | None = None


class Enrichment(BaseModel):
    """An enrichment, and how its last run ended."""

    name: str
    use: str
    every: str | None
    description: str | None
    traits: list[str] = Field(description="Those that it gives.")
    provenance: Provenance
    basis: Basis
    ran_at: str | None
    stored: int = Field(description="How many messages the last run added.")
    error: str | None


class EnrichmentList(BaseModel):
    """All enrichments."""

    data: list[Enrichment]


class Connectors(BaseModel):
    """All connectors that are installed."""

    data: list[str]


class EnrichmentSaved(Recorded):
    """A change that is durable."""


class Ran(BaseModel):
    """How a run ended."""

    name: str
    read: int = Field(description="How many identifiers or messages it was given.")
    stored: int = Field(description="How many messages it added.")
    position: int


@router.get("", summary="All enrichments", response_model=EnrichmentList)
def listing(here: Here) -> dict[str, Any]:
    """What each gives, and how its last run ended."""
    return {"data": here.enrichments.states()}


@router.get("/connectors", summary="What enrichments can use", response_model=Connectors)
def installed() -> dict[str, Any]:
    """Those of Patron, and those of installed packages."""
    return {"data": connectors()}


@router.put("/{name}", summary="Make or change an enrichment", response_model=EnrichmentSaved)
def put(here: Here, name: str, body: NewEnrichment) -> dict[str, Any]:
    """The next run goes by it."""
    return here.put_enrichment(name, body.model_dump(exclude_defaults=True))


@router.delete("/{name}", summary="Remove an enrichment", response_model=EnrichmentSaved)
def delete(here: Here, name: str) -> dict[str, Any]:
    """What it said stays."""
    return here.delete_enrichment(name)


@router.post("/{name}/run", summary="Run an enrichment", response_model=Ran)
def run(
    here: Here,
    name: str,
    from_start: Annotated[
        bool, Query(description="Look at everything again; what was said before is known.")
    ] = False,
) -> dict[str, Any]:
    """Looks at what came in since its last run, and answers when what follows is stored."""
    return here.enrichments.run(name, from_start=from_start)
