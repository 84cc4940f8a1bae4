"""`patron sql`."""

from __future__ import annotations

import csv
import sys
from typing import Annotated, Literal

import typer

from patron.cli import options
from patron.cli.client import connect
from patron.cli.terminal import holds_for, note, plural, say, show_json, table


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT over the documented views.")],
    form: Annotated[
        Literal["table", "csv", "json"],
        typer.Option("--format", help="How rows are printed.", metavar="table|csv|json"),
    ] = "table",
    limit: Annotated[
        int, typer.Option(help="The most rows.", metavar="N", min=1, max=100_000)
    ] = 1_000,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Ask a question in SQL, read-only. `--json` is short for `--format json`."""
    with connect(workspace) as client:
        body = {"query": query, "limit": limit}
        answer = client.post("/sql", body, min_position=min_position)
    if as_json or form == "json":
        show_json(answer)
        return
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([answer["columns"], *answer["rows"]])
    else:
        table(answer["columns"], answer["rows"])
        say(f"{plural(len(answer['rows']), 'row')}. {holds_for(answer)}")
    if answer["truncated"]:
        note(f"There are more rows than {limit:,}; see more with --limit.")
