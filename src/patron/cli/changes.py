"""`patron segment changes`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import Client, Query, connect, segment_of
from patron.cli.terminal import moment, note, say, show_json, shown_cell, table
from patron.errors import InputError

PAGE = 10_000
"""The most changes that one request returns."""

COLUMNS = ("cursor", "recorded at", "segment", "change", "profile", "changed at", "reason",
           "identifiers")  # fmt: skip


def changes(
    name: Annotated[
        str | None, typer.Argument(help="The segment; all when left out.", show_default=False)
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(help="Only those after this cursor; latest for those to come.",
                     metavar="CURSOR", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option(help="How many to show.", metavar="N", min=1)] = 100,
    first_fill: Annotated[
        bool, typer.Option("--first-fill", help="With the members that a segment began with.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")
    ] = False,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """List who entered and left a segment, in the order recorded.

    With --follow and --json each change is one line of JSON. Store the last cursor and give it as
    --after to go on from there.
    """
    path = "/segments/changes" if name is None else f"/segments/{segment_of(name)}/changes"
    with connect(workspace) as client:
        if follow:
            _follow(client, path, after, first_fill=first_fill, as_json=as_json)
            return
        found = _pages(client, path, after, limit, first_fill, min_position)
    if as_json:
        show_json(found)
        return
    table(COLUMNS, [_row(change) for change in found["data"]])
    more = " There is more." if found["more"] else ""
    say(f"Recorded up to {moment(found['as_of'])}.{more} Go on with --after {found['next']}.")


def _pages(
    client: Client,
    path: str,
    after: str | None,
    limit: int,
    first_fill: bool,
    min_position: int | None,
) -> dict[str, Any]:
    """As many changes as asked for, from as many pages as that takes."""
    found: dict[str, Any] = client.get(
        path, after=after, limit=min(limit, PAGE), first_fill=first_fill, min_position=min_position
    )
    while found["more"] and len(found["data"]) < limit:
        rest = min(limit - len(found["data"]), PAGE)
        page = client.get(path, after=found["next"], limit=rest, first_fill=first_fill)
        found = {**page, "data": found["data"] + page["data"]}
    return found


def _follow(
    client: Client, path: str, after: str | None, *, first_fill: bool, as_json: bool
) -> None:
    with followed(client, path, after=after, first_fill=first_fill) as lines:
        for change in events(lines):
            say(json.dumps(change, ensure_ascii=False) if as_json else _line(change))


@contextmanager
def followed(client: Client, path: str, **query: Query) -> Iterator[Iterator[str]]:
    """The lines of a feed's stream, until the server ends.

    Raises:
        InputError: No server runs.
    """
    if client.url is None:
        raise InputError(
            "--follow: no server runs on this workspace, so nothing changes.",
            hint="Start one with `patron serve`.",
        )
    with client.stream(f"{path}/stream", **query) as response:
        yield response.iter_lines()
    note("The server has ended. Go on with the last cursor as --after.")


def events(lines: Iterable[str]) -> Iterator[Any]:
    """The data of server-sent events; each is one line here."""
    for line in lines:
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def _row(change: dict[str, Any]) -> list[str]:
    known = (f"{kind}:{value}" for kind, values in change["identifiers"].items()
             for value in values)  # fmt: skip
    return [
        change["cursor"],
        moment(change["recorded_at"]),
        change["segment"],
        change["kind"],
        str(change["profile_id"]),
        moment(change["changed_at"]),
        change["reason"],
        ", ".join(known),
    ]


def _line(change: dict[str, Any]) -> str:
    return "  ".join(shown_cell(cell) for cell in _row(change))
