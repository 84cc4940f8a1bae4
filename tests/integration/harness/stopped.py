"""A process that stops at a chosen statement of its work, and is killed there."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from patron.engines.duckdb import Cursor

WAIT = 30
"""Seconds that the work may take until it gets there."""

Work = Callable[[Path], None]
"""Works on a folder; it is a function of a module, so that a process of its own finds it."""


def statements(work: Work, folder: Path) -> int:
    """How many statements some work runs, done in this process."""
    return _Counted(None, None).run(work, folder)


def kill_at(number: int, work: Work, folder: Path) -> bool:
    """Do some work in a process of its own, and kill that before a statement of it.

    Args:
        number: Of the statement, from 1 on.
        work: The work.
        folder: What it works on.

    Returns:
        Whether it got there; it is done where it has fewer statements.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["patron.api.server", "pandas", "sqlglot.dialects.duckdb"])
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(number, there, work, folder), daemon=True)
    process.start()
    there.close()
    assert here.poll(WAIT)
    if here.recv() < number:
        process.join(WAIT)
        return False
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)  # it stands before that statement
    process.join(WAIT)
    assert process.exitcode == -signal.SIGKILL
    return True


def _work(number: int, there: Connection, work: Work, folder: Path) -> None:
    there.send(_Counted(number, there).run(work, folder))


class _Counted:
    def __init__(self, last: int | None, there: Connection | None) -> None:
        self._last = last
        self._there = there
        self._ran = 0
        self._turn = threading.Lock()

    def run(self, work: Work, folder: Path) -> int:
        execute = Cursor.execute

        def counted(cursor: Cursor, *said: Any) -> Cursor:
            with self._turn:
                self._ran += 1
                if self._ran == self._last and self._there is not None:
                    self._there.send(self._ran)
                    threading.Event().wait()  # for ever: it is killed here
            return execute(cursor, *said)

        Cursor.execute = counted  # type: ignore[method-assign]
        try:
            work(folder)
        finally:
            Cursor.execute = execute  # type: ignore[method-assign]
        return self._ran
