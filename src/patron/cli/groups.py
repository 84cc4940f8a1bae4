"""`patron group`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import show_answer
from patron.cli.client import segment_of
from patron.cli.terminal import facts, holds_for, moment, plural, say, table


def group(
    kind: Annotated[
        str,
        typer.Argument(metavar="household|group", help="group is what group calls name."),
    ],
    group_id: Annotated[
        str,
        typer.Argument(
            metavar="id", help="Of a household the value that makes it: email:family@example.com."
        ),
    ],
    limit: Annotated[
        int, typer.Option(help="How many members to show.", metavar="N", min=1, max=1_000)
    ] = 100,
    cursor: options.Cursor = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show a household or a company, and who is in it."""
    show_answer(
        workspace, f"/groups/{segment_of(kind)}/{segment_of(group_id)}", _show, as_json=as_json,
        limit=limit, cursor=cursor, as_of=as_of, min_position=min_position,
    )  # fmt: skip


def _show(found: dict[str, Any]) -> None:
    say(f"{found['type'].capitalize()} {found['id']}", strong=True)
    own = found["value_profile_id"]
    known = [(name, trait["value"]) for name, trait in sorted(found["traits"].items())]
    facts([*([("profile of its value", own)] if own else []), *known])
    say(f"\n{plural(found['member_count'], 'member')}", strong=True)
    table(
        ["profile", "identifiers", "since"],
        [
            [
                one["profile_id"],
                ", ".join(
                    f"{kind}:{value}" for kind in one["identifiers"]
                    for value in one["identifiers"][kind]
                ),
                moment(one["joined_at"]),
            ]
            for one in found["data"]
        ],
    )  # fmt: skip
    if found["next"]:
        say(f"\nMore with --cursor {found['next']}")
    say(f"\n{holds_for(found)}")
