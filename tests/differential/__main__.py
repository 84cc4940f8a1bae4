"""``make differential``: as many random cases as wished, class by class.

A case is one rule, one customer and one instant. The class `live` draws rules of all classes and
follows a history as it arrives, against the oracle at each stop and a full recompute at some.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from differential.live import LiveWorkspace
from differential.oracle import members
from differential.processes import LIVE, engine, one_world
from patron.testing.differential.harness import Tally, reduced, understood
from patron.testing.differential.rules import CLASSES
from patron.testing.differential.shrink_scripts import reduced_live

BARREN = 30
"""A class of which so many worlds yield no rule worth asking is drawn wrongly."""

SHOWN = 3

console = Console()


def run_class(
    pool: ProcessPoolExecutor, name: str, cases: int, first: int, known: frozenset[str], width: int
) -> Iterator[Tally]:
    """Tallies of one world after another until there are enough cases."""
    seed, done, barren = first, 0, 0
    waiting: set[Future[Tally]] = set()
    while done < cases and barren < BARREN:
        while len(waiting) < width:
            waiting.add(pool.submit(one_world, name, seed, known))
            seed += 1
        finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for future in finished:
            tally = future.result()
            barren = 0 if tally.cases else barren + 1
            done += tally.cases
            yield tally
    for future in waiting:
        if not future.cancel():
            yield future.result()


def compare_all(wanted: list[str], asked: argparse.Namespace) -> dict[str, Tally]:
    """The tally of each class, with a progress bar meanwhile."""
    known = understood(engine())
    tallies: dict[str, Tally] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool,
        Progress(*columns, TimeRemainingColumn(), console=console) as progress,
    ):
        bar = progress.add_task("", total=asked.cases * len(wanted))
        for number, name in enumerate(wanted):
            progress.update(bar, description=name, completed=asked.cases * number)
            tally = tallies[name] = Tally()
            for part in run_class(pool, name, asked.cases, asked.seed, known, asked.workers + 1):
                tally.add(part)
                done = asked.cases * number + min(tally.cases, asked.cases)
                progress.update(bar, completed=done)
        progress.update(bar, completed=asked.cases * len(wanted))
    return tallies


def show(tallies: dict[str, Tally]) -> None:
    """One row per class."""
    table = Table("class", "rules", "drawn", "cases", "inside", "differences")
    for name, tally in tallies.items():
        share = f"{tally.inside / tally.cases:.0%}" if tally.cases else "-"
        numbers = (tally.rules, tally.drawn, tally.cases)
        table.add_row(name, *(f"{n:,}" for n in numbers), share, f"{len(tally.differences):,}")
    console.print(table)
    if LIVE in tallies and len(tallies[LIVE].classes) > 1:
        mixed = Table("live: rules of class", "cases")
        for name, cases in sorted(tallies[LIVE].classes.items()):
            mixed.add_row(name, f"{cases:,}")
        console.print(mixed)


def explain(name: str, tally: Tally, keep: Path | None) -> None:
    """Reduce the first differences of each kind, print them, and keep them when asked to."""
    kinds = {found.kind: found for found in reversed(tally.differences)}
    told: dict[str, Any] = {}
    for found in [*kinds.values(), *tally.differences[1:SHOWN]]:
        if name == LIVE:
            small = reduced_live(found, LiveWorkspace(), members)
            told.setdefault(json.dumps([small.kind, small.script.rules.get(small.name)]), small)
        else:
            small = reduced(found, engine(), members)
            told.setdefault(json.dumps([small.kind, small.case.rule]), small)
    for number, small in enumerate(told.values(), 1):
        console.print(f"\n{name}, {small.text()}", soft_wrap=True, markup=False, highlight=False)
        if keep is not None:
            path = keep / f"{name.replace(' ', '-')}-{number}.json"
            case = small.script if name == LIVE else small.case
            text = json.dumps(case.as_json(), ensure_ascii=False, indent=1)
            path.write_text(text + "\n", "utf-8")


def main() -> int:
    """Run, show, and tell by the exit code whether everything agreed."""
    parser = argparse.ArgumentParser(prog="differential", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="of each class")
    parser.add_argument("--class", dest="classes", action="append", help="only this one")
    parser.add_argument("--seed", type=int, default=0, help="of the first world")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="write reduced cases into this folder")
    asked = parser.parse_args()
    known = understood(engine())
    known_classes = [name for name in CLASSES if name in known or name == "composed"]
    wanted = asked.classes or [*known_classes, LIVE]
    strange = sorted(set(wanted) - known - {"composed", LIVE})
    if strange:
        console.print(f"No class that the engine reads: {', '.join(strange)}.")
        return 2
    tallies = compare_all(wanted, asked)
    show(tallies)
    unread = [name for name in CLASSES if name not in known and name != "composed"]
    if unread and not asked.classes:
        console.print(f"Not compared, since the engine does not read them: {', '.join(unread)}.")
    for name, tally in tallies.items():
        if tally.differences:
            explain(name, tally, asked.keep)
        if tally.cases < asked.cases:
            console.print(f"{name}: only {tally.cases:,} cases, too few rules divide the worlds.")
    wrong = any(one.differences or one.cases < asked.cases for one in tallies.values())
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
