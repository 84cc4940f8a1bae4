"""`patron quality`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, show_answer
from patron.cli.terminal import holds_for, plural, say, table

COLUMNS = (
    "filled", "valid", "distinct", "duplicate", "conflicting", "stale", "refused", "held back",
)  # fmt: skip


def quality(
    workspace: options.Folder = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="Only this source.", metavar="NAME", show_default=False),
    ] = None,
    stale_after: Annotated[
        int,
        typer.Option("--stale-after", min=1, max=36_500, metavar="DAYS",
                     help="A value that was last given so long ago is stale."),
    ] = 365,
    as_of: options.AsOf = None,
    min_position: options.MinPosition = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Show how good the data of each source is, field by field."""
    show_answer(
        workspace, "/quality", _show, as_json=as_json, source=source,
        stale_after_days=stale_after, as_of=as_of, min_position=min_position,
    )  # fmt: skip


def _show(answer: Answer) -> None:
    for told in answer["sources"]:
        _show_source(told)
    say(
        "Filled: share of the source's customers. Valid, conflicting, stale: share of those "
        f"filled. Stale: not given for {plural(answer['stale_after_days'], 'day')}."
    )
    say(holds_for(answer))


def _show_source(told: dict[str, Any]) -> None:
    line = f"{told['source']} ({told['type']}): {plural(told['customers'], 'customer')}, "
    line += plural(told["messages"], "message")
    if told["unidentified"]:
        line += f", {told['unidentified']:,} in quarantine that identify nobody"
    say(line, strong=True)
    if told["fields"]:
        table(
            ["", "field", *COLUMNS],
            [
                [
                    field["kind"],
                    field["field"],
                    _share(field["filled"], told["customers"]),
                    _share(field["valid"], field["filled"]),
                    field["distinct"],
                    field["duplicate"],
                    _share(field["conflicting"], field["filled"]),
                    _share(field["stale"], field["filled"]),
                    field["refused"],
                    field["held_back"],
                ]
                for field in told["fields"]
            ],
        )
    say()


def _share(part: int, whole: int) -> str:
    """A share in per cent; never 0 or 100 where it is not."""
    if not whole:
        return "-"
    tenths = 1000 * part // whole
    if part and not tenths:
        return "<0.1%"
    return f"{tenths / 10:.1f}%"
