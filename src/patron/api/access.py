"""Who may ask: the admin token, and what every question may say about its moment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from patron.clock import parse_time
from patron.errors import AccessError
from patron.workspace import Workspace

_bearer = HTTPBearer(auto_error=False, description="The admin token made by `patron init`.")


def workspace(request: Request) -> Workspace:
    """The workspace that the app serves."""
    found: Workspace = request.app.state.workspace
    return found


def admin(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    """Let only the holder of the admin token pass.

    Returns:
        What the token is called.

    Raises:
        AccessError: The token is missing or unknown.
    """
    if credentials is None:
        raise AccessError("The token is missing.", hint="Send Authorization: Bearer <admin token>.")
    here, token = workspace(request), credentials.credentials
    name = here.name_of(token)
    if name is None or here.role_of(token) != "admin":
        raise AccessError("The token is not known here.")
    return name


def as_of(
    as_of: Annotated[
        str | None, Query(description="The moment asked for, ISO 8601; now when left out.")
    ] = None,
) -> datetime | None:
    """The moment that a question is asked for."""
    return None if as_of is None else parse_time(as_of, field="as_of")


def min_position(
    min_position: Annotated[
        int | None,
        Query(ge=0, description="Answer from at least this log position: read your own writes."),
    ] = None,
) -> int | None:
    """The log position that an answer must hold at least."""
    return min_position


Here = Annotated[Workspace, Depends(workspace)]
Caller = Annotated[str, Depends(admin)]
"""The name of the token that a request came with."""
AsOf = Annotated[datetime | None, Depends(as_of)]
Customer = Annotated[str, Query(description="type:value of an identifier, or a profile id.")]
PageLimit = Annotated[int, Query(ge=1, le=10_000)]
AllowUnknown = Annotated[bool, Query(description="Accept names of events that were never seen.")]
MinPosition = Annotated[int | None, Depends(min_position)]
