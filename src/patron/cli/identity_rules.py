"""`patron identity plan`, `apply` and `revert`: other rules of identity for stored customers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import confirm
from patron.cli.client import Client, connect, segment_of
from patron.cli.definitions import DEFINITIONS
from patron.cli.folder import find_folder
from patron.cli.identity import identity
from patron.cli.importing import progress
from patron.cli.terminal import bar, moment, note, plural, say, show_json, table
from patron.errors import InputError, PatronError

PAUSE = 0.2
"""Seconds between two looks at work that runs."""

Source = Annotated[
    Path | None,
    typer.Argument(
        metavar="[PATH]",
        help="The file with the rules, or the folder of definition files; `definitions` in the "
        "workspace when left out.",
        show_default=False,
    ),
]
Plan = Annotated[
    str | None,
    typer.Option(
        "--plan", help="The fingerprint of the plan that it must still come to.",
        metavar="FINGERPRINT", show_default=False,
    ),
]  # fmt: skip
Force = Annotated[bool, typer.Option("--force", help="Apply whatever it comes to by now.")]
Version = Annotated[
    int | None,
    typer.Option(
        "--to", min=0, metavar="N", show_default=False,
        help="The version to bring back; the one before that which holds when left out.",
    ),
]  # fmt: skip
NoCounts = Annotated[
    bool, typer.Option("--no-segments", help="Do not count the members of segments.")
]


class ChangeFailedError(PatronError):
    """A plan or a change of the rules could not be done; nothing was changed."""


@identity.command()
def plan(
    path: Source = None,
    no_segments: NoCounts = False,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    as_json: options.Json = False,
) -> None:
    """Show what other rules of identity would come to: who merges, splits and moves.

    Changes nothing.
    """
    place = find_folder(workspace)
    wanted = read_rules(path or place / DEFINITIONS)
    with connect(place) as client:
        planned = _run(client, "/identity/plan", wanted, counts=not no_segments, as_of=as_of)
    if as_json:
        show_json(planned)
    else:
        show_identity_plan(planned)


@identity.command()
def apply(
    path: Source = None,
    expected: Plan = None,
    force: Force = False,
    yes: options.Yes = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Have other rules of identity hold, and everybody be who they make them.

    Shows the plan and asks first. It is done whole or not at all, and `patron identity revert`
    takes it back.
    """
    place = find_folder(workspace)
    wanted = read_rules(path or place / DEFINITIONS)
    with connect(place) as client:
        _plan_and_do(client, "apply", wanted, wanted, expected, force=force, yes=yes,
                     as_json=as_json)  # fmt: skip


@identity.command()
def revert(
    version: Version = None,
    expected: Plan = None,
    force: Force = False,
    yes: options.Yes = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Bring the rules of identity back that held before, for all that was stored since, too."""
    with connect(workspace) as client:
        _plan_and_do(
            client, "revert", {"revert": True, "version": version}, {"version": version},
            expected, force=force, yes=yes, as_json=as_json,
        )  # fmt: skip


def read_rules(path: Path) -> dict[str, Any]:
    """The rules of identity in a file or folder, as the API takes them.

    Raises:
        DefinitionError: A file cannot be read, or holds no definition.
        InputError: There are no rules there, or several.
    """
    from patron.definitions import read

    if not path.exists():
        raise InputError(f"There is no file or folder {path}.")
    found = [one for one in read([path]) if one.kind == "identity"]
    if not found:
        raise InputError(
            f"There are no rules of identity in {path}.",
            hint="They are a definition of the kind identity; `patron identity revert --to 0` "
            "brings the defaults back.",
        )
    if len(found) > 1:
        places = " and ".join(f"{one.path}:{one.line}" for one in found[:2])
        raise InputError(f"The rules of identity stand at {places}; expected them once.")
    return {"rules": found[0].body, "name": found[0].name}


def _plan_and_do(
    client: Client,
    action: str,
    to_plan: dict[str, Any],
    to_do: dict[str, Any],
    expected: str | None,
    *,
    force: bool,
    yes: bool,
    as_json: bool,
) -> None:
    if expected is None and not (force and yes):
        planned = _run(client, "/identity/plan", to_plan)
        expected = planned["fingerprint"]
        if not as_json:
            show_identity_plan(planned)
        confirm("Apply this?", yes)
    given = {**to_do, "fingerprint": None if force else expected, "origin": "file"}
    done = _run(client, f"/identity/{action}", given)
    if as_json:
        show_json(done)
        return
    say(f"Applied. These are version {done['version']} of the rules of identity.", strong=True)
    say("`patron identity revert` takes it back.")


def _run(
    client: Client, path: str, body: dict[str, Any], **query: str | bool | None
) -> dict[str, Any]:
    """Have work done, with a progress bar; returns what came out.

    Raises:
        ChangeFailedError: It failed.
    """
    with progress("", done="done") as update:
        state = client.post(path, body, wait=1, **query)
        while state["state"] == "running":
            update(state)
            time.sleep(PAUSE)
            state = client.get(f"/identity/progress/{segment_of(state['work_id'])}")
    if state["state"] != "done":
        failed = ChangeFailedError(state["error"] or "It failed, and no reason is known.")
        failed.code = state["error_code"] or failed.code
        raise failed
    return dict(state["plan"])


def show_identity_plan(planned: dict[str, Any]) -> None:
    """Print a plan for people."""
    if not planned["rules_differ"]:
        note("These are the rules that hold.")
    show_effects(planned)
    say(
        f"Plan {planned['fingerprint']}, version {planned['version']} of the rules; as of "
        f"{moment(planned['as_of'])}, log position {planned['position']:,}."
    )


def show_effects(planned: dict[str, Any]) -> None:
    """Print who would merge, split and move, and what that does to segments."""
    numbers = planned["numbers"]
    say(
        f"{plural(numbers['profiles_before'], 'profile')} would be {numbers['profiles_after']:,}.",
        strong=True,
    )
    table(
        ["", "profiles", "become"],
        [
            [name, numbers[field], numbers[f"{field}_into"]]
            for name, field in (("merge", "merging"), ("split", "splitting"), ("move", "moving"))
        ],
    )
    _show_identifiers(planned)
    if planned["largest"]:
        say()
        most = max(row["identifiers"] for row in planned["largest"])
        table(
            ["profile", "identifiers", "", "of profiles", "some of them"],
            [
                [str(row["profile_id"]), row["identifiers"], bar(row["identifiers"], most),
                 row["profiles"], _some(row)]
                for row in planned["largest"]
            ],
            title="The largest that gain",
        )  # fmt: skip
    if planned["suspicious"]:
        say()
        table(
            ["profile", "why", "some of them"],
            [
                [str(row["profile_id"]), "; ".join(row["reasons"]), _some(row)]
                for row in planned["suspicious"]
            ],
            title="The most suspicious",
        )
    for one in planned.get("contradicts", []):
        numbers = ", ".join(map(str, one["decisions"]))
        note(f"Decision {numbers} makes one person of several values of {one['type']}: to be taken "
             "back before these rules can be applied.")  # fmt: skip
    _show_examples(planned["examples"])
    _show_segments(planned["segments"])
    say()


def _show_identifiers(planned: dict[str, Any]) -> None:
    numbers = planned["numbers"]
    say(
        f"{plural(numbers['identifiers_moved'], 'identifier')} would get another profile; "
        f"{plural(numbers['links_kept'], 'link')} more would be kept, and "
        f"{numbers['links_lost']:,} would not any more."
    )
    if planned.get("read_messages"):
        say(
            f"All messages were read anew: {plural(numbers['identifiers_new'], 'identifier')} "
            f"would be new, {numbers['identifiers_gone']:,} would go, and "
            f"{plural(numbers['messages_filed_anew'], 'message')} would be filed under another."
        )


def _show_examples(examples: list[dict[str, Any]]) -> None:
    if not examples:
        return
    say()
    say("For example", strong=True)
    for example in examples:
        sides = [
            " | ".join(f"{side['profile_id']}: {_some(side)}" for side in example[name])
            + _more(example[f"profiles_{name}"] - len(example[name]))
            for name in ("before", "after")
        ]
        say(f"  {example['kind']}  {sides[0]}")
        say(f"      →  {sides[1]}")
        say(f"         {example['reason']}")


def _show_segments(segments: list[dict[str, Any]]) -> None:
    if not segments:
        return
    say()
    table(
        ["segment", "members", "would be", "change"],
        [
            [row["name"], row["before"], row["after"], row["error"] or _change(row)]
            for row in segments
        ],
    )


def _change(row: dict[str, Any]) -> str:
    return f"{row['after'] - row['before']:+,}" if row["after"] != row["before"] else ""


def _some(row: dict[str, Any]) -> str:
    return ", ".join(row["some"]) + _more(row["identifiers"] - len(row["some"]))


def _more(count: int) -> str:
    return f" and {count:,} more" if count else ""
