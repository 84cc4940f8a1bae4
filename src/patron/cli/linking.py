"""Linking on the command line: how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def linking_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error, when that is a terminal, for what linking reports.

    Give what it yields to ``train``, ``score`` or ``score_new`` as ``progress``.
    """
    if not sys.stderr.isatty():
        yield lambda _task, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("linking", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total
        )
