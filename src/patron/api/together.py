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

PATIENCE = 0.05
"""Seconds for which who comes waits for the question that is being asked, before another one is
asked beside it. Most take less. Two at once would share the processor, and few would be together:
500 reads a second take a quarter less of it so."""


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
    """Who waits for the same parts, and since when the questions for them are being asked."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.waiting: deque[_Waiting] = deque()
        self.asking: dict[asyncio.Task[None] | None, float] = {}
        self.watched = False

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
        patience: Seconds to wait for one question before another one is asked beside it.
    """

    def __init__(self, workspace: Workspace, patience: float = PATIENCE) -> None:
        self._workspace = workspace
        self._patience = patience
        self._lines: dict[Parts, _Line] = {}

    async def profile(self, identifier: str, parts: Parts) -> bytes:
        """One customer as of now, in JSON.

        Raises:
            PatronError: As `Workspace.profile`.
        """
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        line = self._lines.setdefault(parts, _Line(parts))
        line.waiting.append(_Waiting(identifier, current_asker(), copy_context(), answer))
        if not line.asking:
            self._begin(line)
        elif not line.watched:
            self._watch(line)
        return await answer

    def _begin(self, line: _Line) -> None:
        task = asyncio.create_task(self._ask(line), context=Context())
        line.asking[task] = asyncio.get_running_loop().time()

    def _watch(self, line: _Line) -> None:
        """Have another question asked once somebody has waited long enough for the one that is."""
        line.watched = False
        if not line.waiting or not 0 < len(line.asking) < AT_ONCE:
            return
        loop = asyncio.get_running_loop()
        due = max(line.asking.values()) + self._patience
        if due <= loop.time():
            self._begin(line)
        else:
            line.watched = True
            loop.call_at(due, self._watch, line)

    async def _ask(self, line: _Line) -> None:
        """Answer all who want these parts, until nobody waits any more."""
        asked: list[_Waiting] = []
        me, clock = asyncio.current_task(), asyncio.get_running_loop().time
        try:
            while asked := line.next():
                line.asking[me] = clock()
                # Of one alone it is known whether they still wait (`engines.asker`).
                context = asked[0].context if len(asked) == 1 else Context()
                question = to_thread.run_sync(self._found, asked, line.parts)
                try:
                    found: _Found = await asyncio.create_task(question, context=context)
                except Exception as error:  # noqa: BLE001 - told to who asked, who raises it
                    found = [error] * len(asked)
                for one, answer in zip(asked, found, strict=True):
                    _tell(one.answer, answer)
        finally:
            del line.asking[me]
            if not line.asking:
                del self._lines[line.parts]
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
