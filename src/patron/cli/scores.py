"""`patron score`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import connect, segment_of
from patron.cli.terminal import bar, facts, holds_for, moment, plural, say, show_json, table

Name = Annotated[str, typer.Argument(help="The score's name.")]

group = typer.Typer(help="What interactions are worth, as they age.", no_args_is_help=True)


@group.command("list")
def list_scores(
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """List all scores."""
    with connect(workspace) as client:
        answer = client.get("/scores", min_position=min_position)
    if as_json:
        show_json(answer)
        return
    table(
        ["score", "interactions", "version", "origin", "description"],
        [
            [one["name"], _interactions(one), one["version"], one["origin"], one["description"]]
            for one in answer["data"]
        ],
    )
    say(holds_for(answer))


@group.command()
def show(
    name: Name,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show what a score is made of, and who uses it."""
    with connect(workspace) as client:
        answer = client.get(f"/scores/{segment_of(name)}", min_position=min_position)
    if as_json:
        show_json(answer)
        return
    found = answer["score"]
    say(found["name"], strong=True)
    facts(
        [
            *((key, found[key]) for key in ("description", "version", "origin")),
            ("in rules", ", ".join(found["traits"])),
            ("segments", ", ".join(found["segments"]) or "none"),
            ("computed traits", ", ".join(found["computed_traits"]) or "none"),
        ]
    )
    say(f"\n  {found['text']}")
    say(f"\n{holds_for(answer)}")


@group.command()
def remove(name: Name, workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """Remove a score that nothing uses."""
    with connect(workspace) as client:
        answer = client.delete(f"/scores/{segment_of(name)}")
    if as_json:
        show_json(answer)
    else:
        say(f"{name} is removed.")


@group.command()
def values(
    name: Name,
    highest: Annotated[
        bool, typer.Option("--highest", help="The highest first; else by profile id.")
    ] = False,
    limit: Annotated[
        int, typer.Option(help="How many customers to show.", metavar="N", min=1, max=10_000)
    ] = 20,
    cursor: Annotated[
        str | None, typer.Option(help="Where an earlier page ended.", metavar="CURSOR")
    ] = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """List customers with their score, and how it grew."""
    order = "highest" if highest else "profile"
    with connect(workspace) as client:
        answer = client.get(
            f"/scores/{segment_of(name)}/values", limit=limit, cursor=cursor, order=order,
            as_of=as_of, min_position=min_position,
        )  # fmt: skip
    if as_json:
        show_json(answer)
        return
    most = max((float(one["value"]) for one in answer["data"]), default=0)
    table(
        ["profile", "identifier", "score", "", *(f"{days} days" for days in _days(answer["data"]))],
        [
            [
                one["profile_id"],
                next((f"{kind}:{held[0]}" for kind, held in one["identifiers"].items()), ""),
                one["value"],
                bar(max(float(one["value"]), 0), most),
                *map(_signed, one["growth"].values()),
            ]
            for one in answer["data"]
        ],
    )
    if answer["next"]:
        say(f"\nMore with --cursor {answer['next']}")
    say(f"{plural(len(answer['data']), 'customer')}. {holds_for(answer)}")


@group.command()
def explain(
    name: Name,
    identifier: Annotated[
        str, typer.Argument(help="Such as email:ann@example.com, or a profile id.")
    ],
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
    with connect(workspace) as client:
        answer = client.get(
            f"/scores/{segment_of(name)}/explain", profile=identifier, days=days, step=step,
            as_of=as_of, min_position=min_position,
        )  # fmt: skip
    if as_json:
        show_json(answer)
        return
    say(f"{name} of profile {answer['profile_id']}: {answer['value']}", strong=True)
    grown = [f"{_signed(by)} in {days} days" for days, by in answer["growth"].items()]
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


def _days(rows: list[dict[str, Any]]) -> list[str]:
    return list(rows[0]["growth"]) if rows else []


def _signed(number: str | None) -> str:
    return "" if number is None else number if number.startswith(("-", "0")) else f"+{number}"


def _interactions(score: dict[str, Any]) -> str:
    return ", ".join(_said(one) for one in score["definition"]["interactions"])


def _said(interaction: dict[str, Any]) -> str:
    where = interaction.get("where")
    return f"{interaction['event']}{f' where {where}' if where else ''}"
