"""What the processes of a long run do: each has an engine of its own."""

from __future__ import annotations

from functools import cache

from differential.bulk import BulkEngine
from differential.live import LiveWorkspace
from differential.oracle import members
from patron.testing.differential.following import draw_live, follow
from patron.testing.differential.harness import Tally, run

LIVE = "live"
"""The name of the class that follows live membership."""


@cache
def engine() -> BulkEngine:
    """This process's engine."""
    return BulkEngine()


def one_world(name: str, seed: int, known: frozenset[str]) -> Tally:
    """Rules of one class in one world; of all classes in one workspace that is live."""
    if name == LIVE:
        return one_life(seed, known)
    return run(name, seed, engine(), members, known)


def one_life(seed: int, known: frozenset[str], *, rules: int = 24, stops: int = 24) -> Tally:
    """A history that is followed live."""
    script = draw_live(seed, known, members, rules=rules, stops=stops)
    outcome = follow(script, LiveWorkspace(), members)
    return Tally(
        rules=len(script.rules),
        drawn=len(script.rules),
        cases=outcome.cases,
        inside=outcome.inside,
        differences=[*outcome.differences],
        classes=outcome.by_class,
    )
