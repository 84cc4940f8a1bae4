"""The values of computed traits, of everybody and of one customer, are those of the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from differential.bulk import BulkEngine
from differential.explained_values import computed_alike
from patron.segments.codec import decode_expression
from patron.segments.computed_values import Asking
from patron.segments.tree import Expression
from patron.testing.differential.harness import draw_world
from patron.testing.oracle.computed import value_of
from patron.testing.oracle.shapes import Question

SEEDS = (11, 12, 13, 14, 15, 16)


class ValuesEngine(BulkEngine):
    """Asks for values."""

    def values(
        self, expression: Expression, as_of: datetime, number: int
    ) -> tuple[dict[int, Any], Any]:
        """Everybody's, and that of one customer asked about alone."""
        known: dict[str, Any] = {"as_of": as_of, "catalogue": self._catalogue}
        with self._cursor.transaction():
            asking = Asking(self._cursor, **known)
            found = asking.values(expression, limit=1_000)
            assert list(_in_pages(asking, expression)) == list(found.items())
            return found, Asking(self._cursor, **known, profile_id=number).value(expression)


def _in_pages(asking: Asking, expression: Expression) -> Iterator[tuple[int, Any]]:
    after = 0
    while page := asking.values(expression, after=after, limit=2):
        yield from page.items()
        after = max(page)


engine = ValuesEngine()


@pytest.mark.parametrize("seed", SEEDS)
def test_values_are_those_of_the_oracle(seed: int) -> None:
    world = engine.load(draw_world(seed))
    moments = sorted(row["occurred_at"] for one in world["people"] for row in one["events"])
    compared = 0
    for as_of in (moments[len(moments) // 2], moments[-1]):
        for name, expression in world["computed"].items():
            expected = {
                one["id"]: value_of(Question(world, one, as_of), {"trait": name})
                for one in world["people"]
                if one["first_seen_at"] <= as_of
            }
            found, alone = engine.values(decode_expression(expression), as_of, min(expected))
            for number, value in expected.items():
                computed_alike(found.get(number), value)
                compared += value is not None
            assert alone == found.get(min(expected))
            assert found.keys() <= expected.keys()
    assert compared > 20
