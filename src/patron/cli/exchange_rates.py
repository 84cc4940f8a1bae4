"""`patron exchange-rate`."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer
from patron.cli.client import connect, segment_of
from patron.cli.definition_commands import DefinitionCommands, show_facts, users
from patron.cli.files import read_text
from patron.cli.segments import warn
from patron.cli.terminal import Cell, say, show_json, table
from patron.errors import InputError

COLUMNS = ("currency", "from", "rate")

Name = Annotated[str, typer.Argument(help="The currency that they lead to, such as eur.")]
Description = Annotated[
    str | None, typer.Option(help="For people.", metavar="TEXT", show_default=False)
]

group = typer.Typer(
    help="What amounts of other currencies are worth in one's own.", no_args_is_help=True
)


def _row(found: dict[str, Any]) -> list[Cell]:
    currencies = sorted({rate["currency"] for rate in found["rates"]})
    newest = max((rate["from"] for rate in found["rates"]), default=None)
    rest = [found[key] for key in ("version", "origin", "description")]
    return [found["name"], ", ".join(currencies), len(found["rates"]), newest, *rest]


def _show(found: dict[str, Any]) -> None:
    show_facts(found, more=users(found))
    say()
    table(COLUMNS, [[rate[column] for column in COLUMNS] for rate in found["rates"]])


commands = DefinitionCommands(group, "/exchange-rates", "exchange rates")
commands.add_list(
    "List all exchange rates.",
    ["to", "of", "rates", "newest from", "version", "origin", "description"],
    _row,
)
commands.add_show("Show the rates to a currency, and who converts by them.", _show)


@group.command("set")
def set_rates(
    name: Name,
    file: Annotated[
        Path,
        typer.Option("--file", "-f", help="CSV with the columns currency, from and rate; - for "
                     "standard input.", metavar="FILE", show_default=False),
    ],
    description: Description = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Declare all rates to a currency, in place of those there are."""
    body: dict[str, Any] = {"rates": _read(file)}
    if description is not None:
        body["description"] = description
    with connect(workspace) as client:
        answer = client.put(f"/exchange-rates/{segment_of(name)}", body)
    _show_saved(name, answer, as_json=as_json)


@group.command()
def add(
    name: Name,
    currency: Annotated[str, typer.Argument(help="Of the amounts to convert, such as USD.")],
    rate: Annotated[str, typer.Argument(help="What one unit of it is worth, such as 0.85.")],
    since: Annotated[
        str, typer.Option("--from", help="The first day that it holds for.", metavar="DAY")
    ],
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Declare one more rate, or another for its day; the others stay."""
    path = "/".join(segment_of(one) for one in (name, "rates", currency, since))
    with connect(workspace) as client:
        answer = client.put(f"/exchange-rates/{path}", {"rate": rate})
    _show_saved(name, answer, as_json=as_json)


def _show_saved(name: str, answer: Answer, *, as_json: bool) -> None:
    if as_json:
        show_json(answer)
        return
    say(f"{name} is version {answer['version']}.")
    warn(answer)


def _read(file: Path) -> list[dict[str, str]]:
    text = read_text(file)
    rows = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or [])]
    if missing:
        raise InputError(
            f"{file} has no column {missing[0]}.", hint=f"Expected: {', '.join(COLUMNS)}."
        )
    return [{column: row[column] or "" for column in COLUMNS} for row in rows]


commands.add_versions("List the rates to a currency as they were before.", "exchange_rates")
commands.add_remove("Remove the rates to a currency that nothing converts to.")
