"""`patron init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import connect
from patron.cli.definitions import DEFINITIONS, read_wanted
from patron.cli.folder import TOKEN, USUAL
from patron.cli.terminal import facts, say, show_json

FIRST_SOURCE = "web"


def init(
    folder: Annotated[Path, typer.Argument(help="Need not exist yet.")] = USUAL,
    as_json: options.Json = False,
) -> None:
    """Make a workspace, with a first source to send to.

    The source's write key is shown this once. It stands as a file in the workspace's folder
    `definitions`, where `patron plan` and `patron apply` look when no other folder is named.
    """
    made = make_workspace(folder)
    if as_json:
        show_json(made)
        return
    say(f"Made the workspace {folder}.", strong=True)
    facts(
        [
            ("admin token", f"{made['admin_token_file']} (only you may read it)"),
            ("first source", made["source"]),
            ("its write key", f"{made['write_key']} (kept as a hash: note it down)"),
            ("definitions", made["definitions"]),
        ]
    )
    say()
    say("Next:", strong=True)
    for command in next_commands(folder, str(made["write_key"])):
        say(f"  {command}")


def make_workspace(folder: Path) -> dict[str, Any]:
    """Make a workspace whose only definition is the source ``web``.

    Returns:
        Where things are, and the write key of the source.

    Raises:
        ConflictError: The folder is a workspace already.
    """
    from patron.definitions import write
    from patron.workspace import Workspace

    Workspace.create(folder)
    body = {"type": "web", "description": "The first source: rename it, or add others beside it."}
    write(folder / DEFINITIONS, {("source", FIRST_SOURCE): body})
    with connect(folder) as client:
        applied = client.post("/definitions/apply", read_wanted(folder / DEFINITIONS, prune=False))
    return {
        "workspace": str(folder),
        "admin_token_file": str(folder / TOKEN),
        "source": FIRST_SOURCE,
        "write_key": applied["write_keys"][FIRST_SOURCE],
        "definitions": str(folder / DEFINITIONS),
    }


def next_commands(folder: Path, key: str) -> list[str]:
    """What to type to make the first person, serve, send an event, and see who sent it."""
    at = "" if folder == USUAL else f" -w {folder}"
    message = '{"userId": "ann", "event": "Product Viewed"}'
    address = "http://127.0.0.1:8000/v1/track -H 'Content-Type: application/json'"
    return [
        f"patron person add you@example.com --role admin --password{at}",
        f"patron serve{at}",
        f"curl -u {key}: {address} -d '{message}'",
        f"patron profile user_id:ann --timeline{at}",
    ]
