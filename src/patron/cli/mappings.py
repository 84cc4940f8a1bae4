"""`patron mapping`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from patron.cli import options
from patron.cli.terminal import plural, say, show_json, table

group = typer.Typer(help="Ready-made mappings to begin with.", no_args_is_help=True)


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
