"""Normal forms of identifier values, and what is refused (S1.3, S1.21)."""

from __future__ import annotations

import msgspec
import pyarrow as pa
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.errors import DefinitionError, InputError
from patron.identity import NormalForms, Refusal
from patron.identity.normal.email import PLAIN_EMAIL, PLAIN_LENGTH
from patron.spec.email_providers import EmailProvider
from patron.spec.identifiers import (
    DEFAULT_RULES,
    FIRST_RULES,
    Identifier,
    IdentifierType,
    IdentityRules,
)

RULES = msgspec.structs.replace(DEFAULT_RULES, default_region="DE")
FORMS = NormalForms(RULES)
STRICT = NormalForms(
    IdentityRules(
        types=(
            IdentifierType(name="card", normal_form="card", check_digit="luhn", blocked_repeats=4),
            IdentifierType(name="ean", normal_form="card", check_digit="ean13"),
            IdentifierType(
                name="phone",
                normal_form="phone",
                blocked=("030 1234567", "no number"),
                blocked_repeats=5,
            ),
            IdentifierType(
                name="email",
                normal_form="email",
                blocked=("T.E.S.T@gmail.com",),
                blocked_patterns=("noreply@*", "*+spam*"),
            ),
            IdentifierType(name="code", blocked_patterns=("x*9", "a.c"), blocked_repeats=6),
        ),
        default_region="DE",
        email_providers="standard",
    )
)


@pytest.mark.parametrize(
    ("kind", "raw", "normal"),
    [
        ("user_id", "  C-17\t", "C-17"),
        ("user_id", "c-17", "c-17"),
        ("user_id", "Đu\u031b\u0301c", "Đứ" + "c"),
        ("user_id", "\ufeff\u200bC-17\u00a0", "C-17"),
        ("device_id", "A8F0-77", "a8f0-77"),
        (
            "device_id",
            "{AEBE52E7-03EE-455A-B3C4-E57283966239}",
            "aebe52e7-03ee-455a-b3c4-e57283966239",
        ),
        ("device_id", "aebe52e703ee455ab3c4e57283966239", "aebe52e7-03ee-455a-b3c4-e57283966239"),
        ("device_id", "00-1B-63-84-45-E6", "00:1b:63:84:45:e6"),
        ("device_id", "001B.6384.45E6", "00:1b:63:84:45:e6"),
        ("loyalty_card", "ab 12-34/5", "AB12345"),
        ("loyalty_card", "๑๒๓๔", "1234"),
        ("email", "A.nn.Lee+Shop@GoogleMail.com", "annlee@gmail.com"),
        ("email", "ann.lee+shop@outlook.com", "ann.lee@outlook.com"),
        ("email", "ann.+x@outlook.com", "ann.+x@outlook.com"),
        ("email", "Ann_L-e.e+x@pm.me", "annlee@pm.me"),
        ("email", "ann@ya.ru", "ann@yandex.ru"),
        ("email", "+x@gmail.com", "+x@gmail.com"),
        ("phone", "12 345 67 89;phone-context=PL", "+48123456789"),
        ("phone", "0049 30 1234567;phone-context=US", "+49301234567"),
        ("phone", "030 1234567;phone-context=example.com", "+49301234567"),
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
        ("email", "test@test", "not an e-mail"),
        ("email", "ann..lee@example.com", "not an e-mail"),
        ("email", "Ann <ann@example.com>", "not an e-mail"),
        ("phone", "no number", "not a phone number"),
        ("phone", "0000000", "No such phone number"),
        ("phone", "030 1234567 ext. 12", "extension"),
        ("phone", "+48 222 222 222", "repeated"),
        ("device_id", "00000000000000000000000000000000", "many devices"),
        ("device_id", "02:00:00:00:00:00", "many devices"),
        ("advertising_id", "ffffffff-ffff-ffff-ffff-ffffffffffff", "many devices"),
        ("user_id", "000", "repeated"),
        ("user_id", "XXXX-xxxxxx", "repeated"),
        ("user_id", "---", "no letter"),
        ("loyalty_card", "11-11-11", "repeated"),
        ("email", "NoReply@shop.example", "like those"),
        ("shoe_size", "42", "not a declared identifier type"),
    ],
)
def test_refusals(kind: str, raw: str, part: str) -> None:
    found = FORMS.normal(kind, raw)
    assert isinstance(found, Refusal)
    assert part in found.reason


@pytest.mark.parametrize(
    ("kind", "raw", "normal"),
    [
        ("card", "4539 1488 0343 6467", "4539148803436467"),
        ("card", "4539 1488 0343 6476", "check digit"),  # two digits swapped
        ("card", "4539 1488 0343 646X", "expected digits"),
        ("card", "0000 0000", "repeated"),
        ("ean", "4006381333931", "4006381333931"),
        ("ean", "036000291452", "0036000291452"),
        ("ean", "4006381333932", "check digit"),
        ("ean", "40063813", "check digit"),
        ("phone", "+49 (30) 123-4567", "identify nobody"),  # the centre's own, spelled otherwise
        ("email", "te.st@googlemail.com", "identify nobody"),
        ("email", "a+spammer@example.com", "like those"),
        ("email", "a+spammer@gmail.com", "a@gmail.com"),  # the tag is gone before the rule asks
        ("code", "xyz9", "like those"),
        ("code", "xyz8", "xyz8"),
        ("code", "A.C", "like those"),
        ("code", "abc", "abc"),
        ("code", "55555", "55555"),
        ("code", "555555", "repeated"),
    ],
)
def test_each_type_has_rules_of_its_own(kind: str, raw: str, normal: str) -> None:
    found = STRICT.normal(kind, raw)
    if isinstance(found, Refusal):
        assert normal in found.reason
    else:
        assert found == normal


def test_workspaces_of_the_first_edition_keep_their_normal_forms() -> None:
    forms = NormalForms(FIRST_RULES)
    kept = [
        ("email", "a.nn+x@gmail.com"), ("loyalty_card", "ab 12"), ("user_id", "0000000"),
        ("device_id", "00-1b-63-84-45-e6"), ("email", "noreply@shop.example"),
    ]  # fmt: skip
    assert [forms.normal(kind, raw) for kind, raw in kept] == [raw for _, raw in kept]


def test_a_national_phone_number_needs_a_region() -> None:
    found = NormalForms(DEFAULT_RULES).normal("phone", "030 1234567")
    assert isinstance(found, Refusal)
    assert "names no country" in found.reason


domains = st.sampled_from(["gmail.com", "googlemail.com", "outlook.com", "pm.me", "ya.ru", "b.de"])
emails = st.one_of(
    st.emails(),
    st.from_regex(PLAIN_EMAIL, fullmatch=True),
    st.from_regex(r"[a-zA-Z.@ü]{1,6}@[a-z.-]{1,8}\.[a-z]{1,3}", fullmatch=True),
    st.builds("{}@{}".format, st.text("aB.+-_", min_size=1, max_size=6), domains),
)
devices = st.one_of(
    st.uuids().map(str), st.uuids().map(lambda u: u.hex.upper()), st.text("0f:-", max_size=20),
    st.from_regex(r"([0-9a-fA-F]{2}[:-]){5}[0-9a-f]{2}", fullmatch=True),
)  # fmt: skip
repeated = st.builds(
    lambda c, n, gap: gap.join(c * n), st.sampled_from("07xX"), st.integers(1, 12),
    st.sampled_from(["", "-", " "]),
)  # fmt: skip
raws = st.one_of(
    st.text(max_size=12),
    emails,
    devices,
    repeated,
    st.text("0123456789 -/", max_size=16),
    st.sampled_from(["null", " 0 ", "a\x1f", "A b", "É", "noreply@b.de", "test@gmail.com", "xA9"]),
)
kinds = st.sampled_from(
    [(FORMS, kind.name) for kind in RULES.types]
    + [(STRICT, name) for name in ("card", "ean", "phone", "email", "code")]
)


@settings(max_examples=300)
@given(kinds, raws)
def test_the_normal_form_of_a_normal_form_is_itself(
    kind: tuple[NormalForms, str], raw: str
) -> None:
    forms, name = kind
    once = forms.normal(name, raw)
    if isinstance(once, str):
        assert forms.normal(name, once) == once


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


@settings(max_examples=300)
@given(kinds, st.lists(raws, max_size=8))
def test_columns_and_single_values_have_the_same_normal_forms(
    kind: tuple[NormalForms, str], values: list[str]
) -> None:
    forms, name = kind
    encodable = [v for v in values if not any("\ud800" <= c <= "\udfff" for c in v)]
    found, refusals = forms.normals(name, pa.array(encodable, pa.string()))
    expected = [forms.normal(name, value) for value in encodable]
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


@pytest.mark.parametrize(
    "wrong",
    [
        {"check_digit": "luhn"}, {"blocked_repeats": 1}, {"blocked_repeats": 501},
        {"blocked_patterns": ("**",)},
    ],
)  # fmt: skip
def test_types_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(DefinitionError):
        IdentifierType(name="a", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"domains": ()}, {"domains": ("Gmail.com",)}, {"domains": ("b.de",), "tags": "++"},
        {"domains": ("b.de",), "ignored": "a"},
    ],
)  # fmt: skip
def test_providers_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(DefinitionError):
        EmailProvider(**wrong)  # type: ignore[arg-type]


def test_a_region_is_a_code() -> None:
    with pytest.raises(DefinitionError, match="brand_regions"):
        msgspec.structs.replace(RULES, brand_regions={"main": "Germany"})
