"""Explanations of rules of every class agree with the oracle, now and when they say they change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from differential.bulk import BulkEngine, Row
from differential.explained_values import CHECKS, check, kind_of
from differential.oracle import members
from patron.segments import values
from patron.segments.codec import decode
from patron.segments.explain import Explained, Explanation, explain
from patron.segments.query import is_member
from patron.segments.text import parse
from patron.segments.tree import as_object
from patron.testing.differential.harness import run, understood
from patron.testing.differential.rules import CLASSES, PROBES
from patron.testing.oracle.shapes import Question

SEED, RULES, INSTANTS, EXPLAINED = 2019, 2, 3, 3
TICK = timedelta(microseconds=1)


class ExplainingEngine(BulkEngine):
    """Asks given customers, and has some of the answers explained."""

    def __init__(self) -> None:
        super().__init__()
        self.ways = {"explained": self.explained}
        self.changes = 0
        self.valued: Counter[str | None] = Counter()

    def explained(self, rule: Row, moments: list[datetime]) -> list[set[int]]:
        found = self.of_given(rule, moments)
        assert self._loaded is not None
        people = [person["id"] for person in self._loaded[1]["people"]]
        for number, as_of in enumerate(moments):
            for one in people[number::7][:EXPLAINED]:
                told = explain(
                    self._cursor, decode(rule), one, as_of=as_of, catalogue=self._catalogue
                )
                (found[number].add if told.member else found[number].discard)(one)
                self._check_conditions(told.condition, one, as_of)
                self._check_change(told, rule, moments)
        return found

    def _check_conditions(self, told: Explained, one: int, as_of: datetime) -> None:
        assert told.holds == self._is_in(told.asked, one, as_of), told.asked
        self._check_value(told, one, as_of)
        if told.kind == "was_in":
            as_of = min(as_of, values.ends(parse(told.asked).at))  # type: ignore[attr-defined]
        for inner in told.conditions:
            self._check_conditions(inner, one, as_of)

    def _check_value(self, told: Explained, one: int, as_of: datetime) -> None:
        assert self._loaded is not None
        world = self._loaded[1]
        person = next(person for person in world["people"] if person["id"] == one)
        question = Question(world, person, as_of)
        if question.seen:
            self.valued[check(told, question)] += 1

    def _check_change(self, told: Explanation, rule: Row, moments: list[datetime]) -> None:
        one, at = told.profile_id, told.changes_at
        assert self._loaded is not None
        world = self._loaded[1]
        last = told.looked_until
        if at is not None:
            self.changes += 1
            last = at - TICK
            assert (one in members(world, rule, at)) != told.member, at
            assert (one in members(world, rule, last)) == told.member, at
        for between in moments:
            if told.as_of < between <= last:
                assert (one in members(world, rule, between)) == told.member, (between, at)

    def _is_in(self, asked: str, one: int, as_of: datetime) -> bool:
        return is_member(self._cursor, parse(asked), one, as_of=as_of, catalogue=self._catalogue)


engine = ExplainingEngine()
known = understood(engine)


@pytest.mark.parametrize("name", [name for name in CLASSES if name in known or name == "composed"])
def test_every_class_of_rules_is_explained(name: str) -> None:
    engine.valued.clear()
    tally = run(name, SEED, engine, members, known, rules=RULES, instants=INSTANTS)
    assert tally.rules == RULES
    assert not tally.differences, tally.differences[0].text()
    assert COMPARED.get(name) in {None, *(CHECKS[kind] for kind in engine.valued if kind)}


def classes_that_compare() -> dict[str, Callable[..., None]]:
    """For each way to compare values, the first class whose rules surely come to it."""
    found: dict[Callable[..., None], str] = {}
    for name in CLASSES:
        kind = kind_of(as_object(decode(PROBES[name]))) if name in known else None
        if kind is not None:
            found.setdefault(CHECKS[kind], name)
    return {name: compared for compared, name in found.items()}


COMPARED = classes_that_compare()


def test_values_of_every_kind_are_compared_with_the_oracle() -> None:
    """Each in the test of the class that stands for it."""
    assert set(COMPARED.values()) == set(CHECKS.values())
