"""`patron card`: what people add to a customer by hand."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from patron import structs
from patron.cli import options
from patron.cli.client import connect, segment_of
from patron.cli.terminal import holds_for, moment, say, show_json, shown_cell, table
from patron.errors import InputError

group = typer.Typer(
    help="Notes, tags, switches and traits that people add to a customer.", no_args_is_help=True
)

By = Annotated[
    str | None,
    typer.Option("--by", help="Who writes; your name on this machine when left out.",
                 metavar="NAME", show_default=False, callback=options.or_me),
]  # fmt: skip


@group.command()
def notes(
    customer: options.Customer,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show the notes about a customer, newest first."""
    with connect(workspace) as client:
        path = f"/profiles/{segment_of(customer)}/notes"
        found = client.get(path, as_of=as_of, min_position=min_position)
    if as_json:
        show_json(found)
        return
    rows = [[moment(one["occurred_at"]), one["on_behalf_of"] or one["written_by"], one["text"],
             one["note_id"]] for one in found["data"]]  # fmt: skip
    table(["written", "by", "note", "id"], rows)
    say(holds_for(found))


@group.command()
def note(
    customer: options.Customer,
    text: Annotated[str, typer.Argument(help="What it is to say.", show_default=False)] = "",
    change: Annotated[
        str | None,
        typer.Option(help="The note that is to say so from now on.", metavar="ID",
                     show_default=False),
    ] = None,
    remove: Annotated[
        str | None,
        typer.Option(help="The note that is to be taken back.", metavar="ID", show_default=False),
    ] = None,
    by: By = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Write a note about a customer, change one, or take one back."""
    if bool(text) == (remove is not None) or (change and remove):
        raise InputError("Give a text, with --change or without, or --remove alone.")
    path = f"/profiles/{segment_of(customer)}/notes"
    with connect(workspace) as client:
        if remove is not None:
            found = client.delete(f"{path}/{segment_of(remove)}")
        else:
            body = {"text": text, "on_behalf_of": by}
            found = (client.post(path, body) if change is None
                     else client.put(f"{path}/{segment_of(change)}", body))  # fmt: skip
    if as_json:
        show_json(found)
    elif found["note"] is None:
        say("It was taken back.")
    else:
        say(f"Note {found['note']['note_id']} about profile {found['profile_id']}.")


@group.command("set")
def set_traits(
    customer: options.Customer,
    traits: Annotated[
        list[str],
        typer.Argument(help="NAME=VALUE; the value as JSON where it is some: age=31, "
                       "fax=null clears it.", metavar="NAME=VALUE"),
    ],
    by: By = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Set traits of a customer by hand."""
    wanted = dict(_trait(one) for one in traits)
    body = {"traits": wanted, "on_behalf_of": by}
    with connect(workspace) as client:
        found = client.patch(f"/profiles/{segment_of(customer)}/traits", body)
    _show(found, as_json=as_json)


@group.command()
def tag(
    customer: options.Customer,
    tags: Annotated[
        list[str] | None, typer.Argument(help="Tags to add.", show_default=False)
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option(help="A tag to take away.", metavar="TAG", show_default=False),
    ] = None,
    by: By = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Add tags to a customer, or take some away."""
    if not tags and not remove:
        raise InputError("Name a tag, or one to take away with --remove.")
    body = {"add": tags or [], "remove": remove or [], "on_behalf_of": by}
    with connect(workspace) as client:
        found = client.post(f"/profiles/{segment_of(customer)}/tags", body)
    _show(found, as_json=as_json)


@group.command()
def switch(
    customer: options.Customer,
    name: Annotated[str, typer.Argument(help="What is turned on or off.")],
    on: Annotated[bool, typer.Option("--on/--off", help="Which.")] = True,
    by: By = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Turn something on or off for a customer."""
    body = {"on": on, "on_behalf_of": by}
    with connect(workspace) as client:
        path = f"/profiles/{segment_of(customer)}/switches/{segment_of(name)}"
        found = client.put(path, body)
    _show(found, as_json=as_json)


def _trait(text: str) -> tuple[str, Any]:
    name, is_there, value = text.partition("=")
    if not is_there or not name:
        raise InputError(f"{text}: expected NAME=VALUE.", hint="Such as age=31.")
    try:
        return name, structs.decode(value)
    except msgspec.DecodeError:
        return name, value


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    rows = [[name, shown_cell(value)] for name, value in sorted(found["traits"].items())]
    table(["trait", "value"], rows)
    say(f"Profile {found['profile_id']}, log position {found['position']}.")
