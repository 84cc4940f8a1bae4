"""`patron identity rules`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.identity import identity
from patron.cli.terminal import holds_for, moment, note, say


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
    show_answer(
        workspace, "/identity/rules", _show_rules, as_json=as_json, version=version,
        min_position=min_position,
    )  # fmt: skip


def _show_rules(answer: Answer) -> None:
    from patron.definitions import render

    say(render("identity", answer["name"], answer["rules"]).rstrip("\n"))
    note(f"{_which(answer)} {'They hold.' if answer['holds'] else 'Others hold now.'}")
    for one in answer["versions"]:
        said = ", the default rules" if one["is_default"] else ""
        note(f"Version {one['version']}: {moment(one['recorded_at'])}, by {one['origin']}{said}.")
    note(holds_for(answer))


def _which(found: dict[str, Any]) -> str:
    if found["is_default"]:
        return f"These are the default rules, edition {found['defaults']}."
    return f"These are version {found['version']} of {found['name']}."
