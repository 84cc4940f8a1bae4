"""Plans and changes of the rules of identity as work that runs in the background, with a state."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import structlog

from patron.clock import Clock, format_time
from patron.errors import BusyError, NotFoundError, PatronError

Progress = Callable[[str, int, int | None], None]
"""Told the name of a stage, how much of it is done, and of how much if that is known."""

Action = Literal["plan", "apply", "revert"]

KEPT = 20
"""So many ended pieces of work are remembered, for whoever asks how they ended."""

_log = structlog.get_logger("patron.identity")


@dataclass(frozen=True, slots=True)
class WorkState:
    """How a piece of work stands.

    Attributes:
        work_id: Its id.
        action: What is done.
        state: ``running``, ``done`` or ``failed``.
        started_at: When, ISO 8601.
        finished_at: When, ISO 8601; None while it runs.
        stage: What it is at.
        done: How much of that stage is done.
        total: Of how much; None when that is not known.
        plan: What came out, once it is done.
        error: What went wrong, as a sentence.
        error_code: The same for programs.
        error_field: The path in the rules that is wrong, where one is.
    """

    work_id: str
    action: Action
    state: str
    started_at: str
    finished_at: str | None = None
    stage: str = ""
    done: int = 0
    total: int | None = None
    plan: dict[str, Any] | None = None
    error: str | None = None
    error_code: str | None = None
    error_field: str | None = None


class IdentityWork:
    """The plans and changes of one workspace, one at a time.

    Args:
        clock: Where now comes from.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._states: dict[str, WorkState] = {}
        self._failures: dict[str, PatronError] = {}
        self._turn = threading.Lock()
        self._threads: dict[str, threading.Thread] = {}
        self._closing = False

    def start(
        self, action: Action, call: Callable[[Progress], dict[str, Any]], wait: float
    ) -> WorkState:
        """Begin, and wait a little: small workspaces are done at once.

        Args:
            action: What is done.
            call: Does it; is given whom to tell how far it is, and returns a plan.
            wait: Seconds.

        Raises:
            PatronError: It failed within that time.
        """
        self._forget()
        work_id = secrets.token_hex(8)
        self._states[work_id] = WorkState(
            work_id, action, "running", format_time(self._clock.now())
        )
        thread = threading.Thread(target=self._run, args=(work_id, call), daemon=True)
        self._threads[work_id] = thread
        thread.start()
        thread.join(wait)
        failure = self._failures.get(work_id)
        if failure is not None:
            raise failure
        return self._states[work_id]

    def state(self, work_id: str) -> WorkState:
        """How a piece of work stands.

        Raises:
            NotFoundError: None has this id.
        """
        found = self._states.get(work_id)
        if found is None:
            raise NotFoundError(f"There is no work {work_id}.")
        return found

    def close(self) -> None:
        """Give up what runs, and wait until it ended; nothing is left half done."""
        self._closing = True
        for thread in list(self._threads.values()):
            thread.join()

    def _run(self, work_id: str, call: Callable[[Progress], dict[str, Any]]) -> None:
        def tell(stage: str, done: int, total: int | None) -> None:
            if self._closing:
                raise BusyError("The workspace was closed before the work was done.")
            self._states[work_id] = replace(
                self._states[work_id], stage=stage, done=done, total=total
            )

        plan = failure = None
        try:
            with self._turn:
                tell("", 0, None)
                plan = call(tell)
        except PatronError as error:
            failure = self._failures[work_id] = error
        except Exception as error:  # noqa: BLE001 - the thread ends here, the state must say so
            _log.exception("work on the rules of identity failed", work_id=work_id)
            failure = PatronError(f"It failed unexpectedly: {type(error).__name__}.")
            self._failures[work_id] = failure
        self._states[work_id] = replace(
            self._states[work_id],
            state="failed" if failure else "done",
            plan=plan,
            error=failure.message if failure else None,
            error_code=failure.code if failure else None,
            error_field=failure.field if failure else None,
            finished_at=format_time(self._clock.now()),
        )

    def _forget(self) -> None:
        ended = [one for one, state in self._states.items() if state.state != "running"]
        for work_id in ended[:-KEPT]:
            for known in (self._states, self._failures, self._threads):
                known.pop(work_id, None)
