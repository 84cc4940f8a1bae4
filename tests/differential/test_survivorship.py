"""Which observation of a trait holds: all customers, given ones, from memory (M24, S4.4)."""

from __future__ import annotations

import pytest

from differential.bulk import BulkEngine
from differential.live import LiveWorkspace
from differential.oracle import members
from patron.testing.differential.following import draw_live, follow
from patron.testing.differential.harness import draw_world, reduced, run, understood

engine = BulkEngine()
known = understood(engine)
ABOUT_TRAITS = ("traits", "matches", "trait dates", "anniversaries", "trait for", "trait changed")


@pytest.mark.parametrize("seed", [7, 13])
@pytest.mark.parametrize("name", ABOUT_TRAITS)
def test_every_rule_of_survivorship_means_one_thing(name: str, seed: int) -> None:
    tally = run(name, seed, engine, members, known, rules=8, instants=4)
    assert tally.rules == 8, "rules were drawn that divide the customers"
    if tally.differences:
        pytest.fail(reduced(tally.differences[0], engine, members).text())


def test_memory_tells_most_of_it() -> None:
    engine.asked = engine.unsure = 0
    run("traits", 7, engine, members, known, rules=8, instants=4)
    assert 0 < engine.unsure < engine.asked * 0.5


def test_the_worlds_declare_every_rule() -> None:
    drawn = [told for seed in range(1, 40, 2) for told in draw_world(seed).traits.values()]
    rules = {told.get("survivorship") for told in drawn}
    assert rules == {None, "trusted", "first", "most_frequent", "longest", "union"}
    assert any("holds_for" in told for told in drawn)


@pytest.mark.parametrize("seed", [11, 7])
def test_live_membership_follows(seed: int) -> None:
    about_traits = frozenset((*ABOUT_TRAITS, "at least", "was in", "in segment"))
    script = draw_live(seed, known & about_traits, members, rules=8, stops=6)
    assert script.history.traits
    assert script.history.people
    outcome = follow(script, LiveWorkspace(), members)
    assert not outcome.differences, outcome.differences[0].text()
    assert 500 < outcome.inside < outcome.cases
