"""The oracle by hand: comparisons of single values, and where open-source peers err on them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from patron.testing.oracle.values import fulfils, identical, moment, number
from unit.segments.worlds import NOW, event
from unit.testing.asked import DAY, TICK, around, ask, did, have

POSITIVE = [
    ("=", "a"), ("in", ["a", 5]), ("contains", "a"), ("starts with", "a"), ("ends with", "a"),
    ("matches", ".*"), ("any of", ["a"]), ("all of", ["a"]), ("exists", None), ("<", 5), ("<=", 5),
    (">", -5), (">=", -5), ("between", [-5, 5]), ("between", ["1900-01-01", "2100-01-01"]),
    ("before", "2100-01-01"), ("after", "1900-01-01"),
    ("within radius", {"lat": 0, "lon": 0, "km": 30000}),
    ("in box", {"south": -90, "west": -180, "north": 90, "east": 180}),
]  # fmt: skip
NEGATIVE = {"!=": "=", "not in": "in", "does not contain": "contains", "missing": "exists",
            "does not match": "matches", "none of": "any of"}  # fmt: skip


@pytest.mark.parametrize(("op", "value"), POSITIVE)
def test_a_missing_value_fulfils_no_positive_comparison(op: str, value: Any) -> None:
    assert not fulfils(None, op, value)


@pytest.mark.parametrize("found", [None, "a", "b", 5, True, [], ["a"], {"lat": 1}])
@pytest.mark.parametrize("negative", NEGATIVE)
def test_negatives_are_exact_complements(negative: str, found: Any) -> None:
    value = dict(POSITIVE)[NEGATIVE[negative]]
    assert fulfils(found, negative, value) is not fulfils(found, NEGATIVE[negative], value)


def test_peers_err_negation_on_missing_values() -> None:
    """Peers drop customers without a value from "is not" and "does not contain"."""
    made = have("a", "b", None)
    for rule in (
        {"trait": "t", "op": "!=", "value": "a"},
        {"trait": "t", "op": "not in", "value": ["a"]},
        {"trait": "t", "op": "does not contain", "value": "a"},
        {"trait": "t", "op": "does not match", "value": "^a"},
        {"not": {"trait": "t", "op": "=", "value": "a"}},
    ):
        assert ask(made, rule) == [2, 3]
    with_one = {"all": [{"trait": "t", "op": "exists"}, {"trait": "t", "op": "!=", "value": "a"}]}
    assert ask(made, with_one) == [2]


@pytest.mark.parametrize("special", [*".+*?%_[](){}^$|@\\'\"", "\n", "--"])
def test_peers_err_contains_with_special_characters(special: str) -> None:
    """Peers hand the text to a pattern matcher, so that + in an address matches something else."""
    made = have(f"x{special}y", "xzy", "xxy")
    for op in ("contains", "does not contain"):
        expected = [1] if op == "contains" else [2, 3]
        assert ask(made, {"trait": "t", "op": op, "value": special}) == expected
    assert ask(made, {"trait": "t", "op": "starts with", "value": f"x{special}"}) == [1]


def test_types_are_never_mixed() -> None:
    made = have(5, "5", 5.0, True, "true", 1, ["5"], [5], {"a": 5})
    assert ask(made, {"trait": "t", "op": "=", "value": 5}) == [1, 3]
    assert ask(made, {"trait": "t", "op": "=", "value": "5"}) == [2]
    assert ask(made, {"trait": "t", "op": "=", "value": True}) == [4]
    assert ask(made, {"trait": "t", "op": "=", "value": 1}) == [6]
    assert ask(made, {"trait": "t", "op": "in", "value": ["true", 5]}) == [1, 3, 5]
    assert ask(made, {"trait": "t", "op": "any of", "value": [5]}) == [8]
    assert ask(made, {"trait": "t.a", "op": "=", "value": 5}) == [9]
    assert ask(made, {"trait": "t", "op": "contains", "value": "5"}) == [2]


def test_numbers_have_six_places_half_to_even_and_twelve_digits() -> None:
    assert number(0.0000005) == Decimal(0)  # the double lies just below the half
    assert number(Decimal("0.0000015")) == number(Decimal("0.0000025")) == Decimal("0.000002")
    assert number(10**12 - 1) == 10**12 - 1
    assert number(10**12) is None
    assert number(Decimal("999999999999.9999996")) is None
    assert number(1e300) is None
    assert number(10**2000) is None
    assert not fulfils(10**12, ">", 5)
    assert fulfils(10**12, "exists")
    assert fulfils(10**12, "!=", 5)


def test_lists() -> None:
    made = have(["a", "b"], ["a"], [], "a", None)
    assert ask(made, {"trait": "t", "op": "any of", "value": ["b", "z"]}) == [1]
    assert ask(made, {"trait": "t", "op": "all of", "value": ["a", "b"]}) == [1]
    assert ask(made, {"trait": "t", "op": "all of", "value": ["a"]}) == [1, 2]
    assert ask(made, {"trait": "t", "op": "none of", "value": ["b"]}) == [2, 3, 4, 5]
    assert not fulfils(["a"], "any of", [])
    assert not fulfils(["a"], "all of", [])


def test_texts_are_in_normal_form_and_letter_by_letter() -> None:
    made = have("Caf\xe9", "caf\xe9")
    assert ask(made, {"trait": "t", "op": "=", "value": "Cafe\u0301"}) == [1]
    assert ask(made, {"trait": "t", "op": "ends with", "value": "e\u0301"}) == [1, 2]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("b", ["abc", "b", "abc\n"]),
        ("^b", ["b"]),
        ("^a.c$", ["abc", "a.c"]),
        (r"^a\.c$", ["a.c"]),
        (r"c$", ["abc", "a.c"]),
        (r"c\n\z", ["abc\n"]),
        (r"\d", ["5"]),
        (r"[\s]", ["abc\n"]),
        ("[$]", ["$"]),
        ("", ["abc", "b", "a.c", "abc\n", "\u0665", "5", "$"]),
    ],
)
def test_matches(pattern: str, found: list[str]) -> None:
    """Anywhere in a text; $ is its very end, and digits are 0 to 9."""
    values = ["abc", "b", "a.c", "abc\n", "\u0665", "5", "$", 5, ["b"], None]
    made = have(*values)
    inside = ask(made, {"trait": "t", "op": "matches", "value": pattern})
    assert [values[n - 1] for n in inside] == found
    assert ask(made, {"trait": "t", "op": "does not match", "value": pattern}) == [
        n for n in range(1, 11) if n not in inside
    ]


def test_dates_are_whole_days_in_utc() -> None:
    made = have(
        "2017-06-29", "2017-06-30", "2017-06-30T23:59:59.999999Z", "2017-07-01T00:00:00",
        "2017-07-01T01:00:00+02:00", "2017-02-30", "June", 20170630,
    )  # fmt: skip
    assert ask(made, {"trait": "t", "op": "before", "value": "2017-06-30"}) == [1]
    assert ask(made, {"trait": "t", "op": "after", "value": "2017-06-30"}) == [4]
    days = ["2017-06-30", "2017-06-30"]
    assert ask(made, {"trait": "t", "op": "between", "value": days}) == [2, 3, 5]
    last_tick = "2017-06-30T23:59:59.999998Z"
    assert ask(made, {"trait": "t", "op": "after", "value": last_tick}) == [3, 4]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2017-06-30", datetime(2017, 6, 30)),
        ("2017-06-30 12:00", datetime(2017, 6, 30, 12)),
        ("0001-01-01T00:00:00+07:00", None),
        ("2017-06-30T25:00:00", None),
        ("2017-06-30T12:00:00.1234567", None),
        ("\uff12\uff10\uff11\uff17-06-30", None),
        (date(2017, 6, 30), None),
    ],
)
def test_what_is_a_moment(text: Any, at: datetime | None) -> None:
    assert moment(text) == at


UTRECHT = {"lat": 52.09, "lon": 5.12}


class TestPlaces:
    def test_within_a_radius(self) -> None:
        made = have(
            UTRECHT,
            {"latitude": 52.09, "lng": 5.12},
            {"lat": 52.37, "longitude": 4.9},  # Amsterdam, 34.5 km away
            {"lat": "52.09", "lon": 5.12},
            {"lat": 52.09},
            {"lat": 91, "lon": 5.12},
            {"lat": 52.09, "lon": 180.1},
            {"lat": True, "lon": 5.12},
            "52.09, 5.12",
        )
        near = {"trait": "t", "op": "within radius", "value": {**UTRECHT, "km": 10}}
        assert ask(made, near) == [1, 2]
        far = {"trait": "t", "op": "within radius", "value": {**UTRECHT, "km": 35}}
        assert ask(made, far) == [1, 2, 3]

    def test_a_quarter_of_the_equator(self) -> None:
        made = have({"lat": 0, "lon": 90}, {"lat": 0, "lon": -170})
        for km, expected in ((10007, []), (10008, [1]), (18903, [1]), (18905, [1, 2])):
            value = {"lat": 0, "lon": 0, "km": km}
            assert ask(made, {"trait": "t", "op": "within radius", "value": value}) == expected

    def test_a_box_takes_in_its_edges(self) -> None:
        made = have(*({"lat": lat, "lon": 5} for lat in (49.999999, 50, 53, 53.000001)))
        box = {"south": 50, "west": 5, "north": 53, "east": 5}
        assert ask(made, {"trait": "t", "op": "in box", "value": box}) == [2, 3]

    def test_a_box_across_the_date_line(self) -> None:
        made = have(*({"lat": 0, "lon": lon} for lon in (169, 170, 180, -180, -170, -169, 0)))
        box = {"south": -1, "west": 170, "north": 1, "east": -170}
        assert ask(made, {"trait": "t", "op": "in box", "value": box}) == [2, 3, 4, 5]

    def test_of_properties(self) -> None:
        made = did([event("E", NOW - DAY, where_=UTRECHT)], [event("E", NOW - DAY)])
        value = {**UTRECHT, "km": 1}
        where = {"property": "where_", "op": "within radius", "value": value}
        assert ask(made, {"count": {"event": "E", "where": where}, "op": ">=", "value": 1}) == [1]


def test_identical_values() -> None:
    assert identical([1, {"a": 2.0}], [1.0, {"a": 2}])
    assert identical(None, None)
    assert identical(10**13, 1e13)
    assert not identical([1], [True])
    assert not identical([1], [1, 2])
    assert not identical({"a": None}, {})
    assert not identical("1", 1)
    assert not identical(None, [])


def test_what_an_event_holds_beside_its_properties_is_no_property() -> None:
    made = did([event("E", NOW - DAY)])
    for name in ("name", "occurred_at", "source_id", "message_id", "lines"):
        where = {"property": name, "op": "exists"}
        assert ask(made, {"count": {"where": where}, "op": ">=", "value": 1}) == []
    where = {"property": "channel", "op": "=", "value": "web"}
    assert ask(made, {"count": {"where": where}, "op": ">=", "value": 1}) == [1]


def test_around_is_what_it_says() -> None:
    assert around(NOW) == [NOW - TICK, NOW, NOW + TICK]
