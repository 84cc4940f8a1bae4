"""`patron audit`."""

from __future__ import annotations

from typing import Annotated

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.terminal import moment, plural, say, table


def audit(
    by: Annotated[
        str | None,
        typer.Option(help="Only by this person (e-mail) or token.", metavar="WHO"),
    ] = None,
    action: Annotated[
        str | None, typer.Option(help="Only actions that contain this.", metavar="TEXT")
    ] = None,
    refused: Annotated[
        bool | None, typer.Option("--refused/--done", help="Only what was refused, or was not.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only from this moment on, ISO 8601.", metavar="TIME")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only before this moment.", metavar="TIME")
    ] = None,
    limit: Annotated[
        int, typer.Option(help="How many to show.", metavar="N", min=1, max=1_000)
    ] = 50,
    cursor: Annotated[
        int | None, typer.Option(help="Only before this number.", metavar="N", min=1)
    ] = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Show who did what: changes, exports, questions in SQL, sign-ins, refusals."""
    show_answer(
        workspace, "/audit", _show_audit, as_json=as_json, actor=by, action=action,
        refused=refused, since=since, until=until, limit=limit, cursor=cursor,
    )  # fmt: skip


def _show_audit(answer: Answer) -> None:
    table(
        ["number", "when", "who", "what", "named", "answer", "from"],
        [
            [
                one["audit_id"], moment(one["recorded_at"]), one["actor"] or "nobody known",
                one["action"], ", ".join(f"{name} {what}" for name, what in one["named"].items()),
                one["status"], one["address"],
            ]
            for one in answer["data"]
        ],
    )  # fmt: skip
    say(plural(len(answer["data"]), "entry", "entries"))
    if answer["next"]:
        say(f"More: --cursor {answer['next']}")
