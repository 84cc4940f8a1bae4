"""`patron preference`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import connect, segment_of
from patron.cli.terminal import (
    bar,
    facts,
    holds_for,
    moment,
    plural,
    say,
    show_json,
    shown_cell,
    table,
)

Name = Annotated[str, typer.Argument(help="The preference's name.")]

group = typer.Typer(help="What customers like, by what they do.", no_args_is_help=True)


@group.command("list")
def list_preferences(
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """List all preferences."""
    with connect(workspace) as client:
        answer = client.get("/preferences", min_position=min_position)
    if as_json:
        show_json(answer)
        return
    table(
        ["preference", "follows from", "version", "origin", "description"],
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
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show what a preference follows from, and how many customers prefer what."""
    with connect(workspace) as client:
        answer = client.get(
            f"/preferences/{segment_of(name)}", as_of=as_of, min_position=min_position
        )
    if as_json:
        show_json(answer)
        return
    found = answer["preference"]
    say(found["name"], strong=True)
    facts(
        [
            *((key, found[key]) for key in ("description", "version", "origin")),
            ("follows from", _interactions(found)),
            ("segments", ", ".join(found["segments"]) or "none"),
            ("computed traits", ", ".join(found["computed_traits"]) or "none"),
        ]
    )
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


@group.command()
def remove(name: Name, workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """Remove a preference that nothing uses."""
    with connect(workspace) as client:
        answer = client.delete(f"/preferences/{segment_of(name)}")
    if as_json:
        show_json(answer)
    else:
        say(f"{name} is removed.")


@group.command()
def values(
    name: Name,
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
    """List customers with what they prefer."""
    with connect(workspace) as client:
        answer = client.get(
            f"/preferences/{segment_of(name)}/values", limit=limit, cursor=cursor,
            as_of=as_of, min_position=min_position,
        )  # fmt: skip
    if as_json:
        show_json(answer)
        return
    table(
        ["profile", "identifier", "favourite", "affinity", "values"],
        [
            [
                one["profile_id"],
                next((f"{kind}:{held[0]}" for kind, held in one["identifiers"].items()), ""),
                None if one["favourite"] is None else shown_cell(one["favourite"]),
                one["values"][0]["affinity"],
                len(one["values"]),
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
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show what one customer prefers, value by value."""
    with connect(workspace) as client:
        answer = client.get(
            f"/preferences/{segment_of(name)}/explain", profile=identifier,
            as_of=as_of, min_position=min_position,
        )  # fmt: skip
    if as_json:
        show_json(answer)
        return
    favourite = "none" if answer["favourite"] is None else shown_cell(answer["favourite"])
    say(f"{name} of profile {answer['profile_id']}: {favourite}", strong=True)
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


def _interactions(preference: dict[str, Any]) -> str:
    said = (f"{one['event']} ({one['weight']})" for one in preference["definition"]["interactions"])
    return ", ".join(said)
