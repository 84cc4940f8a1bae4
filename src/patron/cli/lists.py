"""`patron list`."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect, segment_of
from patron.cli.files import read_text
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
Column = Annotated[
    str | None,
    typer.Option("--column", help="The file is CSV with a header, and this column holds the "
                 "identifiers.", metavar="NAME", show_default=False),
]  # fmt: skip
Kind = Annotated[
    str | None,
    typer.Option("--type", help="The type of the identifiers in the file; the column's name, else "
                 "what stands before the colon, when left out.", metavar="TYPE",
                 show_default=False),
]  # fmt: skip


@group.command()
def show(
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show all static lists and their sizes."""
    show_answer(workspace, "/lists", _show_sizes, as_json=as_json, min_position=min_position)


def _show_sizes(answer: Answer) -> None:
    table(["list", "entries"], [[entry["name"], entry["entries"]] for entry in answer["data"]])
    say(holds_for(answer))


@group.command("set")
def set_list(
    name: Name,
    members: Members = None,
    file: File = None,
    column: Column = None,
    kind: Kind = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Make a list, or replace what is in it."""
    entries = _entries(members, file, column, kind)
    with connect(workspace) as client:
        _report(client.put(f"/lists/{segment_of(name)}", {"members": entries}), as_json)


@group.command()
def add(
    name: Name,
    members: Members = None,
    file: File = None,
    column: Column = None,
    kind: Kind = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Add to a list. Who is in it already stays in it once."""
    entries = _entries(members, file, column, kind)
    with connect(workspace) as client:
        _report(client.post(f"/lists/{segment_of(name)}/members", {"members": entries}), as_json)


@group.command()
def snapshot(
    name: Name,
    segment: Annotated[
        str, typer.Option("--of", help="The segment whose members to keep.", metavar="SEGMENT")
    ],
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    as_json: options.Json = False,
) -> None:
    """Make a list hold who is in a segment. They stay in it, whatever they do."""
    with connect(workspace) as client:
        _report(
            client.post(f"/lists/{segment_of(name)}/snapshot", {"segment": segment}, as_of=as_of),
            as_json,
        )


def _entries(
    members: list[str] | None, file: Path | None, column: str | None, kind: str | None
) -> list[str]:
    if file is None:
        if column or kind:
            raise typer.BadParameter("needs --file", param_hint="--column")
        return members or []
    text = read_text(file)
    values = text.splitlines() if column is None else _column(text, column, file)
    named = f"{kind or column}:" if kind or column else ""
    return (members or []) + [named + value.strip() for value in values if value.strip()]


def _column(text: str, column: str, file: Path) -> list[str]:
    """The values of one column of a CSV file."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if column not in (rows.fieldnames or []):
        raise InputError(
            f"{file} has no column {column}.", hint=f"It has {', '.join(rows.fieldnames or [])}."
        )
    try:
        return [row[column] or "" for row in rows]
    except csv.Error as error:
        raise InputError(f"{file}, line {rows.line_num}: {error}") from None


def _report(changed: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(changed)
    else:
        say(f"{changed['name']} holds {plural(changed['entries'], 'entry', 'entries')}.")
