"""Why the identifiers of a customer are one person."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from patron.api.access import Here, MinPosition
from patron.api.answers import Cause, HoldsFor
from patron.api.linking import FieldEvidence
from patron.api.profiles import Key

router = APIRouter(prefix="/profiles", tags=["profiles"])

SVG = "image/svg+xml"
# Values in a picture are personal data, and it is a document that browsers open by itself.
_PRIVATE = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class GraphIdentifier(BaseModel):
    """An identifier of a profile."""

    id: int = Field(description="Its number, by which links name their ends.")
    type: str
    value: str = Field(description="In normal form.")
    original: str = Field(description="As it was first received.")
    first_seen_at: str
    strength: int = Field(description="The place of its type in the rules, 1 the strongest.")
    events: int = Field(description="How many events are filed under it.")


class GraphRules(BaseModel):
    """Rules of identity."""

    name: str | None = Field(description="Of the definition; none for the default rules.")
    version: int = Field(description="Of the definition, or the edition of the default rules.")


class GraphLink(BaseModel):
    """What showed that two identifiers belong together."""

    a: int = Field(description="The id of one end.")
    strength: int = Field(
        description="The place of the weaker end's type, 1 the strongest; 0: decided by hand."
    )
    rule: str = Field(
        description="same_message, alias, decision, or linking: with model and version"
    )
    weight: float | None = Field(description="Bits for one person, where a linking model says so.")
    evidence: list[FieldEvidence] = Field(
        description="What that model found, field by field; together they are the weight."
    )
    rules: GraphRules = Field(description="Those that held when the link was recorded.")
    source: str | None = Field(description="That sent the message.")
    message_id: str = Field(description="The first message that showed it.")
    first_observed_at: str = Field(description="The time of that message.")
    recorded_at: str = Field(description="When the link was first recorded.")
    reason: str = Field(description="One sentence, without values.")


class GraphSide(BaseModel):
    """What lies on one side of a link."""

    identifiers: int
    events: int


class GraphBridge(BaseModel):
    """The two sides that a link alone holds together."""

    a: GraphSide = Field(description="The side of the end called a.")
    b: GraphSide = Field(description="The side of the end called b.")


class KeptLink(GraphLink):
    """A link that holds the profile together."""

    b: int = Field(description="The id of the other end.")
    joined: bool = Field(
        description="Taken by strength and time, it joined two parts; the others confirm."
    )
    bridge: GraphBridge | None = Field(
        description="What would be parted if it were cut; none where others hold it together."
    )


class OtherIdentifier(BaseModel):
    """An identifier of another profile."""

    id: int
    type: str
    value: str
    strength: int
    profile_id: int


class GraphConflict(BaseModel):
    """A type of which a profile holds one value, and of which two would have met."""

    type: str
    own: str = Field(description="What the profile holds.")
    other: str = Field(description="What the other profile holds.")


class RefusedLink(GraphLink):
    """A link to another profile, which the rules forbid."""

    other: OtherIdentifier
    conflicts: list[GraphConflict] = Field(description="What would be held twice.")
    decisions: list[int] = Field(description="Those that say they are not one person.")
    refusal: str = Field(description="Why it is refused, without values.")


class GraphChange(BaseModel):
    """A merge or a split on the way to the profile as it is."""

    change_id: int = Field(description="They are numbered as they were recorded.")
    kind: str = Field(description="merge, split; move: of what was done on a shared device")
    kept_profile_id: int = Field(description="It stood on, or lost a part.")
    other_profile_id: int = Field(description="It was merged away, or got the part.")
    occurred_at: str = Field(description="The time of the message that brought it about.")
    recorded_at: str
    reason: str = Field(description="One sentence, without values.")
    cause: Cause
    source: str | None
    message_id: str | None


class GraphTurn(BaseModel):
    """That somebody had a shared device."""

    since: str | None = Field(description="Until the next turn begins; none: from ever on.")
    type: str = Field(description="Of the identifier that logged in.")
    value: str = Field(description="In normal form.")
    profile_id: int = Field(description="The profile that it belongs to.")


class GraphSharedDevice(BaseModel):
    """A device of the profile on which others log in, too."""

    id: int = Field(description="Of the identifier.")
    turns: list[GraphTurn] = Field(description="Who had it: the latest turns, in order of time.")
    count: int = Field(description="How many turns there are in all.")


class GraphLeftOut(BaseModel):
    """How much is not listed."""

    identifiers: int
    links: int
    refused: int
    bridges: int
    changes: int


class GraphCounts(GraphLeftOut):
    """How much there is in all, whatever is listed."""

    events: int


class IdentityGraph(HoldsFor):
    """Why the identifiers of a customer are one person."""

    profile_id: int
    counts: GraphCounts
    left_out: GraphLeftOut
    identifiers: list[GraphIdentifier] = Field(
        description="The strongest first, then level by level what hangs on it."
    )
    links: list[KeptLink] = Field(description="The strongest first.")
    refused: list[RefusedLink] = Field(description="The strongest first.")
    changes: list[GraphChange] = Field(description="Oldest first.")
    shared_devices: list[GraphSharedDevice] = Field(
        description="What is done on them without a login belongs to whoever had them then."
    )


Most = Annotated[
    int, Query(ge=1, le=1000, description="How many identifiers are listed; all are counted.")
]


@router.get(
    "/{identifier:path}/identity",
    summary="Why a customer is one person",
    response_model=IdentityGraph,
)
def identity(
    here: Here, identifier: Key, min_position: MinPosition, limit: Most = 200
) -> dict[str, Any]:
    """Identifiers, links with their evidence, refused links, merges and splits.

    A link with a `bridge` is the only one between its two sides. All follows today's knowledge.
    """
    return here.identity_of(identifier, min_position=min_position, most=limit)


@router.get(
    "/{identifier:path}/identity.svg",
    summary="Why a customer is one person, as a picture",
    response_class=Response,
    responses={200: {"content": {SVG: {}}}},
)
def identity_picture(
    here: Here, identifier: Key, min_position: MinPosition, limit: Most = 200
) -> Response:
    """One SVG that needs nothing else, for light and dark ground. It shows personal data."""
    drawn = here.identity_picture(identifier, min_position=min_position, most=limit)
    return Response(drawn, media_type=SVG, headers=_PRIVATE)
