"""`patron identity decisions`, `merges` and `history`: what made customers who they are."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import segment_of
from patron.cli.identity import identity
from patron.cli.terminal import Cell, holds_for, moment, printable, say, table

NAMED = 6
"""So many identifiers of a customer stand in a table; --json has more of them."""

WORDS = {"apart": "kept apart", "same": "one person"}

Limit = Annotated[int, typer.Option(help="How many to show.", metavar="N", min=1, max=1000)]
Below = Annotated[
    int | None,
    typer.Option(help="Only those with a smaller number.", metavar="N", min=1, show_default=False),
]


@identity.command()
def decisions(
    standing: Annotated[
        bool, typer.Option("--standing", help="Only those that still hold.")
    ] = False,
    limit: Limit = 50,
    below: Below = None,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """List what was decided by hand, newest first."""
    show_answer(
        workspace, "/identity/decisions", _show_decisions, as_json=as_json, standing=standing,
        limit=limit, below=below, min_position=min_position,
    )  # fmt: skip


def _show_decisions(found: Answer) -> None:
    columns = ["number", "identifiers", "decided", "by", "at", "reason", "taken back"]
    table(columns, [_decision(one) for one in found["data"]])
    _show_end(found)


@identity.command()
def merges(
    kind: Annotated[
        Literal["merge", "split"] | None,
        typer.Option(help="Only these.", metavar="KIND", show_default=False),
    ] = None,
    limit: Limit = 50,
    below: Below = None,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """List the newest merges and splits of everybody, each with its reason."""
    show_answer(
        workspace, "/identity/merges", _show_merges, as_json=as_json, kind=kind, limit=limit,
        below=below, min_position=min_position,
    )  # fmt: skip


def _show_merges(found: Answer) -> None:
    columns = ["number", "what", "at", "customers today", "why"]
    table(columns, [_merge(one) for one in found["data"]])
    _show_end(found)


@identity.command()
def history(
    customer: options.Customer,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show the merges, splits and decisions that made a customer who they are, newest first."""
    path = f"/profiles/{segment_of(customer)}/identity/history"
    show_answer(workspace, path, _show_history, as_json=as_json, min_position=min_position)


def _show_history(found: Answer) -> None:
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


def _show_end(found: Answer) -> None:
    if found["next"] is not None:
        say(f"There are more: --below {found['next']}")
    say(holds_for(found))


def _decision(one: dict[str, Any]) -> list[Cell]:
    back = one["withdrawn"]
    who = "" if back is None else _who({"made_by": back["by"], **back})
    said = "" if back is None else f"{moment(back['at'])} by {who}: {back['reason']}"
    groups = " | ".join(named(group) for group in one["groups"])
    return [one["decision_id"], groups, WORDS[one["kind"]], _who(one),
            moment(one["made_at"]), one["reason"], said]  # fmt: skip


def _merge(one: dict[str, Any]) -> list[Cell]:
    today = ", ".join(
        customer["identifier"] or str(customer["profile_id"]) for customer in one["customers"]
    )
    return [one["merge_id"], one["kind"], moment(one["recorded_at"]), today, one["reason"]]


def _who(entry: dict[str, Any]) -> str:
    """The token that a decision was made with, and for whom."""
    behalf = entry["on_behalf_of"]
    return str(entry["made_by"]) + (f" for {behalf}" if behalf else "")


def named(group: list[str]) -> str:
    """The first of some identifiers, and how many more there are.

    >>> named(["user_id:1"] * 8)
    'user_id:1, user_id:1, user_id:1, user_id:1, user_id:1, user_id:1 and 2 more'
    """
    more = f" and {len(group) - NAMED:,} more" if len(group) > NAMED else ""
    return ", ".join(group[:NAMED]) + more
