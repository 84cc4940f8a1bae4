"""One customer, whole, by any identifier."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from starlette.routing import Match, Route
from starlette.types import Scope

from patron.api.access import AsOf, Here, MinPosition, permit
from patron.api.answers import HoldsFor
from patron.api.bodies import RequestBody
from patron.api.together import Parts, Together
from patron.pipeline.customers import MOST_AT_ONCE
from patron.pipeline.parts import MOST, PARTS
from patron.pipeline.search import Selection
from patron.profiles import Kind
from patron.spec.groups import GroupType

JSON = "application/json"

router = APIRouter(prefix="/profiles", tags=["profiles"])


class Belongs(BaseModel):
    """A group that a customer belongs to."""

    type: GroupType
    id: str = Field(description="With the type what `GET /api/v1/groups/{type}/{id}` takes.")
    joined_at: str | None = Field(
        description="None: this profile is what came in under the household's value alone."
    )
    other_members: int


class Profile(BaseModel):
    """One customer."""

    model_config = ConfigDict(extra="allow")

    position: int
    as_of: str
    brand: str | None = Field(None, description="Where one was asked for.")
    profile_id: int
    first_seen_at: str
    name: str | None = Field(None, description="With include=name: what the traits say of it.")
    identifier: str | None = Field(
        None,
        description="With include=name: the one that the rules trust most, as type:value.",
    )
    known: bool | None = Field(
        None, description="With include=name: whether an identifier tells who it is."
    )
    identifiers: list[dict[str, Any]] = []
    traits: dict[str, dict[str, Any]] = Field(
        {},
        description="Per trait its value, source and time, its provenance (first, second or third "
        "party) and basis (declared or inferred), where these are known; with include=computed the "
        "computed ones too, with `computed`.",
    )
    orders: dict[str, Any] = Field({}, description="Number, revenue per currency, first and last.")
    groups: list[Belongs] = Field([], description="Households and companies, and how many others.")
    merged_from: list[dict[str, Any]] = Field([], description="Profiles that are part of it now.")
    observations: list[dict[str, Any]] | None = Field(
        None, description="With include=observations: what every source said of every trait."
    )
    carts: list[dict[str, Any]] | None = Field(
        None, description="With include=carts: per brand the stage, when, and what lies in it."
    )
    segments: list[str] | None = Field(None, description="With include=segments.")
    segments_hold_for: HoldsFor | None = Field(
        None, description="What the segments hold for: they may be newer than all else here."
    )
    scores: dict[str, dict[str, Any]] | None = Field(
        None, description="With include=scores: per score its value, growth and curve."
    )
    preferences: dict[str, dict[str, Any]] | None = Field(
        None, description="With include=preferences: per preference its favourite and its values."
    )
    memberships: list[dict[str, Any]] | None = Field(
        None, description="With include=memberships: segment, since, recorded_at, reason."
    )
    order_history: list[dict[str, Any]] | None = Field(
        None, description=f"With include=order_history: the last {MOST} orders with their lines."
    )
    events: list[dict[str, Any]] | None = Field(
        None, description=f"With include=events: the last {MOST} events with their lines."
    )
    visits: list[dict[str, Any]] | None = Field(
        None, description=f"With include=visits: the last {MOST}, as in the timeline."
    )
    notes: list[dict[str, Any]] | None = Field(
        None, description="With include=notes: what people wrote, newest first."
    )
    devices: list[dict[str, Any]] | None = Field(
        None, description="With include=devices: type, value, since, and whether it is shared."
    )
    consents: list[dict[str, Any]] | None = Field(
        None,
        description="With include=consents: what each source last said that they agreed to or "
        "refused: category, channel, granted, since, said_at, source, brand, message_id.",
    )
    households: list[dict[str, Any]] | None = Field(
        None, description=f"With include=households: with up to {MOST} members each."
    )


class Listed(BaseModel):
    """One customer in a list."""

    profile_id: int
    name: str | None = Field(description="As the traits tell it that hold names.")
    identifier: str | None = Field(
        description="Of all identifiers the one that the rules trust most, as type:value."
    )
    identifiers: dict[str, list[str]]
    known: bool = Field(description="Whether an identifier tells who it is; else a visitor.")
    first_seen_at: str


class Counts(HoldsFor):
    """How many customers there are."""

    total: int
    known: int = Field(description="An identifier tells who they are.")
    anonymous: int = Field(description="Visitors, known by a device alone.")


class Listing(HoldsFor):
    """A page of customers: by rising profile id, or of a search the best first."""

    data: list[Listed]
    next: str | None = Field(description="Give as `cursor` for the next page.")


class Wanted(RequestBody):
    """Whom to read, and what; the moment is a parameter, as of one customer."""

    ids: list[str] = Field(
        min_length=1,
        max_length=MOST_AT_ONCE,
        description="Identifiers or profile ids.",
        examples=[["email:ann@example.com", "12"]],
    )
    include: list[str] = Field([], description="As of one customer.", examples=[["segments"]])
    only: bool = Field(False, description="As of one customer.")
    brand: str | None = Field(None, description="As of one customer.")


class Found(BaseModel):
    """What was found for one of the ids."""

    id: str = Field(description="As it was asked for.")
    profile: dict[str, Any] | None = Field(description="As of one customer; None: see `error`.")
    error: str | None


class Batch(HoldsFor):
    """Several customers."""

    found: int = Field(description="How many of the ids lead to a customer.")
    data: list[Found] = Field(description="In the order asked for.")


class Page(HoldsFor):
    """A page of a customer's history, newest first."""

    profile_id: int
    data: list[dict[str, Any]]
    next: str | None = Field(None, description="Give as `cursor` for the next page.")


Key = Annotated[str, "An identifier such as email:ann@example.com, or a profile id."]
Only = Annotated[bool, Query(description="Leave out what `include` does not name.")]
OfBrand = Annotated[str | None, Query(description="As this brand knows them; all when left out.")]


@router.get("", summary="Customers and visitors", response_model=Listing)
def listing(
    here: Here,
    as_of: AsOf,
    min_position: MinPosition,
    known: Annotated[
        bool | None,
        Query(description="true: whom an identifier tells; false: who is a device alone so far."),
    ] = None,
    search: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Only those with an identifier or a name of which each of these words "
            "begins a word; case and accents do not matter. Of numbers the last digits do too.",
        ),
    ] = None,
    inside: Annotated[
        bool, Query(description="With `search`: also where it stands within a word. Takes longer.")
    ] = False,
    segment: Annotated[str | None, Query(description="Only its members.")] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> dict[str, Any]:
    """By rising profile id, page by page; of a search whole values come first."""
    wanted = Selection(known, search, inside, segment, cursor, limit)
    return here.customers(wanted, as_of=as_of, min_position=min_position)


@router.get("/count", summary="How many customers there are", response_model=Counts)
def count(here: Here, as_of: AsOf, min_position: MinPosition) -> dict[str, Any]:
    """All of them, those whom an identifier tells, and visitors."""
    return here.customer_counts(as_of=as_of, min_position=min_position)


@router.get("/{identifier:path}/timeline", summary="What became of a customer", response_model=Page)
def timeline(
    here: Here,
    identifier: Key,
    as_of: AsOf,
    min_position: MinPosition,
    event: Annotated[list[str] | None, Query(description="Only events of these names.")] = None,
    kind: Annotated[
        list[Kind] | None,
        Query(
            description="Only these kinds; all but visits when left out, and events alone where "
            "`event` is given."
        ),
    ] = None,
    brand: Annotated[
        str | None, Query(description="Of events and visits only those of this brand.")
    ] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """Events with order lines, notes, segments entered and left, merges; visits when asked for."""
    return here.timeline(
        identifier,
        as_of=as_of,
        min_position=min_position,
        events=event,
        kinds=kind,
        brand=brand,
        cursor=cursor,
        limit=limit,
    )


@router.get("/{identifier:path}/orders", summary="What a customer ordered", response_model=Page)
def orders(
    here: Here,
    identifier: Key,
    as_of: AsOf,
    min_position: MinPosition,
    brand: Annotated[str | None, Query(description="Only orders placed there.")] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> dict[str, Any]:
    """Each order in its latest state, the one last placed first, page by page."""
    return here.orders(
        identifier,
        as_of=as_of,
        min_position=min_position,
        brand=brand,
        cursor=cursor,
        limit=limit,
    )


_PRESENT = "/profiles/{identifier}"


class _PresentRoute(Route):
    """The route below for what is asked most: a customer as of now.

    What the framework does for each parameter takes longer than the customer's share of the
    question. Whatever is not quite plain is left to it, and so is the description.
    """

    _PATH = re.compile("/api/v1/profiles/(?:[^/:\\n]+:[^/\\n]+|[0-9]+)")
    _NOT_PLAIN = re.compile(b"(?:^|&)(?!$|(?:include|brand)=|only=(?:true|false)(?:&|$))")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it is that."""
        if scope["type"] == "http" and scope["method"] == "GET":
            query = scope["query_string"]
            if self._PATH.fullmatch(scope["path"]) and not self._NOT_PLAIN.search(query):
                return super().matches(scope)
        return Match.NONE, {}


async def _present(request: Request) -> Response:
    permit(request, f"GET {_PRESENT}")
    query = request.query_params
    parts = Parts(
        tuple(_parts(query.getlist("include"))), query.get("only") == "true", query.get("brand")
    )
    together: Together = request.app.state.together
    found = await together.profile(request.path_params["identifier"], parts)
    return Response(found, media_type=JSON)


def routes() -> list[Route]:
    """What is answered before the framework is asked."""
    return [_PresentRoute(f"/api/v1{_PRESENT}", _present, methods=["GET"])]


@router.get("/{identifier:path}", summary="One customer", response_model=Profile)
async def profile(
    request: Request,
    here: Here,
    identifier: Key,
    as_of: AsOf,
    min_position: MinPosition,
    include: Annotated[
        list[str] | None, Query(description=f"Parts, or all: {', '.join(PARTS)}.")
    ] = None,
    only: Only = False,
    brand: OfBrand = None,
) -> Response:
    """Identifiers, traits with source and time, orders, groups, and whatever is asked for.

    With `brand`, traits are what its sources said, and events, orders, carts, scores, preferences
    and all that is computed are what lies there. Identifiers, groups, notes and segments are those
    of the customer as a whole.
    """
    parts = Parts(tuple(_parts(include)), only, brand)
    if as_of is None and min_position is None:
        together: Together = request.app.state.together
        return Response(await together.profile(identifier, parts), media_type=JSON)
    asked = partial(here.profile, identifier, as_of=as_of, min_position=min_position)
    return answered(await run_in_threadpool(partial(asked, **parts._asdict())))


@router.post("/batch", summary="Several customers", response_model=Batch)
def batch(here: Here, as_of: AsOf, min_position: MinPosition, body: Wanted) -> Response:
    """In the order asked for; an identifier that nobody has loses nothing of the others."""
    found = here.profiles(
        body.ids,
        as_of=as_of,
        min_position=min_position,
        include=_parts(body.include),
        only=body.only,
        brand=body.brand,
    )
    return answered(found)


def _parts(include: list[str] | None) -> list[str]:
    """One name a parameter, or several with commas between."""
    return [name for one in include or () for name in one.split(",") if name]


def answered(found: dict[str, Any]) -> Response:
    """An answer as it is: to check a whole profile against its model takes long."""
    return Response(msgspec.json.encode(found), media_type=JSON)
