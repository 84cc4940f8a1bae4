"""Reads of single customers that come at the same time are answered with one question.

To read thirty customers takes three times as long as to read one: most of it is the statements, not
the rows. So whoever comes while a question is being asked waits for the next one, together with all
others who want the same parts.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import Context, copy_context
from typing import NamedTuple

import msgspec
from anyio import to_thread

from patron.errors import PatronError
from patron.workspace import Workspace

MOST = 32
"""So many are read at once: a customer with a long history keeps no more than these waiting."""


class Parts(NamedTuple):
    """What is wanted of a customer, as `Workspace.profile` takes it."""

    include: tuple[str, ...]
    only: bool
    brand: str | None


class _Waiting(NamedTuple):
    identifier: str
    context: Context
    answer: asyncio.Future[bytes]


class Together:
    """Collects who waits, and answers them; used from the event loop alone.

    Args:
        workspace: Where the customers are.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._waiting: dict[Parts, deque[_Waiting]] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def profile(self, identifier: str, parts: Parts) -> bytes:
        """One customer as of now, in JSON.

        Raises:
            PatronError: As `Workspace.profile`.
        """
        one = _Waiting(identifier, copy_context(), asyncio.get_running_loop().create_future())
        line = self._waiting.get(parts)
        if line is None:
            self._waiting[parts] = deque([one])
            asking = asyncio.create_task(self._ask(parts), context=Context())
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)
        else:
            line.append(one)
        return await one.answer

    async def _ask(self, parts: Parts) -> None:
        """Answer all who want these parts, until nobody waits any more."""
        line = self._waiting[parts]
        asked: list[_Waiting] = []
        try:
            while line:
                asked = [line.popleft() for _ in range(min(len(line), MOST))]
                # Of one alone it is known whether they still wait (`engines.asker`).
                context = asked[0].context if len(asked) == 1 else Context()
                question = to_thread.run_sync(self._found, asked, parts)
                found = await asyncio.create_task(question, context=context)
                for one, answer in zip(asked, found, strict=True):
                    _tell(one.answer, answer)
        finally:
            del self._waiting[parts]
            for one in (*asked, *line):  # the server ends
                one.answer.cancel()

    def _found(self, asked: list[_Waiting], parts: Parts) -> list[bytes | Exception]:
        """For each the answer, or what there is to say instead. From another thread."""
        try:
            found = self._workspace.profiles_each(
                [one.identifier for one in asked],
                include=parts.include,
                only=parts.only,
                brand=parts.brand,
            )
        except Exception as error:  # noqa: BLE001 - told to each who asked, who raises it
            return [error] * len(asked)
        return [one if isinstance(one, PatronError) else msgspec.json.encode(one) for one in found]


def _tell(waiting: asyncio.Future[bytes], answer: bytes | Exception) -> None:
    if waiting.done():  # whoever asked is gone
        return
    if isinstance(answer, bytes):
        waiting.set_result(answer)
    else:
        waiting.set_exception(answer)
