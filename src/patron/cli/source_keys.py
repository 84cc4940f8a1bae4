"""`patron source`: sources and their write keys."""

from __future__ import annotations

from typing import Annotated

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect, segment_of
from patron.cli.terminal import facts, holds_for, moment, say, show_json, table

group = typer.Typer(help="Where data comes from: sources and write keys.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The source's name, such as web.", metavar="NAME")]


@group.command("list")
def list_sources(
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """List all sources, with what came in from them."""
    show_answer(workspace, "/sources", _show_sources, as_json=as_json, min_position=min_position)


def _show_sources(answer: Answer) -> None:
    table(
        ["source", "brand", "type", "keys", "last message", "last 24 hours", "stored", "refused"],
        [
            [
                one["name"] if one["active"] else f"{one['name']} (removed)",
                one["brand"],
                one["type"],
                ", ".join(
                    f"{key['key_id']} (…{key['ends_with']})" if key["ends_with"]
                    else str(key["key_id"])
                    for key in one["keys"] if key["revoked_at"] is None
                ),
                moment(one["last_message_at"]) if one["last_message_at"] else None,
                sum(one["last_24_hours"].values()),
                one["totals"]["stored"],
                one["totals"]["quarantined"],
            ]
            for one in answer["data"]
        ],
    )  # fmt: skip
    say(f"\n{holds_for(answer)}")


@group.command()
def add(
    name: Name,
    brand: Annotated[
        str, typer.Option(help="The brand that its messages count for.", metavar="BRAND")
    ] = "main",
    kind: Annotated[
        str, typer.Option("--type", help="web, app, store, crm, erp, …", metavar="TYPE")
    ] = "file",
    trust: Annotated[
        int, typer.Option(help="Rank of trust, 1 is the most trusted.", metavar="N", min=1)
    ] = 100,
    channel: Annotated[
        str | None,
        typer.Option(help="Of messages that name none.", metavar="CHANNEL", show_default=False),
    ] = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Declare a source, or change one; prints the write key of a new one."""
    body = {"name": name, "brand": brand, "type": kind, "trust": trust, "channel": channel}
    with connect(workspace) as client:
        answer = client.post("/sources", body)
    if as_json:
        show_json(answer)
        return
    say(f"Source {answer['name']} is declared.")
    if answer["write_key"]:
        facts([("its write key", f"{answer['write_key']} (kept as a hash: note it down)")])


@group.command("new-key")
def new_key(name: Name, workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """Make a further write key; the others hold on until they are revoked."""
    with connect(workspace) as client:
        answer = client.post(f"/sources/{segment_of(name)}/keys", {})
    if as_json:
        show_json(answer)
        return
    facts([
        (f"key {answer['key_id']} of {answer['source']}",
         f"{answer['write_key']} (kept as a hash: note it down)"),
    ])  # fmt: skip


@group.command("revoke-key")
def revoke_key(
    name: Name,
    key_id: Annotated[int, typer.Argument(help="Its number, as `list` shows it.", metavar="KEY")],
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Take nothing more that is sent with a write key."""
    with connect(workspace) as client:
        answer = client.delete(f"/sources/{segment_of(name)}/keys/{key_id}")
    if as_json:
        show_json(answer)
    else:
        say(f"Key {key_id} of {name} holds no more.")
