"""Signing in at an identity provider: there, and back."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import anyio.to_thread
import structlog
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from patron.access.oidc import CALLBACK, PENDING, Provider
from patron.access.secrets import same
from patron.api.access import Here, address_of
from patron.api.session import begun
from patron.errors import AccessError, NotFoundError, told

router = APIRouter(prefix="/session", tags=["session"])
_log = structlog.get_logger("patron.api")

STATE = "patron_oidc"
"""A cookie: who comes back is the browser that was sent."""


class SignInWays(BaseModel):
    """How one can sign in here."""

    password: bool
    oidc: str | None = Field(
        description="What the identity provider is called; None: there is none."
    )


@router.get("/ways", summary="How can I sign in?", response_model=SignInWays)
def ways(here: Here) -> dict[str, Any]:
    """What a sign-in page has to offer."""
    oidc = here.settings.oidc
    return {"password": True, "oidc": None if oidc is None else oidc.label}


@router.get(
    "/oidc", summary="Sign in at the identity provider", status_code=303, response_class=Response
)
async def begin(
    here: Here,
    request: Request,
    to: Annotated[str, Query(description="The path to go to afterwards.")] = "/",
) -> Response:
    """Leads to the provider, or to `/?sign_in=unreachable`. Who comes back was invited before."""
    own = to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/"
    provider = _provider(here)
    try:
        url, state = await _apart(request, lambda: provider.begin(own))
    except AccessError as failed:  # a person looks at what comes: a page must tell
        _log.warning("identity_provider_unreachable", reason=failed.message)
        return _redirected("/?sign_in=unreachable")
    answer = _redirected(url)
    answer.set_cookie(
        STATE,
        state,
        max_age=int(PENDING.total_seconds()),
        path=CALLBACK,
        httponly=True,
        samesite="lax",
        secure=(here.settings.public_url or "").startswith("https:"),
    )
    return answer


@router.get(
    "/oidc/callback", summary="Back from the provider", status_code=303, response_class=Response
)
async def finish(
    here: Here,
    request: Request,
    state: str = "",
    code: str = "",
    error: Annotated[str | None, Query(description="What the provider says went wrong.")] = None,
) -> Response:
    """Signs in, and goes to where one wanted to; `/?sign_in=refused` when that cannot be."""
    address = address_of(request)
    provider = _provider(here)
    awaited = same(request.cookies.get(STATE, ""), state) and provider.awaits(state)
    try:
        if error is not None or not awaited:
            raise AccessError(
                "This sign-in was not begun in this browser, or took too long.",
                told=told("sign_in_too_long"),
            )
        known, to = await _apart(request, lambda: provider.finish(state, code))
        value = await _apart(request, lambda: here.accounts.sign_in_known(known, address))
    except AccessError as refused:
        if awaited:  # else anybody could fill the record
            noted = partial(here.accounts.refused_known, refused.message, address)
            await _apart(request, noted)
        answer = _redirected("/?sign_in=refused")
    else:
        answer = _redirected(to)
        begun(request, answer, value)
    answer.delete_cookie(STATE, path=CALLBACK)
    return answer


def _provider(here: Here) -> Provider:
    if here.oidc is None:
        raise NotFoundError("No identity provider is set here.", hint="See [oidc] in patron.toml.")
    return here.oidc


def _redirected(url: str) -> RedirectResponse:
    return RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})


async def _apart(request: Request, task: Any) -> Any:  # noqa: ANN401
    """Run what waits for another server in threads of its own, a few at once."""
    return await anyio.to_thread.run_sync(task, limiter=request.app.state.provider)
