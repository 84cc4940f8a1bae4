"""Records what people and programs did, after it is done and before they hear of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patron.access.actors import Actor
from patron.access.audit import Named
from patron.api.access import address_of
from patron.api.permissions import needed
from patron.errors import PatronError
from patron.workspace import Workspace

_OF_CUSTOMERS = frozenset({"identifier", "message_id"})
"""Parts of paths that hold what belongs to a customer. The record names the profile's number."""


class RecordingMiddleware:
    """Adds to the record of who did what.

    Changes are recorded, with whatever they were answered; so are exports and questions in SQL,
    and whatever somebody was not allowed to do. Reading one customer or page is not.
    """

    def __init__(self, app: ASGIApp, workspace: Workspace) -> None:
        self._app = app
        self._workspace = workspace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and record before the answer begins."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        begun = False

        async def recorded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start" and not begun:
                begun = True
                await self._record(request, message["status"])
            await send(message)

        try:
            await self._app(scope, receive, recorded)
        except Exception:
            if not begun:
                await self._record(request, 500)
            raise

    async def _record(self, request: Request, status: int) -> None:
        actor: Actor | None = getattr(request.state, "actor", None)
        if actor is None:
            return
        route: str = request.state.route
        change = changes(route)
        if change or reveals(route) or status == 403:
            task = partial(self._write, request, actor, status, wait=change)
            await run_in_threadpool(task)

    def _write(self, request: Request, actor: Actor, status: int, *, wait: bool) -> None:
        self._workspace.accounts.audit.record(
            request.state.route,
            by=actor,
            named=self._named(request),
            status=status,
            address=address_of(request),
            wait=wait,
        )

    def _named(self, request: Request) -> Named:
        parts: dict[str, Any] = request.path_params
        if request.method == "GET" and not reveals(request.state.route):
            return {}
        named = {name: str(value) for name, value in parts.items() if name not in _OF_CUSTOMERS}
        if "identifier" in parts:
            named["profile"] = self._profile(parts["identifier"])
        extra: Named = getattr(request.state, "named", {})
        return named | extra

    def _profile(self, identifier: str) -> str:
        try:
            return str(self._workspace.profile_id(identifier))
        except PatronError:
            return "unknown"


def changes(route: str) -> bool:
    """Whether a route changes something that others see.

    >>> changes("PUT /segments/{name}"), changes("POST /segments/preview"), changes("GET /people")
    (True, False, False)
    """
    permission = needed(route) or ""
    return not route.startswith("GET ") and permission.endswith((":write", ":decide", ":rules"))


def reveals(route: str) -> bool:
    """Whether a route can hand out many customers at once, or the record itself.

    >>> reveals("GET /segments/{name}/export"), reveals("POST /sql"), reveals("GET /profiles")
    (True, True, False)
    """
    return needed(route) in {"profiles:export", "sql:read"} or route == "GET /audit/export"
