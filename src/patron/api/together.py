"""Reads of single customers that come at the same time are answered with one question.

To read thirty customers takes three times as long as to read one: most of it is the statements, not
the rows. So whoever comes while questions are being asked waits for the next one, together with all
others who want the same parts.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextvars import Context, copy_context
from typing import Any, NamedTuple

import msgspec
from anyio import to_thread

from patron.engines.asker import Asker, current_asker
from patron.errors import AbandonedError, PatronError
from patron.workspace import Workspace

MOST = 32
"""So many are read with one question."""

AT_ONCE = 2
"""So many questions for the same parts are asked at once: while one customer with a long history is
read, the other goes on."""


class Parts(NamedTuple):
    """What is wanted of a customer, as `Workspace.profile` takes it."""

    include: tuple[str, ...]
    only: bool
    brand: str | None


class _Waiting(NamedTuple):
    identifier: str
    asker: Asker | None
    context: Context
    answer: asyncio.Future[bytes]


_Found = Sequence[bytes | Exception]


class _Line:
    """Who waits for the same parts, and how many questions are being asked for them."""

    def __init__(self) -> None:
        self.waiting: deque[_Waiting] = deque()
        self.asking = 0

    def next(self) -> list[_Waiting]:
        """Whom to ask for now. Who has gone meanwhile is told so, and not asked for."""
        asked: list[_Waiting] = []
        while self.waiting and len(asked) < MOST:
            one = self.waiting.popleft()
            if one.asker is not None and one.asker.gone:
                _tell(one.answer, AbandonedError("Nobody waits for the answer any more."))
            elif not one.answer.done():
                asked.append(one)
        return asked


class Together:
    """Collects who waits, and answers them; used from the event loop alone.

    Args:
        workspace: Where the customers are.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lines: dict[Parts, _Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def profile(self, identifier: str, parts: Parts) -> bytes:
        """One customer as of now, in JSON.

        Raises:
            PatronError: As `Workspace.profile`.
        """
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        line = self._lines.setdefault(parts, _Line())
        line.waiting.append(_Waiting(identifier, current_asker(), copy_context(), answer))
        if line.asking < AT_ONCE:
            line.asking += 1
            task = asyncio.create_task(self._ask(line, parts), context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await answer

    async def _ask(self, line: _Line, parts: Parts) -> None:
        """Answer all who want these parts, until nobody waits any more."""
        asked: list[_Waiting] = []
        try:
            while asked := line.next():
                # Of one alone it is known whether they still wait (`engines.asker`).
                context = asked[0].context if len(asked) == 1 else Context()
                question = to_thread.run_sync(self._found, asked, parts)
                try:
                    found: _Found = await asyncio.create_task(question, context=context)
                except Exception as error:  # noqa: BLE001 - told to who asked, who raises it
                    found = [error] * len(asked)
                for one, answer in zip(asked, found, strict=True):
                    _tell(one.answer, answer)
        finally:
            line.asking -= 1
            if not line.asking:
                del self._lines[parts]
                for one in (*asked, *line.waiting):  # none, unless the server ends
                    one.answer.cancel()

    def _found(self, asked: Sequence[_Waiting], parts: Parts) -> _Found:
        """For each the answer, or what there is to say instead. From another thread."""
        try:
            return self._read([one.identifier for one in asked], parts)
        except Exception as error:  # noqa: BLE001 - told to who asked, who raises it
            if len(asked) == 1:
                return [error]
        # What fails for one of them must not fail for the others.
        return [self._found([one], parts)[0] for one in asked]

    def _read(self, identifiers: list[str], parts: Parts) -> _Found:
        found: list[dict[str, Any] | PatronError] = self._workspace.profiles_each(
            identifiers, **parts._asdict()
        )
        return [one if isinstance(one, PatronError) else msgspec.json.encode(one) for one in found]


def _tell(waiting: asyncio.Future[bytes], answer: bytes | Exception) -> None:
    if waiting.done():  # whoever asked is gone
        return
    if isinstance(answer, bytes):
        waiting.set_result(answer)
    else:
        waiting.set_exception(answer)
