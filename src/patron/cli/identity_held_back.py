"""`patron identity held-back`."""

from __future__ import annotations

from typing import Annotated

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.identity import identity
from patron.cli.terminal import holds_for, moment, say, table


@identity.command("held-back")
def held_back(
    kind: Annotated[
        str | None,
        typer.Option("--type", help="Only of this type.", metavar="TYPE", show_default=False),
    ] = None,
    limit: Annotated[
        int, typer.Option(help="How many to show.", metavar="N", min=1, max=1000)
    ] = 50,
    cursor: options.Cursor = None,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """List identifiers that came with too many people, and join nobody."""
    show_answer(
        workspace, "/identity/held-back", _show, as_json=as_json, type=kind, limit=limit,
        cursor=cursor, min_position=min_position,
    )  # fmt: skip


def _show(page: Answer) -> None:
    table(
        ["identifier", "came with", "of type", "joins up to", "since", "parted", "profile"],
        [
            [row["identifier"], row["linked"], row["linked_type"], row["most"],
             moment(row["since"]), row["parted"], str(row["profile_id"])]
            for row in page["data"]
        ],
    )  # fmt: skip
    counts = ", ".join(f"{count:,} of type {name}" for name, count in page["types"].items())
    say(f"Held back in all: {counts or 'none'}.")
    say("Parted: customers whom it had joined, and joins no more.")
    if page["next"] is not None:
        say(f"There are more: --cursor {page['next']}")
    say(holds_for(page))
