"""`patron webhook`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect, segment_of
from patron.cli.terminal import facts, moment, plural, say, show_json, table

Name = Annotated[str, typer.Argument(help="The webhook's name.")]

group = typer.Typer(
    help="Where changes of customers are sent. Webhooks are made by definitions.",
    no_args_is_help=True,
)


@group.command("list")
def list_webhooks(workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """List all webhooks, and how their deliveries go."""
    show_answer(workspace, "/webhooks", _show_webhooks, as_json=as_json)


def _show_webhooks(found: Answer) -> None:
    table(
        ["webhook", "url", "state", "delivered", "behind", "error"],
        [
            [one["name"], one["url"], one["state"], one["delivered"], one["behind"], one["error"]]
            for one in found["data"]
        ],
    )
    say(plural(len(found["data"]), "webhook"))


@group.command()
def show(name: Name, workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """Show how a webhook stands."""
    with connect(workspace) as client:
        found = client.get(f"/webhooks/{segment_of(name)}")
    _show(found, as_json=as_json)


@group.command()
def resume(name: Name, workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """Try again at once, also when it is paused; what waited is sent in order."""
    with connect(workspace) as client:
        found = client.post(f"/webhooks/{segment_of(name)}/resume", None)
    _show(found, as_json=as_json)


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    say(found["name"], strong=True)
    facts(
        [
            ("url", found["url"]),
            ("what", ", ".join(found["what"])),
            *([("segments", ", ".join(found["segments"]))] if found["segments"] else []),
            ("state", found["state"]),
            ("delivered", found["delivered"]),
            ("behind", f"{found['behind']:,} positions"),
        ]
    )
    if found["error"]:
        facts(
            [
                ("failures", found["failures"]),
                ("error", found["error"]),
                ("next attempt", moment(found["next_at"]) or "none until it is resumed"),
            ]
        )
