"""Tokens for programs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from patron.access.roles import Role
from patron.access.tokens import Token
from patron.api.access import Caller, Here, note
from patron.api.bodies import RequestBody
from patron.clock import format_time

router = APIRouter(prefix="/tokens", tags=["people and tokens"])


class NewToken(RequestBody):
    """A token to make."""

    name: str = Field(description="What uses it.", examples=["crm"])
    role: Role
    days: Annotated[int, Field(ge=1, le=3_650)] | None = Field(
        None, description="After how many it expires; never when left out."
    )


class TokenShown(BaseModel):
    """A token, without its secret."""

    name: str
    role: Role
    state: str = Field(description="in force, expired or revoked")
    created_at: str
    made_by: str | None = Field(description="None: it came with the workspace.")
    expires_at: str | None
    used_at: str | None = Field(description="The last time, to within an hour.")
    revoked_at: str | None


class TokenMade(TokenShown):
    """A token with its secret, which is shown only here."""

    token: str


class TokenList(BaseModel):
    """All tokens, those in force first."""

    data: list[TokenShown]


@router.get("", summary="All tokens", response_model=TokenList)
def every(here: Here) -> dict[str, Any]:
    """Revoked and expired ones, too; never a secret."""
    return {"data": [_shown(here, one) for one in here.accounts.tokens.all()]}


@router.post("", summary="Make a token", status_code=201, response_model=TokenMade)
def add(
    here: Here, caller: Caller, request: Request, response: Response, body: NewToken
) -> dict[str, Any]:
    """Its secret is shown only in this answer."""
    token, secret = here.accounts.tokens.add(body.name, body.role, made_by=caller, days=body.days)
    note(request, name=token.name, role=token.role)
    response.headers["Cache-Control"] = "no-store"
    return _shown(here, token) | {"token": secret}


@router.post("/{name}/replace", summary="Give a token another secret", response_model=TokenMade)
def replace(here: Here, caller: Caller, response: Response, name: str) -> dict[str, Any]:
    """The old secret holds no more, at once. That of `admin` is also put into its file."""
    token, secret = here.accounts.tokens.replace(name, made_by=caller)
    response.headers["Cache-Control"] = "no-store"
    return _shown(here, token) | {"token": secret}


@router.delete("/{name}", summary="Revoke a token", response_model=TokenShown)
def revoke(here: Here, name: str) -> dict[str, Any]:
    """It holds no more, at once. It stays in the list."""
    return _shown(here, here.accounts.tokens.revoke(name))


def _shown(here: Here, token: Token) -> dict[str, Any]:
    accounts = here.accounts
    held = "in force" if accounts.tokens.lives(token.hash) else "expired"
    times = {
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "used_at": accounts.tokens.used_at(token),
        "revoked_at": token.revoked_at,
    }
    return {
        "name": token.name,
        "role": token.role,
        "state": held if token.revoked_at is None else "revoked",
        "made_by": token.made_by,
        **{name: None if time is None else format_time(time) for name, time in times.items()},
    }
