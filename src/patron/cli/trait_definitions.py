"""`patron trait show`, `set`, `versions` and `remove`: what is declared of traits."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import connect, segment_of
from patron.cli.definition_commands import DefinitionCommands, show_facts, users
from patron.cli.terminal import say, show_json
from patron.cli.traits import group

FIELDS = (
    "trait", "type", "survivorship", "trust_order", "holds_for", "provenance", "basis", "personal",
)  # fmt: skip


def _show(found: dict[str, Any]) -> None:
    found = {**found, "trust_order": ", ".join(found["trust_order"]) or None}
    dates, models = ", ".join(found["recurring_dates"]), ", ".join(found["linking"])
    show_facts(
        found,
        more=[
            *((field.replace("_", " "), found[field]) for field in FIELDS),
            *users(found),
            *([("recurring dates", dates)] if dates else []),
            *([("linking", models)] if models else []),
        ],
    )


commands = DefinitionCommands(group, "/traits", "trait")
commands.add_show("Show what is declared of a trait, and who reads it.", _show)


@group.command("set")
def set_trait(
    name: Annotated[str, typer.Argument(help="The definition's name.")],
    trait: Annotated[
        str | None,
        typer.Option(help="What messages call it, if not so.", metavar="TRAIT",
                     show_default=False),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--type", help="any, text, number, truth, date, list or place.",
                     metavar="TYPE", show_default=False),
    ] = None,
    survivorship: Annotated[
        str | None,
        typer.Option(help="Which observation holds: most_recent, trusted, first, most_frequent, "
                     "longest or union.", metavar="RULE", show_default=False),
    ] = None,
    trust_order: Annotated[
        str | None,
        typer.Option(help="With trusted: the sources that are trusted most about it, with commas "
                     "between, the first one most.", metavar="SOURCES", show_default=False),
    ] = None,
    holds_for: Annotated[
        str | None,
        typer.Option(help="How long an observation counts, such as '180 days'.",
                     metavar="SPAN", show_default=False),
    ] = None,
    provenance: Annotated[
        str | None,
        typer.Option(help="first, second or third party.", metavar="PARTY", show_default=False),
    ] = None,
    basis: Annotated[
        str | None,
        typer.Option(help="declared or inferred.", metavar="BASIS", show_default=False),
    ] = None,
    personal: Annotated[
        bool, typer.Option("--personal", help="It says who a person is, or is to be guarded.")
    ] = False,
    description: Annotated[
        str | None, typer.Option(help="For people.", metavar="TEXT", show_default=False)
    ] = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Declare a trait, or change what is declared; what is left out is as usual."""
    said = {
        "trait": trait, "type": kind, "survivorship": survivorship,
        "trust_order": trust_order and [one.strip() for one in trust_order.split(",")],
        "holds_for": holds_for,
        "provenance": provenance, "basis": basis, "personal": personal or None,
        "description": description,
    }  # fmt: skip
    body = {field: value for field, value in said.items() if value is not None}
    with connect(workspace) as client:
        answer = client.put(f"/traits/{segment_of(name)}", body)
    if as_json:
        show_json(answer)
    else:
        say(f"{name} is version {answer['version']}.")


commands.add_versions("List what was declared of a trait before.", "trait")
commands.add_remove("Remove what is declared of a trait; its values stay.")
