"""What a birthday or a name says of two who live together is less than it says of strangers."""

from __future__ import annotations

import math

import msgspec
import pyarrow as pa
import pytest

from patron.linking import Field, LinkingDefinition, LinkingModel, score
from patron.linking.blocking import Blocking, Rung
from patron.linking.comparisons import levels_of, missing
from patron.linking.definition import HOUSEMATES
from patron.linking.model import Comparison, LevelWeight

FIELDS = (
    Field("given_name", "given_name"),
    Field("family_name", "family_name"),
    Field("birthday", "birthday"),
    Field("street", "street"),
)
MOST = 10.0
PRIOR = 1 / 4097
TWIN = {
    "record": 1,
    "given_name": "max",
    "family_name": "berg",
    "birthday": "1990-05-01",
    "street": "hauptstr",
}


def comparison(field: Field) -> Comparison:
    levels = levels_of(field, FIELDS)
    worth = [12.0, *([1.0] * (len(levels) - 2)), -6.0]
    return Comparison(
        field.name,
        field.kind,
        missing(field, FIELDS),
        tuple(
            LevelWeight(level.label, level.condition, 0.8, 0.8 / 2**bits)
            for level, bits in zip(levels, worth, strict=True)
        ),
    )


MODEL = LinkingModel(
    definition=LinkingDefinition(fields=FIELDS, review_at=1e-6),
    comparisons=tuple(comparison(field) for field in FIELDS),
    prior=PRIOR,
    moved=1e-9,
    address_most=None,
    household_most=MOST,
    blocking=(Blocking("family name", 100, (Rung(('"family_name"',)),), 1),),
    frequencies={},
    facts={},
)
BOUND = math.log2(0.8 / HOUSEMATES["birthday"])


def weight(model: LinkingModel = MODEL, **other: str | None) -> float:
    records = pa.Table.from_pylist([TWIN, {**TWIN, "record": 2, **other}])
    [row] = score(records, model).to_pylist()
    assert row["probability"] == pytest.approx(1 / (1 + 2 ** -row["weight"]))
    return float(row["weight"])


def test_the_bound_is_for_those_who_share_a_home() -> None:
    assert weight(given_name=None) == pytest.approx(-12 + MOST + BOUND, abs=0.01)
    # Where nothing is known of homes, a birthday says all that it says.
    strangers = msgspec.structs.replace(MODEL, household_most=None)
    assert weight(strangers, given_name=None) == pytest.approx(-12 + 12 + 12 + 12, abs=0.01)


def test_twins_are_not_one_person() -> None:
    assert weight(given_name="eva") < 0


def test_one_person_at_home_is_still_found() -> None:
    assert weight() == pytest.approx(-12 + MOST + 2 * BOUND, abs=0.01)
    assert weight() > 10
