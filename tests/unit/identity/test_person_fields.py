"""Names, birthdays and addresses in forms that compare (S1.3)."""

from __future__ import annotations

from datetime import date
from typing import Any

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from patron.identity.normal import addresses, names
from patron.identity.normal.birthdays import birthday
from patron.identity.normal.countries import COUNTRIES, country, region
from patron.identity.normal.fields import FIELDS, TRAITS, normal_fields
from patron.identity.normal.text import matching


@pytest.mark.parametrize(
    ("raw", "where", "iso"),
    [
        ("1985-03-07", None, "1985-03-07"),
        ("1985-03-07T00:00:00.000Z", None, "1985-03-07"),
        ("19850307", None, "1985-03-07"),
        (19850307, None, "1985-03-07"),
        ("1985/3/7", None, "1985-03-07"),
        ("7.3.1985", "US", "1985-03-07"),
        ("07-03-1985", "DE", "1985-03-07"),
        ("03/07/1985", "US", "1985-03-07"),
        ("31/12/1985", None, "1985-12-31"),
        ("12/31/1985", "DE", "1985-12-31"),
        ("05/05/1985", None, "1985-05-05"),
        ("March 7th, 1985", None, "1985-03-07"),
        ("Thursday, 7 March 1985", None, "1985-03-07"),
        ("7. Mär. 1985", None, "1985-03-07"),
        ("7 marca 1985 r.", None, "1985-03-07"),
        ("7 paź 1985", None, "1985-10-07"),
        ("7 III 1985", None, "1985-03-07"),
        ("7 มีนาคม 2528", None, "1985-03-07"),
        ("วันที่ ๗ มี.ค. พ.ศ. ๒๕๒๘", None, "1985-03-07"),
        ("07/03/2528", "TH", "1985-03-07"),
        ("29/02/2527", "TH", "1984-02-29"),  # a leap year only once it is counted back
        ({"year": 1985, "month": "3", "day": 7}, None, "1985-03-07"),
        ("7.3.85", "DE", "1985-03-07"),
        ("7.3.12", "DE", "2012-03-07"),
        ("7. března 1985", "CZ", "1985-03-07"),
        ("1985. március 7.", "HU", "1985-03-07"),
        ("7 martie 1985", "RO", "1985-03-07"),
        ("7 Ağustos 1985", "TR", "1985-08-07"),
        ("7 марта 1985", "RU", "1985-03-07"),
        ("7. maaliskuuta 1985", "FI", "1985-03-07"),
        ("1985年3月7日", "JP", "1985-03-07"),
        ("1985년 3월 7일", "KR", "1985-03-07"),
    ],
)
def test_birthdays_in_many_spellings(raw: object, where: str | None, iso: str) -> None:
    assert birthday(raw, where) == iso


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        ("07/03/1985", None),  # either
        ("30.02.1985", "DE"),
        ("29/02/1985", "DE"),
        ("1985-13-01", None),
        ("1900-01-01", None),
        ("01.01.1970", None),
        ("0000-00-00", None),
        ("1812-03-07", None),
        ("7.3.28", "TH"),  # of which era?
        ("7 มี.ค. 28", None),
        ("1985", None),
        ("March 1985", None),
        ("unknown", None),
        ("", None),
        (None, None),
        (True, None),
        (1985.5, None),
        ({"year": 1985}, None),
        ({"year": [], "month": 1, "day": 1}, None),
    ],
)
def test_what_can_be_no_birthday_is_none(raw: object, where: str | None) -> None:
    assert birthday(raw, where) is None


def test_a_birthday_is_not_after_the_day_it_was_told_on() -> None:
    told = date(2026, 3, 6)
    assert birthday("2026-03-06", as_of=told) == "2026-03-06"
    assert birthday("2026-03-07", as_of=told) is None
    assert birthday("1900-03-07", as_of=told) is None
    assert birthday("7.3.26", "DE", as_of=told) == "1926-03-07"
    assert birthday("6.3.26", "DE", as_of=told) == "2026-03-06"


@given(st.dates(date(1920, 1, 1), date(2020, 12, 31)))
def test_every_spelling_of_a_day_is_that_day(day: date) -> None:
    expected = birthday(day.isoformat())
    thai = f"{day.day}/{day.month}/{day.year + 543}"
    assert birthday(day) == expected
    assert birthday(f"{day:%d.%m.%Y}") == birthday(f"{day:%m/%d/%Y}", "US") == expected
    assert birthday(f"{day.day} {day:%B} {day.year}") == birthday(thai, "TH") == expected


@pytest.mark.parametrize(
    ("raw", "given_name", "family_name"),
    [
        ("John Smith", "john", "smith"),
        ("SMITH, John", "john", "smith"),
        ("Smith, John, Jr.", "john", "smith"),
        ("John Smith, PhD", "john", "smith"),
        ("Prof. Dr. Hans von der Heide", "hans", "von der heide"),
        ("Pan Jan Kowalski", "jan", "kowalski"),
        ("Pan Wei", "pan", "wei"),
        ("Łukasz Żółć-Nowak", "lukasz", "zolc nowak") ,
        ("O\u2019Neill, Shaun", "shaun", "oneill"),
        ("\uff2aohn\u3000Smith", "john", "smith"),
        ("李明", "ming", "li"),
        ("Иван Петров", "ivan", "petrov"),
        ("Cher", "cher", ""),
    ],
)  # fmt: skip
def test_names_in_any_order(raw: str, given_name: str, family_name: str) -> None:
    assert names.full_name(raw) == names.Name(given_name, family_name)


def test_thai_words_of_address_are_no_part_of_a_name() -> None:
    assert names.full_name("นางสาวสมหญิง ใจดี") == names.full_name("สมหญิง ใจดี")
    assert names.given_name("คุณสมชาย") == names.given_name("สมชาย")


@pytest.mark.parametrize("raw", ["", "n/a", "Test", "xxx", "12", "---", "Dr.", "\u200b", "😀"])
def test_placeholders_are_no_names(raw: str) -> None:
    assert names.given_name(raw) is None
    assert names.family_name(raw) is None
    assert names.full_name(raw) is None


@pytest.mark.parametrize(
    ("raw", "where", "parts"),
    [
        ("Hauptstraße 12 a", "DE", ("hauptstr", "12a", "")),
        ("Hauptstr. 12A", None, ("hauptstr", "12a", "")),
        ("Straße des 17. Juni 135", "DE", ("str des 17 juni", "135", "")),
        ("ul. 3 Maja 12/4", "PL", ("3 maja", "12", "4")),
        ("3 Maja 12 m. 4", "PL", ("3 maja", "12", "4")),
        ("12 Main Street", "US", ("main st", "12", "")),
        ("12 Main St., Apt. #4B", "US", ("main st", "12", "4b")),
        ("4/12 Smith Street", "AU", ("smith st", "12", "4")),
        ("99/1 ถนนสุขุมวิท", "TH", ("sukhumwith", "99/1", "")),
        ("221B Baker Street", "GB", ("baker st", "221b", "")),
        ("10 Downing Street\nFlat 2", "GB", ("downing st", "10", "2")),
        ("Am Markt", "DE", ("am markt", "", "")),
    ],
)
def test_streets_in_parts(raw: str, where: str | None, parts: tuple[str, str, str]) -> None:
    assert addresses.street(raw, where) == parts


def test_what_has_no_letters_is_no_street_and_no_place() -> None:
    assert addresses.street("12", "DE") is None
    assert addresses.place("12345") is None
    assert addresses.house_number("twelve") is None


@pytest.mark.parametrize(
    ("raw", "where", "normal"),
    [
        ("00-950", "PL", "00950"),
        ("PL-00-950", "PL", "00950"),
        ("1067", "DE", "01067"),
        ("sw1a 1aa", "GB", "SW1A1AA"),
        ("02134-1000", "US", "02134"),
        ("2134", "US", "02134"),
        ("1234 ab", "NL", "1234AB"),
        ("๑๐๑๑๐", "TH", "10110"),
        ("99999", None, "99999"),
        ("00000", "DE", None),
        ("123", "PL", None),
        ("ABC", "GB", None),
        ("", None, None),
    ],
)
def test_postcodes_by_country(raw: str, where: str | None, normal: str | None) -> None:
    assert addresses.postcode(raw, where) == normal


def test_every_country_has_a_code_and_every_calling_region_a_country() -> None:
    assert len(COUNTRIES) == 250  # those of ISO 3166, and Kosovo
    assert set(phonenumbers.SUPPORTED_REGIONS) - COUNTRIES == {"AC", "TA"}  # parts of Saint Helena
    assert all(country(code) == code for code in COUNTRIES)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Germany", "DE"), ("DEUTSCHLAND", "DE"), ("deu", "DE"), ("Polska", "PL"),
        ("ประเทศไทย", "TH"), ("U.S.A.", "US"), ("The Netherlands", "NL"), ("Türkiye", "TR"),
        ("Elbonia", None), ("", None),
    ],
)  # fmt: skip
def test_countries_by_name(text: str, code: str | None) -> None:
    assert country(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("en-US", "US"), ("pl_PL.UTF-8", "PL"), ("zh-Hant-TW", "TW"), ("en", None), ("DE", "DE"),
        ("de", None), ("Germany", "DE"), ("en-XX", None), ("", None),
    ],
)  # fmt: skip
def test_a_locale_tells_a_country_only_where_it_names_one(text: str, code: str | None) -> None:
    assert region(text) == code


def test_the_fields_of_a_person() -> None:
    spelled: list[dict[str, Any]] = [
        {
            "firstName": "Zoë", "lastName": "Müller", "dateOfBirth": "07.03.1985",
            "email": "Zoe.M+news@Googlemail.com", "phone": "030 1234567",
            "address": {
                "street": "Hauptstraße 5", "postalCode": "10115", "city": "Berlin",
                "country": "Germany",
            },
        },
        {
            "name": "MULLER, Zoe", "dob": "1985-03-07", "email": "zoem@gmail.com",
            "mobile": "+49 30 1234567", "street_address": "Hauptstr. 5", "zip": 10115,
            "town": "BERLIN", "country_code": "de",
        },
    ]  # fmt: skip
    first, second = (normal_fields(traits) for traits in spelled)
    assert first == second
    assert first == {
        "given_name": "zoe", "family_name": "muller", "full_name": "zoe muller",
        "birthday": "1985-03-07", "street": "hauptstr", "house_number": "5", "postcode": "10115",
        "city": "berlin", "country": "DE", "email": "zoem@gmail.com", "phone": "+49301234567",
    }  # fmt: skip


def test_the_country_of_the_traits_wins_over_the_one_around_them() -> None:
    traits = {"phone": "030 1234567", "birthday": "03/07/1985", "postcode": "10115"}
    assert normal_fields(traits) == {"postcode": "10115"}
    assert normal_fields(traits, "US") == {"birthday": "1985-03-07", "postcode": "10115"}
    german = normal_fields({**traits, "country": "DE"}, "US")
    assert german["phone"] == "+49301234567"
    assert german["birthday"] == "1985-07-03"


def test_what_is_missing_or_refused_is_absent() -> None:
    empty = {"first_name": "n/a", "last_name": None, "birthday": "1900-01-01", "email": "none",
             "phone": "0", "address": {"street": "", "country": "?"}, "plan": "gold"}  # fmt: skip
    assert normal_fields(empty) == {}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
trait_names = st.sampled_from([name for known in TRAITS.values() for name in known] + ["address"])


@settings(max_examples=200)
@given(st.dictionaries(trait_names, json_values, max_size=5), st.sampled_from([None, "DE", "TH"]))
def test_any_traits_give_fields_of_plain_text(traits: dict[str, Any], where: str | None) -> None:
    found = normal_fields(traits, where)
    assert set(found) <= set(FIELDS)
    assert all(value and isinstance(value, str) and value.isascii() for name, value in found.items()
               if name != "email")  # fmt: skip


@settings(max_examples=200)
@given(st.text(max_size=12))
@example("0-md")
@example("dr-x y")
@example("x-jr-sr")
def test_a_form_for_matching_matches_itself(text: str) -> None:
    once = matching(text)
    assert matching(once) == once
    for form in (names.given_name, names.family_name, addresses.place):
        found = form(text)
        assert found is None or form(found) == found


@settings(max_examples=100)
@given(st.text("abcäß 12/-", min_size=1, max_size=10), st.sampled_from(["DE", "US", None]))
def test_postcodes_are_stable(text: str, where: str | None) -> None:
    found = addresses.postcode(text, where)
    assert found is None or addresses.postcode(found, where) == found


@pytest.mark.parametrize(
    ("traits", "given", "family"),
    [
        ({"nombre": "María José", "apellidos": "García Pérez"}, "maria jose", "garcia perez"),
        ({"prénom": "Zoë", "nom": "DUPONT"}, "zoe", "dupont"),
        ({"nome": "Mario Rossi"}, "mario", "rossi"),
        ({"voornaam": "Jan", "achternaam": "Berg, van der"}, "jan", "van der berg"),
        ({"imię": "Ewa", "nazwisko": "Nowak"}, "ewa", "nowak"),
        ({"name": "Ann Lee", "last_name": "Lee"}, "ann", "lee"),
        ({"name": "Ann Lee", "first_name": "Ann"}, "ann", "lee"),
    ],
)
def test_names_under_the_words_of_other_languages(
    traits: dict[str, str], given: str, family: str
) -> None:
    found = normal_fields(traits)
    assert (found["given_name"], found["family_name"]) == (given, family)


@pytest.mark.parametrize(
    "raw", ["7 maart 1985", "7 mars 1985", "7 de marzo de 1985", "7 de março de 1985"]
)
def test_months_of_more_languages(raw: str) -> None:
    assert normal_fields({"dob": raw})["birthday"] == "1985-03-07"


def test_numbers_that_states_give_compare_without_their_spelling() -> None:
    assert normal_fields({"ssn": "123-45 6789"}) == {"national_id": "123456789"}
    assert normal_fields({"soc_sec_id": 1804974}) == {"national_id": "1804974"}
    assert normal_fields({"ssn": "000000000"}) == {}


def test_no_word_names_two_fields() -> None:
    words = [word for known in TRAITS.values() for word in known]
    assert len(words) == len(set(words))
