"""`patron identity unmerge`, `merge` and `withdraw`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import confirm
from patron.cli.client import connect
from patron.cli.identity import identity
from patron.cli.identity_history import NAMED, named
from patron.cli.terminal import Cell, plural, printable, say, show_json, table
from patron.clock import format_time, parse_time
from patron.errors import InputError


def _read_before(text: str | None) -> str | None:
    return None if text is None else format_time(parse_time(text, field="--before"))


Reason = Annotated[
    str | None,
    typer.Option("--reason", "-r", help="Why; kept with the decision. Only --preview needs none.",
                 metavar="TEXT", show_default=False),
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
    by: options.By = None,
    preview: Preview = False,
    as_previewed: AsPreviewed = None,
    yes: options.Yes = False,
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
    by: options.By = None,
    preview: Preview = False,
    as_previewed: AsPreviewed = None,
    yes: options.Yes = False,
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
    by: options.By = None,
    preview: Preview = False,
    as_previewed: AsPreviewed = None,
    yes: options.Yes = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Take a decision back: who is who is then as if it had never been made.

    Shows what would change and asks first.
    """
    manner = _Manner(reason, by, as_previewed, preview, yes, as_json)
    path = f"/identity/decisions/{decision_id}/withdraw"
    _decide(workspace, path, {}, "Take it back?", manner)


@dataclass(frozen=True)
class _Manner:
    """How a decision is made.

    Attributes:
        reason: Why; a preview may leave it out.
        by: For whom.
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
    told = {**wanted, "reason": manner.reason, "on_behalf_of": manner.by}
    told["fingerprint"] = manner.as_previewed
    with connect(workspace) as client:
        answer: dict[str, Any] = {}
        if manner.preview or not manner.as_json:
            answer = client.post(path, told, preview=True)
            told["fingerprint"] = answer["fingerprint"]
        if not manner.as_json:
            _show(answer)
        if not manner.preview:
            confirm(question, manner.yes)
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
        say(f"Held back, for they came with too many people: {printable(named(held_back))}.")


def _customer(one: dict[str, Any]) -> list[Cell]:
    shown = ", ".join(one["identifiers"][:NAMED])
    more = one["identifier_count"] - min(len(one["identifiers"]), NAMED)
    was = ", ".join(map(str, one["before"]))
    if more:
        shown += f" and {more:,} more"
    return [str(one["profile_id"]), was, shown, one["events"]]
