"""Undoing merges and making them, by hand; and what made a customer who they are."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, Field

from patron.api.access import Caller, Here, MinPosition, note
from patron.api.answers import Cause, HoldsFor
from patron.api.bodies import RequestBody
from patron.clock import parse_time
from patron.errors import InputError, told
from patron.workspace import Words

router = APIRouter(tags=["identity"])

Name = Annotated[str, Field(examples=["email:ann@example.com"])]
Pair = Annotated[list[Name], Field(min_length=2, max_length=2)]
Preview = Annotated[bool, Query(description="Change nothing, only tell what would.")]
Key = Annotated[str | None, Header(alias="Idempotency-Key")]

UNSAID = "Not said."
"""The reason of a preview that comes without one."""


class Asked(RequestBody):
    """Why something is decided. Who decides is the token that the request comes with."""

    reason: str | None = Field(
        None,
        description="Why; kept with the decision. Only a preview needs none.",
        examples=["Ticket 81."],
    )
    on_behalf_of: str | None = Field(
        None, description="For whom it is decided, such as the agent who asked for it."
    )
    message_id: str | None = Field(
        None,
        description="Of the message that says so: the same one does nothing a second time. The "
        "Idempotency-Key when left out.",
    )
    fingerprint: str | None = Field(
        None,
        description="Of a preview: refused when it would come to something else by now.",
    )


class Unmerge(Asked):
    """What is to part: give `link`, `identifier`, or `profile` together with `before`."""

    link: Pair | None = Field(None, description="Two identifiers that are two people.")
    identifier: Name | None = Field(None, description="It leaves its profile.")
    profile: str | None = Field(
        None, description="A customer, by identifier or profile id, who was several ones…"
    )
    before: str | None = Field(
        None, description="…before this moment, ISO 8601, and is to be them again."
    )


class Merge(Asked):
    """Two identifiers that are one person."""

    identifiers: Pair


class TakenBack(BaseModel):
    """How a decision was taken back."""

    at: str
    by: str
    on_behalf_of: str | None
    reason: str
    message_id: str


class Decision(BaseModel):
    """What was decided by hand."""

    decision_id: int | None = Field(description="Its number; none yet in a preview.")
    kind: str = Field(
        description="apart: no profile holds identifiers of two groups; same: all are one person."
    )
    groups: list[list[str]] = Field(description="Identifiers in normal form.")
    reason: str
    made_by: str = Field(description="The name of the token that it was decided with.")
    on_behalf_of: str | None = Field(description="For whom, as was said then.")
    made_at: str
    source: str = Field(description="The internal source of the message.")
    message_id: str
    withdrawn: TakenBack | None


class CustomerAfter(BaseModel):
    """A customer as a decision leaves them."""

    profile_id: int
    before: list[int] = Field(description="The profiles that these identifiers belonged to.")
    identifiers: list[str] = Field(description="The first 100, in the order they became known.")
    identifier_count: int
    held_back: list[str] = Field(
        description="Those of them that came with too many people, and join nobody."
    )
    events: int = Field(description="How many came in under them.")


class Decided(BaseModel):
    """A decision, and what it does."""

    position: int
    applied: bool = Field(description="False in a preview.")
    repeated: bool = Field(description="The same message came before; nothing was done again.")
    decision: Decision
    customers: list[CustomerAfter] = Field(
        description="Those that it is about, as they are afterwards; empty when repeated."
    )
    fingerprint: str | None = Field(
        description="Names who is who among them; give that of a preview to the decision."
    )


class Decisions(HoldsFor):
    """What was decided by hand, newest first."""

    data: list[Decision]
    next: int | None = Field(description="Give as `below` for the next page.")


class IdentityEntry(BaseModel):
    """Something that made a customer who they are."""

    kind: str = Field(
        description="merge, split; move: of what was done on a shared device; apart, same, "
        "withdrawn: decisions by hand"
    )
    recorded_at: str
    occurred_at: str
    reason: str
    cause: Cause = None
    source: str | None = Field(description="Of the message that brought it about.")
    message_id: str | None
    profiles: list[int] | None = Field(
        None, description="Of a merge who stayed and who went; of a split who lost and who got."
    )
    link: list[str] | None = Field(None, description="The ends of the link.")
    decision_id: int | None = None
    made_by: str | None = None
    on_behalf_of: str | None = None
    groups: list[list[str]] | None = None


class IdentityHistory(HoldsFor):
    """What made a customer who they are, newest first."""

    profile_id: int
    data: list[IdentityEntry]


@router.post("/identity/unmerge", summary="Undo a merge", response_model=Decided)
def unmerge(
    here: Here,
    request: Request,
    caller: Caller,
    body: Unmerge,
    preview: Preview = False,
    key: Key = None,
) -> dict[str, Any]:
    """Events, traits, groups and memberships follow; all stays apart until it is taken back."""
    made = here.unmerge(
        link=None if body.link is None else (body.link[0], body.link[1]),
        identifier=body.identifier,
        profile=body.profile,
        before=_moment(body.before),
        **_words(caller, body, key, preview=preview),
    )
    return _noted(request, made)


@router.post("/identity/merge", summary="Merge by hand", response_model=Decided)
def merge(
    here: Here,
    request: Request,
    caller: Caller,
    body: Merge,
    preview: Preview = False,
    key: Key = None,
) -> dict[str, Any]:
    """The two are one person, whatever links there are, until it is taken back."""
    one, other = body.identifiers
    made = here.merge(one, other, **_words(caller, body, key, preview=preview))
    return _noted(request, made)


@router.post(
    "/identity/decisions/{decision_id}/withdraw",
    summary="Take a decision back",
    response_model=Decided,
)
def withdraw(
    here: Here,
    caller: Caller,
    decision_id: int,
    body: Asked,
    preview: Preview = False,
    key: Key = None,
) -> dict[str, Any]:
    """Who is who is then as if it had never been made. It stays on record."""
    return here.withdraw(decision_id, **_words(caller, body, key, preview=preview))


@router.get("/identity/decisions", summary="What was decided by hand", response_model=Decisions)
def decisions(
    here: Here,
    min_position: MinPosition,
    standing: Annotated[bool, Query(description="Only what still holds.")] = False,
    below: Annotated[
        int | None, Query(ge=1, description="Only those with a smaller number.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Newest first, with who decided, why, and whether it was taken back."""
    return here.decisions(standing=standing, below=below, limit=limit, min_position=min_position)


@router.get(
    "/profiles/{identifier:path}/identity/history",
    summary="What made a customer who they are",
    response_model=IdentityHistory,
)
def history(
    here: Here,
    identifier: Annotated[str, "An identifier such as email:ann@example.com, or a profile id."],
    min_position: MinPosition,
) -> dict[str, Any]:
    """Merges, splits and decisions by hand, newest first, each with its reason."""
    return here.identity_history(identifier, min_position=min_position)


def _noted(request: Request, made: dict[str, Any]) -> dict[str, Any]:
    """Have the record of who did what name the decision; its identifiers stay out of it."""
    number = made["decision"]["decision_id"]
    note(request, decision_id="none: a preview" if number is None else str(number))
    return made


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text, field="before")


def _words(caller: str, body: Asked, key: str | None, *, preview: bool) -> Words:
    if body.reason is None and not preview:
        raise InputError(
            "reason: say why; it is kept with the decision.",
            field="reason",
            told=told("reason_missing"),
        )
    return Words(
        reason=UNSAID if body.reason is None else body.reason,
        made_by=caller,
        on_behalf_of=body.on_behalf_of,
        message_id=body.message_id or key,
        preview=preview,
        fingerprint=body.fingerprint,
    )
