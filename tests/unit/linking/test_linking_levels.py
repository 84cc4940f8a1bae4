"""Which degree of likeness two values have, field by field."""

from __future__ import annotations

import pyarrow as pa
import pytest

from patron.linking.comparisons import LEVELS, levels_of, missing
from patron.linking.definition import KINDS, Field
from patron.linking.model import Comparison, LevelWeight
from patron.linking.workbench import Workbench

CASES = [
    ("given_name", "anna", "anna", "same"),
    ("given_name", "anna", "anan", "one typing error"),
    ("given_name", "catherine", "cathrine", "one typing error"),
    ("given_name", "alex", "alexander", "one begins with the other"),
    ("given_name", "j", "john", "one begins with the other"),
    ("given_name", "anna", "peter", "different"),
    ("family_name", "smith", "smiht", "one typing error"),
    ("family_name", "smith", "barnes smith", "one holds the other"),
    ("birthday", "1980-03-07", "1980-07-03", "one typing error, or day and month swapped"),
    ("birthday", "1980-03-07", "1980-03-08", "one typing error, or day and month swapped"),
    ("birthday", "1980-03-17", "1980-03-29", "two of day, month and year the same"),
    ("birthday", "1980-03-07", "1991-12-24", "different"),
    ("email", "ann@a.example", "ann@b.example", "the same before the @"),
    ("email", "ann.lee@a.example", "ann.le@a.example", "one typing error"),
    ("email", "ann.lee@a.example", "bob.lee@a.example", "different"),
    ("phone", "+4915112345678", "+4915112345687", "one typing error"),
    ("phone", "+4915112345678", "+4412345678", "the last seven digits the same"),
    ("identifier", "123456789", "123456798", "one typing error"),
    ("identifier", "123456789", "123456700", "two typing errors"),
    ("street", "hauptstr", "haupstr", "one or two typing errors"),
    ("house_number", "12", "12a", "alike"),
    ("postcode", "10115", "10151", "one typing error"),
    ("postcode", "10115", "10199", "the same first three characters"),
    ("city", "frankfurt", "frankfurt am main", "different"),
    ("country", "DE", "GB", "different"),
    ("text", "gardener", "gardner", "one or two typing errors"),
    ("full_name", "anna maria berg", "anna maria brg", "one or two typing errors"),
]


def level(
    fields: list[Field], left: dict[str, str | None], right: dict[str, str | None]
) -> dict[str, str]:
    """The level of each field of one pair, either record on the left."""
    known = tuple(fields)
    comparisons = [
        Comparison(
            field.name,
            field.kind,
            missing(field, known),
            tuple(
                LevelWeight(each.label, each.condition, 0.5, 0.5)
                for each in levels_of(field, known)
            ),
        )
        for field in fields
    ]
    found = []
    with Workbench(threads=1) as workbench:
        for one, other in ((left, right), (right, left)):
            rows = pa.Table.from_pylist(
                [{"record": 1, **one}, {"record": 2, **other}],
                schema=pa.schema(
                    [("record", pa.int64()), *((field.name, pa.string()) for field in fields)]
                ),
            )
            workbench.load("records", rows, fields)
            workbench.cursor.execute(
                "create or replace table pairs as select '0' as match_key, 1 as join_key_l, "
                "2 as join_key_r"
            )
            table = workbench.likeness("records", "pairs", comparisons)
            row = workbench.cursor.execute(f"from {table}").records()[0]
            workbench.cursor.execute(f"drop table {table}")
            found.append(
                {
                    each.field: each.levels[int(-row[f"mw_{each.field}"] - 1)].label
                    for each in comparisons
                    if row[f"mw_{each.field}"] != 0
                }
            )
    assert found[0] == found[1]
    return found[0]


def test_levels_of_each_kind() -> None:
    # One pair for all kinds at once: each case is a field of its own.
    fields = [Field(f"f{number}", case[0]) for number, case in enumerate(CASES)]  # type: ignore[arg-type]
    left = {f"f{number}": case[1] for number, case in enumerate(CASES)}
    right = {f"f{number}": case[2] for number, case in enumerate(CASES)}
    # The names are of different people; without the other name there is nothing to swap with.
    found = level([f for f in fields if f.kind != "family_name"], left, right)
    found |= level([f for f in fields if f.kind == "family_name"], left, right)
    assert found == {f"f{number}": case[3] for number, case in enumerate(CASES)}


def test_swapped_names_count_once() -> None:
    fields = [Field("given", "given_name"), Field("family", "family_name")]
    found = level(
        fields, {"given": "rosa", "family": "thomas"}, {"given": "thomas", "family": "rosa"}
    )
    assert found == {"given": "given and family name swapped"}


def test_a_missing_value_tells_nothing() -> None:
    fields = [Field("given", "given_name"), Field("city", "city")]
    assert level(fields, {"given": "rosa", "city": ""}, {"given": None, "city": "york"}) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_expected_shares_are_shares(kind: str) -> None:
    levels = LEVELS[kind]  # type: ignore[index]
    assert sum(each.share for each in levels) == pytest.approx(1.0)
    assert levels[0].label == "same"
    assert levels[-1].label == "different"
