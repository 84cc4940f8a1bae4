"""`patron import`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import Client, connect, segment_of
from patron.cli.terminal import facts, note, plural, say, show_json
from patron.errors import PatronError

PAUSE = 0.1
"""Seconds between two looks at a running import."""


class ImportFailedError(PatronError):
    """An import began and could not end; what it had stored stays, and it can be run again."""

    code = "import_failed"


def import_files(
    mapping: Annotated[str, typer.Argument(help="The name of an applied mapping.")],
    path: Annotated[Path, typer.Argument(help="A file, or the folder that its files lie in.")],
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Import files through a mapping.

    Running the same import again changes nothing.
    """
    with connect(workspace) as client, progress(mapping) as update:
        state = run_import(client, mapping, path, update)
    if as_json:
        show_json(state)
    else:
        _summarise(state, mapping, path)
    if state["state"] != "done":
        raise ImportFailedError(f"The import failed: {state['error'] or 'no reason is known'}")


def run_import(
    client: Client, mapping: str, path: Path, update: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Start an import and wait for its end.

    Args:
        client: Of the workspace.
        mapping: The name of an applied mapping.
        path: A file or folder.
        update: Told how it stands, again and again.

    Returns:
        How it stands at the end: ``state`` is ``done`` or ``failed``.
    """
    # The server's current folder is not ours.
    state = client.post("/imports", {"mapping": mapping, "path": str(path.resolve())})
    while state["state"] == "running":
        update(state)
        time.sleep(PAUSE)
        state = client.get(f"/imports/{segment_of(state['import_id'])}")
    update(state)
    return dict(state)


@contextmanager
def progress(title: str, done: str = "accepted") -> Iterator[Callable[[dict[str, Any]], None]]:
    """A progress bar on standard error, when that is a terminal; it is fed states of work.

    Args:
        title: What it is called, where its states name no ``stage``.
        done: What states call the part that is done.
    """
    if not sys.stderr.isatty():
        yield lambda _state: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda state: bar.update(
            task,
            description=state.get("stage", title),
            completed=state[done],
            total=state["total"],
        )


def _summarise(state: dict[str, Any], mapping: str, path: Path) -> None:
    if state["state"] == "done":
        say(f"Imported {plural(state['accepted'], 'message')} from {path} through {mapping}.")
    facts((name, state[name]) for name in ("stored", "duplicate", "quarantined"))
    for remark in state["notes"]:
        note(remark)
    if state["quarantined"]:
        note("See why with `patron quarantine list`.")
