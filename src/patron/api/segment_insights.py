"""What segments share, how they grew, and what they bring."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import AsOf, Here, MinPosition
from patron.api.answers import HoldsFor
from patron.api.bodies import RequestBody

router = APIRouter(prefix="/segments", tags=["segments"])

Since = Annotated[
    str | None,
    Query(alias="from", description="A day in the workspace's time zone, or a moment."),
]
Until = Annotated[
    str | None,
    Query(alias="to", description="A day, which is in it whole, or a moment, which is not."),
]


class Wanted(RequestBody):
    """Segments to lay over one another."""

    segments: list[str] = Field(description="2 to 20 names.", examples=[["buyers", "lapsed"]])


class Sized(BaseModel):
    """A segment and its size."""

    name: str
    count: int


class Region(BaseModel):
    """Customers who are in these segments and in none of the others."""

    mask: int = Field(description="Bit 0 is the first segment.")
    segments: list[str]
    count: int


class OverlapAnswer(HoldsFor):
    """How segments share their members; all numbers are exact."""

    segments: list[Sized]
    union: int = Field(description="Customers in at least one.")
    pairs: list[list[int]] = Field(description="Customers in both; the diagonal holds the sizes.")
    regions: list[Region] = Field(description="Those that are not empty, the largest first.")
    regions_in_all: int


class Day(BaseModel):
    """What a segment did in one day."""

    day: str
    start: str = Field(description="When the day begins, UTC.")
    size: int = Field(description="Members at its end.")
    entered: int
    left: int
    merged: int = Field(description="Of those who left: their profile was merged into another.")
    filled: int = Field(description="Members that the segment began with; they are no entries.")


class History(HoldsFor):
    """A segment's size, entries and exits per day."""

    segment: str
    time_zone: str
    recorded_until: str | None = Field(description="Memberships are on record up to here.")
    data: list[Day]


class Period(BaseModel):
    """From a moment up to, and not with, another one."""

    from_: str = Field(alias="from")
    to: str


class CurrencySales(BaseModel):
    """What was sold in one currency; amounts are text, so that no digit is lost."""

    currency: str | None
    orders: int
    revenue: str
    average_order_value: str | None
    revenue_per_member: str | None
    refunded: str = Field(description="Paid back in the period, for whichever orders.")
    net_revenue: str = Field(description="What is left of these orders after refunds, exchanges.")
    margin: str | None = Field(
        description="The same without what the goods cost, of the orders of which that is known."
    )
    orders_with_margin: int = Field(description="Of how many orders the margin is known.")


class Sales(BaseModel):
    """What a group of customers bought in a period; rates are shares as text."""

    members: int
    buyers: int
    buyer_rate: str | None = Field(description="Buyers by member.")
    repeat_buyers: int = Field(description="With two orders or more in the period.")
    repeat_rate: str | None = Field(description="Repeat buyers by buyer.")
    orders: int
    orders_per_member: str | None
    orders_per_buyer: str | None
    by_currency: list[CurrencySales]


class Measured(BaseModel):
    """A segment and all customers, in a period and in the one before."""

    segment: Sales
    everybody: Sales
    segment_before: Sales
    everybody_before: Sales


class GoalReached(BaseModel):
    """A goal beside what was measured."""

    measure: str
    target: str
    currency: str | None
    actual: str | None
    reached: bool


class Performance(HoldsFor):
    """What a segment's members bought. Members are those at the last moment of each period."""

    segment: str
    period: Period
    before: Period
    measured: Measured
    goal: GoalReached | None
    owner: str | None
    journey_stage: str | None


class Tested(RequestBody):
    """A rule, or a segment, to look back with."""

    rule: str | dict[str, Any] | None = Field(
        None, examples=['did "Order Completed" in the last 90 days']
    )
    name: str | None = Field(None, description="Of a segment, instead of a rule.")
    months: int = Field(12, ge=1, le=120)


class Month(Sales):
    """A month's end: the members then, and what they bought in the 30 days after."""

    month: str = Field(description="The last moment of the month, UTC.")
    complete: bool = Field(description="Whether these 30 days are over.")


class Backtest(HoldsFor):
    """A rule at the end of each of the last full months, the oldest first."""

    text: str
    data: list[Month]
    warnings: list[str]


@router.post("/overlap", summary="Which segments share members", response_model=OverlapAnswer)
def overlap(
    here: Here,
    body: Wanted,
    as_of: AsOf,
    min_position: MinPosition,
    regions: Annotated[int, Query(ge=0, le=1_048_576, description="Show so many at most.")] = 1_000,
) -> dict[str, Any]:
    """Sizes, pairs, and the regions of the diagram that are not empty."""
    return here.insights.overlap(
        body.segments, as_of=as_of, min_position=min_position, regions=regions
    )


@router.post("/backtest", summary="What a rule would have given", response_model=Backtest)
def backtest(here: Here, body: Tested, as_of: AsOf, min_position: MinPosition) -> dict[str, Any]:
    """Size and the following 30 days' orders and revenue, at the end of each of the last months."""
    return here.insights.backtest(
        body.rule, name=body.name, months=body.months, as_of=as_of, min_position=min_position
    )


@router.get("/{name}/history", summary="Its size over time", response_model=History)
def history(here: Here, name: str, since: Since = None, until: Until = None) -> dict[str, Any]:
    """Size, entries and exits per day, from the record; the last 30 days unless said."""
    return here.insights.history(name, since=since, until=until)


@router.get("/{name}/performance", summary="What its members bought", response_model=Performance)
def performance(
    here: Here,
    name: str,
    as_of: AsOf,
    min_position: MinPosition,
    since: Since = None,
    until: Until = None,
) -> dict[str, Any]:
    """Against all customers, the period before and the goal; the last 30 days unless said."""
    return here.insights.performance(
        name, since=since, until=until, as_of=as_of, min_position=min_position
    )
