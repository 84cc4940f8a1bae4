"""People who may sign in: inviting them, their roles, deactivating them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from patron.access.people import Language, Person, Theme
from patron.access.roles import Role
from patron.api.access import Here, note
from patron.api.bodies import RequestBody
from patron.clock import format_time

router = APIRouter(prefix="/people", tags=["people and tokens"])

INVITATION_PAGE = "/console/invitation#code="
"""Behind the mark, so that the code is sent to no server and stands in no log."""

PersonId = Annotated[int, Path(ge=1, le=2**31 - 1, description="The person's number.")]


class NewPerson(RequestBody):
    """Somebody to invite."""

    email: str = Field(max_length=320, examples=["ann@example.com"])
    name: str = Field(examples=["Ann"])
    role: Role
    language: Language = "en"


class PersonChange(RequestBody):
    """What changes; what is left out stays."""

    name: str | None = None
    role: Role | None = None
    language: Language | None = None
    active: bool | None = Field(None, description="False: they are signed out and stay out.")


class PersonShown(BaseModel):
    """Somebody who may sign in."""

    person_id: int
    email: str
    name: str
    role: Role
    language: Language
    theme: Theme
    active: bool
    state: str = Field(description="active, invited, expired (the invitation), or deactivated")
    created_at: str
    signed_in_at: str | None = Field(description="The last time.")
    seen_at: str | None = Field(
        description="When they last asked for anything; once their sessions ended, `signed_in_at`."
    )
    locked_until: str | None = Field(
        description="After sign-ins that failed: when the next one is looked at."
    )
    invited_until: str | None


class Invitation(BaseModel):
    """What lets somebody choose a password, once. Shown only here."""

    code: str
    link: str = Field(description="Where to choose it; without public_url, below this server.")
    until: str


class Invited(BaseModel):
    """Somebody, and how they come in."""

    person: PersonShown
    invitation: Invitation


class PersonList(BaseModel):
    """Everybody."""

    data: list[PersonShown]


@router.get("", summary="Everybody who may sign in", response_model=PersonList)
def every(here: Here) -> dict[str, Any]:
    """In the order in which they came."""
    return {"data": [_shown(here, one) for one in here.accounts.people.all()]}


@router.post("", summary="Invite somebody", status_code=201, response_model=Invited)
def add(here: Here, request: Request, response: Response, body: NewPerson) -> dict[str, Any]:
    """They choose their password with the code, which is shown only in this answer."""
    person, code = here.accounts.people.add(**body.model_dump())
    note(request, person=str(person.person_id), role=person.role)
    return _invited(here, response, person, code)


@router.get("/{person_id}", summary="One of them", response_model=PersonShown)
def one(here: Here, person_id: PersonId) -> dict[str, Any]:
    """Who they are and whether they may sign in."""
    return _shown(here, here.accounts.people.get(person_id))


@router.patch("/{person_id}", summary="Change a person", response_model=PersonShown)
def change(here: Here, request: Request, person_id: PersonId, body: PersonChange) -> dict[str, Any]:
    """A new role holds at once. There is always an admin: the last one stays."""
    news = body.model_dump(exclude_none=True)
    note(request, **{name: str(value) for name, value in news.items() if name != "name"})
    return _shown(here, here.accounts.change_person(person_id, **news))


@router.post("/{person_id}/invitation", summary="Invite them again", response_model=Invited)
def invite(here: Here, response: Response, person_id: PersonId) -> dict[str, Any]:
    """For those who forgot their password, too. Earlier codes hold no more."""
    person, code = here.accounts.people.invite(person_id)
    return _invited(here, response, person, code)


@router.post("/{person_id}/unlock", summary="Let them sign in again", response_model=PersonShown)
def unlock(here: Here, person_id: PersonId) -> dict[str, Any]:
    """Ends the wait after sign-ins that failed. An address that waits goes on waiting."""
    return _shown(here, here.accounts.unlock(person_id))


def _invited(here: Here, response: Response, person: Person, code: str) -> dict[str, Any]:
    response.headers["Cache-Control"] = "no-store"
    base = (here.settings.public_url or "").rstrip("/")
    until = person.invited_until
    invitation = {
        "code": code,
        "link": f"{base}{INVITATION_PAGE}{code}",
        "until": None if until is None else format_time(until),
    }
    return {"person": _shown(here, person), "invitation": invitation}


def _shown(here: Here, person: Person) -> dict[str, Any]:
    until = person.invited_until
    if not person.active:
        state = "deactivated"
    elif person.password_hash or person.oidc_subject:
        state = "active"
    else:
        state = "invited" if until is not None and here.clock.now() < until else "expired"
    times = {
        "created_at": person.created_at,
        "signed_in_at": person.signed_in_at,
        "seen_at": here.accounts.seen_at(person),
        "locked_until": here.accounts.locked_until(person),
        "invited_until": until,
    }
    others = ("person_id", "email", "name", "role", "language", "theme", "active")
    return {
        **{name: getattr(person, name) for name in others},
        **{name: None if time is None else format_time(time) for name, time in times.items()},
        "state": state,
    }
