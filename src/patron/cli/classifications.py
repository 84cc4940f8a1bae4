"""`patron classification`."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import connect, segment_of
from patron.cli.definition_commands import DefinitionCommands, Facts, show_facts
from patron.cli.segments import warn
from patron.cli.terminal import Cell, amount, holds_for, moment, plural, say, show_json, table
from patron.clock import format_time, parse_time
from patron.errors import InputError

Name = Annotated[str, typer.Argument(help="The classification's name.")]
Trait = Annotated[
    str | None,
    typer.Option(help="One of its traits that sort; the first when left out.", metavar="TRAIT",
                 show_default=False),
]  # fmt: skip
Brand = Annotated[
    str | None,
    typer.Option(help="Sort by what is known of this brand alone.", metavar="BRAND",
                 show_default=False),
]  # fmt: skip
NO_CLASS = "in no class"

group = typer.Typer(
    help="What sorts customers: rfm, lifecycle, activity, loyalty.", no_args_is_help=True
)


def _row(found: dict[str, Any]) -> list[Cell]:
    sorts = ", ".join(sort["trait"] for sort in found["classes"])
    return [found["name"], found["kind"], sorts, found["version"], found["origin"]]


def _show(found: dict[str, Any]) -> None:
    sorts: Facts = [(sort["trait"], ", ".join(sort["values"])) for sort in found["classes"]]
    made = ("segments", ", ".join(found["segments"]))
    show_facts(found, title=f"{found['name']}, {found['kind']}", more=[*sorts, made])
    say()
    for one in found["computed_traits"]:
        say(f"  {one['name']}: {one['text']}")


commands = DefinitionCommands(group, "/classifications", "classification")
commands.add_list(
    "List all classifications.", ["classification", "kind", "sorts by", "version", "origin"], _row
)
commands.add_show("Show a classification, and the traits and segments that it makes.", _show)


@group.command("set")
def set_classification(
    name: Name,
    kind: Annotated[str, typer.Argument(help="rfm, lifecycle, activity or loyalty.")],
    fields: Annotated[
        list[str] | None,
        typer.Argument(help="Fields, such as active_for=60d; values may be JSON.",
                       metavar="[FIELD=VALUE]...", show_default=False),
    ] = None,
    allow_unknown: options.AllowUnknown = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Make or change a classification."""
    body: dict[str, Any] = {"kind": kind, **dict(map(_field, fields or []))}
    with connect(workspace) as client:
        answer = client.put(
            f"/classifications/{segment_of(name)}", body, allow_unknown=allow_unknown
        )
    if as_json:
        show_json(answer)
        return
    say(f"{name} is version {answer['version']}.")
    warn(answer)


def _field(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise InputError(f"{text}: expected FIELD=VALUE.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


commands.add_remove("Remove a classification, with the traits and segments that it makes.")


@group.command()
def classes(
    name: Name,
    trait: Trait = None,
    brand: Brand = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show every class with its customers and what they bought."""
    show_answer(
        workspace, f"/classifications/{segment_of(name)}/classes", _show_classes, as_json=as_json,
        trait=trait, brand=brand, as_of=as_of, min_position=min_position,
    )  # fmt: skip


def _show_classes(answer: Answer) -> None:
    everybody = sum(row["customers"] for row in answer["data"])
    table(
        [answer["trait"], "customers", "share", "orders", "revenue"],
        [
            [row["value"] or NO_CLASS, row["customers"], _share(row["customers"], everybody),
             sum(one["orders"] for one in row["by_currency"]), _revenue(row["by_currency"])]
            for row in answer["data"]
        ],
    )  # fmt: skip
    say(f"{plural(everybody, 'customer')}. {holds_for(answer)}")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def _revenue(by_currency: list[dict[str, Any]]) -> str:
    return ", ".join(
        f"{amount(one['revenue'])} {one['currency'] or ''}".strip() for one in by_currency
    )


@group.command()
def movements(
    name: Name,
    since: Annotated[
        str, typer.Option("--since", help="The earlier moment, ISO 8601, UTC.", metavar="TIME")
    ],
    trait: Trait = None,
    brand: Brand = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show how many customers went from each class to each."""
    show_answer(
        workspace, f"/classifications/{segment_of(name)}/movements", _show_movements,
        as_json=as_json, since=format_time(parse_time(since, field="--since")), trait=trait,
        brand=brand, as_of=as_of, min_position=min_position,
    )  # fmt: skip


def _show_movements(answer: Answer) -> None:
    counts = {(one["from"], one["to"]): one["customers"] for one in answer["data"]}
    arrived = list(dict.fromkeys(one["to"] for one in answer["data"]))
    rows: list[list[Cell]] = [
        [start or NO_CLASS, *(counts.get((start, end)) for end in arrived)]
        for start in dict.fromkeys(one["from"] for one in answer["data"])
    ]
    table(["from \\ to", *(end or NO_CLASS for end in arrived)], rows)
    moved = sum(number for (start, end), number in counts.items() if start != end)
    say(f"{plural(moved, 'customer')} moved since {moment(answer['since'])}. {holds_for(answer)}")
