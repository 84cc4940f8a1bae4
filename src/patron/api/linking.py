"""Linking records that share no identifier: models, runs, and what reviewers are asked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Header, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field, computed_field

from patron.api.access import AsOf, Caller, Here
from patron.api.answers import HoldsFor
from patron.api.bodies import RequestBody
from patron.api.identity_rules import (
    Counts,
    Example,
    Numbers,
    ProfileAfter,
    SegmentEffect,
    SuspiciousProfile,
)
from patron.linking.comparisons import level_code

router = APIRouter(tags=["linking"])


class LevelWeight(BaseModel):
    """What one degree of likeness says."""

    level: str
    weight: float = Field(description="Bits: above 0 for one person, below for two.")


class FieldWeights(BaseModel):
    """How one field is compared."""

    field: str
    kind: str
    levels: list[LevelWeight] = Field(description="From most to least alike.")


class LinkingModelHead(BaseModel):
    """One version of a trained model."""

    name: str
    version: int
    trained_at: str
    records: int = Field(description="Profiles that it was trained on.")
    labels: int = Field(description="Decisions of reviewers that it was trained with.")


class LinkingModelWeights(LinkingModelHead):
    """One version of a trained model, with its weights."""

    position: int
    link_at: float = Field(description="From this probability on it links.")
    review_at: float = Field(description="From this probability on a person is asked.")
    prior: float = Field(description="Probability that two profiles at random are one person.")
    fields: list[FieldWeights]


class ListedModel(LinkingModelHead):
    """One version of a trained model, in a list."""

    stands: bool = Field(description="Whether the links of the model are those of this version.")


class LinkingModels(HoldsFor):
    """All models."""

    data: list[ListedModel]


class Training(RequestBody):
    """How to train."""

    with_reviews: bool = Field(False, description="Learn from what reviewers said too.")


class Running(RequestBody):
    """How to run."""

    version: int | None = Field(
        None,
        description="Of the model; the one that stands when left out, or the newest before any "
        "does.",
    )
    everything: bool = Field(False, description="Score all profiles, also those scored before.")
    dry_run: bool = Field(False, description="Only say what would follow.")


class LinkingRun(BaseModel):
    """What a run did, or would do."""

    position: int
    dry_run: bool
    model: str
    version: int
    scored: int = Field(description="Profiles that were new or had changed.")
    records: int = Field(description="Profiles of whom something is known.")
    linked: int = Field(description="Links made.")
    refused: int = Field(description="Links made that the rules of identity do not keep.")
    kept_apart: int = Field(
        description="Pairs that are alike, and that unique identifiers or reviewers keep apart."
    )
    reviews: int = Field(description="Pairs that a person is newly asked about.")


class PlanOfVersion(RequestBody):
    """Which version of a model to change to."""

    version: int | None = Field(
        None,
        ge=0,
        description="The newest when left out, or with `revert` the one that stood before.",
    )
    revert: bool = Field(
        False,
        description="Bring back one that stood before; version 0 takes all its links away.",
    )


class ApplyVersion(PlanOfVersion):
    """Which version of a model to change to, and what that must come to."""

    fingerprint: str | None = Field(
        description="Of the plan; null to apply whatever it comes to by now."
    )


class VersionPlan(HoldsFor):
    """What another version of a model would come to, or came to."""

    applied: bool
    fingerprint: str = Field(description="Names the links and the numbers; give it to apply.")
    model: str
    version: int = Field(description="0: none.")
    replaces: int = Field(description="The version that stands, or stood; 0: none.")
    links: int = Field(description="Links that the version makes, kept or not.")
    reviews: int | None = Field(
        description="Pairs that it is in doubt about; null where its links come from the log."
    )
    numbers: Numbers
    largest: list[ProfileAfter] = Field(default_factory=list)
    suspicious: list[SuspiciousProfile] = Field(default_factory=list)
    examples: list[Example] = Field(default_factory=list)
    segments: list[SegmentEffect] = Field(default_factory=list)


class LinkingProgress(BaseModel):
    """What linking is doing now."""

    working: bool
    what: str | None
    done: int
    total: int


class FieldEvidence(BaseModel):
    """What one field said about a pair."""

    field: str | None = Field(description="None for what no single field says.")
    level: str
    weight: float = Field(description="Bits: above 0 for one person, below for two.")

    @computed_field(description="The level by a code: same, one_typing_error, different.")  # type: ignore[prop-decorator]
    @property
    def code(self) -> str:
        """The level, for whoever says it in another language."""
        return level_code(self.level)


class ReviewedProfile(BaseModel):
    """One of the two profiles of a pair."""

    profile_id: int
    identifier: str = Field(description="The one that a link would begin at.")
    fields: dict[str, str] = Field(
        description="What was compared, in the forms that compare; not what is known by now."
    )
    gone: list[str] = Field(
        description="Fields that were compared, and whose value is not to be found any more."
    )


State = Literal["pending", "same", "different", "settled", "withdrawn"]


class Review(BaseModel):
    """A pair that a person is, or was, asked about."""

    review_id: int
    state: State = Field(
        description="settled: they are one profile by now; withdrawn: no longer that much alike."
    )
    model: str
    version: int
    weight: float = Field(description="Bits, in all.")
    probability: float
    evidence: list[FieldEvidence]
    left: ReviewedProfile
    right: ReviewedProfile
    proposed_at: str = Field(description="When the two were compared.")
    decision_id: int | None = Field(description="What was decided by hand, and stands.")
    decided_at: str | None
    decided_by: str | None = Field(description="The name of the token that it was decided with.")
    on_behalf_of: str | None = Field(description="For whom, as was said then.")
    reason: str | None


class DecidedReview(Review):
    """A review, with the moment that the answer holds for."""

    position: int
    as_of: str


class Reviews(HoldsFor):
    """Pairs, the likeliest to be one person first."""

    total: int = Field(description="How many there are in all.")
    data: list[Review]


class Verdict(RequestBody):
    """What a person says about a pair."""

    verdict: Literal["same", "different"]
    on_behalf_of: str | None = Field(
        None, description="For whom it is decided, such as the agent who asked for it."
    )
    reason: str | None = Field(None, description="Why; kept with the decision.")
    message_id: str | None = Field(
        None,
        description="Of the message that says so: the same one does nothing a second time. The "
        "Idempotency-Key when left out.",
    )


Key = Annotated[str | None, Header(alias="Idempotency-Key")]
Version = Annotated[int | None, Query(ge=1, description="The newest when left out.")]


@router.get("/linking/models", summary="All linking models", response_model=LinkingModels)
def models(here: Here) -> dict[str, Any]:
    """Every version, the newest of a name first."""
    return here.linking.models()


@router.get("/linking/models/{name}", summary="One model", response_model=LinkingModelWeights)
def model(here: Here, name: str, version: Version = None) -> dict[str, Any]:
    """With what each degree of likeness is worth."""
    return here.linking.model(name, version)


@router.get(
    "/linking/models/{name}/chart",
    summary="Its match weights",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}}},
)
def chart(here: Here, name: str, version: Version = None) -> Response:
    """A chart, as a web page that loads nothing from elsewhere."""
    return HTMLResponse(here.linking.chart(name, version))


@router.post(
    "/linking/models/{name}/train", summary="Train a model", response_model=LinkingModelWeights
)
def train(here: Here, name: str, body: Annotated[Training | None, Body()] = None) -> dict[str, Any]:
    """Learns from all profiles, without labels, and keeps the model as the next version."""
    return here.linking.train(name, with_reviews=bool(body and body.with_reviews))


@router.post("/linking/models/{name}/run", summary="Run a model", response_model=LinkingRun)
def run(here: Here, name: str, body: Annotated[Running | None, Body()] = None) -> dict[str, Any]:
    """Scores what is new or changed since its last run, links, and asks reviewers."""
    wanted = body or Running.model_validate({})
    return here.linking.run(
        name, version=wanted.version, everything=wanted.everything, dry_run=wanted.dry_run
    )


@router.post(
    "/linking/models/{name}/plan",
    summary="What another version would come to",
    response_model=VersionPlan,
)
def plan(
    here: Here,
    name: str,
    as_of: AsOf,
    body: Annotated[PlanOfVersion | None, Body()] = None,
    counts: Counts = True,
) -> dict[str, Any]:
    """Which customers would merge, split and move, and what that does to segments.

    Scores all of them as they would be without the model. Changes nothing.
    """
    wanted = body or PlanOfVersion.model_validate({})
    return here.linking.versions.plan(
        name, version=wanted.version, revert=wanted.revert, as_of=as_of, segments=counts
    )


@router.post(
    "/linking/models/{name}/apply", summary="Have another version stand", response_model=VersionPlan
)
def apply(here: Here, name: str, body: ApplyVersion) -> dict[str, Any]:
    """Its links replace those of the version that stands, in one transaction.

    Refused when it comes to something else than the plan. With `revert`, brings earlier links back.
    """
    return here.linking.versions.apply(
        name, version=body.version, revert=body.revert, fingerprint=body.fingerprint
    )


@router.get("/linking/progress", summary="What linking is doing", response_model=LinkingProgress)
def progress(here: Here) -> dict[str, Any]:
    """Of this process."""
    return here.linking.progress()


@router.get("/identity/reviews", summary="Pairs to review", response_model=Reviews)
def reviews(
    here: Here,
    state: Annotated[State | Literal["all"], Query(description="Only these.")] = "pending",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> dict[str, Any]:
    """The likeliest to be one person first, with the evidence and both sides."""
    return here.linking.reviews(state=None if state == "all" else state, limit=limit)


@router.post("/identity/reviews/{review_id}", summary="Decide", response_model=DecidedReview)
def review(
    here: Here, caller: Caller, review_id: int, body: Verdict, key: Key = None
) -> dict[str, Any]:
    """A decision by hand: `same` joins the two, `different` keeps them apart.

    It wins over every model, and can be taken back like other decisions; the pair is pending again
    then.
    """
    return here.linking.review(
        review_id,
        body.verdict,
        made_by=caller,
        on_behalf_of=body.on_behalf_of,
        reason=body.reason,
        message_id=body.message_id or key,
    )
