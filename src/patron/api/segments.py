"""Groups of customers: definitions, previews, members, exports."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask

from patron.api.access import AsOf, Customer, Here, MinPosition, PageLimit
from patron.api.answers import HoldsFor, Saved
from patron.api.bodies import RequestBody
from patron.api.explanations import Explanation
from patron.clock import parse_time
from patron.segments.export import Format
from patron.spec.goals import Measure

router = APIRouter(prefix="/segments", tags=["segments"])
MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "jsonl": "application/x-ndjson",
}


class Rule(RequestBody):
    """A rule, as text or as a tree."""

    rule: str | dict[str, Any] = Field(examples=['did "Order Completed" in the last 90 days'])


class Goal(RequestBody):
    """What a segment is to reach in whatever period it is measured over."""

    measure: Measure
    target: int | float = Field(
        ge=0, allow_inf_nan=False, description="Rates are shares, such as 0.25."
    )
    currency: str | None = Field(None, description="Of measures that are money.")


class ValueRule(Rule):
    """A value, and who has it unless a value before it comes first."""

    value: str = Field(examples=["gold"])


class Definition(RequestBody):
    """What makes a segment: a rule, or values with a rule each; and what it is for."""

    rule: str | dict[str, Any] | None = Field(
        None, examples=['did "Order Completed" in the last 90 days']
    )
    values: list[ValueRule] | None = Field(None, description="Instead of a rule.")
    description: str | None = None
    goal: Goal | None = None
    owner: str | None = Field(None, description="Who answers for it.")
    journey_stage: str | None = Field(None, examples=["consideration"])


class Value(BaseModel):
    """A value of a segment; its members are those of the segment called `name=value`."""

    value: str
    text: str = Field(description="The rule, with that no value before it comes first.")
    written: str | None = Field(None, description="Its own rule alone, as it was written.")
    count: int | None = None


class Trend(BaseModel):
    """How a segment moved in the 30 days up to now, by what is on record."""

    sizes: list[int] = Field(description="Members at the end of each day, the oldest first.")
    entered: int = Field(description="Entries in these days.")
    left: int = Field(description="Exits in these days.")
    last_change: str | None = Field(description="The last entry or exit.")


class Segment(BaseModel):
    """A segment."""

    name: str
    version: int
    origin: str = Field(description="file or api")
    description: str | None
    text: str = Field(description="The rule, to read.")
    rule: dict[str, Any] = Field(description="The rule, as a tree.")
    values: list[Value] = Field(default_factory=list, description="First match wins.")
    goal: dict[str, Any] | None = Field(None, description="measure, target, currency.")
    owner: str | None = None
    journey_stage: str | None = None
    count: int | None = Field(None, description="Members, when asked for.")
    trend: Trend | None = Field(None, description="When asked for, and once it is on record.")


class SegmentAnswer(HoldsFor):
    """One segment."""

    segment: Segment
    warnings: list[str] = Field(default_factory=list)


class SegmentList(HoldsFor):
    """All segments."""

    data: list[Segment]


class Condition(BaseModel):
    """One condition of a rule, and how many customers it alone lets through."""

    text: str
    count: int


class Preview(HoldsFor):
    """What a rule would give."""

    text: str
    rule: dict[str, Any]
    count: int
    total: int = Field(description="All customers: the universe of `not`.")
    sample: list[dict[str, Any]]
    conditions: list[Condition] = Field(description="Those that the whole is made of.")
    counts: dict[str, int] | None = Field(
        None,
        description="What every condition alone lets through, by its path in the tree ('' for the "
        "whole, all[0].any[1]); when asked for.",
    )
    warnings: list[str]
    milliseconds: float


class Question(RequestBody):
    """A rule and a customer."""

    rule: str | dict[str, Any] = Field(examples=['did "Order Completed" in the last 90 days'])
    profile: str = Field(description="type:value of an identifier, or a profile id.")


class Members(HoldsFor):
    """A page of members, by profile id."""

    known_at: str | None = Field(None, description="When this was asked for.")
    count: int
    data: list[dict[str, Any]]
    next: str | None


@router.get("", summary="All segments", response_model=SegmentList)
def listing(
    here: Here,
    as_of: AsOf,
    min_position: MinPosition,
    counts: Annotated[bool, Query(description="Count the members of each.")] = False,
    trends: Annotated[bool, Query(description="How each moved in 30 days.")] = False,
) -> dict[str, Any]:
    """Name, rule, version and origin of every segment."""
    return here.segments(as_of=as_of, min_position=min_position, counts=counts, trends=trends)


@router.post("/preview", summary="What a rule would give", response_model=Preview)
def preview(
    here: Here,
    body: Rule,
    as_of: AsOf,
    min_position: MinPosition,
    sample: Annotated[int, Query(ge=0, le=100)] = 10,
    counts: Annotated[bool, Query(description="Count conditions inside others, too.")] = False,
) -> dict[str, Any]:
    """Exact count, a sample of members, and what each condition alone lets through."""
    return here.preview(
        body.rule, as_of=as_of, min_position=min_position, sample=sample, every=counts
    )


@router.post("/explain", summary="Why a rule holds", response_model=Explanation)
def explain_rule(
    here: Here, body: Question, as_of: AsOf, min_position: MinPosition
) -> dict[str, Any]:
    """Every condition of a rule for one customer: verdict, value, evidence, when it changes."""
    return here.explain(body.profile, rule=body.rule, as_of=as_of, min_position=min_position)


@router.get("/{name}/explain", summary="Why someone is in it", response_model=Explanation)
def explain(
    here: Here,
    name: str,
    profile: Customer,
    as_of: AsOf,
    min_position: MinPosition,
) -> dict[str, Any]:
    """Every condition of its rule for one customer: verdict, value, evidence, when it changes."""
    return here.explain(profile, segment=name, as_of=as_of, min_position=min_position)


@router.get("/{name}", summary="One segment", response_model=SegmentAnswer)
def one(
    here: Here,
    name: str,
    as_of: AsOf,
    min_position: MinPosition,
    counts: Annotated[bool, Query(description="Count the members.")] = True,
) -> dict[str, Any]:
    """Its rule in both faces, and how many are in it."""
    return here.segment(name, as_of=as_of, min_position=min_position, counts=counts)


@router.put("/{name}", summary="Make or change a segment", response_model=Saved)
def put(
    here: Here,
    name: str,
    body: Definition,
    allow_unknown: Annotated[
        bool, Query(description="Accept names of events and traits that were never seen.")
    ] = False,
) -> dict[str, Any]:
    """Keeps the versions before it."""
    return here.put_segment(name, body.model_dump(exclude_none=True), allow_unknown=allow_unknown)


@router.delete("/{name}", summary="Remove a segment", response_model=Saved)
def delete(here: Here, name: str) -> dict[str, Any]:
    """Refused while other segments use it."""
    return here.delete_segment(name)


@router.get("/{name}/members", summary="Who is in it", response_model=Members)
def members(
    here: Here,
    name: str,
    as_of: AsOf,
    min_position: MinPosition,
    known_at: Annotated[
        str | None,
        Query(description="By what was on record at this moment, instead of by what is known now."),
    ] = None,
    cursor: str | None = None,
    limit: PageLimit = 100,
) -> dict[str, Any]:
    """Members with their identifiers, page by page."""
    if known_at is not None:
        return here.insights.members_known(
            name, known_at=parse_time(known_at, field="known_at"), as_of=as_of,
            min_position=min_position, cursor=cursor, limit=limit,
        )  # fmt: skip
    return here.members(name, as_of=as_of, min_position=min_position, cursor=cursor, limit=limit)


@router.get(
    "/{name}/export",
    summary="All members as a file",
    response_class=Response,
    responses={200: {"content": {media: {} for media in MEDIA_TYPES.values()}}},
)
def export(
    here: Here,
    name: str,
    as_of: AsOf,
    min_position: MinPosition,
    format: Annotated[Format, Query()] = "csv",  # noqa: A002 - the query's name
) -> FileResponse:
    """One row a member: profile id, identifiers by type, traits."""
    made = here.export(name, format, as_of=as_of, min_position=min_position)
    return FileResponse(
        made.path,
        media_type=MEDIA_TYPES[format],
        filename=f"{name}.{format}",
        headers={
            "Patron-Position": str(made.position),
            "Patron-As-Of": made.as_of,
            "Patron-Count": str(made.count),
        },
        background=BackgroundTask(made.path.unlink),
    )
