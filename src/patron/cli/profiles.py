"""`patron profiles`: many customers at once."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.changes import events, followed
from patron.cli.client import connect
from patron.cli.profile import show_profile
from patron.cli.terminal import holds_for, moment, plural, say, show_json, table

group = typer.Typer(help="Many customers: list them, read them, follow them.", no_args_is_help=True)

Include = Annotated[
    list[str] | None,
    typer.Option(help="Parts to read beside the usual ones; all for every part.", metavar="PART",
                 show_default=False),
]  # fmt: skip


@group.command("list")
def list_profiles(
    known: Annotated[
        bool | None,
        typer.Option("--known/--anonymous", help="Only those whom an identifier tells, or only "
                     "visitors.", show_default=False),
    ] = None,
    search: Annotated[
        str | None,
        typer.Option(help="Only those with an identifier or a name that has words which begin like "
                     "these.", metavar="TEXT", show_default=False),
    ] = None,
    inside: Annotated[
        bool, typer.Option("--inside", help="With --search: also within words. Takes longer.")
    ] = False,
    segment: Annotated[
        str | None,
        typer.Option(help="Only members of this segment.", metavar="SEGMENT", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option(help="How many.", metavar="N", min=1, max=1_000)] = 20,
    cursor: Annotated[
        str | None, typer.Option(help="Of the page before.", metavar="CURSOR", show_default=False)
    ] = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """List customers, and visitors who are known by a device alone."""
    show_answer(
        workspace, "/profiles", _show_customers, as_json=as_json, known=known, search=search,
        inside=inside, segment=segment, limit=limit, cursor=cursor, as_of=as_of,
        min_position=min_position,
    )  # fmt: skip


def _show_customers(found: Answer) -> None:
    table(
        ["profile", "name", "known", "first seen", "identifiers"],
        [
            [one["profile_id"], one["name"] or "", "yes" if one["known"] else "no",
             moment(one["first_seen_at"]), _told(one["identifiers"])]
            for one in found["data"]
        ],
    )  # fmt: skip
    more = f" Go on with --cursor {found['next']}." if found["next"] else ""
    say(f"\n{plural(len(found['data']), 'customer')}. {holds_for(found)}{more}")


@group.command()
def read(
    identifiers: Annotated[
        list[str], typer.Argument(help="Identifiers or profile ids.", metavar="CUSTOMER…")
    ],
    include: Include = None,
    only: Annotated[
        bool, typer.Option("--only", help="Leave out what --include does not name.")
    ] = False,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Read several customers at once. Without --json: those parts that a terminal can show."""
    body = {"ids": identifiers, "include": include or [], "only": only and as_json}
    with connect(workspace) as client:
        found = client.post("/profiles/batch", body, as_of=as_of, min_position=min_position)
    if as_json:
        show_json(found)
        return
    for one in found["data"]:
        if one["profile"] is None:
            say(f"{one['id']}: {one['error']}")
        else:
            show_profile({"position": found["position"], "as_of": found["as_of"], **one["profile"]})
        say()


@group.command()
def changes(
    after: Annotated[
        str | None,
        typer.Option(help="Only what changed after this cursor; latest for what comes.",
                     metavar="CURSOR", show_default=False),
    ] = None,
    what: Annotated[
        list[str] | None,
        typer.Option(help="Only changes of this kind: events, traits, identifiers, notes, groups, "
                     "merges, segments.", metavar="KIND", show_default=False),
    ] = None,
    limit: Annotated[
        int, typer.Option(help="How many changes to look at, of each kind.", metavar="N", min=1,
                          max=10_000)
    ] = 100,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")
    ] = False,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """List which customers changed, each once, with what changed.

    With --follow and --json each customer is one line of JSON. Store the last cursor and give it as
    --after to go on from there.
    """
    with connect(workspace) as client:
        if follow:
            with followed(client, "/profiles/changes", after=after, what=what) as lines:
                for people in events(lines):
                    for one in people:
                        say(json.dumps(one, ensure_ascii=False) if as_json else _line(one))
            return
        found = client.get(
            "/profiles/changes", after=after, what=what, limit=limit, min_position=min_position
        )
    if as_json:
        show_json(found)
        return
    table(
        ["profile", "identifiers", "changed"],
        [[one["profile_id"], _told(one["identifiers"]), _changed(one)] for one in found["data"]],
    )
    more = " There is more." if found["more"] else ""
    say(f"\n{plural(len(found['data']), 'customer')}.{more} Go on with --after {found['next']}.")


def _told(identifiers: dict[str, list[str]]) -> str:
    return ", ".join(f"{kind}:{value}" for kind, values in identifiers.items() for value in values)


def _changed(one: dict[str, Any]) -> str:
    said = []
    for kind, told in one["changes"].items():
        if kind == "segments":
            said += [f"{change['kind']} {change['segment']}" for change in told]
        elif kind == "merges":
            said += [f"{change['kind']} with {change['with_profile_id']}" for change in told]
        elif kind == "notes":
            said.append(plural(len(told), "note"))
        else:
            said.append(f"{kind}: {', '.join(told)}")
    return "; ".join(said)


def _line(one: dict[str, Any]) -> str:
    return f"{one['profile_id']}  {_told(one['identifiers'])}  {_changed(one)}"
