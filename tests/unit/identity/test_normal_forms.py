"""Normal forms of identifier values, and what is refused (S1.3, S1.21)."""

from __future__ import annotations

import pyarrow as pa
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.errors import DefinitionError, InputError
from patron.identity import NormalForms, Refusal
from patron.identity.normal.email import PLAIN_EMAIL, PLAIN_LENGTH
from patron.spec.identifiers import DEFAULT_RULES, Identifier, IdentifierType, IdentityRules

RULES = IdentityRules(types=DEFAULT_RULES.types, default_region="DE")
FORMS = NormalForms(RULES)


@pytest.mark.parametrize(
    ("kind", "raw", "normal"),
    [
        ("user_id", "  C-17\t", "C-17"),
        ("user_id", "c-17", "c-17"),
        ("user_id", "Đu\u031b\u0301c", "Đứ" + "c"),
        ("user_id", "\ufeff\u200bC-17\u00a0", "C-17"),
        ("device_id", "A8F0-77", "a8f0-77"),
        ("email", " Ann.Lee@Example.COM", "ann.lee@example.com"),
        ("email", "JÜRGEN@Bücher.DE", "jürgen@xn--bcher-kva.de"),
        ("email", "ann+shop@example.museum", "ann+shop@example.museum"),
        ("phone", "030 / 1234567", "+49301234567"),
        ("phone", "+84 91 234 56 78", "+84912345678"),
        ("phone", "0084912345678", "+84912345678"),
    ],
)
def test_normal_forms(kind: str, raw: str, normal: str) -> None:
    assert FORMS.normal(kind, raw) == normal


@pytest.mark.parametrize(
    ("kind", "raw", "part"),
    [
        ("user_id", "", "identify nobody"),
        ("user_id", " NULL ", "identify nobody"),
        ("user_id", "\u200b", "identify nobody"),
        ("anonymous_id", "00000000-0000-0000-0000-000000000000", "identify nobody"),
        ("email", "Test@Test.com", "identify nobody"),
        ("user_id", "a\x1fb", "control characters"),
        ("user_id", "a\x00", "control characters"),
        ("user_id", "\ud800", "not valid Unicode"),
        ("user_id", "x" * 513, "longer than 512"),
        ("email", "ann@", "not an e-mail"),
        ("email", "ann@example", "not an e-mail"),
        ("email", "ann..lee@example.com", "not an e-mail"),
        ("email", "Ann <ann@example.com>", "not an e-mail"),
        ("phone", "no number", "not a phone number"),
        ("phone", "0000000", "No such phone number"),
        ("phone", "030 1234567 ext. 12", "extension"),
        ("shoe_size", "42", "not a declared identifier type"),
    ],
)
def test_refusals(kind: str, raw: str, part: str) -> None:
    found = FORMS.normal(kind, raw)
    assert isinstance(found, Refusal)
    assert part in found.reason


def test_a_national_phone_number_needs_a_region() -> None:
    found = NormalForms(DEFAULT_RULES).normal("phone", "030 1234567")
    assert isinstance(found, Refusal)
    assert "names no country" in found.reason


emails = st.one_of(
    st.emails(),
    st.from_regex(PLAIN_EMAIL, fullmatch=True),
    st.from_regex(r"[a-zA-Z.@ü]{1,6}@[a-z.-]{1,8}\.[a-z]{1,3}", fullmatch=True),
)
raws = st.one_of(
    st.text(max_size=12), emails, st.sampled_from(["null", " 0 ", "a\x1f", "A b", "É"])
)


@settings(max_examples=300)
@given(st.sampled_from(["user_id", "device_id", "email"]), raws)
def test_the_normal_form_of_a_normal_form_is_itself(kind: str, raw: str) -> None:
    once = FORMS.normal(kind, raw)
    if isinstance(once, str):
        assert FORMS.normal(kind, once) == once


@settings(max_examples=200)
@given(emails)
def test_the_quick_way_for_addresses_agrees_with_the_library(text: str) -> None:
    lower = text.lower()
    if len(lower) <= PLAIN_LENGTH and PLAIN_EMAIL.fullmatch(lower):
        try:
            checked = validate_email(lower, check_deliverability=False)
        except EmailNotValidError as error:
            pytest.fail(f"{lower}: {error}")
        assert f"{checked.local_part}@{checked.ascii_domain}" == lower


@settings(max_examples=150)
@given(st.sampled_from(["user_id", "device_id", "email", "phone"]), st.lists(raws, max_size=8))
def test_columns_and_single_values_have_the_same_normal_forms(kind: str, values: list[str]) -> None:
    encodable = [v for v in values if not any("\ud800" <= c <= "\udfff" for c in v)]
    found, refusals = FORMS.normals(kind, pa.array(encodable, pa.string()))
    expected = [FORMS.normal(kind, value) for value in encodable]
    assert found.to_pylist() == [v if isinstance(v, str) else None for v in expected]
    assert refusals == {
        raw: v for raw, v in zip(encodable, expected, strict=True) if isinstance(v, Refusal)
    }


def test_identifiers_are_read_from_text() -> None:
    assert Identifier.parse("urn:a:b") == Identifier("urn", "a:b")
    for wrong in ("ann@example.com", ":x", "email:", ""):
        with pytest.raises(InputError, match="type:value"):
            Identifier.parse(wrong)


@pytest.mark.parametrize(
    "names", [("a", "a"), (), tuple(f"t{n}" for n in range(61)), ("Bad Name",)]
)
def test_rules_that_make_no_sense_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(DefinitionError):
        IdentityRules(types=tuple(IdentifierType(name=name) for name in names))
