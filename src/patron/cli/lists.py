"""`patron list`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import connect, segment_of
from patron.cli.folder import find_folder
from patron.cli.terminal import holds_for, plural, say, show_json, table
from patron.errors import InputError

group = typer.Typer(help="Static lists of customers.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The list's name.")]
Members = Annotated[
    list[str] | None,
    typer.Argument(help="Identifiers such as email:ann@example.com.", show_default=False),
]
File = Annotated[
    Path | None,
    typer.Option("--file", "-f", help="A file with one identifier a line; - for standard input.",
                 metavar="FILE", show_default=False),
]  # fmt: skip


@group.command()
def show(
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show all static lists and their sizes."""
    with connect(find_folder(workspace)) as client:
        answer = client.get("/lists", min_position=min_position)
    if as_json:
        show_json(answer)
        return
    table(["list", "entries"], [[entry["name"], entry["entries"]] for entry in answer["data"]])
    say(holds_for(answer))


@group.command("set")
def set_list(
    name: Name,
    members: Members = None,
    file: File = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Make a list, or replace what is in it."""
    entries = _entries(members, file)
    with connect(find_folder(workspace)) as client:
        _report(client.put(f"/lists/{segment_of(name)}", {"members": entries}), as_json)


@group.command()
def add(
    name: Name,
    members: Members = None,
    file: File = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Add to a list. Who is in it already stays in it once."""
    entries = _entries(members, file)
    with connect(find_folder(workspace)) as client:
        _report(client.post(f"/lists/{segment_of(name)}/members", {"members": entries}), as_json)


def _entries(members: list[str] | None, file: Path | None) -> list[str]:
    if file is None:
        return members or []
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: {error}") from None
    return (members or []) + [line.strip() for line in text.splitlines() if line.strip()]


def _report(changed: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(changed)
    else:
        say(f"{changed['name']} holds {plural(changed['entries'], 'entry', 'entries')}.")
