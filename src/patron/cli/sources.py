"""`patron source`: what pages of shops get, and whether they send."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect, segment_of
from patron.cli.source_keys import Name, group
from patron.cli.terminal import holds_for, moment, plural, say, show_json, table


class Undecided(StrEnum):
    """What happens to calls before the visitor consents or refuses."""

    HOLD = "hold"
    DROP = "drop"
    SEND = "send"


@group.command()
def snippet(
    name: Name,
    url: Annotated[
        str | None,
        typer.Option(help="Where browsers reach Patron, such as https://cdp.shop.example.",
                     metavar="URL", show_default="where it listens"),
    ] = None,
    write_key: Annotated[
        str | None,
        typer.Option(help="The source's key, which every page then shows.", metavar="KEY",
                     show_default="WRITE_KEY stands in its place"),
    ] = None,
    latest: Annotated[
        bool, typer.Option("--latest", help="Always the newest tracker, without integrity hash.")
    ] = False,
    undecided: Annotated[
        Undecided,
        typer.Option(help="What happens to calls before the visitor consents or refuses.",
                     metavar="HOW"),
    ] = Undecided.HOLD,
    data_layer: Annotated[
        bool, typer.Option("--data-layer", help="Read commerce events from the data layer.")
    ] = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Print what a shop puts into the head of its pages."""
    with connect(workspace) as client:
        answer = client.get(
            f"/sources/{segment_of(name)}/snippet",
            url=url or client.url or _address(client.folder),
            write_key=write_key,
            latest=latest,
            undecided=undecided.value,
            data_layer=data_layer,
        )
    if as_json:
        show_json(answer)
    else:
        say(answer["snippet"])


@group.command()
def install(
    name: Name,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show when the last messages of a source came, and from which pages."""
    show_answer(
        workspace, f"/sources/{segment_of(name)}/install", _show_install, as_json=as_json,
        min_position=min_position,
    )  # fmt: skip


def _show_install(answer: Answer) -> None:
    if not answer["kinds"]:
        say(f"Nothing came from {answer['source']} yet.")
    else:
        table(
            ["message", "came", "last", "from"],
            [
                [one["type"], one["messages"], moment(one["last_received_at"]), one["last_page"]]
                for one in answer["kinds"]
            ],
        )
    if answer["sites"]:
        say(f"\nWhere the newest {plural(answer['looked_at'], 'message')} came from:")
        table(
            ["site", "messages", "last", "by", "pages"],
            [
                [
                    one["host"],
                    one["messages"],
                    moment(one["last_received_at"]),
                    ", ".join(one["libraries"]),
                    " ".join(one["pages"]),
                ]
                for one in answer["sites"]
            ],
        )
    if answer["quarantined"]:
        say(f"{plural(answer['quarantined'], 'message')} refused: patron quarantine list")
    say(f"\n{holds_for(answer)}")


def _address(folder: Path) -> str:
    """Where the workspace's server will listen."""
    from patron.settings import load

    settings = load(folder)
    return f"http://{settings.host}:{settings.port}"
