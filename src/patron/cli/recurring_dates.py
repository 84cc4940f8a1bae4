"""`patron recurring-date`."""

from __future__ import annotations

from typing import Any

import typer

from patron.cli import options
from patron.cli.client import connect
from patron.cli.terminal import show_json, table

group = typer.Typer(
    help="Dates that come back every year, and write an event.", no_args_is_help=True
)


@group.command("list")
def list_dates(workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """List the dates that recur, with the day until which their events are written."""
    with connect(workspace) as client:
        _show(client.get("/recurring-dates"), as_json=as_json)


@group.command()
def run(workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """Write the events that fell due; a running server does it by itself when a day begins."""
    with connect(workspace) as client:
        _show(client.post("/recurring-dates/run", {}), as_json=as_json)


def _show(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(answer)
        return
    table(
        ["recurring date", "of", "days before", "event", "written until"],
        [
            [
                one["name"],
                one["trait"] or f"the first {one['first']}",
                one["days_before"],
                one["event"],
                one["written_until"],
            ]
            for one in answer["data"]
        ],
    )
