"""Tracking plans: what is not as planned, a first plan, and what nobody uses."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, Field

from patron.api.access import AsOf, Here, MinPosition, PageLimit
from patron.api.answers import HoldsFor, Recorded
from patron.spec.tracking_plans import FaultKind

router = APIRouter(tags=["tracking plans"])

Source = Annotated[str | None, Query(description="Only of this source.")]


class FaultCount(BaseModel):
    """How often something was not as planned. No value of a message is told."""

    source: str
    event: str = Field(description="Empty for identify calls.")
    field: str = Field(examples=["properties.total"])
    fault: FaultKind
    told: str = Field(description="What was expected, and what came instead.")
    messages: int
    refused: int = Field(description="How many of these messages were refused.")
    first_seen: str
    last_seen: str
    example: str = Field(description="The id of the last of these messages.")


class PlanReport(HoldsFor):
    """What was not as planned, the most frequent first."""

    data: list[FaultCount]


class NamedPlan(BaseModel):
    """A tracking plan."""

    name: str
    body: dict[str, Any] = Field(description="As definition files have it.")


class Plans(HoldsFor):
    """All tracking plans."""

    data: list[NamedPlan]


class PlanSaved(Recorded):
    """A change that is durable."""


class InferredPlan(HoldsFor):
    """A tracking plan to begin with."""

    body: dict[str, Any] = Field(description="The body of a definition of kind tracking_plan.")


class Used(BaseModel):
    """Something that came in, and what uses it."""

    kind: Literal["event", "property", "trait"]
    event: str | None = Field(description="Of a property.")
    name: str
    rows: int = Field(description="How many events or observations have it.")
    last_seen: str
    used_by: list[str] = Field(
        description="Definitions that read it, and exports that it went out with.",
        examples=[["segment tea-lovers", "webhook crm"]],
    )
    fed_by: list[str] = Field(
        description="Definitions that make it.", examples=[["mapping orders"]]
    )
    planned: bool = Field(description="Whether a tracking plan or a trait definition names it.")


class Usage(HoldsFor):
    """What came in, that of no use first."""

    days: int
    data: list[Used]


@router.get("/tracking-plans/report", summary="What is not as planned", response_model=PlanReport)
def report(
    here: Here,
    min_position: MinPosition,
    source: Source = None,
    days: Annotated[int, Query(ge=0, le=36_500, description="Today and so many before.")] = 30,
    limit: PageLimit = 1_000,
) -> dict[str, Any]:
    """By source, event, field and kind of fault, with counts and the id of an example."""
    return here.plan_report(source=source, days=days, limit=limit, min_position=min_position)


@router.get("/tracking-plans/inferred", summary="A first plan", response_model=InferredPlan)
def inferred(
    here: Here,
    min_position: MinPosition,
    source: Source = None,
    most: Annotated[
        int, Query(ge=1, le=10_000_000, description="So many of the newest events are looked at.")
    ] = 100_000,
    values: Annotated[
        bool, Query(description="Texts that have few values are to have only these.")
    ] = False,
) -> dict[str, Any]:
    """What came in fulfils it. Nothing is defined by asking."""
    return here.inferred_plan(
        source=source, most=most, with_values=values, min_position=min_position
    )


@router.get("/tracking-plans", summary="All tracking plans", response_model=Plans)
def listing(here: Here, min_position: MinPosition) -> dict[str, Any]:
    """What is expected of which sources."""
    return here.tracking_plans(min_position=min_position)


@router.put("/tracking-plans/{name}", summary="Make or change a plan", response_model=PlanSaved)
def put(
    here: Here,
    name: str,
    body: Annotated[
        dict[str, Any],
        Body(examples=[{"events": {"Order Completed": {"properties": {"total": "number"}}}}]),
    ],
) -> dict[str, Any]:
    """The body of a definition. It is about what comes in from now on."""
    return here.put_tracking_plan(name, body)


@router.delete("/tracking-plans/{name}", summary="Remove a plan", response_model=PlanSaved)
def delete(here: Here, name: str) -> dict[str, Any]:
    """What was counted under it stays."""
    return here.delete_tracking_plan(name)


@router.get("/usage", summary="What is used, and what nobody uses", response_model=Usage)
def usage(
    here: Here,
    as_of: AsOf,
    min_position: MinPosition,
    days: Annotated[int, Query(ge=1, le=36_500, description="What happened in so many days.")] = 90,
    unused: Annotated[bool, Query(description="Only what nothing uses.")] = False,
) -> dict[str, Any]:
    """Every event, property and trait, with the definitions that read it."""
    return here.usage(days=days, unused=unused, as_of=as_of, min_position=min_position)
