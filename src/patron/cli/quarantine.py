"""`patron quarantine`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import Client, connect
from patron.cli.terminal import facts, moment, plural, say, show_json, table
from patron.errors import NotFoundError

PAGE = 1_000
FATES = ("stored", "duplicate", "quarantined")

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
    show_answer(
        workspace, "/quarantine", _show_refused, as_json=as_json, source=source, code=code,
        limit=limit, cursor=cursor, min_position=min_position,
    )  # fmt: skip


def _show_refused(page: Answer) -> None:
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
        if quarantine_ids:
            replayed = client.post("/quarantine/replay", quarantine_ids)
        else:
            replayed = _replay_all(client, source, code)
    if as_json:
        show_json(replayed)
        return
    sent = sum(replayed[name] for name in FATES)
    say(f"Sent {plural(sent, 'refusal')} through again.", strong=True)
    facts((name, replayed[name]) for name in FATES)


def _replay_all(client: Client, source: str | None, code: str | None) -> dict[str, Any]:
    """Go on until all that wait were tried; what became of them together."""
    chosen = {"source": source, "code": code}
    whole: dict[str, Any] = client.post("/quarantine/replay/all", chosen)
    while whole["next"] is not None:
        part = client.post("/quarantine/replay/all", {**chosen, "after": whole["next"]})
        for name in (*FATES, "failed"):
            whole[name] += part[name]
        whole |= {name: part[name] for name in ("position", "next")}
    if not any(whole[name] for name in FATES):
        raise NotFoundError(
            "No refused message waits.",
            hint="Rows of files are mended in the file and imported again.",
        )
    return whole


def _origin(row: dict[str, Any]) -> str:
    origin = str(row["origin"])
    return origin if not row["row_number"] else f"{origin}, row {row['row_number']:,}"
