"""`patron identity unmerge`, `merge`, `withdraw`, `decisions` and `history`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.client import connect, segment_of
from patron.cli.identity import identity
from patron.cli.terminal import (
    Cell,
    holds_for,
    moment,
    plural,
    printable,
    say,
    show_json,
    table,
)
from patron.clock import format_time, parse_time
from patron.errors import InputError

NAMED = 6
"""So many identifiers of a customer stand in a table; --json has more of them."""

WORDS = {"apart": "kept apart", "same": "one person"}


def _read_before(text: str | None) -> str | None:
    return None if text is None else format_time(parse_time(text, field="--before"))


def somebody() -> str:
    """Who sits at this machine, as far as it knows."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "admin"


Reason = Annotated[
    str | None,
    typer.Option("--reason", "-r", help="Why; kept with the decision. Only --preview needs none.",
                 metavar="TEXT", show_default=False),
]  # fmt: skip
By = Annotated[
    str | None,
    typer.Option("--by", help="For whom it is decided; your name on this machine when left out.",
                 metavar="NAME", show_default=False),
]  # fmt: skip
Preview = Annotated[
    bool, typer.Option("--preview", help="Only show what would change, and change nothing.")
]
AsPreviewed = Annotated[
    str | None,
    typer.Option(
        "--as-previewed", metavar="FINGERPRINT", show_default=False,
        help="Of the preview that it must still come to; `--preview --json` tells it.",
    ),
]  # fmt: skip
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
One = Annotated[str, typer.Argument(help="An identifier, such as email:ann@example.com.")]
Other = Annotated[str, typer.Argument(help="Another one.")]


@identity.command()
def unmerge(
    link: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Two identifiers that are two people.", metavar="A B",
                     show_default=False),
    ] = None,
    identifier: Annotated[
        str | None,
        typer.Option(help="An identifier that leaves its customer.", metavar="TYPE:VALUE",
                     show_default=False),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="With --before: a customer, by identifier or profile id.",
                     metavar="CUSTOMER", show_default=False),
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(help="The customer is again who they were before this moment, ISO 8601, UTC.",
                     metavar="TIME", show_default=False, callback=_read_before),
    ] = None,
    reason: Reason = None,
    by: By = None,
    preview: Preview = False,
    as_previewed: AsPreviewed = None,
    yes: Yes = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Undo a merge: part what is not one person.

    Give --link, --identifier, or --profile with --before. Shows what would part and asks first.
    Events, traits and memberships follow, and what was parted stays apart.
    """
    wanted = {"link": link, "identifier": identifier, "profile": profile, "before": before}
    manner = _Manner(reason, by, as_previewed, preview, yes, as_json)
    _decide(workspace, "/identity/unmerge", wanted, "Part them?", manner)


@identity.command()
def merge(
    one: One,
    other: Other,
    reason: Reason = None,
    by: By = None,
    preview: Preview = False,
    as_previewed: AsPreviewed = None,
    yes: Yes = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Say that two identifiers are one person, whatever links there are.

    Shows what would merge and asks first.
    """
    manner = _Manner(reason, by, as_previewed, preview, yes, as_json)
    _decide(workspace, "/identity/merge", {"identifiers": [one, other]}, "Merge them?", manner)


@identity.command()
def withdraw(
    decision_id: Annotated[
        int, typer.Argument(help="The number that `patron identity decisions` shows.")
    ],
    reason: Reason = None,
    by: By = None,
    preview: Preview = False,
    as_previewed: AsPreviewed = None,
    yes: Yes = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Take a decision back: who is who is then as if it had never been made.

    Shows what would change and asks first.
    """
    manner = _Manner(reason, by, as_previewed, preview, yes, as_json)
    path = f"/identity/decisions/{decision_id}/withdraw"
    _decide(workspace, path, {}, "Take it back?", manner)


@identity.command()
def decisions(
    standing: Annotated[
        bool, typer.Option("--standing", help="Only those that still hold.")
    ] = False,
    limit: Annotated[
        int, typer.Option(help="How many to show.", metavar="N", min=1, max=1000)
    ] = 50,
    below: Annotated[
        int | None,
        typer.Option(help="Only those with a smaller number.", metavar="N", min=1,
                     show_default=False),
    ] = None,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """List what was decided by hand, newest first."""
    with connect(workspace) as client:
        found = client.get("/identity/decisions", standing=standing, limit=limit, below=below,
                           min_position=min_position)  # fmt: skip
    if as_json:
        show_json(found)
        return
    columns = ["number", "identifiers", "decided", "by", "at", "reason", "taken back"]
    table(columns, [_row(one) for one in found["data"]])
    if found["next"] is not None:
        say(f"There are more: --below {found['next']}")
    say(holds_for(found))


@identity.command()
def history(
    customer: options.Customer,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show the merges, splits and decisions that made a customer who they are, newest first."""
    with connect(workspace) as client:
        path = f"/profiles/{segment_of(customer)}/identity/history"
        found = client.get(path, min_position=min_position)
    if as_json:
        show_json(found)
        return
    say(f"Profile {found['profile_id']}", strong=True)
    for entry in found["data"]:
        number = entry["decision_id"]
        said = "" if number is None else f" (decision {number}, by {_who(entry)})"
        kind = WORDS.get(entry["kind"], entry["kind"])
        say(f"  {moment(entry['recorded_at'])}  {kind}{printable(said)}: "
            f"{printable(entry['reason'])}")  # fmt: skip
    if not found["data"]:
        say("  Nothing was ever merged, split or decided.")
    say(holds_for(found))


@dataclass(frozen=True)
class _Manner:
    """How a decision is made.

    Attributes:
        reason: Why; a preview may leave it out.
        by: For whom; whoever sits here when None.
        as_previewed: The fingerprint of the preview that it must still come to.
        preview: Leave it at a preview.
        yes: Do not ask.
        as_json: Print the last answer as JSON.
    """

    reason: str | None
    by: str | None
    as_previewed: str | None
    preview: bool
    yes: bool
    as_json: bool


def _decide(
    workspace: Path | None, path: str, wanted: dict[str, Any], question: str, manner: _Manner
) -> None:
    """Show what a decision would do, ask, and have made what was shown."""
    if manner.reason is None and not manner.preview:
        raise InputError(
            "--reason is missing: say why; it is kept with the decision.",
            hint="`--preview` shows what would change without one.",
        )
    told = {**wanted, "reason": manner.reason, "on_behalf_of": manner.by or somebody()}
    told["fingerprint"] = manner.as_previewed
    with connect(workspace) as client:
        answer: dict[str, Any] = {}
        if manner.preview or not manner.as_json:
            answer = client.post(path, told, preview=True)
            told["fingerprint"] = answer["fingerprint"]
        if not manner.as_json:
            _show(answer)
        if not manner.preview:
            _confirm(question, manner.yes)
            answer = client.post(path, told)
    if manner.as_json:
        show_json(answer)
    elif not manner.preview:
        say(f"Done: decision {answer['decision']['decision_id']}.", strong=True)


def _show(answer: dict[str, Any]) -> None:
    customers = answer["customers"]
    columns = ["profile", "was", "identifiers", "events"]
    table(columns, [_customer(one) for one in customers])
    was = {profile_id for one in customers for profile_id in one["before"]}
    now = {one["profile_id"] for one in customers}
    if was == now and all(one["before"] == [one["profile_id"]] for one in customers):
        say("This changes nobody now; it holds for what comes.")
    else:
        say(f"{plural(len(was), 'customer')} before, {plural(len(now), 'customer')} after.")
    held_back = [name for one in customers for name in one["held_back"]]
    if held_back:
        say(f"Held back, for they came with too many people: {printable(_named(held_back))}.")


def _customer(one: dict[str, Any]) -> list[Cell]:
    shown = ", ".join(one["identifiers"][:NAMED])
    more = one["identifier_count"] - min(len(one["identifiers"]), NAMED)
    was = ", ".join(map(str, one["before"]))
    if more:
        shown += f" and {more:,} more"
    return [str(one["profile_id"]), was, shown, one["events"]]


def _row(one: dict[str, Any]) -> list[Cell]:
    back = one["withdrawn"]
    who = "" if back is None else _who({"made_by": back["by"], **back})
    said = "" if back is None else f"{moment(back['at'])} by {who}: {back['reason']}"
    groups = " | ".join(_named(group) for group in one["groups"])
    return [one["decision_id"], groups, WORDS[one["kind"]], _who(one),
            moment(one["made_at"]), one["reason"], said]  # fmt: skip


def _who(entry: dict[str, Any]) -> str:
    """The token that a decision was made with, and for whom."""
    behalf = entry["on_behalf_of"]
    return str(entry["made_by"]) + (f" for {behalf}" if behalf else "")


def _named(group: list[str]) -> str:
    more = f" and {len(group) - NAMED:,} more" if len(group) > NAMED else ""
    return ", ".join(group[:NAMED]) + more


def _confirm(question: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError(
            "Nothing was decided: there is no terminal to ask on.",
            hint="Say --yes to decide without being asked.",
        )
    typer.confirm(question, abort=True, err=True)
