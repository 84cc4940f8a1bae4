"""National phone numbers are read in the country of their message (S1.3)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.identity import Batch, NormalForms, Regions, Resolver
from patron.spec.identifiers import DEFAULT_RULES, FIRST_RULES

RULES = msgspec.structs.replace(
    DEFAULT_RULES, default_region="FR", brand_regions={"alpen": "AT", "nord": "DE"}
)
NATIONAL = [("user_id", "u1"), ("phone", "030 1234567")]


def carried(body: dict[str, Any], brand: str = "main") -> str:
    return Regions(RULES).place(NATIONAL, json.dumps(body), brand)[1][1]


@pytest.mark.parametrize(
    ("body", "brand", "expected"),
    [
        ({"context": {"location": {"country": "Germany"}}}, "alpen", "DE"),
        ({"traits": {"address": {"country": "pl-PL"}}}, "alpen", "PL"),
        ({"context": {"traits": {"address": {"country": "THA"}}}}, "main", "TH"),
        ({"context": {"locale": "de-CH"}}, "alpen", "CH"),
        ({"context": {"locale": "de"}}, "alpen", "AT"),
        ({"context": {"location": {"country": "Elbonia"}, "locale": "de_CH"}}, "main", "CH"),
        ({"traits": {"address": "Hauptstr. 5"}, "context": {"locale": "de-DE"}}, "main", "DE"),
        ({"traits": 5, "context": []}, "nord", "DE"),
        ({}, "nord", "DE"),
        ({}, "main", None),
    ],
)
def test_a_message_says_its_country_else_its_brand_does(
    body: dict[str, Any], brand: str, expected: str | None
) -> None:
    suffix = "" if expected is None else f";phone-context={expected}"
    assert carried(body, brand) == f"030 1234567{suffix}"


def test_only_national_numbers_take_a_country_along() -> None:
    body = '{"context":{"locale":"de-DE"}}'
    given = [("phone", "+49 30 1234567"), ("phone", " tel:+49301234567"), ("user_id", "030 1")]
    assert Regions(RULES).place(given, body, "main") == given


def test_without_places_and_brands_values_stay_as_they_came() -> None:
    body = '{"context":{"locale":"de-DE"}}'
    assert Regions(FIRST_RULES).place(NATIONAL, body, "main") == NATIONAL
    # and one that carries a country by itself is read as it was before.
    found = NormalForms(FIRST_RULES).normal("phone", "030 1234567;phone-context=DE")
    assert not isinstance(found, str)


def test_messages_of_two_countries_with_one_number_are_two_people() -> None:
    regions, resolver = Regions(RULES), Resolver(RULES)
    bodies = ['{"context":{"locale":"de-DE"}}', '{"context":{"locale":"pl-PL"}}']
    number = [("phone", "22 345 67 89")]
    placed = [regions.place(number, body, "main") for body in bodies]
    answer = resolver.resolve(Batch.of([1, 2], [1, 1], ["m1", "m2"], placed))
    assert answer.identifiers is not None
    # In Poland this is a number of Warsaw; with the code of Germany it is another one or none.
    assert answer.profile_id[1] > 0
    assert answer.profile_id[0] != answer.profile_id[1]


countries = st.sampled_from(["DE", "de-AT", "Polska", "Elbonia", "", None, 5, {}])
bodies = st.fixed_dictionaries(
    {},
    optional={
        "context": st.one_of(
            st.none(),
            st.fixed_dictionaries({}, optional={
                "locale": countries, "location": st.fixed_dictionaries({"country": countries}),
            }),
        ),
        "traits": st.fixed_dictionaries({}, optional={"address": countries}),
    },
)  # fmt: skip
numbers = st.one_of(
    st.text("+0123 tel:\t\uff0b\x0b\u00a0", min_size=1, max_size=12),
    st.sampled_from(["030 1234567", "+49 30 1234567", "22 345 67 89", "001"]),
)
messages = st.tuples(
    bodies, st.sampled_from(["main", "alpen"]),
    st.lists(st.tuples(st.sampled_from(["phone", "user_id"]), numbers), max_size=3),
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(messages, max_size=5))
def test_columns_and_single_messages_take_the_same_countries(
    given: list[tuple[dict[str, Any], str, list[tuple[str, str]]]],
) -> None:
    regions, forms = Regions(RULES), NormalForms(RULES)
    texts = [json.dumps(body) for body, _, _ in given]
    one_by_one = [
        pair
        for text, (_, brand, pairs) in zip(texts, given, strict=True)
        for pair in regions.place(pairs, text, brand)
    ]
    flat = [(item, *pair) for item, (_, _, pairs) in enumerate(given) for pair in pairs]
    column = regions.place_column(
        pa.array([kind for _, kind, _ in flat], pa.string()),
        pa.array([raw for _, _, raw in flat], pa.string()),
        np.array([item for item, _, _ in flat], dtype=np.int64),
        pa.array(texts, pa.string()),
        pa.array([brand for _, brand, _ in given], pa.string()),
    )
    assert column.to_pylist() == [raw for _, raw in one_by_one]
    for kind, raw in one_by_one:
        value = forms.normal(kind, raw)
        if isinstance(value, str):
            assert forms.normal(kind, value) == value
