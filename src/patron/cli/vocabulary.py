"""`patron vocabulary`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.terminal import holds_for, moment, say, table

group = typer.Typer(
    help="The names that a rule can use, and real values of them.", no_args_is_help=True
)


@group.command()
def show(
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show events with their properties, traits, brands, segments, lists and the rest."""
    show_answer(workspace, "/vocabulary", _show_names, as_json=as_json, min_position=min_position)


def _show_names(answer: Answer) -> None:
    table(
        ["event", "count", "last seen", "properties"],
        [
            [one["name"], one["count"], moment(one["last_seen"]), _named(one["properties"])]
            for one in answer["events"]
        ],
    )
    say()
    table(
        ["trait", "kind", "told", "", "from"],
        [
            [
                one["name"],
                one["kind"],
                one["count"],
                "personal" if one["personal"] else None,
                (one["made_by"] or "computed") if one["computed"] else "messages",
            ]
            for one in answer["traits"]
        ],
    )
    say()
    for what in ("brands", "channels", "currencies", "sources", "lists"):
        say(f"{what}: {', '.join(answer[what]) or 'none'}")
    say(f"segments: {', '.join(one['name'] for one in answer['segments']) or 'none'}")
    say(f"\n{holds_for(answer)}")


@group.command()
def values(
    name: Annotated[str, typer.Argument(help="Name or path, as rules write it.")],
    of: Annotated[
        Literal["event-property", "line-property", "trait"],
        typer.Option(help="What it is.", metavar="KIND"),
    ] = "trait",
    event: Annotated[
        str | None,
        typer.Option(help="Of a property: only of this event.", metavar="NAME", show_default=False),
    ] = None,
    starting: Annotated[
        str, typer.Option(help="Only those that begin so.", metavar="TEXT", show_default=False)
    ] = "",
    limit: Annotated[int, typer.Option(help="How many to show.", metavar="N", min=1, max=200)] = 20,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show the most frequent values of a property or trait."""
    show_answer(
        workspace, "/vocabulary/values", _show_values, as_json=as_json, of=of, name=name,
        event=event, starting=starting, limit=limit, min_position=min_position,
    )  # fmt: skip


def _show_values(answer: Answer) -> None:
    table(["value", "rows"], [[str(one["value"]), one["count"]] for one in answer["data"]])
    if answer["withheld"]:
        say("These are personal data, which you may not see.")
    if answer["sampled"]:
        say(f"Counted in the newest {answer['rows']:,} rows; there are more.")
    say(f"\n{holds_for(answer)}")


def _named(properties: list[dict[str, Any]]) -> str:
    return ", ".join(one["name"] for one in properties)
