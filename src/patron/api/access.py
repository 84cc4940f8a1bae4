"""Who asks, and whether they may: every route under ``/api/v1`` comes through here.

What routes depend on is asynchronous though it never waits: it runs in the event loop then, while
the framework would hand a plain function to a thread, which costs more than all that it does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Query, Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query as QueryParameter
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from patron.access.accounts import is_csrf_token
from patron.access.actors import Actor
from patron.api.permissions import ANYONE, ONESELF, needed
from patron.clock import parse_time
from patron.errors import AccessError, ForbiddenError, InputError, told
from patron.spec.reading import did_you_mean
from patron.workspace import Workspace

COOKIE = "patron_session"
CSRF = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_bearer = HTTPBearer(
    auto_error=False, description="The admin token made by `patron init`, or one made since."
)


def workspace(request: Request) -> Workspace:
    """The workspace that the app serves."""
    found: Workspace = request.app.state.workspace
    return found


def authenticated(request: Request) -> Actor | None:
    """Who asks: by token, else by the cookie of a session; None when nobody known does."""
    accounts = workspace(request).accounts
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme:
        return accounts.with_token(secret.strip()) if scheme.lower() == "bearer" else None
    cookie = request.cookies.get(COOKIE)
    return None if cookie is None else accounts.with_cookie(cookie)


async def permitted(
    request: Request,
    _described: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None,
) -> Actor | None:
    """As `permit`, of the route that was found for a request.

    Raises:
        InputError: The address has a parameter that the route does not know. To pass over a filter
            that is misspelt would be to answer another question.
    """
    route = request.scope["route"]
    actor = permit(request, f"{request.method} {route.path_format}")
    # Where anyone may ask, others add parameters of their own, such as identity providers.
    if actor is not None and request.query_params:
        _check_parameters(request.query_params, route)
    return actor


def _check_parameters(given: Iterable[str], route: APIRoute) -> None:
    found = get_flat_params(route.dependant)
    known = {one.alias for one in found if isinstance(one.field_info, QueryParameter)}
    for name in given:
        if name not in known:
            place = f"query.{name}"
            raise InputError(
                f"{place}: there is no such parameter here; {did_you_mean(name, known)}",
                field=place,
                told=told("field_unknown", field=place),
            )


def permit(request: Request, route: str) -> Actor | None:
    """Let pass who may use a route.

    Args:
        request: What came.
        route: Method and path, below ``/api/v1``, such as ``GET /profiles/{identifier}``.

    Returns:
        Who asks; None where anyone may.

    Raises:
        AccessError: Nobody known asks.
        ForbiddenError: They may not, or a browser was led here by another site.
    """
    permission = needed(route)
    if permission == ANYONE:
        return None
    actor = authenticated(request)
    if actor is None:
        if "authorization" in request.headers:
            raise AccessError("The token is not known here.", told=told("token_not_known"))
        raise AccessError(
            "The token is missing, and nobody is signed in.",
            hint="Send Authorization: Bearer <token>, or sign in.",
            told=told("signed_out"),
        )
    request.state.actor = actor
    request.state.route = route
    if actor.person is not None and request.method not in _SAFE:
        _check_own_page(request)
    if permission is None or (permission != ONESELF and not actor.may(permission)):
        raise ForbiddenError(
            f"The role {actor.role} may not do this.",
            hint=None if permission is None else f"It needs the permission {permission}.",
            told=told("forbidden", role=actor.role),
        )
    return actor


def from_another_site(request: Request) -> bool | None:
    """Whether a browser says that another site asks; None when it says nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return None if origin is None else urlsplit(origin).netloc != request.headers.get("host")


def _check_own_page(request: Request) -> None:
    """Refuse writes with a cookie that a page of ours did not send.

    Raises:
        ForbiddenError: Another site asks, or the session's token is missing.
    """
    if from_another_site(request) is not False:
        raise ForbiddenError("This was not sent by a page of Patron.", told=told("not_from_a_page"))
    given, cookie = request.headers.get(CSRF, ""), request.cookies.get(COOKIE, "")
    if not is_csrf_token(given, cookie):
        raise ForbiddenError(
            f"The header {CSRF} is missing or wrong.",
            hint="GET /api/v1/session gives it as csrf_token.",
            told=told("not_from_a_page"),
        )


async def here(request: Request) -> Workspace:
    """The workspace that the app serves, for routes."""
    return workspace(request)


async def known(actor: Annotated[Actor | None, Depends(permitted)]) -> Actor:
    """Who asks, on routes that not anyone may use."""
    if actor is None:
        raise AccessError("Nobody is signed in.", told=told("signed_out"))
    return actor


async def caller(actor: Annotated[Actor, Depends(known)]) -> str:
    """What is noted as the one who did something."""
    return actor.name


def note(request: Request, **named: str) -> None:
    """Say what a change names beside what stands in its path; nothing of customers.

    The record of who did what keeps it; see `api.recording`.
    """
    request.state.named = named


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return "unknown" if request.client is None else request.client.host


async def as_of(
    as_of: Annotated[
        str | None, Query(description="The moment asked for, ISO 8601; now when left out.")
    ] = None,
) -> datetime | None:
    """The moment that a question is asked for."""
    return None if as_of is None else parse_time(as_of, field="as_of")


async def min_position(
    min_position: Annotated[
        int | None,
        Query(ge=0, description="Answer from at least this log position: read your own writes."),
    ] = None,
) -> int | None:
    """The log position that an answer must hold at least."""
    return min_position


Here = Annotated[Workspace, Depends(here)]
Who = Annotated[Actor, Depends(known)]
"""Who asks."""
Caller = Annotated[str, Depends(caller)]
"""The name of the token, or the e-mail address of the person, that asks."""
AsOf = Annotated[datetime | None, Depends(as_of)]
Customer = Annotated[str, Query(description="type:value of an identifier, or a profile id.")]
PageLimit = Annotated[int, Query(ge=1, le=10_000)]
AllowUnknown = Annotated[bool, Query(description="Accept names of events that were never seen.")]
MinPosition = Annotated[int | None, Depends(min_position)]
"""The log position that an answer must hold at least."""
