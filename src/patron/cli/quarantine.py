"""`patron quarantine`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import Client, connect
from patron.cli.terminal import facts, moment, plural, say, show_json, table
from patron.errors import NotFoundError

PAGE = 1_000

group = typer.Typer(help="Refused messages and rows.", no_args_is_help=True)

Source = Annotated[
    str | None, typer.Option(help="Only of this source.", metavar="NAME", show_default=False)
]
Code = Annotated[
    str | None, typer.Option(help="Only with this reason.", metavar="CODE", show_default=False)
]


@group.command("list")
def list_refused(
    source: Source = None,
    code: Code = None,
    limit: Annotated[
        int, typer.Option(help="How many to show.", metavar="N", min=1, max=PAGE)
    ] = 50,
    cursor: options.Cursor = None,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """List what was refused and why, newest first."""
    with connect(workspace) as client:
        page = client.get("/quarantine", source=source, code=code, limit=limit, cursor=cursor,
                          min_position=min_position)  # fmt: skip
    if as_json:
        show_json(page)
        return
    table(
        ["id", "received", "source", "from", "code", "reason"],
        [
            [str(row["quarantine_id"]), moment(row["received_at"]), row["source"], _origin(row),
             row["code"], row["reason"]]
            for row in page["data"]
        ],
    )  # fmt: skip
    say(plural(len(page["data"]), "refusal"))
    if page["next"] is not None:
        say(f"There are more: --cursor {page['next']}")


@group.command()
def replay(
    quarantine_ids: Annotated[
        list[int] | None,
        typer.Argument(help="Those that `quarantine list` shows.", show_default=False),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All messages; --source and --code choose among them.")
    ] = False,
    source: Source = None,
    code: Code = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Send refused messages through again under today's rules.

    Refused rows of files are not sent again: mend the file and import it again.
    """
    if bool(quarantine_ids) == everything:
        raise typer.BadParameter("give ids or --all, one of them", param_hint="QUARANTINE_IDS")
    with connect(workspace) as client:
        chosen = quarantine_ids or waiting(client, source, code)
        if not chosen:
            raise NotFoundError(
                "No refused message waits.",
                hint="Rows of files are mended in the file and imported again.",
            )
        replayed = client.post("/quarantine/replay", chosen)
    if as_json:
        show_json(replayed)
        return
    say(f"Sent {plural(len(chosen), 'refusal')} through again.", strong=True)
    facts((name, replayed[name]) for name in ("stored", "duplicate", "quarantined"))


def waiting(client: Client, source: str | None = None, code: str | None = None) -> list[int]:
    """The ids of all refused messages that were not replayed yet, oldest first."""
    found: list[int] = []
    page: dict[str, Any] = {"next": None}
    while True:
        page = client.get("/quarantine", source=source, code=code, limit=PAGE, cursor=page["next"])
        found += [
            row["quarantine_id"]
            for row in page["data"]
            if row["replayed_at"] is None and row["row_number"] is None
        ]
        if page["next"] is None:
            return found[::-1]


def _origin(row: dict[str, Any]) -> str:
    origin = str(row["origin"])
    return origin if not row["row_number"] else f"{origin}, row {row['row_number']:,}"
