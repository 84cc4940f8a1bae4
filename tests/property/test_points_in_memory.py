"""Points (S4.11): memory, the query over everybody, and lots counted one by one say the same."""

from __future__ import annotations

import operator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.engines.duckdb import Cursor
from patron.segments.catalogue import Catalogue
from patron.segments.frames import Relations
from patron.segments.memory.answers import Answers
from patron.segments.memory.histories import Memory
from patron.segments.plan import Planner
from patron.segments.query import members
from patron.segments.text import parse
from patron.segments.tree import Rule
from unit.segments import worlds
from unit.segments.worlds import NOW, event, person, world

HOUR = timedelta(hours=1)
HOLDS = 72
RULE = (
    'points(earn {each} per revenue of "Order" in EUR, earn 5 for "Review", '
    'burn points of "Redeemed"{expiry}) {op} {asked}'
)
Moves = list[tuple[str, int, int]]

MOVES = st.lists(
    st.tuples(
        st.sampled_from(["Order", "Review", "Redeemed", "Order in PLN", "Order at no price"]),
        st.sampled_from([0, 1, 2, 30, 71, 72, 73, 100, 144]),
        st.sampled_from([-3, 0, 1, 2, 7, 20, 40, 5_000_000]),
    ),
    min_size=2,
    max_size=9,
)


@pytest.fixture(scope="module")
def cursor() -> Any:
    return worlds.open_cursor()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(MOVES, min_size=4, max_size=8),
    st.sampled_from(["=", "<", ">="]),
    st.sampled_from([1, 0.5, 3, 0.01, 0.333333]),
    st.booleans(),
    st.sampled_from([0, 1, HOLDS]),
)
def test_all_ways_to_count_points_agree(
    cursor: Cursor, everybody: list[Moves], op: str, each: float, expires: bool, ago: int
) -> None:
    people = [person(number, events=_told(moves)) for number, moves in enumerate(everybody, 1)]
    worlds.store(cursor, world(*people))
    expiry = f", expire after {HOLDS} hours" if expires else ""
    as_of, holds = NOW - ago * HOUR, HOLDS if expires else 10_000
    left = [_left_over(moves, ago, each, holds) for moves in everybody]
    # A number that somebody has: one point more or less changes who is in.
    for asked in {left[0], max(left)}:
        rule = parse(RULE.format(each=each, expiry=expiry, op=op, asked=asked))
        expected = [number for number, one in enumerate(left, 1) if COMPARED[op](one, asked)]
        assert members(cursor, rule, as_of=as_of, catalogue=Catalogue()) == expected
        assert _remembered(cursor, rule, as_of, len(everybody)) == expected


COMPARED = {"=": operator.eq, "<": operator.lt, ">=": operator.ge}


def _remembered(
    cursor: Cursor, rule: Rule, as_of: datetime, people: int, *, sure: bool = True
) -> list[int]:
    """Those whom memory is sure of."""
    plan = Planner(Catalogue(), largest=0).plan(rule)
    answers = Answers()
    answers.add(plan)
    memory, relations = Memory(answers.columns), Relations.of(cursor)
    memory.read(cursor, relations, known=0, upto=10**9)
    ids = np.arange(1, people + 1)
    batch = memory.batch(cursor, relations, ids, np.full(people, np.datetime64(as_of, "us")))
    true, unsure = answers.answer(plan, batch)
    assert (unsure is None) is sure
    return [int(one) for one in ids[true if unsure is None else true & ~unsure]]


def _told(moves: Moves) -> list[dict[str, Any]]:
    made = []
    for name, hours, amount in moves:
        kind, currency = name.split()[0], name.partition(" in ")[2]
        said: dict[str, Any] = {"currency": "EUR"} if kind == "Order" else {}
        if name in ("Order", "Order in PLN"):
            said = {"revenue": amount, "currency": currency or "EUR"}
        if kind == "Redeemed":
            said = {"points": amount}
        made.append(event(kind, NOW - hours * HOUR, **said))
    return made


def _left_over(moves: Moves, ago: int, each: float, holds: int) -> int:
    """The balance so many hours ago, lot by lot: the oldest are burned first."""
    lots: list[list[int]] = []
    debt = 0
    for name, hours, amount in sorted(moves, key=lambda one: (-one[1], one[0] == "Redeemed")):
        worth = {
            "Order": int(amount * Decimal(str(each)) // 1),
            "Review": 5,
            "Redeemed": amount,
        }.get(name, 0)
        if hours < ago or worth <= 0:
            continue
        lots = [lot for lot in lots if lot[0] - hours < holds]
        if name != "Redeemed":
            paid = min(debt, worth)
            debt -= paid
            lots.append([hours, worth - paid])
            continue
        for lot in lots:
            taken = min(lot[1], worth)
            lot[1] -= taken
            worth -= taken
        debt += worth
    return sum(left for hours, left in lots if hours - ago < holds) - debt


def test_points_beyond_what_memory_counts_are_left_to_the_tables(cursor: Cursor) -> None:
    orders = [event("Order", NOW - HOUR, revenue=3_900_000, currency="EUR")] * 3
    worlds.store(cursor, world(person(1, events=orders)))
    rule = parse('points(earn 1000000 per revenue of "Order" in EUR) >= 1')
    assert members(cursor, rule, as_of=NOW, catalogue=Catalogue()) == [1]
    assert _remembered(cursor, rule, NOW, 1, sure=False) == []
