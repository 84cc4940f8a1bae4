"""Server-sent events that follow a log from a cursor.

A stream reads the log itself, page by page, as fast as its reader takes it; whoever writes the log
only rings a bell and never waits.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

EVENT_STREAM = "text/event-stream"

STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}
}
"""How such an answer is described."""

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that both ends notice a dead line."""

RETRY = 1_000
"""Milliseconds after which an event source that lost the line tries again."""

Page = tuple[bytes, str, bool]
"""Events as they are sent, the cursor after them, and whether more is there already."""

Listening = Callable[[Callable[[], None]], contextlib.AbstractContextManager[None]]


class Streams:
    """The streams of one app; they end when it does.

    Args:
        heartbeat: Seconds of silence between two comments.
    """

    def __init__(self, heartbeat: float = HEARTBEAT) -> None:
        self._heartbeat = heartbeat
        self._bells: set[asyncio.Event] = set()
        self._ending = asyncio.Event()

    def close(self) -> None:
        """End all streams, each after the page that it is sending. From the event loop only."""
        self._ending.set()
        for bell in self._bells:
            bell.set()

    async def follow(
        self,
        read: Callable[[str], Page],
        first: Page,
        listening: Listening,
        allowed: Callable[[], bool],
        pause: float = 0,
    ) -> AsyncIterator[bytes]:
        """Send what the log holds after a cursor, then whatever is added, until the end.

        Args:
            read: Reads the page after a cursor; runs in another thread.
            first: The first page.
            listening: Has a call made, from any thread, when something was added.
            allowed: Whether the reader may still read; asked before each page and each comment.
            pause: Seconds between two pages at least.
        """
        loop = asyncio.get_running_loop()
        bell = asyncio.Event()

        def ring() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(bell.set)

        self._bells.add(bell)
        try:
            with listening(ring):
                yield b"retry: %d\n\n" % RETRY
                events, cursor, more = first
                bell.set()  # something may have been added since the first page was read
                while True:
                    if events:
                        yield events
                        await self._pause(pause)
                    if self._ending.is_set():
                        return
                    silent = not more and not await self._rung(bell)
                    bell.clear()
                    if self._ending.is_set() or not allowed():
                        return
                    if silent:
                        yield b": still here\n\n"
                    events, cursor, more = await run_in_threadpool(read, cursor)
        finally:
            self._bells.discard(bell)

    async def _pause(self, seconds: float) -> None:
        """Wait so long, unless the end comes."""
        if seconds:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), seconds)

    async def _rung(self, bell: asyncio.Event) -> bool:
        """Wait for the bell; False after so long a silence."""
        try:
            await asyncio.wait_for(bell.wait(), self._heartbeat)
        except TimeoutError:
            return False
        return True


async def streamed(
    request: Request,
    read: Callable[[str | None], Page],
    after: str | None,
    listening: Listening,
    pause: float = 0,
) -> StreamingResponse:
    """Begin to stream a log.

    Args:
        request: Of the app whose streams it joins.
        read: Reads the page after a cursor; None stands for the beginning.
        after: The cursor to begin after. Whoever asks for the latest has it fixed before, so that
            what comes after the request is in the stream.
        listening: As of `Streams.follow`.
        pause: Likewise.
    """
    # Read before the answer begins, so that what is wrong is answered as a problem.
    first = await run_in_threadpool(read, after)
    streams: Streams = request.app.state.streams
    accounts, actor = request.app.state.workspace.accounts, request.state.actor
    return StreamingResponse(
        streams.follow(read, first, listening, lambda: accounts.still(actor), pause),
        media_type=EVENT_STREAM,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
