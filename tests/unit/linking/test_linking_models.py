"""Definitions that cannot hold, models as JSON, and the chart."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from patron.errors import DefinitionError, InputError
from patron.linking import (
    Field,
    LinkingDefinition,
    LinkingModel,
    match_weights,
    match_weights_page,
    one_record_each,
    score,
    train,
)

NAMES = ["ann", "bob", "cleo", "dan", "eve", "finn", "gus", "hal"]


@pytest.fixture(scope="module")
def people() -> pa.Table:
    rows = [
        {
            "record": number,
            "given_name": NAMES[number % 8],
            "family_name": f"family{number // 2 % 30}",
            "birthday": f"19{50 + number // 2 % 40}-0{1 + number // 2 % 9}-1{number // 2 % 8}",
            "email": f"{NAMES[number % 8]}{number // 2}@post.example" if number % 3 else None,
        }
        for number in range(120)
    ]
    return pa.Table.from_pylist(rows)


@pytest.fixture(scope="module")
def model(people: pa.Table) -> LinkingModel:
    return train(people)


def test_a_model_survives_json(model: LinkingModel) -> None:
    again = LinkingModel.from_json(model.to_json())
    assert again == model
    assert again.version == model.version


def test_the_version_follows_the_content(people: pa.Table, model: LinkingModel) -> None:
    other = train(people, LinkingDefinition(link_at=0.97))
    assert other.version != model.version
    assert train(people).version == model.version


def test_what_is_no_model() -> None:
    with pytest.raises(DefinitionError, match="not a linking model"):
        LinkingModel.from_json("{}")


def test_a_model_of_another_format(model: LinkingModel) -> None:
    text = json.loads(model.to_json()) | {"format": 99}
    with pytest.raises(DefinitionError, match="train it anew"):
        LinkingModel.from_json(json.dumps(text))


def test_a_field_that_records_lack_is_left_out(model: LinkingModel) -> None:
    assert [each.field for each in model.comparisons] == [
        "given_name", "family_name", "birthday", "email",
    ]  # fmt: skip


def test_records_can_lack_a_field_of_the_model(people: pa.Table, model: LinkingModel) -> None:
    found = score(people.drop_columns(["email"]), model)
    assert set(found["level_email"].to_pylist()) <= {-1}


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: LinkingDefinition(fields=()), "at least one field"),
        (lambda: LinkingDefinition(fields=(Field("a", "text"), Field("a", "city"))), "twice"),
        (lambda: LinkingDefinition(link_at=1.5), "between 0 and 1"),
        (lambda: LinkingDefinition(review_at=0.99), "review_at"),
        (lambda: Field("First Name", "text"), "cannot name"),
    ],
)
def test_definitions_that_cannot_hold(made: object, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        made()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (pa.table({"given_name": ["a", "b"]}), "named record"),
        (pa.table({"record": [1, 1], "given_name": ["a", "b"]}), "another one has"),
        (pa.table({"record": [1], "given_name": ["a"]}), "at least two"),
        (pa.table({"record": [1, 2], "colour": ["a", "b"]}), "none of the fields"),
    ],
)
def test_records_that_cannot_be_linked(records: pa.Table, message: str) -> None:
    with pytest.raises(InputError, match=message):
        train(records)


def test_two_records_are_enough_to_try() -> None:
    two = pa.table({"record": [1, 2], "given_name": ["ann", "ann"], "family_name": ["li", "li"]})
    assert len(score(two, train(two))) <= 1


def test_the_chart_has_each_level(model: LinkingModel) -> None:
    spec = match_weights(model)
    rows = [row for row in spec["data"]["values"] if row["comparison_name"] == "birthday"]
    assert [row["label_for_charts"] for row in rows] == [
        level.label for level in model.comparisons[2].levels
    ]
    assert [row["log2_bayes_factor"] for row in rows] == pytest.approx(
        [level.weight for level in model.comparisons[2].levels]
    )
    assert "$schema" not in spec


def test_the_page_of_the_chart_loads_nothing(model: LinkingModel) -> None:
    page = match_weights_page(model)
    assert "birthday" in page
    assert "<script src" not in page


def test_one_record_for_each_profile() -> None:
    known = pa.table(
        {
            "record": [2, 1, 2, 2],
            "city": ["york", None, "leeds", "york"],
            "street": ["b", "", "a", None],
        }
    )
    assert one_record_each(known, ["city", "street"]).to_pylist() == [
        {"record": 1, "city": None, "street": None},
        {"record": 2, "city": "york", "street": "a"},
    ]
