"""`patron linking`."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from patron.cli import options
from patron.cli.asking import Answer, confirm, show_answer
from patron.cli.client import Client, connect, segment_of
from patron.cli.identity_rules import Force, NoCounts, Plan, show_effects
from patron.cli.terminal import facts, moment, note, plural, say, show_json, table

PAUSE = 0.3
"""Seconds between two looks at how far it is."""

group = typer.Typer(
    help="Link customers who share no identifier, by likeness.", no_args_is_help=True
)

Name = Annotated[
    str, typer.Argument(help="A linking definition; `default` needs none.", metavar="MODEL")
]
Version = Annotated[
    int | None,
    typer.Option(help="Of the model; the newest by default.", metavar="N", show_default=False),
]
Standing = Annotated[
    int | None,
    typer.Option(
        help="Of the model; the one that stands by default, or the newest before any does.",
        metavar="N",
        show_default=False,
    ),
]
Newest = Annotated[
    int | None,
    typer.Option(help="Of the model; the newest by default.", metavar="N", min=0,
                 show_default=False),
]  # fmt: skip


@group.command()
def train(
    name: Name = "default",
    with_reviews: Annotated[
        bool, typer.Option("--with-reviews", help="Learn from what reviewers said too.")
    ] = False,
    chart: Annotated[
        Path | None,
        typer.Option(help="Draw its match weights into this HTML file.", metavar="FILE",
                     show_default=False),
    ] = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Train a model on all customers, without labels; it becomes the next version."""
    path = f"/linking/models/{segment_of(name)}"
    with connect(workspace) as client, progress(client):
        answer = client.post(f"{path}/train", {"with_reviews": with_reviews})
        if chart is not None:
            client.download(f"{path}/chart", chart, version=answer["version"])
    if as_json:
        show_json(answer)
        return
    say(
        f"Trained {name}, version {answer['version']}, on {plural(answer['records'], 'customer')}.",
        strong=True,
    )
    _weights(answer)
    if chart is not None:
        note(f"The chart is in {chart}.")


@group.command()
def run(
    name: Name = "default",
    version: Standing = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Score all customers, also those scored before.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would follow.")] = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Score customers who are new or changed since the last run, link, and ask reviewers."""
    body = {"version": version, "everything": everything, "dry_run": dry_run}
    with connect(workspace) as client, progress(client):
        answer = client.post(f"/linking/models/{segment_of(name)}/run", body)
    if as_json:
        show_json(answer)
        return
    would = "Would link" if dry_run else "Linked"
    say(f"{would} {plural(answer['linked'], 'pair')} by {name}, version {answer['version']}.",
        strong=True)  # fmt: skip
    facts(
        [
            ("scored", f"{answer['scored']:,} of {plural(answer['records'], 'customer')}"),
            ("refused by the rules", answer["refused"]),
            ("kept apart", answer["kept_apart"]),
            ("to review", answer["reviews"]),
        ]
    )


@group.command()
def plan(
    name: Name = "default",
    version: Newest = None,
    revert: Annotated[
        bool, typer.Option("--revert", help="Of bringing back the version that stood before.")
    ] = False,
    no_segments: NoCounts = False,
    workspace: options.Folder = None,
    as_of: options.AsOf = None,
    as_json: options.Json = False,
) -> None:
    """Show what another version of a model would change: who merges, splits and moves.

    Changes nothing.
    """
    with connect(workspace) as client:
        planned = _planned(
            client, name, {"version": version, "revert": revert}, counts=not no_segments,
            as_of=as_of,
        )  # fmt: skip
    if as_json:
        show_json(planned)
    else:
        _show_plan(planned)


@group.command()
def apply(
    name: Name = "default",
    version: Newest = None,
    expected: Plan = None,
    force: Force = False,
    yes: options.Yes = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Have another version of a model stand: its links replace those of the one before.

    Shows the plan and asks first. It is done whole or not at all, and `patron linking revert` takes
    it back.
    """
    _plan_and_do(name, {"version": version}, expected, workspace, force=force, yes=yes,
                 as_json=as_json)  # fmt: skip


@group.command()
def revert(
    name: Name = "default",
    version: Annotated[
        int | None,
        typer.Option(
            "--to", min=0, metavar="N", show_default=False,
            help="The version to bring back, 0 for no links of the model at all; the one that "
            "stood before when left out.",
        ),
    ] = None,
    expected: Plan = None,
    force: Force = False,
    yes: options.Yes = False,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Bring the links back that a model made in the version that stood before."""
    _plan_and_do(name, {"version": version, "revert": True}, expected, workspace, force=force,
                 yes=yes, as_json=as_json)  # fmt: skip


@group.command()
def models(workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """List all models and their versions."""
    show_answer(workspace, "/linking/models", _show_models, as_json=as_json)


def _show_models(answer: Answer) -> None:
    table(
        ["model", "version", "", "trained", "customers", "labels"],
        [
            [
                row["name"],
                row["version"],
                "stands" if row["stands"] else "",
                moment(row["trained_at"]),
                row["records"],
                row["labels"],
            ]
            for row in answer["data"]
        ],
    )


@group.command()
def chart(
    file: Annotated[Path, typer.Argument(help="The HTML file to write.")],
    name: Annotated[str, typer.Option("--model", help="Of this model.", metavar="MODEL")] = (
        "default"
    ),
    version: Version = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Draw the match weights of a model into a web page that loads nothing."""
    with connect(workspace) as client:
        client.download(f"/linking/models/{segment_of(name)}/chart", file, version=version)
    if as_json:
        show_json({"file": str(file)})
        return
    say(f"The chart is in {file}.")


def _planned(
    client: Client, name: str, wanted: dict[str, Any], **query: str | bool | None
) -> dict[str, Any]:
    with progress(client):
        path = f"/linking/models/{segment_of(name)}/plan"
        return dict(client.post(path, wanted, **query))


def _plan_and_do(
    name: str,
    wanted: dict[str, Any],
    expected: str | None,
    workspace: Path | None,
    *,
    force: bool,
    yes: bool,
    as_json: bool,
) -> None:
    with connect(workspace) as client:
        if expected is None and not (force and yes):
            planned = _planned(client, name, wanted)
            expected = planned["fingerprint"]
            # The version is named from here on: another one may be trained while this is read.
            wanted = {**wanted, "version": planned["version"]}
            if not as_json:
                _show_plan(planned)
            confirm("Apply this?", yes)
        given = {**wanted, "fingerprint": None if force else expected}
        with progress(client):
            done = client.post(f"/linking/models/{segment_of(name)}/apply", given)
    if as_json:
        show_json(done)
        return
    stands = f"version {done['version']}" if done["version"] else "no version"
    say(f"Applied. Of the model {name} stands {stands} now.", strong=True)
    say("`patron linking revert` takes it back.")


def _show_plan(planned: dict[str, Any]) -> None:
    replaces = f"version {planned['replaces']}" if planned["replaces"] else "nothing"
    said = plural(planned["links"], "link")
    if planned["reviews"] is not None:
        said += f", {plural(planned['reviews'], 'pair')} in doubt"
    say(f"{planned['model']}, version {planned['version']}, in place of {replaces}: {said}.")
    show_effects(planned)
    say(
        f"Plan {planned['fingerprint']}; as of {moment(planned['as_of'])}, log position "
        f"{planned['position']:,}."
    )


@contextmanager
def progress(client: Client) -> Iterator[None]:
    """While it lasts, shows on standard error how far linking is, when that is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("linking", total=None)
        over = threading.Event()
        watcher = threading.Thread(
            target=_watch,
            args=(client, over, lambda state: bar.update(
                task, description=state["what"], completed=state["done"], total=state["total"]
            )),
            daemon=True,
        )  # fmt: skip
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()


def _watch(client: Client, over: threading.Event, update: Callable[[dict[str, Any]], None]) -> None:
    while not over.wait(PAUSE):
        state = client.get("/linking/progress")
        if state["working"]:
            update(state)


def _weights(answer: dict[str, Any]) -> None:
    table(
        ["field", "likeness", "weight"],
        [
            [each["field"] if not number else "", level["level"], level["weight"]]
            for each in answer["fields"]
            for number, level in enumerate(each["levels"])
        ],
    )
