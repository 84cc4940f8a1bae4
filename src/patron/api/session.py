"""Signing in and out, and what people change about themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from patron.access.accounts import csrf_token
from patron.access.actors import Actor
from patron.access.passwords import LONGEST, SHORTEST
from patron.access.people import Language, Person, Theme
from patron.access.roles import GRANTS, PERMISSIONS, Permission, Role
from patron.access.sessions import LONGEST as LASTS
from patron.api.access import COOKIE, Here, Who, address_of, from_another_site
from patron.api.bodies import RequestBody
from patron.errors import ForbiddenError, told
from patron.workspace import Workspace

router = APIRouter(tags=["session"])

AT_ONCE = 4
"""So many passwords are looked at at once: each takes 19 MiB. Others wait, and hold no thread."""

T = TypeVar("T")


class Credentials(RequestBody):
    """Who signs in."""

    email: str = Field(max_length=320, examples=["ann@example.com"])
    password: str = Field(max_length=1_000)


class Accepted(RequestBody):
    """Somebody who was invited chooses a password."""

    code: str = Field(max_length=200, description="Of the invitation.")
    password: str = Field(max_length=1_000, description=f"{SHORTEST} to {LONGEST} characters.")


class NewPassword(RequestBody):
    """Another password for oneself."""

    old_password: str = Field(max_length=1_000)
    new_password: str = Field(max_length=1_000, description=f"{SHORTEST} to {LONGEST} characters.")


class OwnChange(RequestBody):
    """What people change about themselves; what is left out stays."""

    name: str | None = None
    language: Language | None = None
    theme: Theme | None = None


class Me(BaseModel):
    """Somebody who is signed in."""

    email: str
    name: str
    role: Role
    language: Language
    theme: Theme


class SessionToken(BaseModel):
    """The token that asks."""

    name: str
    role: Role


class Session(BaseModel):
    """Who asks, and what they may do."""

    person: Me | None = Field(description="None when a token asks.")
    token: SessionToken | None = Field(description="None when a person asks.")
    permissions: list[Permission]
    csrf_token: str | None = Field(
        description="Send it as X-CSRF-Token with every write that comes with the cookie."
    )
    time_zone: str = Field(description="The workspace's, in which its days begin.")


@router.post("/session", summary="Sign in", response_model=Session)
async def sign_in(here: Here, request: Request, response: Response, body: Credentials) -> Any:  # noqa: ANN401
    """Answers with a cookie that scripts cannot read. Waits grow after several failures."""
    _from_here(request)
    address = address_of(request)
    value = await _apart(request, lambda: here.accounts.sign_in(body.email, body.password, address))
    return begun(request, response, value)


@router.post("/invitation", summary="Accept an invitation", response_model=Session)
async def accept(here: Here, request: Request, response: Response, body: Accepted) -> Any:  # noqa: ANN401
    """Chooses a password, and signs in. The code holds once."""
    _from_here(request)
    address = address_of(request)
    value = await _apart(request, lambda: here.accounts.accept(body.code, body.password, address))
    return begun(request, response, value)


@router.get("/session", summary="Who am I?", response_model=Session)
def session(here: Here, request: Request, response: Response, who: Who) -> dict[str, Any]:
    """Who asks, what they may do, and what their writes have to carry."""
    response.headers["Cache-Control"] = "no-store"
    return _described(here, who, request.cookies.get(COOKIE))


@router.patch("/session", summary="Change how Patron looks to me", response_model=Session)
def change(
    here: Here, request: Request, response: Response, who: Who, body: OwnChange
) -> dict[str, Any]:
    """One's own name, language and theme."""
    response.headers["Cache-Control"] = "no-store"
    person = here.accounts.people.change(_person(who).person_id, **body.model_dump())
    return _described(here, _as(who, person), request.cookies.get(COOKIE))


@router.delete("/session", summary="Sign out", status_code=204)
def sign_out(
    here: Here,
    request: Request,
    response: Response,
    who: Who,
    everywhere: Annotated[bool, Query(description="End all sessions of the person.")] = False,
) -> None:
    """The cookie holds no more. A token stays as it is."""
    here.accounts.sign_out(who, address_of(request), everywhere=everywhere)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


@router.post("/session/password", summary="Change my password", response_model=Session)
async def change_password(
    here: Here, request: Request, response: Response, who: Who, body: NewPassword
) -> Any:  # noqa: ANN401
    """Ends all sessions of the person and begins a new one."""
    address = address_of(request)
    value = await _apart(
        request,
        lambda: here.accounts.change_password(who, body.old_password, body.new_password, address),
    )
    return begun(request, response, value)


def begun(request: Request, response: Response, value: str) -> dict[str, Any]:
    """Hand out the cookie of a session that begins."""
    here = request.app.state.workspace
    public = here.settings.public_url or ""
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        COOKIE,
        value,
        max_age=int(LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https" or public.startswith("https:"),
    )
    actor = here.accounts.with_cookie(value)
    return _described(here, actor, value)


async def _apart(request: Request, task: Callable[[], T]) -> T:
    """Run what takes long by design in threads of its own, a few at once."""
    limiter: CapacityLimiter = request.app.state.passwords
    return await anyio.to_thread.run_sync(task, limiter=limiter)


def _from_here(request: Request) -> None:
    """Refuse to sign somebody in whose browser another site sent.

    Raises:
        ForbiddenError: Another site asks.
    """
    if from_another_site(request):
        raise ForbiddenError("This was not sent by a page of Patron.", told=told("not_from_a_page"))


def _described(here: Workspace, actor: Actor, cookie: str | None) -> dict[str, Any]:
    person = actor.person
    return {
        "person": None
        if person is None
        else {field: getattr(person, field) for field in Me.model_fields},
        "token": {"name": actor.name, "role": actor.role} if person is None else None,
        "permissions": [one for one in PERMISSIONS if one in GRANTS[actor.role]],
        "csrf_token": None if person is None or cookie is None else csrf_token(cookie),
        "time_zone": here.settings.time_zone,
    }


def _person(actor: Actor) -> Person:
    if actor.person is None:
        raise ForbiddenError("Only people have a language and a theme: a token asked.")
    return actor.person


def _as(actor: Actor, person: Person) -> Actor:
    return Actor(actor.kind, actor.name, actor.role, actor.hash, person)
