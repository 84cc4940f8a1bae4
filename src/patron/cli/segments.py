"""`patron segment`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.client import Client, Query, connect, segment_of
from patron.cli.definition_commands import DefinitionCommands, Facts, show_facts
from patron.cli.explanations import show_explanation
from patron.cli.files import read_text
from patron.cli.problems import about_rule
from patron.cli.terminal import Cell, amount, holds_for, note, plural, say, show_json, table
from patron.errors import InputError

PAGE = 10_000
"""The most members that one request returns."""

Format = Literal["csv", "parquet", "jsonl"]
Name = Annotated[str, typer.Argument(help="The segment's name.")]

group = typer.Typer(help="Groups of customers.", no_args_is_help=True)


@group.command("list")
def list_segments(
    counts: Annotated[bool, typer.Option(help="Count the members of each.")] = True,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """List all segments with their number of members."""
    show_answer(
        workspace, "/segments", _show_segments, as_json=as_json, counts=counts, as_of=as_of,
        min_position=min_position,
    )  # fmt: skip


def _show_segments(answer: Answer) -> None:
    table(
        ["segment", "members", "version", "origin", "description"],
        [
            [s["name"], s["count"], s["version"], s["origin"], s["description"]]
            for s in answer["data"]
        ],
    )
    say(holds_for(answer))


@group.command()
def show(
    name: Name,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Show a segment's rule and how many are in it."""
    show_answer(
        workspace, f"/segments/{segment_of(name)}", _show_segment, as_json=as_json, as_of=as_of,
        min_position=min_position,
    )  # fmt: skip


def _show_segment(answer: Answer) -> None:
    found = answer["segment"]
    more: Facts = [(key, found[key]) for key in ("owner", "journey_stage") if found[key]]
    more += [("goal", _goal(found["goal"]))] if found["goal"] else []
    show_facts(found, more=[*more, ("members", found["count"])])
    say()
    if found["values"]:
        table(
            ["value", "members", "rule"],
            [[one["value"], one["count"], one["text"]] for one in found["values"]],
        )
    else:
        for line in found["text"].splitlines():
            say(f"  {line}")
    warn(answer)
    say(f"\n{holds_for(answer)}")


@group.command()
def preview(
    rule: options.Rule = None,
    file: options.RuleFile = None,
    sample: Annotated[
        int, typer.Option(help="How many members to show.", metavar="N", min=0, max=100)
    ] = 10,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """Count who a rule lets through, and show some of them."""
    text = rule_text(rule, file)
    with connect(workspace) as client, about_rule(text):
        answer = client.post(
            "/segments/preview", {"rule": text}, sample=sample, as_of=as_of,
            min_position=min_position,
        )  # fmt: skip
    if as_json:
        show_json(answer)
    else:
        _show_preview(answer)


DefinitionCommands(group, "/segments", "segment").add_explain(
    "Say why a customer is in a segment, or is not.", show_explanation
)


@group.command()
def members(
    name: Name,
    limit: Annotated[int, typer.Option(help="How many to show.", metavar="N", min=1)] = 100,
    known_at: Annotated[
        str | None,
        typer.Option(
            "--known-at",
            help="By what was on record at this moment, instead of by what is known now.",
            metavar="TIME",
            show_default=False,
        ),
    ] = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:
    """List who is in a segment."""
    at: dict[str, Query] = {"known_at": known_at, "as_of": as_of, "min_position": min_position}
    with connect(workspace) as client:
        answer = _members(client, name, limit, at)
    if as_json:
        show_json(answer)
        return
    show_customers(answer["data"])
    say(f"{len(answer['data']):,} of {plural(answer['count'], 'member')}. {holds_for(answer)}")


@group.command()
def export(
    name: Name,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write; standard output when left out.",
                     metavar="FILE", show_default=False),
    ] = None,
    file_format: Annotated[
        Format | None,
        typer.Option("--format", help="As the file's ending says, else csv, when left out.",
                     metavar="csv|parquet|jsonl", show_default=False),
    ] = None,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Write all members of a segment to a file."""
    chosen = file_format or _format_of(output)
    if output is None and as_json:
        raise InputError("--json: needs --output, for the members take standard output.")
    at: dict[str, Any] = {"as_of": as_of, "min_position": min_position}
    with connect(workspace) as client:
        if output is None:
            _to_standard_output(client, name, chosen, at)
            return
        written = export_to(client, name, output, chosen, **at)
    if as_json:
        show_json(written)
    else:
        say(f"Wrote {plural(written['count'], 'member')} to {output}. {holds_for(written)}")


def export_to(
    client: Client,
    name: str,
    output: Path,
    file_format: Format,
    *,
    as_of: str | None = None,
    min_position: int | None = None,
) -> dict[str, Any]:
    """Write a segment's members to a file.

    Returns:
        The path, the format, the number of members, and what they hold for.
    """
    if not output.parent.is_dir():
        raise InputError(f"There is no folder {output.parent} to write {output.name} into.")
    headers = client.download(
        f"/segments/{segment_of(name)}/export", output, format=file_format, as_of=as_of,
        min_position=min_position,
    )  # fmt: skip
    return {
        "segment": name,
        "path": str(output),
        "format": file_format,
        "count": int(headers["patron-count"]),
        "position": int(headers["patron-position"]),
        "as_of": headers["patron-as-of"],
    }


def _goal(goal: dict[str, Any]) -> str:
    return f"{goal['measure']} {amount(goal['target'])} {goal['currency'] or ''}".strip()


def rule_text(rule: str | None, file: Path | None) -> str:
    """The text of a rule, given by itself or as a file."""
    if (rule is None) == (file is None):
        raise typer.BadParameter("give the rule's text or --file, one of them", param_hint="RULE")
    return read_text(file) if file is not None else str(rule)


def _members(client: Client, name: str, limit: int, at: dict[str, Query]) -> dict[str, Any]:
    """As many members as asked for, from as many pages as that takes."""
    path = f"/segments/{segment_of(name)}/members"
    first: dict[str, Any] = client.get(path, limit=min(limit, PAGE), **at)
    page = first
    while page["next"] is not None and len(first["data"]) < limit:
        following = {**at, "as_of": first["as_of"], "min_position": first["position"]}
        page = client.get(
            path, limit=min(limit - len(first["data"]), PAGE), cursor=page["next"], **following
        )
        first["data"] += page["data"]
        first["next"] = page["next"]
    return first


def _to_standard_output(client: Client, name: str, chosen: Format, at: dict[str, Any]) -> None:
    if chosen == "parquet" and sys.stdout.isatty():
        raise InputError("Parquet is no text for a terminal.", hint="Name a file with --output.")
    with client.stream(f"/segments/{segment_of(name)}/export", format=chosen, **at) as response:
        for piece in response.iter_bytes():
            sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _format_of(output: Path | None) -> Format:
    endings: dict[str, Format] = {".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl"}
    return endings.get(output.suffix.lower(), "csv") if output else "csv"


def _show_preview(answer: dict[str, Any]) -> None:
    share = 100 * answer["count"] / answer["total"] if answer["total"] else 0
    found = plural(answer["count"], "customer")
    say(f"{found} of {answer['total']:,} ({share:.1f} %)", strong=True)
    say()
    table(["condition alone", "customers"], [[c["text"], c["count"]] for c in answer["conditions"]])
    if answer["sample"]:
        say()
        show_customers(answer["sample"])
    warn(answer)
    say(f"\n{holds_for(answer)} It took {answer['milliseconds']:,.0f} ms.")


def show_customers(customers: list[dict[str, Any]]) -> None:
    """Profile ids and identifiers, as much as the terminal is wide."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000
    rows: list[list[Cell]] = []
    for customer in customers:
        known = ", ".join(
            f"{kind}:{value}"
            for kind, values in customer["identifiers"].items()
            for value in values
        )
        value = [customer["value"]] if "value" in customer else []
        rows.append([str(customer["profile_id"]), *value, known[: max(20, width - 16)]])
    valued = any("value" in customer for customer in customers)
    table(["profile", *(["value"] if valued else []), "identifiers"], rows)


def warn(answer: dict[str, Any]) -> None:
    """Say the warnings of an answer."""
    for warning in answer["warnings"]:
        note(f"Warning: {warning}")
