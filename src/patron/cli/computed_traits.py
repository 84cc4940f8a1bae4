"""`patron computed-trait`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_end_of_page
from patron.cli.client import connect, segment_of
from patron.cli.definition_commands import DefinitionCommands, show_facts, users
from patron.cli.explanations import show_condition
from patron.cli.problems import about_rule
from patron.cli.segments import rule_text, show_customers, warn
from patron.cli.terminal import Cell, holds_for, say, show_json, shown_cell

Name = Annotated[str, typer.Argument(help="The computed trait's name.")]
Expression = Annotated[
    str | None,
    typer.Argument(
        help="What it is computed of, such as 'revenue(in the last 365 days)'.", show_default=False
    ),
]

group = typer.Typer(help="Traits computed of what customers did.", no_args_is_help=True)


def _row(trait: dict[str, Any]) -> list[Cell]:
    return [trait[key] for key in ("name", "text", "version", "origin", "description")]


def _show(trait: dict[str, Any]) -> None:
    segments, traits = users(trait)
    show_facts(trait, more=[segments, traits] if trait["computed_traits"] else [segments])
    say()
    for line in trait["text"].splitlines():
        say(f"  {line}")


commands = DefinitionCommands(group, "/computed-traits", "computed trait")
commands.add_list(
    "List all computed traits.",
    ["computed trait", "computed of", "version", "origin", "description"],
    _row,
)
commands.add_show("Show what a trait is computed of, and who uses it.", _show)


@group.command("set")
def set_trait(
    name: Name,
    value: Expression = None,
    file: options.RuleFile = None,
    description: Annotated[
        str | None, typer.Option(help="For people.", metavar="TEXT", show_default=False)
    ] = None,
    allow_unknown: options.AllowUnknown = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Make or change a computed trait."""
    text = rule_text(value, file)
    body: dict[str, Any] = {"value": text}
    if description is not None:
        body["description"] = description
    with connect(workspace) as client, about_rule(text):
        answer = client.put(
            f"/computed-traits/{segment_of(name)}", body, allow_unknown=allow_unknown
        )
    if as_json:
        show_json(answer)
        return
    say(f"{name} is version {answer['version']}.")
    warn(answer)


def _show_values(answer: Answer) -> None:
    show_customers([{**one, "value": shown_cell(one["value"])} for one in answer["data"]])
    show_end_of_page(answer)


def _show_explained(answer: Answer) -> None:
    value = "missing" if answer["value"] is None else shown_cell(answer["value"])
    say(f"{answer['name']} of profile {answer['profile_id']}: {value}", strong=True)
    show_condition(answer["condition"])
    say(f"\n{holds_for(answer)}")


commands.add_remove("Remove a computed trait that nothing uses.")
commands.add_values("List the customers who have a value, with it.", _show_values, limit=100)
commands.add_explain(
    "Say what the value of a customer comes to, and the events behind it.", _show_explained
)
