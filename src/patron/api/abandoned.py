"""Questions whose asker has gone: a page that was left, a search that was typed over."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patron.api.permissions import only_asks
from patron.engines.asker import Asker

SHORT = 65_536
"""Bytes of a body that is read before it is passed on."""

AGAIN = 0.1
"""Seconds after which a question is told once more to end: it may have been between two statements
when it was told first."""


class AbandonedMiddleware:
    """Ends what is asked of the tables once the connection that asked is gone.

    Otherwise each page that somebody looks at and leaves would go on working, and the next one
    would wait for it. What changes something is never stopped half-way.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and listen meanwhile whether the connection goes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _begin(receive)
        if body[-1].get("more_body"):
            # What is that long is stored, which is never stopped.
            await self._app(scope, following(body, receive), send)
            return
        asker, gone = Asker(), asyncio.Event()

        async def disconnected() -> Message:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def listen() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            gone.set()
            route = scope.get("state", {}).get("route")
            while route is not None and only_asks(route):
                asker.go()
                await asyncio.sleep(AGAIN)

        listening = asyncio.create_task(listen())
        try:
            with asker:
                await self._app(scope, following(body, disconnected), send)
        finally:
            listening.cancel()


async def _begin(receive: Receive) -> list[Message]:
    """The first parts of a request's body, at least one: all of it, when it is short."""
    parts = [await receive()]
    size = len(parts[0].get("body", b""))
    while parts[-1].get("more_body") and size < SHORT:
        parts.append(await receive())
        size += len(parts[-1].get("body", b""))
    return parts


def following(parts: list[Message], then: Receive) -> Receive:
    """Hands out messages that were read already, then those that come."""
    waiting = iter(parts)

    async def receive() -> Message:
        message = next(waiting, None)
        return await then() if message is None else message

    return receive
