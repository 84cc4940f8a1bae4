"""What the processes of a long run do: each has an engine of its own."""

from __future__ import annotations

from functools import cache

from differential.bulk import BulkEngine
from differential.oracle import members
from patron.testing.differential.harness import Tally, run


@cache
def engine() -> BulkEngine:
    """This process's engine."""
    return BulkEngine()


def one_world(name: str, seed: int, known: frozenset[str]) -> Tally:
    """Rules of one class in one world."""
    return run(name, seed, engine(), members, known)
