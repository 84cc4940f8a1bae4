"""`patron token`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect, segment_of
from patron.cli.terminal import facts, moment, plural, say, show_json, table

Name = Annotated[str, typer.Argument(help="What uses the token, such as crm.")]

group = typer.Typer(help="Tokens with which programs use the API.", no_args_is_help=True)


@group.command("list")
def list_tokens(workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """List all tokens, revoked ones too. Secrets are never shown again."""
    show_answer(workspace, "/tokens", _show_tokens, as_json=as_json)


def _show_tokens(answer: Answer) -> None:
    table(
        ["token", "role", "state", "made by", "last used", "expires"],
        [
            [one["name"], one["role"], one["state"], one["made_by"], moment(one["used_at"]),
             moment(one["expires_at"])]
            for one in answer["data"]
        ],
    )  # fmt: skip
    say(plural(len(answer["data"]), "token"))


@group.command()
def add(
    name: Name,
    role: Annotated[
        str,
        typer.Option(help="What it may do.", metavar="admin|marketer|analyst|support|read-only"),
    ],
    days: Annotated[
        int | None,
        typer.Option(
            help="After how many it expires; never when left out.",
            metavar="DAYS",
            min=1,
            show_default=False,
        ),
    ] = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Make a token. Its secret is shown this once."""
    with connect(workspace) as client:
        made = client.post("/tokens", {"name": name, "role": role, "days": days})
    if as_json:
        show_json(made)
        return
    _show_made(f"Made the token {made['name']}.", made)


@group.command()
def replace(name: Name, workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """Give a token another secret, shown this once. The old one holds no more, at once.

    That of the token admin is also written to the file in the workspace's folder.
    """
    with connect(workspace) as client:
        made = client.post(f"/tokens/{segment_of(name)}/replace", None)
    if as_json:
        show_json(made)
        return
    _show_made(f"The token {made['name']} has another secret; the old one holds no more.", made)


def _show_made(title: str, made: dict[str, Any]) -> None:
    say(title, strong=True)
    facts(
        [
            ("role", made["role"]),
            ("secret", f"{made['token']} (kept as a hash: note it down)"),
            ("expires", moment(made["expires_at"]) or "never"),
        ]
    )


@group.command()
def revoke(name: Name, workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """Let a token hold no more, at once."""
    with connect(workspace) as client:
        gone = client.delete(f"/tokens/{segment_of(name)}")
    if as_json:
        show_json(gone)
        return
    say(f"The token {gone['name']} holds no more.")
