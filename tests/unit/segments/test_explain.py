"""Explanations by hand: verdicts, values, rows, and when they change."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from patron.engines.duckdb import Cursor
from patron.segments.explain import Explained, Explanation, explain
from patron.segments.query import is_member
from patron.segments.text import parse
from unit.segments import worlds
from unit.segments.worlds import NOW, event, observed, person

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def cursor() -> Cursor:
    return worlds.open_cursor()


def explained(cursor: Cursor, rule: str, *, as_of: Any = NOW, **parts: Any) -> Explanation:
    segments = parts.pop("segments", {})
    lists = parts.pop("lists", {})
    made = worlds.world(person(1, **parts), person(2), segments=segments, lists=lists)
    worlds.store(cursor, made)
    return explain(cursor, parse(rule), 1, as_of=as_of, catalogue=worlds.catalogue_of(made))


def test_x(cursor: Cursor) -> None:
    f = explained(cursor, 'age >= 18 and (did "A" in the last 10 days or in list vip) and not sum(revenue of "A") > 10 and average(revenue of "A") < 3 and in segment s',
        traits=[observed("age", 20, NOW - DAY)], identifiers={("email", "a@x")}, lists={"vip": {("email", "a@x")}},
        segments={"s": {"trait": "x.y", "op": "exists"}},
        events=[event("A", NOW - 3*DAY, revenue=Decimal("2.5")), event("A", NOW + 3*DAY, revenue=Decimal("20"))])
    print(f)
    assert 0
