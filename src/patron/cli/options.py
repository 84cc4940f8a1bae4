"""The options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.clock import format_time, parse_time

AS_JSON = "patron.json"
"""Where a run keeps whether JSON was asked for; errors follow it too."""


WHO = "Such as email:ann@example.com, or a profile id."
"""How to name a customer."""


def _remember(context: typer.Context, wanted: bool) -> bool:
    context.meta[AS_JSON] = wanted
    return wanted


def _read_moment(text: str | None) -> str | None:
    return None if text is None else format_time(parse_time(text, field="--as-of"))


def or_me(name: str | None) -> str:
    """For whom something is done: who sits at this machine, as far as it knows, unless said."""
    import getpass

    try:
        return name or getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "admin"


Rule = Annotated[str | None, typer.Argument(help="The rule's text.", show_default=False)]
RuleFile = Annotated[
    Path | None,
    typer.Option(
        "--file", "-f", help="A file with the rule's text; - for standard input.",
        metavar="FILE", show_default=False,
    ),
]  # fmt: skip
Folder = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        envvar="PATRON_WORKSPACE",
        help="The workspace; ./patron-data, else the current folder, when left out.",
        metavar="FOLDER",
        show_default=False,
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json", help="Print JSON on standard output and nothing else there.",
        callback=_remember, is_eager=True,
    ),
]  # fmt: skip
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", help="The moment asked for, ISO 8601, UTC; now when left out.",
        metavar="TIME", show_default=False, callback=_read_moment,
    ),
]  # fmt: skip
MinPosition = Annotated[
    int | None,
    typer.Option(
        "--min-position", min=0, help="Answer from at least this log position.",
        metavar="N", show_default=False,
    ),
]  # fmt: skip
Cursor = Annotated[
    str | None,
    typer.Option(help="Where an earlier page ended.", metavar="CURSOR", show_default=False),
]
CustomerLimit = Annotated[
    int, typer.Option(help="How many customers to show.", metavar="N", min=1, max=10_000)
]
Customer = Annotated[str, typer.Argument(help=WHO)]
AllowUnknown = Annotated[
    bool, typer.Option("--allow-unknown", help="Accept names of events never seen.")
]
By = Annotated[
    str | None,
    typer.Option("--by", help="For whom it is decided; your name on this machine when left out.",
                 metavar="NAME", show_default=False, callback=or_me),
]  # fmt: skip
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
