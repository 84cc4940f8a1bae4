"""`patron points`."""

from __future__ import annotations

from typing import Annotated

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.card import By
from patron.cli.client import connect, segment_of
from patron.cli.terminal import holds_for, moment, plural, say, show_json, table

group = typer.Typer(help="Points of a loyalty programme.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The loyalty definition's name.")]


@group.command()
def ledger(
    name: Name,
    customer: options.Customer,
    limit: Annotated[
        int, typer.Option(help="How many entries to show.", metavar="N", min=1, max=10_000)
    ] = 100,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show what a customer earned, burned, and what expired."""
    path = f"/profiles/{segment_of(customer)}/points/{segment_of(name)}"
    show_answer(
        workspace, path, _show_ledger, as_json=as_json, limit=limit, as_of=as_of,
        min_position=min_position,
    )  # fmt: skip


def _show_ledger(found: Answer) -> None:
    table(
        ["at", "", "points", "balance", "message"],
        [
            [moment(one["at"]), one["kind"], one["points"], one["balance"], one["message_id"]]
            for one in found["data"]
        ],
    )
    say(f"{plural(found['balance'], 'point')} after {plural(found['entries'], 'entry', 'entries')}."
        f" {holds_for(found)}")  # fmt: skip


@group.command()
def burn(
    name: Name,
    customer: options.Customer,
    points: Annotated[int, typer.Argument(help="How many.", min=1)],
    by: By = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Burn points of a customer by hand; refused beyond the balance."""
    path = f"/profiles/{segment_of(customer)}/points/{segment_of(name)}/burn"
    body = {"points": points, "on_behalf_of": by}
    with connect(workspace) as client:
        found = client.post(path, body)
    if as_json:
        show_json(found)
    else:
        say(f"Profile {found['profile_id']} has {plural(found['balance'], 'point')} left.")
