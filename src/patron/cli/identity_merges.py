"""`patron identity merges`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from patron.cli import options
from patron.cli.client import connect
from patron.cli.identity import identity
from patron.cli.terminal import Cell, holds_for, moment, say, show_json, table


@identity.command()
def merges(
    kind: Annotated[
        Literal["merge", "split"] | None,
        typer.Option(help="Only these.", metavar="KIND", show_default=False),
    ] = None,
    limit: Annotated[
        int, typer.Option(help="How many to show.", metavar="N", min=1, max=1000)
    ] = 50,
    below: Annotated[
        int | None,
        typer.Option(help="Only those with a smaller number.", metavar="N", min=1,
                     show_default=False),
    ] = None,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """List the newest merges and splits of everybody, each with its reason."""
    with connect(workspace) as client:
        found = client.get("/identity/merges", kind=kind, limit=limit, below=below,
                           min_position=min_position)  # fmt: skip
    if as_json:
        show_json(found)
        return
    columns = ["number", "what", "at", "customers today", "why"]
    table(columns, [_row(one) for one in found["data"]])
    if found["next"] is not None:
        say(f"There are more: --below {found['next']}")
    say(holds_for(found))


def _row(one: dict[str, Any]) -> list[Cell]:
    today = ", ".join(
        customer["identifier"] or str(customer["profile_id"]) for customer in one["customers"]
    )
    return [one["merge_id"], one["kind"], moment(one["recorded_at"]), today, one["reason"]]
