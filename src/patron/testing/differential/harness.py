"""Runs random cases through an engine and an oracle, and tells where they differ."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from patron.testing.differential.cases import Case
from patron.testing.differential.drawing import Draw, Rule
from patron.testing.differential.histories import History, draw_history, with_segments
from patron.testing.differential.instants import draw_instants
from patron.testing.differential.rules import PROBES, classes, draw_segments
from patron.testing.differential.shrink import shrink
from patron.testing.differential.worlds import World, world_of

Oracle = Callable[[World, Rule, datetime], set[int]]
"""The ids of the customers of a world of whom a rule is true at a moment."""

FEWEST, MOST = 0.05, 0.95
"""A rule is kept when, at one of its moments at least, this share of the customers is inside."""

TRIES = 40
"""So many rules are drawn for each one that is wanted; a few worlds have none of a class."""


class Engine(Protocol):
    """What is tested."""

    def understands(self, rule: Rule) -> bool:
        """Whether it can read the rule at all."""
        ...

    def load(self, history: History) -> World:
        """Take in a history, in place of the one before; returns what it means, under its ids.

        Called with the same object once more, it need do nothing.
        """
        ...

    def members(self, rule: Rule, as_of: datetime) -> set[int]:
        """The ids of those of whom the rule is true."""
        ...


@dataclass(frozen=True)
class Difference:
    """What an engine and the oracle say of one case.

    Attributes:
        missing: Keys of customers that the engine left out.
        surplus: Keys of customers that only the engine took in.
        error: What the engine raised instead of answering.
    """

    case: Case
    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    error: str = ""

    @property
    def kind(self) -> str:
        """Whether it answered wrongly, or not at all and with what sort of error."""
        return self.error.partition(":")[0] if self.error else "answer"

    def text(self) -> str:
        """For a person: what differs, and the case as JSON to be kept."""
        said = self.error or f"missing {list(self.missing)}, surplus {list(self.surplus)}"
        return f"{said}\n{json.dumps(self.case.as_json(), ensure_ascii=False)}"


@dataclass
class Tally:
    """What came of some cases of one class.

    Attributes:
        rules: How many rules were kept.
        drawn: How many were drawn.
        cases: One rule, one customer, one moment each.
        inside: In how many of them the customer was in, says the oracle.
    """

    rules: int = 0
    drawn: int = 0
    cases: int = 0
    inside: int = 0
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in another tally of the same class."""
        self.rules += other.rules
        self.drawn += other.drawn
        self.cases += other.cases
        self.inside += other.inside
        self.differences += other.differences


def understood(engine: Engine) -> frozenset[str]:
    """The classes of operators that an engine knows."""
    return frozenset(name for name, probe in PROBES.items() if engine.understands(probe))


@lru_cache(maxsize=2)
def draw_world(seed: int) -> History:
    """A random history in a workspace with segments."""
    history = draw_history(seed)
    chance = random.Random(f"segments {seed}")  # noqa: S311
    return with_segments(history, draw_segments(chance, world_of(history)))


def run(
    name: str,
    seed: int,
    engine: Engine,
    oracle: Oracle,
    known: frozenset[str],
    *,
    rules: int = 10,
    instants: int = 5,
) -> Tally:
    """Draw one world and some rules of a class, and compare.

    Args:
        name: One of the classes in `rules.CLASSES`.
        seed: The same seed draws the same cases.
        engine: What is tested.
        oracle: What tells the truth.
        known: The classes that the engine knows; others are not mixed in.
        rules: How many rules to keep.
        instants: How many moments to ask each rule at.
    """
    history = draw_world(seed)
    world = engine.load(history)
    chance = random.Random(f"{name} {seed}")  # noqa: S311
    draw = Draw(chance, world, known)
    drawer = classes(known)[name]
    tally = Tally()
    while tally.rules < rules and tally.drawn < rules * TRIES:
        rule = drawer(draw)
        tally.drawn += 1
        moments = draw_instants(chance, world, rule, instants)
        truths = _worth_asking(world, rule, moments, oracle)
        if truths is None:
            continue
        tally.rules += 1
        for as_of, truth in zip(moments, truths, strict=True):
            tally.cases += len(world["people"])
            tally.inside += len(truth)
            different = compare(Case(history, rule, as_of), world, engine, truth)
            if different:
                tally.differences.append(different)
    return tally


def _worth_asking(
    world: World, rule: Rule, moments: list[datetime], oracle: Oracle
) -> list[set[int]] | None:
    """Who is in at each moment; None when it is nearly everybody or nobody at all of them."""
    everybody = len(world["people"])
    # Two moments tell most rules that divide nobody, at a fraction of the cost of all.
    first = [oracle(world, rule, as_of) for as_of in moments[:2]]
    if not any(first) or all(len(truth) == everybody for truth in first):
        return None
    truths = first + [oracle(world, rule, as_of) for as_of in moments[2:]]
    divides = any(FEWEST <= len(truth) / everybody <= MOST for truth in truths)
    return truths if divides else None


def compare(case: Case, world: World, engine: Engine, truth: set[int]) -> Difference | None:
    """Ask the engine about the history that it has loaded.

    Args:
        case: What to ask.
        world: As `Engine.load` gave it.
        engine: Whom to ask.
        truth: What the oracle said.
    """
    try:
        found = engine.members(case.rule, case.as_of)
    except Exception as error:  # noqa: BLE001 - whatever it raises is a difference
        return Difference(case, error=f"{type(error).__name__}: {error}"[:500])
    if found == truth:
        return None
    keys = {person["id"]: person["key"] for person in world["people"]}
    missing = sorted(keys[one] for one in truth - found)
    surplus = sorted(keys.get(one, f"profile {one}") for one in found - truth)
    return Difference(case, tuple(missing), tuple(surplus))


def ask(case: Case, engine: Engine, oracle: Oracle) -> Difference | None:
    """Load the history of a case and compare; None when both say the same."""
    world = engine.load(case.history)
    return compare(case, world, engine, oracle(world, case.rule, case.as_of))


def reduced(difference: Difference, engine: Engine, oracle: Oracle) -> Difference:
    """The smallest case that greedy steps find to differ in the same kind."""

    def found(case: Case) -> Difference | None:
        if not engine.understands(case.rule):
            return None
        try:
            return ask(case, engine, oracle)
        except Exception:  # noqa: BLE001 - a case that makes no sense to the oracle
            return None

    def differs(case: Case) -> bool:
        other = found(case)
        return other is not None and other.kind == difference.kind

    return found(shrink(difference.case, differs)) or difference
