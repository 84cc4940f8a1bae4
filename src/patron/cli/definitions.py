"""`patron plan`, `patron apply` and `patron pull`: definitions as code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import confirm
from patron.cli.client import Client, connect
from patron.cli.folder import find_folder
from patron.cli.problems import ProblemError
from patron.cli.terminal import moment, note, plural, say, show_json, table
from patron.errors import InputError

DEFINITIONS = "definitions"
"""The folder inside a workspace whose files are meant when no other is named."""

Source = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FOLDER]",
        help="The folder of definition files; `definitions` in the workspace when left out.",
        show_default=False,
    ),
]
Warnings = Annotated[
    bool, typer.Option("--warnings", help="Say every warning, of every definition.")
]
Prune = Annotated[bool, typer.Option("--prune", help="Remove also what no file has ever created.")]


def plan(
    folder: Source = None,
    prune: Prune = False,
    warnings: Warnings = False,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    as_json: options.Json = False,
) -> None:
    """Show what applying a folder of definitions would change.

    For segments it counts who would enter and who would leave.
    """
    place = find_folder(workspace)
    wanted = read_wanted(folder or place / DEFINITIONS, prune=prune)
    with connect(place) as client:
        planned = ask(client, "/definitions/plan", wanted, as_of=as_of)
    if as_json:
        show_json(planned)
    else:
        show_plan(planned, every_warning=warnings)


def apply(
    folder: Source = None,
    prune: Prune = False,
    warnings: Warnings = False,
    yes: options.Yes = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Make a workspace's definitions those of a folder.

    Shows the plan and asks before it changes anything. Removes only what files once created.
    """
    place = find_folder(workspace)
    wanted = read_wanted(folder or place / DEFINITIONS, prune=prune)
    with connect(place) as client:
        planned = ask(client, "/definitions/plan", wanted)
        if not as_json:
            show_plan(planned, every_warning=warnings)
        if differences(planned):
            confirm("Apply this?", yes)
            planned = ask(client, "/definitions/apply", wanted)
    if as_json:
        show_json(planned)
    elif planned["applied"]:
        say("Applied.", strong=True)
        show_keys(planned["write_keys"])


def pull(
    folder: Annotated[Path, typer.Argument(help="Where the files are written.")],
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Take out of the files what the workspace does not have."),
    ] = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Write a workspace's definitions as files.

    Files that say the same already stay as they are. Applying the folder changes nothing then.
    """
    from patron.definitions import Body, Key, read, write
    from patron.pipeline.readers import validators

    with connect(workspace) as client:
        held = client.get("/definitions")["data"]
    wanted: dict[Key, Body | None] = {(d["kind"], d["name"]): d["body"] for d in held}
    if prune and folder.is_dir():
        wanted |= {d.key: None for d in read([folder]) if d.key not in wanted}
    written = write(folder, wanted, validators())
    if as_json:
        show_json({"folder": str(folder), "files": [str(path) for path in written]})
        return
    for path in written:
        say(f"  {path}")
    say(
        f"{plural(len(written), 'file')} changed; {folder} holds {plural(len(held), 'definition')}."
    )


def read_wanted(folder: Path, *, prune: bool) -> dict[str, Any]:
    """The definitions of a folder, as the API takes them.

    Raises:
        DefinitionError: A file cannot be read, or holds no definition.
        InputError: There is no such folder.
    """
    from patron.definitions import read

    if not folder.is_dir():
        raise InputError(
            f"There is no folder {folder}.",
            hint=f"Name the folder of the definition files, or make one: patron pull {folder}",
        )
    documents = [
        {"kind": d.kind, "name": d.name, "body": d.body, "path": f"{d.path}:{d.line}"}
        for d in read([folder])
    ]
    return {"documents": documents, "prune": prune}


def ask(client: Client, path: str, wanted: dict[str, Any], **query: str | None) -> dict[str, Any]:
    """Post definitions; an error in a rule is shown with that rule's text."""
    try:
        return dict(client.post(path, wanted, **query))
    except ProblemError as problem:
        for document in wanted["documents"]:
            names = (f"{document['path']}: ", f"{document['kind']} {document['name']}: ")
            if problem.message.startswith(names):
                problem.text = document["body"].get("rule")
        raise


def differences(planned: dict[str, Any]) -> list[dict[str, Any]]:
    """The changes of a plan that change something."""
    return [change for change in planned["changes"] if change["action"] != "keep"]


def show_plan(planned: dict[str, Any], *, every_warning: bool = False) -> None:
    """Print a plan for people.

    Args:
        planned: As the API shows it.
        every_warning: Say each, also where many say the same or what goes without saying.
    """
    changes = differences(planned)
    if planned["changes"]:
        table(
            ["", "kind", "name", "what", "enter", "leave", "members"],
            [
                [c["action"], c["kind"], c["name"], ", ".join(c["fields"]), c["enter"], c["leave"],
                 c["count"]]
                for c in planned["changes"]
            ],
        )  # fmt: skip
    told = [f"Warning: {warning}" for warning in planned["warnings"]]
    for line in told if every_warning else in_short(planned):
        note(line)
    if not changes:
        say("Nothing to do: the workspace holds exactly this.")
        return
    counts = {
        name: sum(c["action"] == name for c in changes) for name in ("add", "change", "remove")
    }
    parts = ", ".join(f"{count:,} to {name}" for name, count in counts.items())
    say(f"{parts}. Counted as of {moment(planned['as_of'])}.")


def in_short(planned: dict[str, Any]) -> list[str]:
    """Lines with the warnings of a plan; what many definitions are warned of is said once.

    Before anything came in no name can have been sent: they are counted.

    >>> told = "No event is called 'Bought'."
    >>> planned = {"position": 9, "never_sent": [told], "warnings": [f"segment a: {told}"]}
    >>> in_short(planned)
    ["Warning: segment a: No event is called 'Bought'."]
    >>> in_short({**planned, "position": 0})
    ['Nothing came in yet, so 1 name that is read here cannot be checked (--warnings tells).']
    """
    unsent, warnings = planned["never_sent"], planned["warnings"]
    others = [f"Warning: {one}" for one in warnings if not one.endswith(tuple(unsent))]
    if unsent and planned["position"] == 0:
        names = plural(len(unsent), "name that is", "names that are")
        said = f"Nothing came in yet, so {names} read here cannot be checked (--warnings tells)."
        return [*others, said]
    return [*others, *(f"Warning: {_said_once(one, warnings)}" for one in unsent)]


def _said_once(message: str, warnings: list[str]) -> str:
    about = [one.removesuffix(f": {message}") for one in warnings if one.endswith(f": {message}")]
    first, more = about[0], len(about) - 1
    also = f" and {plural(more, 'other')}" if more else ""
    return f"{first}{also}: {message}"


def show_keys(keys: dict[str, str]) -> None:
    """Print new write keys."""
    if keys:
        table(["source", "write key"], sorted(keys.items()))
        say("Write keys are kept as hashes: note them down, they are not shown again.")
