"""Runs random cases through an engine and an oracle, and tells where they differ."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Generic, NamedTuple, Protocol, TypeVar

from patron.testing.differential.cases import Case
from patron.testing.differential.drawing import Draw
from patron.testing.differential.drawn_values import Rule
from patron.testing.differential.histories import (
    History,
    draw_history,
    with_segments,
    with_survivorship,
)
from patron.testing.differential.instants import draw_instants
from patron.testing.differential.rules import (
    PROBES,
    classes,
    draw_changes,
    draw_computed,
    draw_segments,
)
from patron.testing.differential.shrink import shrink
from patron.testing.differential.worlds import World, world_of

Oracle = Callable[[World, Rule, datetime], set[int]]
"""The ids of the customers of a world of whom a rule is true at a moment."""

FEWEST, MOST = 0.05, 0.95
"""A rule is kept when, at one of its moments at least, this share of the customers is inside."""

Answer = Callable[[Rule, list[datetime]], list[set[int]]]
"""The ids of those of whom a rule is true, at each of some moments."""

Found = TypeVar("Found")
"""How a difference is told."""

TRIES = 40
"""So many rules are drawn for each one that is wanted; a few worlds have none of a class."""


class Reader(Protocol):
    """What reads rules."""

    def understands(self, rule: Rule) -> bool:
        """Whether it can read the rule at all."""
        ...


class Engine(Reader, Protocol):
    """What is tested.

    Attributes:
        ways: The ways in which it answers, by name; all must say the same as the oracle.
    """

    ways: Mapping[str, Answer]

    def load(self, history: History) -> World:
        """Take in a history, in place of the one before; returns what it means, under its ids.

        Called with the same object once more, it need do nothing.
        """
        ...


@dataclass(frozen=True)
class Difference:
    """What an engine and the oracle say of one case.

    Attributes:
        way: The way of asking that answered so.
        missing: Keys of customers that the engine left out.
        surplus: Keys of customers that only the engine took in.
        error: What the engine raised instead of answering.
    """

    case: Case
    way: str
    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    error: str = ""

    @property
    def kind(self) -> str:
        """The way of asking, and whether it answered wrongly or with what sort of error."""
        return f"{self.way}: {self.error.partition(':')[0] if self.error else 'answer'}"

    def text(self) -> str:
        """For a person: what differs, and the case as JSON to be kept."""
        said = self.error or f"missing {list(self.missing)}, surplus {list(self.surplus)}"
        return f"{self.way}: {said}\n{json.dumps(self.case.as_json(), ensure_ascii=False)}"


@dataclass
class Tally(Generic[Found]):
    """What came of some cases of one class.

    Attributes:
        rules: How many rules were kept.
        drawn: How many were drawn.
        cases: One rule, one customer, one moment each.
        inside: In how many of them the customer was in, says the oracle.
        differences: What differed.
        classes: The cases by the class that their rules were drawn from, where several are mixed.
    """

    rules: int = 0
    drawn: int = 0
    cases: int = 0
    inside: int = 0
    differences: list[Found] = field(default_factory=list)
    classes: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally[Found]) -> None:
        """Take in another tally of the same class."""
        self.rules += other.rules
        self.drawn += other.drawn
        self.cases += other.cases
        self.inside += other.inside
        self.differences += other.differences
        self.classes += other.classes


def understood(engine: Reader) -> frozenset[str]:
    """The classes of operators that an engine knows."""
    return frozenset(name for name, probe in PROBES.items() if engine.understands(probe))


@lru_cache(maxsize=2)
def draw_world(seed: int) -> History:
    """A random history in a workspace with segments; of odd seeds, traits are declared too."""
    history = draw_history(seed)
    if seed % 2:
        history = with_survivorship(history, random.Random(f"traits {seed}"))  # noqa: S311
    chance = random.Random(f"segments {seed}")  # noqa: S311
    world = world_of(history)
    told = with_segments(history, draw_segments(chance, world), draw_changes(chance, world))
    return replace(told, computed=draw_computed(chance, world))


def run(
    name: str,
    seed: int,
    engine: Engine,
    oracle: Oracle,
    known: frozenset[str],
    *,
    rules: int = 10,
    instants: int = 5,
) -> Tally[Difference]:
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
    tally: Tally[Difference] = Tally()
    while tally.rules < rules and tally.drawn < rules * TRIES:
        rule = drawer(draw)
        tally.drawn += 1
        moments = draw_instants(chance, world, rule, instants)
        truths = _worth_asking(world, rule, moments, oracle)
        if truths is None:
            continue
        tally.rules += 1
        tally.cases += len(moments) * len(world["people"])
        tally.inside += sum(map(len, truths))
        tally.differences += compare(Asked(history, world, rule, moments), engine, truths)
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


class Asked(NamedTuple):
    """A rule as it is asked at some moments, of a history that the engine has loaded."""

    history: History
    world: World
    rule: Rule
    moments: list[datetime]


def compare(asked: Asked, engine: Engine, truths: list[set[int]]) -> list[Difference]:
    """Ask in every way, and tell what differs from the truth at each of the moments."""
    keys = {person["id"]: person["key"] for person in asked.world["people"]}
    cases = [Case(asked.history, asked.rule, as_of) for as_of in asked.moments]
    differences = []
    for way, answer in engine.ways.items():
        try:
            answers = answer(asked.rule, asked.moments)
        except Exception as error:  # noqa: BLE001 - whatever it raises is a difference
            said = f"{type(error).__name__}: {error}"[:500]
            differences.append(Difference(cases[0], way, error=said))
            continue
        for case, truth, found in zip(cases, truths, answers, strict=True):
            missing = sorted(keys[one] for one in truth - found)
            surplus = sorted(keys.get(one, f"profile {one}") for one in found - truth)
            if missing or surplus:
                differences.append(Difference(case, way, tuple(missing), tuple(surplus)))
    return differences


def ask(case: Case, engine: Engine, oracle: Oracle) -> list[Difference]:
    """Load the history of a case and compare; nothing when all say the same."""
    world = engine.load(case.history)
    truth = oracle(world, case.rule, case.as_of)
    return compare(Asked(case.history, world, case.rule, [case.as_of]), engine, [truth])


def reduced(difference: Difference, engine: Engine, oracle: Oracle) -> Difference:
    """The smallest case that greedy steps find to differ in the same kind."""

    def found(case: Case) -> Difference | None:
        if not engine.understands(case.rule):
            return None
        try:
            every = ask(case, engine, oracle)
        except Exception:  # noqa: BLE001 - a case that makes no sense to the oracle
            return None
        return next((other for other in every if other.kind == difference.kind), None)

    return found(shrink(difference.case, lambda case: found(case) is not None)) or difference
