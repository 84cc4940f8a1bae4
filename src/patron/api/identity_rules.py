"""The rules of identity, and changing them while customers are stored."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from patron.api.access import AsOf, Here, MinPosition
from patron.api.answers import HoldsFor
from patron.api.bodies import RequestBody

router = APIRouter(prefix="/identity", tags=["identity"])

Wait = Annotated[
    float,
    Query(ge=0, le=60, description="Seconds to wait for the end before `running` is answered."),
]
Counts = Annotated[bool, Query(description="Count the members of every segment.")]


class WantedRules(RequestBody):
    """Rules of identity."""

    rules: dict[str, Any] | None = Field(
        description="As a definition file has them; null for the default rules."
    )
    name: str | None = Field(None, description="Of the definition; as it is now when left out.")


class PlanOfRules(WantedRules):
    """What to plan: other rules, or an earlier version."""

    rules: dict[str, Any] | None = Field(
        None, description="As a definition file has them; null for the default rules."
    )
    revert: bool = Field(False, description="Plan to bring an earlier version back instead.")
    version: int | None = Field(
        None, ge=0, description="Which one; the one before that which holds when left out."
    )


class ApplyRules(WantedRules):
    """What to apply."""

    fingerprint: str | None = Field(
        description="Of the plan; null to apply whatever it comes to by now."
    )
    origin: Literal["api", "file"] = Field("api", description="Who gives the rules.")


class RevertRules(RequestBody):
    """What to bring back."""

    version: int | None = Field(
        None, ge=0, description="Which one; the one before that which holds when left out."
    )
    fingerprint: str | None = Field(
        description="Of the plan; null to apply whatever it comes to by now."
    )
    origin: Literal["api", "file"] = Field("api", description="Who asks for it.")


class Numbers(BaseModel):
    """What a change comes to. Every changed profile counts in one of merging, splitting, moving."""

    profiles_before: int
    profiles_after: int
    merging: int = Field(description="Profiles that become one with others.")
    merging_into: int = Field(description="And how many they become.")
    splitting: int = Field(description="Profiles that become several.")
    splitting_into: int = Field(description="And how many they become.")
    moving: int = Field(description="Profiles between which identifiers move.")
    moving_into: int = Field(description="And how many they become.")
    identifiers_moved: int = Field(description="Identifiers that get another profile.")
    identifiers_new: int = Field(description="Identifiers that were not known.")
    identifiers_gone: int = Field(description="Identifiers that no message carries any more.")
    links_kept: int = Field(description="Links that are kept and were not.")
    links_lost: int = Field(description="Links that were kept and are not.")
    messages_filed_anew: int | None = Field(
        None, description="Messages filed under another identifier, where all were read anew."
    )


class ProfileAfter(BaseModel):
    """A profile that gains identifiers."""

    profile_id: int
    identifiers: int
    by_type: dict[str, int] = Field(description="How many of each type.")
    profiles: int = Field(description="How many profiles there were of what it holds.")
    before: list[int] = Field(description="Some of those.")
    some: list[str] = Field(description="Some identifiers, as type:value.")


class SuspiciousProfile(ProfileAfter):
    """A profile that gains identifiers and does not look like one person."""

    reasons: list[str]


class Side(BaseModel):
    """A profile of before or afterwards in an example."""

    profile_id: int
    identifiers: int
    some: list[str]


class Example(BaseModel):
    """What happens to a few profiles."""

    kind: Literal["merge", "split", "move"]
    profiles_before: int
    before: list[Side] = Field(description="The largest of them.")
    profiles_after: int
    after: list[Side] = Field(description="The largest of them.")
    reason: str


class SegmentEffect(BaseModel):
    """Members of a segment."""

    name: str
    before: int | None
    after: int | None
    error: str | None = Field(None, description="Why it cannot be counted.")


class Contradiction(BaseModel):
    """Decisions by hand that the rules would forbid."""

    type: str = Field(description="Of which a customer would have one value.")
    decisions: list[int] = Field(description="They join several values of it.")


class IdentityPlan(HoldsFor):
    """What a change of the rules would come to, or came to."""

    applied: bool
    fingerprint: str = Field(description="Names the rules and the numbers; give it to apply.")
    name: str = Field(description="Of the definition.")
    version: int = Field(description="That the rules get.")
    brings_back: int | None = Field(description="The version that it brings back.")
    read_messages: bool = Field(description="Whether all messages were read anew for it.")
    rules_differ: bool = Field(description="Whether the rules are others than those that hold.")
    numbers: Numbers
    contradicts: list[Contradiction] = Field(
        default_factory=list,
        description="Nothing is applied before these decisions are taken back.",
    )
    largest: list[ProfileAfter] = Field(default_factory=list)
    suspicious: list[SuspiciousProfile] = Field(
        default_factory=list, description="The most suspicious first."
    )
    examples: list[Example] = Field(default_factory=list)
    segments: list[SegmentEffect] = Field(default_factory=list)


class IdentityWork(BaseModel):
    """How a plan or a change of the rules stands."""

    work_id: str
    action: Literal["plan", "apply", "revert"]
    state: str = Field(description="running, done or failed")
    started_at: str
    finished_at: str | None
    stage: str = Field(description="What it is at.")
    done: int
    total: int | None
    plan: IdentityPlan | None = Field(description="What came out, once it is done.")
    error: str | None
    error_code: str | None
    error_field: str | None = Field(description="The path in the rules that is wrong.")


class RulesVersion(BaseModel):
    """One version of the rules of identity."""

    version: int
    recorded_at: str
    origin: Literal["api", "file"] = Field(description="Who gave it.")
    is_default: bool = Field(description="Whether it said that the default rules hold.")


class RulesHeld(HoldsFor):
    """Rules of identity, and which versions there were."""

    name: str = Field(description="Of the definition.")
    version: int = Field(description="Of the rules; 0: the default rules.")
    holds: bool = Field(description="Whether they are those that hold now.")
    is_default: bool = Field(description="Whether they are the default rules.")
    defaults: int = Field(description="The edition of the default rules that this workspace keeps.")
    rules: dict[str, Any] = Field(description="As a definition file has them.")
    versions: list[RulesVersion] = Field(description="The newest first.")


@router.get("/rules", summary="The rules that hold", response_model=RulesHeld)
def rules(
    here: Here,
    version: Annotated[
        int | None,
        Query(ge=0, description="Which version, 0 the default rules; those that hold if omitted."),
    ] = None,
    min_position: MinPosition = None,
) -> dict[str, Any]:
    """Or those of an earlier version; the default rules are written out."""
    return here.identity_rules(version, min_position=min_position)


@router.post("/plan", summary="What other rules would come to", response_model=IdentityWork)
def plan(
    here: Here, body: PlanOfRules, as_of: AsOf, counts: Counts = True, wait: Wait = 2.0
) -> dict[str, Any]:
    """Who would merge, split and move, and what that does to segments. Changes nothing."""
    if body.revert:
        return here.plan_identity_revert(body.version, as_of=as_of, segments=counts, wait=wait)
    return here.plan_identity(body.rules, name=body.name, as_of=as_of, segments=counts, wait=wait)


@router.post("/apply", summary="Have other rules hold", response_model=IdentityWork)
def apply(here: Here, body: ApplyRules, wait: Wait = 2.0) -> dict[str, Any]:
    """In one transaction; refused when it comes to something else than the plan."""
    return here.apply_identity(
        body.rules, fingerprint=body.fingerprint, name=body.name, origin=body.origin, wait=wait
    )


@router.post("/revert", summary="Bring earlier rules back", response_model=IdentityWork)
def revert(here: Here, body: RevertRules, wait: Wait = 2.0) -> dict[str, Any]:
    """For all messages, those that came since included; otherwise as apply."""
    return here.revert_identity(
        body.version, fingerprint=body.fingerprint, origin=body.origin, wait=wait
    )


@router.get(
    "/progress/{work_id}", summary="How a plan or change stands", response_model=IdentityWork
)
def work(here: Here, work_id: str) -> dict[str, Any]:
    """Its stage so far, and the plan once it is done."""
    return here.identity_work(work_id)
