"""`patron identity rules`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import connect
from patron.cli.identity import identity
from patron.cli.terminal import holds_for, moment, note, say, show_json


@identity.command()
def rules(
    version: Annotated[
        int | None,
        typer.Option(help="Those of an earlier version, 0 the default rules.", metavar="N", min=0,
                     show_default=False),
    ] = None,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Show the rules of identity that hold, as a definition file.

    The default rules are written out, so that a file can begin with them.
    """
    with connect(workspace) as client:
        found = client.get("/identity/rules", version=version, min_position=min_position)
    if as_json:
        show_json(found)
        return
    from patron.definitions import render

    say(render("identity", found["name"], found["rules"]).rstrip("\n"))
    note(f"{_which(found)} {'They hold.' if found['holds'] else 'Others hold now.'}")
    for one in found["versions"]:
        said = ", the default rules" if one["is_default"] else ""
        note(f"Version {one['version']}: {moment(one['recorded_at'])}, by {one['origin']}{said}.")
    note(holds_for(found))


def _which(found: dict[str, Any]) -> str:
    if found["is_default"]:
        return f"These are the default rules, edition {found['defaults']}."
    return f"These are version {found['version']} of {found['name']}."
