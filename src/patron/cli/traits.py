"""`patron trait`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import segment_of
from patron.cli.terminal import holds_for, moment, say, shown_cell, table

group = typer.Typer(help="Traits: what is declared, who uses them, where sources disagree.",
                    no_args_is_help=True)  # fmt: skip


@group.command("list")
def list_traits(
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """List traits, with what is declared of them and the segments that read them."""
    show_answer(
        workspace, "/traits", _show_traits, as_json=as_json, as_of=as_of, min_position=min_position
    )


def _show_traits(answer: Answer) -> None:
    table(
        [
            "trait",
            "definition",
            "type",
            "holds",
            "for",
            "provenance",
            "customers",
            "last observed",
            "segments",
        ],
        [
            [
                one["trait"],
                one["definition"],
                one["type"],
                one["survivorship"].replace("_", " "),
                one["holds_for"],
                _said(one),
                one["customers"],
                one["last_observed_at"] and moment(one["last_observed_at"]),
                ", ".join(one["segments"]),
            ]
            for one in answer["data"]
        ],
    )
    say(f"\n{holds_for(answer)}")


def provenance(one: dict[str, Any]) -> str:
    """Of what party a trait is, and whether it is declared or inferred, as far as that is known.

    >>> provenance({"provenance": "third", "basis": "inferred"})
    'third party, inferred'
    """
    party = one["provenance"] and f"{one['provenance']} party"
    return ", ".join(part for part in (party, one["basis"]) if part)


def _said(one: dict[str, Any]) -> str:
    told = (provenance(one), "personal" if one["personal"] else None)
    return ", ".join(part for part in told if part)


@group.command("conflicts")
def conflicts(
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show of how many customers sources give different values, trait by trait."""
    show_answer(
        workspace, "/traits/conflicts", _show_conflicts, as_json=as_json, as_of=as_of,
        min_position=min_position,
    )  # fmt: skip


def _show_conflicts(answer: Answer) -> None:
    names = ("trait", "customers", "told_by_several", "conflicting", "survivorship")
    table(
        [name.replace("_", " ") for name in names],
        [[one[name] for name in names] for one in answer["data"]],
    )
    say(f"\n{holds_for(answer)}")


@group.command("of")
def of_customer(
    identifier: options.Customer,
    trait: Annotated[
        str | None,
        typer.Option("--trait", help="Only this trait.", metavar="NAME", show_default=False),
    ] = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show what every source said of a customer, what holds, and why all else does not."""
    path = f"/profiles/{segment_of(identifier)}/traits"
    show_answer(
        workspace, path, _show_told, as_json=as_json, trait=trait, as_of=as_of,
        min_position=min_position,
    )  # fmt: skip


def _show_told(answer: Answer) -> None:
    for one in answer["data"]:
        rule = one["survivorship"].replace("_", " ")
        about = "; ".join(part for part in (rule, _said(one)) if part)
        value = shown_cell(one["value"]) if one["held"] else "nothing holds"
        say(f"{one['trait']}: {value} ({about})", strong=True)
        table(
            ["value", "source", "when", "provenance", ""],
            [
                [shown_cell(told["value"]), told["source"], moment(told["occurred_at"]),
                 provenance(told) or None, told["reason"]]
                for told in one["observations"]
            ],
        )  # fmt: skip
        say()
    say(holds_for(answer))
