"""`patron tracking-plan`, and `patron usage`."""

from __future__ import annotations

from typing import Annotated

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect
from patron.cli.terminal import holds_for, moment, plural, say, show_json, table

Source = Annotated[
    str | None,
    typer.Option("--source", help="Only of this source.", metavar="NAME", show_default=False),
]

group = typer.Typer(
    help="What is expected of what comes in, and what is not so.", no_args_is_help=True
)


@group.command()
def report(
    source: Source = None,
    days: Annotated[
        int, typer.Option(help="Today and so many days before.", metavar="N", min=0)
    ] = 30,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show what was not as planned, the most frequent first."""
    show_answer(
        workspace, "/tracking-plans/report", _show_report, as_json=as_json, source=source,
        days=days, min_position=min_position,
    )  # fmt: skip


def _show_report(answer: Answer) -> None:
    table(
        ["source", "event", "field", "", "messages", "refused", "last seen", "example"],
        [
            [
                one["source"],
                one["event"] or "identify",
                one["field"],
                one["told"],
                one["messages"],
                one["refused"],
                moment(one["last_seen"]),
                one["example"],
            ]
            for one in answer["data"]
        ],
    )
    say(f"\n{holds_for(answer)}")


@group.command()
def infer(
    name: Annotated[str, typer.Argument(help="What the plan is to be called.")] = "all",
    source: Source = None,
    most: Annotated[
        int, typer.Option(help="So many of the newest events are looked at.", metavar="N", min=1)
    ] = 100_000,
    values: Annotated[
        bool, typer.Option("--values", help="Texts with few values are to have only these.")
    ] = False,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Print a plan that what came in fulfils, as a definition file. Defines nothing."""
    with connect(workspace) as client:
        answer = client.get(
            "/tracking-plans/inferred", source=source, most=most, values=values,
            min_position=min_position,
        )  # fmt: skip
    if as_json:
        show_json(answer)
        return
    from patron.definitions import render

    say(render("tracking_plan", name, answer["body"]).rstrip())


def usage(
    days: Annotated[
        int, typer.Option(help="What happened in so many days.", metavar="N", min=1)
    ] = 90,
    unused: Annotated[bool, typer.Option("--unused", help="Only what nothing uses.")] = False,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show which events, properties and traits are used, those of no use first."""
    show_answer(
        workspace, "/usage", _show_names if unused else _show_usage, as_json=as_json, days=days,
        unused=unused, as_of=as_of, min_position=min_position,
    )  # fmt: skip


def _show_usage(answer: Answer) -> None:
    if not answer["data"]:
        say(
            f"Nothing came in during the {plural(answer['days'], 'day')} before. Look further back "
            f"with --days, or from another moment with --as-of. {holds_for(answer)}"
        )
        return
    _show_names(answer)


def _show_names(answer: Answer) -> None:
    table(
        ["", "of", "name", "rows", "last seen", "used by", "fed by"],
        [
            [
                one["kind"],
                one["event"],
                one["name"],
                one["rows"],
                moment(one["last_seen"]),
                ", ".join(one["used_by"]),
                ", ".join(one["fed_by"]),
            ]
            for one in answer["data"]
        ],
    )
    idle = sum(not one["used_by"] for one in answer["data"])
    say(f"\n{plural(idle, 'name')} of no use to anything. {holds_for(answer)}")
