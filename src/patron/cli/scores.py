"""`patron score`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, first_identifier, show_answer, show_end_of_page
from patron.cli.client import segment_of
from patron.cli.definition_commands import DefinitionCommands, show_facts, users
from patron.cli.terminal import Cell, bar, holds_for, moment, say, signed, table

Name = Annotated[str, typer.Argument(help="The score's name.")]

group = typer.Typer(help="What interactions are worth, as they age.", no_args_is_help=True)


def _row(score: dict[str, Any]) -> list[Cell]:
    interactions = ", ".join(_said(one) for one in score["definition"]["interactions"])
    return [score["name"], interactions, score["version"], score["origin"], score["description"]]


def _show(score: dict[str, Any]) -> None:
    show_facts(score, more=[("in rules", ", ".join(score["traits"])), *users(score)])
    say(f"\n  {score['text']}")


commands = DefinitionCommands(group, "/scores", "score")
commands.add_list(
    "List all scores.", ["score", "interactions", "version", "origin", "description"], _row
)
commands.add_show("Show what a score is made of, and who uses it.", _show)
commands.add_versions("List what a score said before.", "score")
commands.add_remove("Remove a score that nothing uses.")


@group.command()
def values(
    name: Name,
    highest: Annotated[
        bool, typer.Option("--highest", help="The highest first; else by profile id.")
    ] = False,
    limit: options.CustomerLimit = 20,
    cursor: options.Cursor = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """List customers with their score, and how it grew."""
    order = "highest" if highest else "profile"
    show_answer(
        workspace, f"/scores/{segment_of(name)}/values", _show_values, as_json=as_json,
        limit=limit, cursor=cursor, order=order, as_of=as_of, min_position=min_position,
    )  # fmt: skip


def _show_values(answer: Answer) -> None:
    most = max((float(one["value"]) for one in answer["data"]), default=0)
    days = list(answer["data"][0]["growth"]) if answer["data"] else []
    table(
        ["profile", "identifier", "score", "", *(f"{number} days" for number in days)],
        [
            [
                one["profile_id"],
                first_identifier(one),
                one["value"],
                bar(max(float(one["value"]), 0), most),
                *map(signed, one["growth"].values()),
            ]
            for one in answer["data"]
        ],
    )
    show_end_of_page(answer)


@group.command()
def explain(
    name: Name,
    identifier: options.Customer,
    days: Annotated[
        int, typer.Option(help="How far the curve goes back.", metavar="N", min=1, max=3650)
    ] = 90,
    step: Annotated[
        int, typer.Option(help="A point every so many days.", metavar="N", min=1, max=365)
    ] = 7,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show one customer's score: its curve, and what each interaction adds to it."""
    show_answer(
        workspace, f"/scores/{segment_of(name)}/explain", _show_explained, as_json=as_json,
        profile=identifier, days=days, step=step, as_of=as_of, min_position=min_position,
    )  # fmt: skip


def _show_explained(answer: Answer) -> None:
    say(f"{answer['name']} of profile {answer['profile_id']}: {answer['value']}", strong=True)
    grown = [f"{signed(by)} in {days} days" for days, by in answer["growth"].items()]
    say(f"  {', '.join(grown)}\n")
    table(
        ["interaction", "points each", "adds"],
        [[_said(one), one["points_each"], one["points"]] for one in answer["interactions"]],
    )
    show_curve(answer["curve"])
    say(f"\n{holds_for(answer)}")


def show_curve(points: list[dict[str, Any]]) -> None:
    """Print what a score was, moment by moment."""
    most = max((float(point["value"] or 0) for point in points), default=0)
    say()
    table(
        ["at", "score", ""],
        [
            [moment(point["at"]), point["value"], bar(max(float(point["value"] or 0), 0), most)]
            for point in points
        ],
    )


def _said(interaction: dict[str, Any]) -> str:
    where = interaction.get("where")
    return f"{interaction['event']}{f' where {where}' if where else ''}"
