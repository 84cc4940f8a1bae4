"""Dates that come back every year, and write an event when they fall due."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from patron.api.access import Here
from patron.api.answers import Recorded
from patron.api.bodies import RequestBody

router = APIRouter(prefix="/recurring-dates", tags=["recurring dates"])


class NewRecurringDate(RequestBody):
    """A date that recurs as it is declared: of a trait, or of the first of some events."""

    trait: str | None = Field(None, description="Holds the date.", examples=["birthday"])
    first: str | None = Field(None, description="The event whose first day it is.")
    days_before: int = Field(0, ge=0, le=365)
    event: str = Field(description="What is written.", examples=["Birthday Coming"])
    description: str | None = None


class RecurringDate(NewRecurringDate):
    """A date that recurs."""

    name: str
    written_until: str | None = Field(description="The day until which its events are written.")


class RecurringDates(BaseModel):
    """All dates that recur."""

    data: list[RecurringDate]


class RecurringDateSaved(Recorded):
    """A change that is durable."""


@router.get("", summary="All dates that recur", response_model=RecurringDates)
def listing(here: Here) -> dict[str, Any]:
    """With the day until which their events are written."""
    return {"data": here.recurring_dates.states()}


@router.put("/{name}", summary="Make or change a recurring date", response_model=RecurringDateSaved)
def put(here: Here, name: str, body: NewRecurringDate) -> dict[str, Any]:
    """Begins with today."""
    return here.put_recurring_date(name, body.model_dump(exclude_defaults=True))


@router.delete("/{name}", summary="Remove a recurring date", response_model=RecurringDateSaved)
def delete(here: Here, name: str) -> dict[str, Any]:
    """The events that it wrote stay."""
    return here.delete_recurring_date(name)


@router.post("/run", summary="Write what fell due", response_model=RecurringDates)
def run(here: Here) -> dict[str, Any]:
    """A running server does it by itself when a day begins."""
    here.recurring_dates.run_what_is_due()
    return {"data": here.recurring_dates.states()}
