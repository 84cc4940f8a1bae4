"""`patron mapping`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from patron.cli import options
from patron.cli.client import connect, segment_of
from patron.cli.terminal import note, plural, say, show_json, table
from patron.errors import NotFoundError

group = typer.Typer(
    help="Mappings to begin with: ready-made ones, or by the example of a file.",
    no_args_is_help=True,
)


@group.command("presets")
def list_presets(as_json: options.Json = False) -> None:
    """List the ready-made mappings."""
    from patron.workspace import presets

    found = presets()
    if as_json:
        show_json({"data": [asdict(one) for one in found]})
        return
    table(["preset", "source", "what"], [[p.name, p.source, p.description] for p in found])
    say(plural(len(found), "preset"))


@group.command("preset")
def show_preset(
    name: Annotated[str, typer.Argument(help="One that `mapping presets` lists.")],
    sample: Annotated[
        bool, typer.Option("--sample", help="Print made-up rows (CSV) instead of definitions.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Print a ready-made mapping with its source, as a definition file."""
    from patron.workspace import preset

    found = preset(name)
    if as_json:
        show_json(asdict(found))
    else:
        typer.echo(found.sample if sample else found.definitions, nl=False)


@group.command()
def suggest(
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines or Parquet.", metavar="FILE")],
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Print a first mapping for a file, as a definition file. Defines nothing."""
    if not file.is_file():
        raise NotFoundError(f"There is no file {file}.")
    with connect(workspace) as client:
        upload = client.upload(file)["upload"]
        found = client.post("/mappings/suggest", {"upload": upload})
        tried = client.post("/mappings/try", {"mapping": found["mapping"], "upload": upload})
        client.delete(f"/uploads/{segment_of(upload)}")
    if as_json:
        show_json({**found, "tried": tried})
        return
    typer.echo(found["definitions"], nl=False)
    for told in found["notes"]:
        note(told)
    for one in found["presets"]:
        note(f"The preset {one['name']} fits {one['share']:.0%}: {one['description']}")
    good = sum(one["identified"] for one in tried["messages"])
    note(f"Of the first rows, {plural(good, 'message')} would be stored and "
         f"{len(tried['messages']) - good + len(tried['refused'])} refused.")  # fmt: skip
