"""`patron computed-trait`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import connect, segment_of
from patron.cli.explanations import show_condition
from patron.cli.problems import about_rule
from patron.cli.segments import rule_text, show_customers, warn
from patron.cli.terminal import facts, holds_for, plural, say, show_json, shown_cell, table

Name = Annotated[str, typer.Argument(help="The computed trait's name.")]
Expression = Annotated[
    str | None,
    typer.Argument(
        help="What it is computed of, such as 'revenue(in the last 365 days)'.", show_default=False
    ),
]

group = typer.Typer(help="Traits computed of what customers did.", no_args_is_help=True)


@group.command("list")
def list_traits(
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """List all computed traits."""
    with connect(workspace) as client:
        answer = client.get("/computed-traits", min_position=min_position)
    if as_json:
        show_json(answer)
        return
    table(
        ["computed trait", "computed of", "version", "origin", "description"],
        [
            [one["name"], one["text"], one["version"], one["origin"], one["description"]]
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
    """Show what a trait is computed of, and who uses it."""
    with connect(workspace) as client:
        answer = client.get(f"/computed-traits/{segment_of(name)}", min_position=min_position)
    if as_json:
        show_json(answer)
        return
    found = answer["computed_trait"]
    say(found["name"], strong=True)
    facts(
        [
            *((key, found[key]) for key in ("description", "version", "origin")),
            ("segments", ", ".join(found["segments"]) or "none"),
            *(
                [("computed traits", ", ".join(found["computed_traits"]))]
                if found["computed_traits"]
                else []
            ),
        ]
    )
    say()
    for line in found["text"].splitlines():
        say(f"  {line}")
    say(f"\n{holds_for(answer)}")


@group.command("set")
def set_trait(
    name: Name,
    value: Expression = None,
    file: options.RuleFile = None,
    description: Annotated[
        str | None, typer.Option(help="For people.", metavar="TEXT", show_default=False)
    ] = None,
    allow_unknown: Annotated[
        bool, typer.Option("--allow-unknown", help="Accept names of events never seen.")
    ] = False,
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


@group.command()
def remove(
    name: Name,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Remove a computed trait that nothing uses."""
    with connect(workspace) as client:
        answer = client.delete(f"/computed-traits/{segment_of(name)}")
    if as_json:
        show_json(answer)
    else:
        say(f"{name} is removed.")


@group.command()
def values(
    name: Name,
    limit: Annotated[
        int, typer.Option(help="How many customers to show.", metavar="N", min=1, max=10_000)
    ] = 100,
    cursor: Annotated[
        str | None, typer.Option(help="Where an earlier page ended.", metavar="CURSOR")
    ] = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """List the customers who have a value, with it."""
    with connect(workspace) as client:
        answer = client.get(
            f"/computed-traits/{segment_of(name)}/values", limit=limit, cursor=cursor,
            as_of=as_of, min_position=min_position,
        )  # fmt: skip
    if as_json:
        show_json(answer)
        return
    show_customers([{**one, "value": shown_cell(one["value"])} for one in answer["data"]])
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
    """Say what the value of a customer comes to, and the events behind it."""
    with connect(workspace) as client:
        answer = client.get(
            f"/computed-traits/{segment_of(name)}/explain", profile=identifier, as_of=as_of,
            min_position=min_position,
        )  # fmt: skip
    if as_json:
        show_json(answer)
        return
    value = "missing" if answer["value"] is None else shown_cell(answer["value"])
    say(f"{name} of profile {answer['profile_id']}: {value}", strong=True)
    show_condition(answer["condition"])
    say(f"\n{holds_for(answer)}")
