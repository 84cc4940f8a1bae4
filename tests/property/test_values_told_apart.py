"""Distinct values are told apart by type and value, however they print."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from patron.engines.duckdb import Cursor, Database
from patron.segments.conditions import DIALECT, operand

CHARACTERS = st.sampled_from('0159-+.:;"[]{}|\\/ truefalsn~Zé€')
TEXTS = st.one_of(st.text(CHARACTERS, max_size=5), st.sampled_from(["true", "false", "null"]))
NUMBERS = st.one_of(st.integers(-1_000, 1_000), st.decimals(-1_000, 1_000, places=3).map(float))
OTHERS = st.sampled_from([None, [], [1], ["a"], {}, {"a": 1}])
VALUES = st.one_of(TEXTS, NUMBERS, st.booleans(), OTHERS)


@pytest.fixture(scope="module")
def cursor() -> Iterator[Cursor]:
    with Database() as database, database.cursor() as cursor:
        yield cursor


def meant(value: object) -> object:
    """What equality compares: texts, numbers and truth values, each among their own."""
    if isinstance(value, bool | str):
        return type(value), value
    if isinstance(value, int | float):
        return Decimal, Decimal(str(value)).quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
    return None


@settings(deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=30))
@example([5, "5", "5.000000", 5.0, '"5"', True, "true", '"true"', "[1]", [1], "{}", {}, "", ":"])
def test_equal_identities_are_equal_values_of_one_type(
    cursor: Cursor, values: list[object]
) -> None:
    identity = operand(("value",), lines=False).identity().sql(DIALECT)
    told = [json.dumps({"value": value}) for value in values]
    cursor.execute(
        f"select {identity} from (select number, one::JSON::VARIANT as properties "
        "from (select unnest(?) as one, generate_subscripts(?, 1) as number)) order by number",
        [told, told],
    )
    found = [row[0] for row in cursor.all()]
    for one, identified in zip(values, found, strict=True):
        assert (identified is None) == (meant(one) is None), one
    pairs = [(meant(one), identified) for one, identified in zip(values, found, strict=True)]
    known = {identified: told for told, identified in pairs}
    assert all(known[identified] == told for told, identified in pairs)
    assert len({told for told, _ in pairs}) == len({identified for _, identified in pairs})
