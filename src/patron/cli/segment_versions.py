"""`patron segment compare`, `versions` and `restore`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect, segment_of
from patron.cli.problems import about_rule
from patron.cli.segments import Name, group, rule_text, show_customers, warn
from patron.cli.terminal import Cell, holds_for, moment, plural, say, show_json, shown_cell, table


@group.command()
def compare(
    name: Name,
    rule: options.Rule = None,
    file: options.RuleFile = None,
    sample: Annotated[
        int, typer.Option(help="How many customers of each to show.", metavar="N", min=0, max=100)
    ] = 5,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show who would enter and leave a segment if it had another rule. Changes nothing."""
    text = rule_text(rule, file)
    with connect(workspace) as client, about_rule(text):
        answer = client.post(
            f"/segments/{segment_of(name)}/compare", {"rule": text}, sample=sample,
            as_of=as_of, min_position=min_position,
        )  # fmt: skip
    if as_json:
        show_json(answer)
        return
    for side, said in (("entering", "would enter"), ("leaving", "would leave"),
                       ("staying", "would stay")):  # fmt: skip
        found = answer[side]
        say(f"{plural(found['count'], 'customer')} {said}", strong=True)
        if found["sample"]:
            show_customers(found["sample"])
            say()
    if answer["used_by"]:
        say(f"Used by {', '.join(answer['used_by'])}: they would change with it.")
    warn(answer)
    say(holds_for(answer))


@group.command()
def versions(
    name: Name,
    workspace: options.Folder = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """List what a segment said before, the newest first."""
    show_answer(
        workspace, f"/segments/{segment_of(name)}/versions", _show_versions, as_json=as_json,
        min_position=min_position,
    )  # fmt: skip


def _show_versions(answer: Answer) -> None:
    table(
        ["version", "from", "origin", "rule"],
        [
            [one["version"], moment(one["recorded_at"]), one["origin"],
             "removed" if one["removed"] else _said(one["definition"])]
            for one in answer["data"]
        ],
    )  # fmt: skip


@group.command()
def restore(
    name: Name,
    version: Annotated[int, typer.Argument(help="The version to bring back.", min=1)],
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Bring a version of a segment back, as a new version."""
    with connect(workspace) as client:
        answer = client.post(f"/segments/{segment_of(name)}/restore", {"version": version})
    if as_json:
        show_json(answer)
        return
    say(f"{answer['name']} says what version {version} said; it is version {answer['version']}.")
    warn(answer)


def _said(definition: dict[str, Any]) -> Cell:
    if "values" not in definition:
        rule = definition["rule"]
        return shown_cell(rule.strip() if isinstance(rule, str) else rule)
    return ", ".join(one["value"] for one in definition["values"])
