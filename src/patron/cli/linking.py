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
from patron.cli.client import Client, connect, segment_of
from patron.cli.identity_decisions import By, somebody
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
    version: Version = None,
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
def models(workspace: options.Folder = None, as_json: options.Json = False) -> None:
    """List all models and their versions."""
    with connect(workspace) as client:
        answer = client.get("/linking/models")
    if as_json:
        show_json(answer)
        return
    table(
        ["model", "version", "trained", "customers", "labels"],
        [
            [row["name"], row["version"], moment(row["trained_at"]), row["records"], row["labels"]]
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
) -> None:
    """Draw the match weights of a model into a web page that loads nothing."""
    with connect(workspace) as client:
        client.download(f"/linking/models/{segment_of(name)}/chart", file, version=version)
    say(f"The chart is in {file}.")


@group.command()
def reviews(
    state: Annotated[
        str,
        typer.Option(help="pending, same, different, settled, withdrawn, or all.",
                     metavar="STATE"),
    ] = "pending",
    limit: Annotated[
        int, typer.Option(help="How many to show.", metavar="N", min=1, max=1_000)
    ] = 20,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Show pairs that a person is asked about, the likeliest to be one person first."""
    with connect(workspace) as client:
        answer = client.get("/identity/reviews", state=state, limit=limit)
    if as_json:
        show_json(answer)
        return
    for row in answer["data"]:
        _show(row)
    say(f"{plural(answer['total'], 'pair')}, {len(answer['data']):,} shown.")


@group.command()
def review(
    review_id: Annotated[int, typer.Argument(help="That `linking reviews` shows.")],
    verdict: Annotated[str, typer.Argument(help="same or different.")],
    reason: Annotated[
        str | None, typer.Option(help="Why.", metavar="TEXT", show_default=False)
    ] = None,
    by: By = None,
    workspace: options.Folder = None,
    as_json: options.Json = False,
) -> None:
    """Say whether a pair is one person: a decision by hand, which wins over every model.

    `patron identity withdraw` takes it back.
    """
    body = {"verdict": verdict, "made_by": by or somebody(), "reason": reason}
    with connect(workspace) as client:
        answer = client.post(f"/identity/reviews/{review_id}", body)
    if as_json:
        show_json(answer)
        return
    left, right = answer["left"]["profile_id"], answer["right"]["profile_id"]
    if left == right:
        say(f"Both are customer {left} now.", strong=True)
    else:
        say(f"Customers {left} and {right} stay two.", strong=True)
    note(f"Decision {answer['decision_id']}; `patron identity withdraw` takes it back.")


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


def _show(row: dict[str, Any]) -> None:
    left, right = row["left"], row["right"]
    say(
        f"{row['review_id']}: {left['identifier']} (customer {left['profile_id']}) and "
        f"{right['identifier']} (customer {right['profile_id']}), "
        f"{100 * row['probability']:.1f}% by {row['model']} {row['version']}, {row['state']}",
        strong=True,
    )
    table(
        ["field", "one", "other", "likeness", "weight"],
        [
            [
                each["field"],
                left["fields"].get(each["field"]) if each["field"] else None,
                right["fields"].get(each["field"]) if each["field"] else None,
                each["level"],
                each["weight"],
            ]
            for each in row["evidence"]
        ],
    )
    say()
