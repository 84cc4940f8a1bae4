"""`patron enrichment`."""

from __future__ import annotations

from typing import Annotated

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect, segment_of
from patron.cli.terminal import moment, plural, say, show_json, table

group = typer.Typer(
    help="What adds traits of its own, third-party or inferred.", no_args_is_help=True
)


@group.command("list")
def list_enrichments(workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """List enrichments, with the traits that they give and how the last run ended."""
    show_answer(workspace, "/enrichments", _show_all, as_json=as_json)


def _show_all(answer: Answer) -> None:
    table(
        ["enrichment", "uses", "gives", "provenance", "every", "last run", "stored", "error"],
        [
            [
                one["name"],
                one["use"],
                ", ".join(one["traits"]),
                f"{one['provenance']} party, {one['basis']}",
                one["every"],
                one["ran_at"] and moment(one["ran_at"]),
                one["stored"],
                one["error"],
            ]
            for one in answer["data"]
        ],
    )


@group.command()
def connectors(workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """List the connectors that are installed."""
    show_answer(workspace, "/enrichments/connectors", _show_connectors, as_json=as_json)


def _show_connectors(answer: Answer) -> None:
    for name in answer["data"]:
        say(name)


@group.command()
def run(
    name: Annotated[str, typer.Argument(help="The enrichment's name.")],
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Look at everything again.")
    ] = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Look at what came in since the last run, and add what follows from it."""
    with connect(workspace) as client:
        answer = client.post(f"/enrichments/{segment_of(name)}/run", {}, from_start=from_start)
    if as_json:
        show_json(answer)
        return
    say(
        f"{name}: {plural(answer['read'], 'input')} looked at, "
        f"{plural(answer['stored'], 'message')} added. Position {answer['position']}."
    )
