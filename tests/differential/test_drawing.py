"""What the differential test draws is worth comparing, and a wrong engine does not pass."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from differential.oracle import members
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode, decode_expression
from patron.segments.resolve import resolve
from patron.testing.differential.cases import Case
from patron.testing.differential.drawing import Draw
from patron.testing.differential.harness import draw_world, reduced, run
from patron.testing.differential.histories import LENGTHS, History, draw_history, length
from patron.testing.differential.instants import draw_instants
from patron.testing.differential.rules import CLASSES, PROBES
from patron.testing.differential.worlds import World, world_of

TICK = timedelta(microseconds=1)


class OneTickLate:
    """Answers as the oracle would a microsecond later."""

    def __init__(self) -> None:
        self.ways = {"late": self.late}

    def understands(self, rule: dict[str, Any]) -> bool:  # noqa: ARG002
        return True

    def load(self, history: History) -> World:
        self.world = world_of(history)
        return self.world

    def late(self, rule: dict[str, Any], moments: list[datetime]) -> list[set[int]]:
        return [members(self.world, rule, as_of + TICK) for as_of in moments]


def test_a_wrong_engine_is_caught_and_its_case_is_made_small() -> None:
    engine = OneTickLate()
    known = frozenset({"counts"})
    differences = [
        found
        for seed in range(4)
        for found in run("counts", seed, engine, members, known, rules=4).differences
    ]
    assert differences
    small = reduced(differences[0], engine, members)
    assert len(small.case.history.messages) <= 3
    assert Case.from_json(json.loads(json.dumps(small.case.as_json()))) == small.case


def test_a_seed_draws_the_same_world() -> None:
    assert draw_history(7) == draw_history(7) != draw_history(8)
    history = draw_world(7)
    assert History.from_json(json.loads(json.dumps(history.as_json()))) == history


@pytest.fixture(scope="module")
def histories() -> list[History]:
    return [draw_world(seed) for seed in range(12)]


def test_histories_hold_what_goes_wrong_in_real_ones(histories: list[History]) -> None:
    found: Counter[str] = Counter()
    for history in histories:
        sent = history.messages
        found["duplicates"] += len(sent) - len({one.body["messageId"] for one in sent})
        world = world_of(history)
        found["zones"] += world["time_zone"] == "Europe/Amsterdam"
        for person in world["people"]:
            rows = [*person["events"], *person["traits"]]
            found["merged"] += bool(person["old_ids"])
            in_order = sorted(rows, key=lambda row: row["position"])
            times = [row["occurred_at"] for row in in_order]
            found["out of order"] += times != sorted(times)
            found["at one moment"] += len(times) != len(set(times))
            gaps = {abs(a - b) for a in times for b in times}
            for text in LENGTHS:
                found["on an edge"] += length(text) in gaps
                found["beside an edge"] += bool({length(text) - TICK, length(text) + TICK} & gaps)
            found["cleared"] += any(row["value"] is None for row in person["traits"])
            found["from the future"] += any(
                row["received_at"] < row["occurred_at"] for row in person["events"]
            )
            found["in a group"] += bool(person["groups"])
            found["brands"] += len({row["brand"] for row in person["events"]}) > 1
    wanted = {"duplicates", "zones", "merged", "out of order", "at one moment", "on an edge",
              "beside an edge", "cleared", "from the future", "in a group", "brands"}  # fmt: skip
    assert wanted == {name for name, times in found.items() if times >= 3}


@pytest.fixture(scope="module")
def worlds(histories: list[History]) -> list[World]:
    return [world_of(history) for history in histories[:3]]


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_class_draws_rules_and_moments(name: str, worlds: list[World]) -> None:
    drawn = set()
    for seed, world in enumerate(worlds):
        chance = random.Random(seed)
        draw = Draw(chance, world, frozenset(PROBES))
        for _ in range(10):
            rule = CLASSES[name](draw)
            drawn.add(json.dumps(rule))
            assert len(draw_instants(chance, world, rule, 4)) == 4
    assert len(drawn) >= 3 if name in ("lists", "in segment") else len(drawn) > 15


def test_amounts_in_different_currencies_are_not_added() -> None:
    for seed in range(4, 8):
        world = world_of(draw_world(seed))
        draw = Draw(random.Random(seed), world, frozenset(PROBES))
        known = {name: decode_expression(one) for name, one in world["computed"].items()}
        catalogue = Catalogue(computed=known)
        asked = [{"trait": name, "op": "exists"} for name in known]
        asked += [CLASSES["calculations"](draw) for _ in range(200)]
        for rule in asked:
            resolve(decode(rule), catalogue, unknown="warn")
