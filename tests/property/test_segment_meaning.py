"""The compiled rule and the oracle agree on every customer (blueprint, section 4)."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patron.engines.duckdb import Cursor
from patron.segments.codec import decode
from patron.segments.query import is_member
from patron.testing import oracle
from patron.testing.oracle.shapes import as_list
from unit.segments import worlds

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
TEXTS = [
    "a",
    "A",
    "ab",
    "5",
    "5.0",
    "true",
    "é",
    "50%",
    "_",
    "[1]",
    "{}",
    "x'; drop table events--",
]
NUMBERS = [0, 1, 5, -3, 5.5, 2.000001, 2.0000004, 0.1, 123456789012, 10**13, -0.000001]
DATES = ["2017-06-30", "2017-06-30T23:59:59.999999Z", "2017-07-01T06:00:00+07:00", "2017-02-30"]
VALUES = [*TEXTS, *NUMBERS, *DATES, True, False, None, [], ["a", "5"], [5, 5.5, True, None],
          ["[1]"],
          {"b": "a"}, {"b": 5}, {"b": {"c": True}}]  # fmt: skip
NAMES = ["t", "u", "v"]
EVENTS = ["Order Completed", "Page Viewed"]
# Windows of rules are 2 days, 36 hours or 1 week; events lie at and around their edges.
AGES = [timedelta(0), TICK, -TICK, 2 * DAY, 2 * DAY - TICK, 2 * DAY + TICK, timedelta(hours=36),
        7 * DAY, 7 * DAY - TICK, 185 * DAY, -DAY, 400 * DAY]  # fmt: skip
MONEY = [None, *map(Decimal, ("0", "5", "0.1", "0.2", "-5", "99999.999999"))]


@pytest.fixture(scope="module")
def cursor() -> Cursor:
    return worlds.open_cursor()


def some_world(seed: int) -> dict[str, Any]:
    """Eight customers, drawn from values that collide with the literals of the rules."""
    draw = random.Random(seed)
    people = []
    for number in range(1, 9):
        traits = [
            worlds.observed(
                draw.choice(NAMES), draw.choice(VALUES), worlds.NOW - draw.choice(AGES),
                draw.choice([1, 2]), draw.choice("mn") + str(9 - serial),
            )
            for serial in range(draw.randint(0, 6))
        ]  # fmt: skip
        people.append(
            worlds.person(
                number * 10,
                traits=traits,
                events=[some_event(draw) for _ in range(draw.randint(0, 5))],
                identifiers={("email", f"{draw.choice('abc')}@x")},
                old_ids=[number * 10 + 1] if draw.random() < 0.3 else [],
            )
        )
        first = [seen["occurred_at"] for seen in people[-1]["traits"] + people[-1]["events"]]
        people[-1]["first_seen_at"] = min(first, default=worlds.NOW + draw.choice([-DAY, DAY]))
    return worlds.world(
        *people,
        lists={"vip": {("email", "a@x"), ("phone", "b@x")}, "empty": set()},
        segments={
            "big": {"sum": {"property": "revenue", "event": EVENTS[0]}, "op": ">", "value": 5},
            "not_big": {"not": {"in_segment": "big"}},
            "deep": {"any": [{"in_segment": "not_big"}, {"trait": "t", "op": "exists"}]},
        },
    )


def some_event(draw: random.Random) -> dict[str, Any]:
    lines = [
        {"category": draw.choice(TEXTS), "price": draw.choice(MONEY), "p": draw.choice(VALUES)}
        for _ in range(draw.randint(0, 3))
    ]
    return worlds.event(
        draw.choice(EVENTS),
        worlds.NOW - draw.choice(AGES),
        brand=draw.choice(["A", "B"]),
        currency=draw.choice([None, "EUR", "THB"]),
        revenue=draw.choice(MONEY),
        coupon=draw.choice([None, "a", "5"]),
        p=draw.choice(VALUES),
        lines=[{key: value for key, value in line.items() if value is not None} for line in lines],
    )


texts = st.sampled_from(TEXTS)
numbers = st.sampled_from([0, 1, 5, -3, 5.5, 2, 2.000001, 0.1, 123456789012])
scalars = st.one_of(texts, numbers, st.booleans())
dates = st.sampled_from(["2017-06-30", "2017-06-30T23:59:59.999999Z", "2017-07-01"])
brands = st.sampled_from([{}, {}, {"on_brand": "A"}, {"on_brand": ["A", "B"]}])


def pairs(values: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=2, max_size=2).map(sorted)


comparisons = st.one_of(
    st.fixed_dictionaries({"op": st.sampled_from(["=", "!="]), "value": scalars}),
    st.fixed_dictionaries({"op": st.sampled_from(["<", "<=", ">", ">="]), "value": numbers}),
    st.fixed_dictionaries(
        {"op": st.just("between"), "value": st.one_of(pairs(numbers), pairs(dates))}
    ),
    st.fixed_dictionaries(
        {
            "op": st.sampled_from(["in", "not in", "any of", "all of", "none of"]),
            "value": st.lists(scalars, min_size=1, max_size=3),
        }
    ),
    st.fixed_dictionaries(
        {
            "op": st.sampled_from(["contains", "does not contain", "starts with", "ends with"]),
            "value": st.one_of(texts, st.sampled_from(["e", "]", "%", "r", "1", ".", "tru"])),
        }
    ),
    st.fixed_dictionaries({"op": st.sampled_from(["exists", "missing"])}),
    st.fixed_dictionaries({"op": st.sampled_from(["before", "after"]), "value": dates}),
)
text_comparisons = comparisons.filter(
    lambda one: (
        one["op"] not in ("any of", "all of", "none of", "<", "<=", ">", ">=")
        and all(isinstance(value, str) for value in as_list(one.get("value", "")))
    )
)
traits = st.builds(
    lambda path, comparison, brand: {"trait": path, **comparison, **brand},
    st.sampled_from(["t", "u", "v", "t.b", "t.b.c"]),
    comparisons,
    brands,
)
open_property = st.builds(
    lambda path, comparison: {"property": path, **comparison},
    st.sampled_from(["p", "p.b"]),
    comparisons,
)


def typed(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return text_comparisons.map(lambda comparison: {"property": name, **comparison})


def amount(name: str) -> st.SearchStrategy[dict[str, Any]]:
    ops = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    return st.builds(lambda op, value: {"property": name, "op": op, "value": value}, ops, numbers)


def logical(leaves: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
            inner.map(lambda part: {"not": part}),
        ),
        max_leaves=4,
    )


line_filters = logical(st.one_of(open_property, typed("category"), amount("price")))
event_leaves = st.one_of(open_property, typed("coupon"), typed("brand"), amount("revenue"))
event_filters = logical(
    st.one_of(event_leaves, line_filters.map(lambda inner: {"any_line": inner}))
)
filters_of_lines = logical(
    st.one_of(open_property, typed("category"), event_leaves.map(lambda inner: {"event": inner}))
)
windows = st.sampled_from(
    [{}, {}, {"in": {"last": "2d"}}, {"in": {"last": "36h"}}, {"in": {"last": "1w"}},
     {"in": {"from": "2017-06-30"}}, {"in": {"from": "2017-06-30", "to": "2017-06-30"}},
     {"in": {"to": "2017-12-31T23:59:59.999999Z"}}]
)  # fmt: skip
named = st.sampled_from([{}, *({"event": name} for name in EVENTS)])
limits = st.sampled_from([0, 1, 2, 5, 5.1, -1, 0.3])


@st.composite
def measures(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["count", "count", "sum", "average", "min", "max"]))
    lines = draw(st.booleans())
    events = {**draw(named), **draw(windows), **draw(brands)}
    if lines:
        events["lines"] = True
    if draw(st.booleans()):
        events["where"] = draw(filters_of_lines if lines else event_filters)
    if draw(st.booleans()):
        events["currency"] = "EUR"
    if kind != "count":
        events["property"] = draw(st.sampled_from(["price" if lines else "revenue", "p"]))
    values = st.integers(0, 3) if kind == "count" else limits
    op = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "between"]))
    return {kind: events, "op": op, "value": draw(pairs(values) if op == "between" else values)}


memberships = st.sampled_from(
    [{"in_segment": "big"}, {"in_segment": "deep"}, {"in_list": "vip"}, {"in_list": "empty"}]
)
rules = logical(st.one_of(traits, measures(), measures(), memberships))


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 100_000), drawn=st.lists(rules, min_size=3, max_size=3))
def test_every_rule_means_what_it_says(cursor: Cursor, seed: int, drawn: list[dict]) -> None:
    world = some_world(seed)
    worlds.store(cursor, world)
    catalogue = worlds.catalogue_of(world)
    for rule in drawn:
        tree = decode(rule)
        expected = oracle.members(world, rule, worlds.NOW)
        found = worlds.members_both_ways(cursor, tree, as_of=worlds.NOW, catalogue=catalogue)
        assert found == sorted(expected), rule
        one = world["people"][seed % 8]["id"]
        inside = is_member(cursor, tree, one, as_of=worlds.NOW, catalogue=catalogue)
        assert inside == (one in expected), (rule, one)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 100_000), rule=rules)
def test_not_is_everybody_else(cursor: Cursor, seed: int, rule: dict) -> None:
    world = some_world(seed)
    worlds.store(cursor, world)
    catalogue = worlds.catalogue_of(world)
    inside, outside = (
        worlds.members_both_ways(cursor, decode(asked), as_of=worlds.NOW, catalogue=catalogue)
        for asked in (rule, {"not": rule})
    )
    everybody = [one["id"] for one in world["people"] if one["first_seen_at"] <= worlds.NOW]
    assert sorted(inside + outside) == everybody
