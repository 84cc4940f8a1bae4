"""An explanation agrees with membership, and with the oracle on when it changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patron.engines.duckdb import Cursor
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode
from patron.segments.explain import Explained, explain
from patron.segments.query import is_member
from patron.segments.text import parse
from patron.testing import oracle
from property.test_segment_meaning import rules, some_world
from unit.segments import worlds

TICK = timedelta(microseconds=1)
LENGTHS = [timedelta(), timedelta(hours=36), timedelta(days=2), timedelta(days=7)]
"""Of the windows that rules are drawn with."""


@pytest.fixture(scope="module")
def cursor() -> Cursor:
    return worlds.open_cursor()


def every(condition: Explained) -> list[Explained]:
    return [condition, *(found for inner in condition.conditions for found in every(inner))]


def future(one: dict[str, Any]) -> list[datetime]:
    """The moments at which time alone can change an answer about a customer."""
    rows = [row["occurred_at"] for row in one["traits"] + one["events"]]
    moments = [at + length for at in rows for length in LENGTHS] + [one["first_seen_at"]]
    return sorted({at for at in moments if at > worlds.NOW})


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 100_000), rule=rules, shift=st.sampled_from([0, 0, 30, -3]))
def test_every_verdict_is_that_of_the_condition_asked_alone(
    cursor: Cursor, seed: int, rule: dict, shift: int
) -> None:
    world = some_world(seed)
    worlds.store(cursor, world)
    catalogue = worlds.catalogue_of(world)
    as_of = worlds.NOW + timedelta(days=shift)

    def member(asked: Any, profile_id: int, at: datetime = as_of) -> bool:
        return is_member(cursor, asked, profile_id, as_of=at, catalogue=catalogue)

    expected = oracle.members(world, rule, as_of)
    for one in world["people"][seed % 5 :: 3]:
        found = explain(cursor, decode(rule), one["id"], as_of=as_of, catalogue=catalogue)
        assert found.member == (one["id"] in expected), rule
        for condition in every(found.condition):
            asked = parse(condition.asked)
            assert condition.holds == member(asked, one["id"]), condition.asked
            if condition.changes_at is not None:
                before = member(asked, one["id"], condition.changes_at - TICK)
                after = member(asked, one["id"], condition.changes_at)
                assert (before, after) == (condition.holds, not condition.holds), condition.asked


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 100_000), rule=rules)
def test_the_first_moment_that_differs_is_found(cursor: Cursor, seed: int, rule: dict) -> None:
    world = some_world(seed)
    worlds.store(cursor, world)
    catalogue: Catalogue = worlds.catalogue_of(world)
    for one in world["people"][:4]:
        found = explain(cursor, decode(rule), one["id"], as_of=worlds.NOW, catalogue=catalogue)
        differing = (
            at
            for at in future(one)
            if (one["id"] in oracle.members(world, rule, at)) != found.member
        )
        assert found.changes_at == next(differing, None), rule
