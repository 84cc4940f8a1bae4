"""What types of identifiers are called that hold for one brand each."""

from __future__ import annotations

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.errors import DefinitionError, InputError
from patron.identity import Batch, Brands, NormalForms, Resolver
from patron.identity.normal import Refusal
from patron.pipeline.readers import read_identity
from patron.spec.identifiers import Identifier, IdentifierType, IdentityRules
from patron.spec.scopes import brand_of, declared, of_brands, type_at

RULES = IdentityRules(
    types=(
        IdentifierType(name="number", scope="brand", unique=True),
        IdentifierType(name="email", normal_form="email", held_back_above=3),
        IdentifierType(name="anonymous_id", scope="brand"),
    )
)


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_a_brand_of_any_name_is_found_again_in_the_text_of_an_identifier(brand: str) -> None:
    name = type_at("number", brand)
    assert brand_of(name) == brand
    found = Identifier.parse(f"{name}:12:3")
    assert (found.type, found.value) == (name, "12:3")


def test_each_brand_has_a_number_of_its_own_and_one_customer_holds_them_all() -> None:
    rules = of_brands(RULES, [f"b{n}" for n in range(5)])
    resolver = Resolver(rules)
    mail = ("email", "ann@example.com")
    batch = Batch.of(
        range(5), [1] * 5, [f"m{n}" for n in range(5)],
        [[(f"number@b{n}", "17"), mail] for n in range(5)],
    )  # fmt: skip
    # Five brands are five types: of each the address came with one value, and is not held back.
    assert set(resolver.resolve(batch).profile_id.tolist()) == {1}
    resolver.commit()
    again = Batch.of([9], [1], ["again"], [[("number@b1", "18"), mail]])
    assert resolver.resolve(again).profile_id.tolist() == [2]


def test_a_type_without_its_brand_is_answered_with_the_brands() -> None:
    rules = of_brands(RULES, ["beta", "alpha"])
    said = "number is of one brand each: say number@alpha or number@beta."
    with pytest.raises(InputError, match=said):
        Resolver(rules).find(Identifier("number", "17"))
    for name in ("number", "number@gamma"):
        refused = NormalForms(rules).normal(name, "17")
        assert isinstance(refused, Refusal)
        assert refused.reason == said
    assert Resolver(rules).find(Identifier("number@alpha", "17")) is None


def test_devices_of_one_brand_each_are_devices() -> None:
    kinds = of_brands(RULES, ["alpha"]).types
    assert [kind.stands_for for kind in kinds] == ["person", "person", "device"]


def test_writing_rules_out_and_back_changes_nothing() -> None:
    for brands in ([], ["alpha"], ["beta", "a:b"]):
        assert declared(of_brands(RULES, brands)) == RULES
    assert of_brands(RULES, ["alpha"]) == of_brands(of_brands(RULES, ["beta"]), ["alpha"])


def test_columns_and_single_messages_take_the_same_brands() -> None:
    brands = Brands(of_brands(RULES, ["alpha", "b:c"]))
    rows = [(kind, brand) for kind in ("number", "email", "number@alpha")
            for brand in ("alpha", "b:c")]  # fmt: skip
    column = brands.place_column(
        pa.array([kind for kind, _ in rows]), pa.array([brand for _, brand in rows])
    )
    singly = [brands.place([(kind, "1")], brand)[0][0] for kind, brand in rows]
    assert column.to_pylist() == singly
    assert singly[:2] == ["number@alpha", "number@b%3Ac"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ([{"name": "number@alpha", "scope": "brand"}], "types.name"),
        ([{"name": "number@alpha"}], "types.name"),
        ([{"name": "number", "scope": "country"}], "types[0].scope"),
        (
            [{"name": "id", "unique": True},
             {"name": "email", "identifies": "household", "unique": True}],
            "types.identifies",
        ),
        (
            [{"name": "id", "unique": True},
             {"name": "email", "identifies": "household", "limit": 1}],
            "types.identifies",
        ),
    ],
)  # fmt: skip
def test_contradictions_are_refused(said: list[dict[str, object]], field: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        read_identity({"types": said}, ["alpha"])
    assert refused.value.field == field


def test_too_many_brands_are_refused() -> None:
    body = msgspec.to_builtins(RULES)
    assert len(read_identity(body, [f"b{n}" for n in range(29)]).types) == 59
    with pytest.raises(DefinitionError, match="30 brands make 61 identifier types"):
        read_identity(body, [f"b{n}" for n in range(30)])
