"""`patron preference`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, first_identifier, show_answer, show_end_of_page
from patron.cli.client import segment_of
from patron.cli.definition_commands import DefinitionCommands, show_facts, users
from patron.cli.terminal import Cell, bar, holds_for, moment, say, shown_cell, table

Name = Annotated[str, typer.Argument(help="The preference's name.")]

group = typer.Typer(help="What customers like, by what they do.", no_args_is_help=True)


def _row(found: dict[str, Any]) -> list[Cell]:
    follows = _interactions(found)
    return [found["name"], follows, found["version"], found["origin"], found["description"]]


def _interactions(preference: dict[str, Any]) -> str:
    said = (f"{one['event']} ({one['weight']})" for one in preference["definition"]["interactions"])
    return ", ".join(said)


commands = DefinitionCommands(group, "/preferences", "preference")
commands.add_list(
    "List all preferences.",
    ["preference", "follows from", "version", "origin", "description"],
    _row,
)


@group.command()
def show(
    name: Name,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show what a preference follows from, and how many customers prefer what."""
    show_answer(
        workspace, f"/preferences/{segment_of(name)}", _show, as_json=as_json,
        as_of=as_of, min_position=min_position,
    )  # fmt: skip


def _show(answer: Answer) -> None:
    found = answer["preference"]
    show_facts(found, more=[("follows from", _interactions(found)), *users(found)])
    say()
    most = max((one["customers"] for one in answer["favourites"]), default=0)
    table(
        ["favourite", "customers", ""],
        [
            [shown_cell(one["value"]), one["customers"], bar(one["customers"], most)]
            for one in answer["favourites"]
        ],
    )
    say(f"\n{holds_for(answer)}")


def _show_values(answer: Answer) -> None:
    table(
        ["profile", "identifier", "favourite", "affinity", "values"],
        [
            [
                one["profile_id"],
                first_identifier(one),
                None if one["favourite"] is None else shown_cell(one["favourite"]),
                one["values"][0]["affinity"],
                len(one["values"]),
            ]
            for one in answer["data"]
        ],
    )
    show_end_of_page(answer)


def _show_explained(answer: Answer) -> None:
    favourite = "none" if answer["favourite"] is None else shown_cell(answer["favourite"])
    say(f"{answer['name']} of profile {answer['profile_id']}: {favourite}", strong=True)
    say()
    most = max((float(one["weight"]) for one in answer["values"]), default=0)
    table(
        ["rank", "value", "weight", "", "affinity", "verdict", "last"],
        [
            [
                one["rank"],
                shown_cell(one["value"]),
                one["weight"],
                bar(max(float(one["weight"]), 0), most),
                one["affinity"],
                one["verdict"],
                moment(one["last_at"]),
            ]
            for one in answer["values"]
        ],
    )
    say(f"\n{holds_for(answer)}")


commands.add_versions("List what a preference said before.", "preference")
commands.add_remove("Remove a preference that nothing uses.")
commands.add_values("List customers with what they prefer.", _show_values, limit=20)
commands.add_explain("Show what one customer prefers, value by value.", _show_explained)
