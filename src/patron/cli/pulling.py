"""`patron import`: files, which is meant when nothing is said, and the pulls of databases."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect, segment_of
from patron.cli.importing import PAUSE, ImportFailedError, import_files, progress
from patron.cli.terminal import facts, moment, note, plural, say, show_json, table

FILES = "files"


class ImportGroup(TyperGroup):
    """Takes ``import MAPPING PATH`` for ``import files MAPPING PATH``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own
        """Say what is meant when no command is named."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [FILES, *args]
        return super().parse_args(ctx, args)


group = typer.Typer(
    cls=ImportGroup,
    help="Bring data in through a mapping: files as `patron import MAPPING PATH`, and databases.",
    no_args_is_help=True,
)
group.command(FILES)(import_files)


@group.command()
def pull(
    mapping: Annotated[str, typer.Argument(help="The name of an applied mapping.")],
    from_start: Annotated[
        bool,
        typer.Option("--from-start", help="Read all rows again; those that are stored are known."),
    ] = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Pull the rows of a mapping's database that came in since the last pull."""
    with connect(workspace) as client, progress(mapping, done="read") as update:
        state = client.post(f"/imports/pulls/{segment_of(mapping)}", None, from_start=from_start)
        while state["state"] == "running":
            update(state)
            time.sleep(PAUSE)
            state = client.get(f"/imports/{segment_of(state['import_id'])}")
        reached = client.get(f"/imports/pulls/{segment_of(mapping)}")["position"]
    if as_json:
        show_json({**state, "cursor": reached})
    else:
        _summarise(state, mapping, reached)
    if state["state"] != "done":
        raise ImportFailedError(f"The pull failed: {state['error'] or 'no reason is known'}")


@group.command()
def pulls(workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """List the mappings that read databases, and how their pulls stand."""
    show_answer(workspace, "/imports/pulls", _show_pulls, as_json=as_json)


def _show_pulls(found: Answer) -> None:
    table(
        ["mapping", "from", "position", "every", "last", "next", "error"],
        [
            [one["mapping"], f"{one['connection']}: {one['table'] or 'query'}",
             one["position"], one["every"],
             moment(one["runs"][0]["started_at"]) if one["runs"] else None,
             moment(one["next_at"]), one["error"]]
            for one in found["data"]
        ],
    )  # fmt: skip
    say(plural(len(found["data"]), "mapping"))


def _summarise(state: dict[str, Any], mapping: str, reached: str | None) -> None:
    if state["state"] == "done":
        say(f"Pulled {plural(state['read'] or 0, 'row')} of {state['path']} through {mapping}.")
    facts((name, state[name]) for name in ("stored", "duplicate", "quarantined"))
    facts([("position", reached)])
    for remark in state["notes"]:
        note(remark)
    if state["quarantined"]:
        note("See why with `patron quarantine list`.")
