"""`patron verify`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Protocol

import typer

from patron.cli import options
from patron.cli.client import connect
from patron.cli.terminal import holds_for, plural, say, show_json, table
from patron.errors import InputError, PatronError


class DifferenceError(PatronError):
    """Memberships are recorded that the tables do not bear out."""

    code = "memberships_differ"


class Advance(Protocol):
    """Told that one more share is done."""

    def __call__(self) -> None:
        """Move the bar on."""
        ...


def verify(
    all_shares: Annotated[
        bool, typer.Option("--all", help="All customers, not only the share whose turn it is.")
    ] = False,
    share: Annotated[
        int | None,
        typer.Option(help="This share, from 0.", metavar="N", min=0, show_default=False),
    ] = None,
    shares: Annotated[
        int, typer.Option(help="In how many shares.", metavar="N", min=1, max=65_536)
    ] = 64,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Recompute recorded memberships from the tables, and compare.

    Every segment is checked, for a share of the customers at a time. Ends with 1 when anything
    differs. Without a server, memberships are brought to the present first.
    """
    if all_shares and share is not None:
        raise InputError("--all: takes all shares; --share names one.")
    wanted = list(range(shares)) if all_shares else [share]
    with connect(workspace) as client, _bar(len(wanted)) as advance:
        done = []
        for one in wanted:
            done.append(client.post("/verification", {"share": one, "shares": shares}))
            advance()
    found = _summed(done)
    if as_json:
        show_json(found)
    else:
        _show(found, done[-1])
    if found["differences"]:
        raise DifferenceError(
            f"{plural(len(found['differences']), 'membership')} differ from the tables."
        )


def _summed(done: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "position": done[-1]["position"],
        "as_of": done[-1]["as_of"],
        "verified_shares": [one["share"] for one in done],
        "shares": done[-1]["shares"],
        "customers": sum(one["customers"] for one in done),
        "segments": done[-1]["segments"],
        "differences": [difference for one in done for difference in one["differences"]],
        "milliseconds": round(sum(one["milliseconds"] for one in done), 1),
    }


def _show(found: dict[str, Any], last: dict[str, Any]) -> None:
    verified = len(found["verified_shares"])
    part = "all" if verified == found["shares"] else f"share {last['share']} of {found['shares']}"
    say(
        f"Recomputed {plural(found['segments'], 'segment')} for "
        f"{plural(found['customers'], 'customer')} ({part}): "
        f"{plural(len(found['differences']), 'difference')}.",
        strong=True,
    )
    if found["differences"]:
        columns = ("segment", "profile_id", "recorded", "held", "recomputed", "as_of")
        table(
            [name.replace("_", " ") for name in columns],
            [[str(row[name]) for name in columns] for row in found["differences"]],
        )
    say(f"{holds_for(found)} It took {found['milliseconds']:,.0f} ms.")


@contextmanager
def _bar(total: int) -> Iterator[Advance]:
    """A progress bar on standard error, when that is a terminal and there is more than one step."""
    if total == 1 or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("verifying", total=total)
        yield lambda: bar.advance(task)
