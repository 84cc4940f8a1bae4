"""Each operator on a small database, beside the oracle; and where other systems err."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from patron.engines.duckdb import Cursor
from patron.segments.text import parse
from patron.segments.tree import as_object
from patron.testing import oracle
from unit.segments import worlds
from unit.segments.worlds import NOW, event, observed, person, world

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
VALUES: list[Any] = [
    None, 5, 5.0, 5.5, "5", "5.0", True, "true", "Bangkok", "bangkok", "Bang", "", [], ["a"],
    ["a", "b"],
    "['a', 'b']", [5, True, None], {"city": "Bangkok"}, {"city": {"x": 1}}, "2017-06-30",
    "2017-06-30T23:59:59.999999Z", "2017-07-01T00:00:00Z", "2017-07-01T06:59:59+07:00",
    "2017-02-30",
    0, -5, 10**13, 0.1, 2.0000004, 2.0000006,
]  # fmt: skip


@pytest.fixture(scope="module")
def cursor() -> Cursor:
    return worlds.open_cursor()


def ask(cursor: Cursor, made: dict[str, Any], text: str) -> list[int]:
    """The members by the compiled rule, after checking that the oracle agrees."""
    rule = parse(text)
    found = worlds.members_both_ways(cursor, rule, as_of=NOW, catalogue=worlds.catalogue_of(made))
    assert found == sorted(oracle.members(made, as_object(rule), NOW)), text
    return found


def stored(cursor: Cursor, *people: dict[str, Any], **parts: Any) -> dict[str, Any]:
    made = world(*people, **parts)
    worlds.store(cursor, made)
    return made


@pytest.fixture(scope="module")
def by_value(cursor: Cursor) -> dict[str, Any]:
    """One customer for each value, with it as a trait, a property and a property of a line."""
    return world(
        *(
            person(
                number,
                traits=[] if value is None else [observed("t", value, NOW - DAY)],
                events=[event("E", NOW - DAY, p=value, lines=[{"q": value}])],
            )
            for number, value in enumerate(VALUES, 1)
        )
    )


@pytest.mark.parametrize(
    "comparison",
    [
        "= 5", "= 5.5", '= "5"', '= "5.0"', "= true", "= false", '= "true"', '= "Bangkok"', '= ""',
        "!= 5", '!= "Bangkok"', "!= true", "< 5", "<= 5", "> 5", ">= 5", "> -6", "= 2", "= 0.1",
        "= 2.000001", "between 0 and 5", "between 2017-06-30 and 2017-06-30",
        "between 2017-06-30T12:00:00Z and 2017-07-01T00:00:00Z", 'in ("Bangkok", 5, true)',
        'not in ("Bangkok", "5")', 'contains "ang"', 'contains "a"', 'does not contain "ang"',
        'contains "5"', 'starts with "Bang"', 'starts with "t"', 'starts with "5"',
        'starts with "["',
        'ends with "kok"', 'ends with "e"', 'ends with "5"', 'ends with "]"', "exists", "missing",
        'any of ("a", "z")', 'all of ("a", "b")', 'none of ("a")', "any of (5)", "any of (true, 1)",
        "before 2017-07-01", "after 2017-06-30", "before 2017-06-30T23:59:59.999999Z",
    ],
)  # fmt: skip
def test_operators_on_traits_properties_and_lines(
    cursor: Cursor, by_value: dict[str, Any], comparison: str
) -> None:
    worlds.store(cursor, by_value)
    as_trait = ask(cursor, by_value, f"t {comparison}")
    assert ask(cursor, by_value, f"not (t {comparison})") == sorted(
        set(range(1, len(VALUES) + 1)) - set(as_trait)
    )
    assert ask(cursor, by_value, f'did "E" where (p {comparison})') == as_trait
    assert ask(cursor, by_value, f'did "E" where any line (q {comparison})') == as_trait
    assert 0 < len(as_trait) < len(VALUES) or comparison == "= false"


def test_values_by_hand(cursor: Cursor, by_value: dict[str, Any]) -> None:
    """The oracle itself is held against values picked by hand."""
    worlds.store(cursor, by_value)

    def picked(text: str) -> list[Any]:
        return [VALUES[number - 1] for number in ask(cursor, by_value, text)]

    assert picked("t = 5") == [5, 5.0]
    assert picked('t = "5"') == ["5"]
    assert picked("t = true") == [True]
    assert picked('t.city = "Bangkok"') == [{"city": "Bangkok"}]
    assert picked('t contains "ang"') == ["Bangkok", "bangkok", "Bang"]
    assert picked('t any of ("a")') == [["a"], ["a", "b"]]
    assert picked("t = 2") == [2.0000004]
    assert picked("t = 2.000001") == [2.0000006]
    assert picked("t after 2017-06-30") == ["2017-07-01T00:00:00Z"]
    assert 10**13 not in picked("t > 5")  # more than 12 digits are no number of Patron's
    assert 10**13 in picked("t exists")


class TestWindows:
    def test_rolling_windows_are_exact_to_the_microsecond(self, cursor: Cursor) -> None:
        """Peers count n days as n + 1 calendar days, or cut times down to whole days."""
        edge = NOW - 60 * DAY
        moments = (edge - TICK, edge, edge + TICK, NOW - TICK, NOW, NOW + TICK)
        made = stored(
            cursor,
            *(person(n, events=[event("E", at)])
              for n, at in enumerate(moments, 1)),
        )  # fmt: skip
        assert ask(cursor, made, 'did "E" in the last 60 days') == [3, 4, 5]
        assert ask(cursor, made, 'did not "E" in the last 60 days') == [1, 2, 6]
        assert ask(cursor, made, 'did "E"') == [1, 2, 3, 4, 5]

    def test_dates_are_whole_days_and_include_the_last(self, cursor: Cursor) -> None:
        first, after = NOW - 10 * DAY, NOW - 8 * DAY
        moments = (first - TICK, first, after - TICK, after)
        made = stored(
            cursor, *(person(n, events=[event("E", at)]) for n, at in enumerate(moments, 1))
        )
        assert ask(cursor, made, 'did "E" between 2017-12-22 and 2017-12-23') == [2, 3]
        assert ask(cursor, made, 'did "E" since 2017-12-22') == [2, 3, 4]
        assert ask(cursor, made, 'did "E" until 2017-12-23') == [1, 2, 3]
        assert ask(cursor, made, 'did "E" until 2017-12-23T23:59:59.999998Z') == [1, 2]
        assert ask(cursor, made, 'did "E" since 2099-01-01') == []

    @pytest.mark.parametrize(
        ("window", "length"),
        [("30 minutes", timedelta(minutes=30)), ("12 hours", DAY / 2), ("2 weeks", 14 * DAY)],
    )
    def test_units(self, cursor: Cursor, window: str, length: timedelta) -> None:
        edges = (NOW - length, NOW - length + TICK)
        made = stored(
            cursor, *(person(n, events=[event("E", at)]) for n, at in enumerate(edges, 1))
        )
        assert ask(cursor, made, f'did "E" in the last {window}') == [2]


class TestMeasures:
    def test_counts_and_their_complements(self, cursor: Cursor) -> None:
        made = stored(
            cursor, *(person(n + 1, events=[event("E", NOW - DAY)] * n) for n in range(5))
        )
        assert ask(cursor, made, 'count("E") = 0') == [1]
        assert ask(cursor, made, 'count("E") != 0') == [2, 3, 4, 5]
        assert ask(cursor, made, 'count("E") <= 2') == [1, 2, 3]
        assert ask(cursor, made, 'count("E") < 1') == [1]
        assert ask(cursor, made, 'count("E") >= 0') == [1, 2, 3, 4, 5]
        assert ask(cursor, made, 'count("E") between 0 and 1') == [1, 2]
        assert ask(cursor, made, 'count("E") between 2 and 3') == [3, 4]
        assert ask(cursor, made, 'count("E") != 2') == [1, 2, 4, 5]

    def test_sums_are_decimals(self, cursor: Cursor) -> None:
        """0.1 added ten times is 1, and what was subtracted leaves nothing behind."""
        dime = event("E", NOW - DAY, revenue=Decimal("0.1"), p=0.1)
        bill = event("E", NOW - DAY, revenue=Decimal("99999999.999999"))
        refund = event("E", NOW - DAY, revenue=Decimal("-99999999.999999"))
        made = stored(cursor, person(1, events=[dime] * 10), person(2, events=[bill, dime, refund]))
        assert ask(cursor, made, 'sum(revenue of "E") = 1') == [1]
        assert ask(cursor, made, 'sum(p of "E") = 1') == [1]
        assert ask(cursor, made, 'sum(revenue of "E") = 0.1') == [2]

    def test_nothing_sums_to_0_and_has_no_average(self, cursor: Cursor) -> None:
        made = stored(
            cursor,
            person(1),
            person(2, events=[event("E", NOW - DAY)]),
            person(3, events=[event("E", NOW - DAY, p=4), event("E", NOW - DAY, p="9")]),
        )
        assert ask(cursor, made, 'sum(p of "E") = 0') == [1, 2]
        assert ask(cursor, made, 'sum(p of "E") < 4') == [1, 2]
        for measure in ("average", "min", "max"):
            assert ask(cursor, made, f'{measure}(p of "E") > -9') == [3]
            assert ask(cursor, made, f'{measure}(p of "E") = 4') == [3]
            assert ask(cursor, made, f'{measure}(p of "E") != 4') == [1, 2]
            assert ask(cursor, made, f'{measure}(p of "E") between 0 and 4') == [3]

    def test_averages_are_not_rounded(self, cursor: Cursor) -> None:
        thirds = [event("E", NOW - DAY, p=amount) for amount in (1, 0, 0)]
        made = stored(cursor, person(1, events=thirds))
        assert ask(cursor, made, 'average(p of "E") > 0.333333') == [1]
        assert ask(cursor, made, 'average(p of "E") < 0.333334') == [1]

    def test_currencies_are_kept_apart(self, cursor: Cursor) -> None:
        rows = [event("E", NOW - DAY, revenue=Decimal(amount), currency=currency)
                for amount, currency in ((10, "EUR"), (3000, "THB"))]  # fmt: skip
        made = stored(cursor, person(1, events=rows))
        assert ask(cursor, made, 'sum(revenue of "E" in EUR) = 10') == [1]
        assert ask(cursor, made, 'sum(revenue of "E" in THB) = 3000') == [1]

    def test_lines_hold_on_one_and_the_same(self, cursor: Cursor) -> None:
        cheap_tea = [
            {"category": "Tea", "price": Decimal(1)},
            {"category": "Mug", "price": Decimal(9)},
        ]
        dear_tea = [{"category": "Tea", "price": Decimal(9), "quantity": Decimal(2)}] * 2
        made = stored(
            cursor,
            person(1, events=[event("E", NOW - DAY, lines=cheap_tea, coupon="C")]),
            person(2, events=[event("E", NOW - DAY, lines=dear_tea, channel="store")]),
        )
        assert ask(cursor, made, 'did "E" where any line (category = "Tea" and price > 5)') == [2]
        split = 'did "E" where (any line (category = "Tea") and any line (price > 5))'
        assert ask(cursor, made, split) == [1, 2]
        assert ask(
            cursor, made, 'did "E" where (any line (category = "Mug") or coupon missing)'
        ) == [1, 2]
        assert ask(cursor, made, 'did "E" where (not any line (category = "Mug"))') == [2]
        assert ask(cursor, made, 'count("E" where any line (category = "Tea")) = 1') == [1, 2]
        assert ask(cursor, made, 'count(lines of "E" where category = "Tea") = 2') == [2]
        assert ask(cursor, made, 'sum(quantity of lines of "E" where price > 5) >= 4') == [2]
        assert ask(cursor, made, 'count(lines of "E" where event (channel = "store")) > 0') == [2]


class TestTraits:
    def test_the_last_observation_wins(self, cursor: Cursor) -> None:
        at = NOW - DAY
        old, new = observed("t", "old", at - TICK), observed("t", "new", at)
        made = stored(
            cursor,
            person(1, traits=[new, old]),
            person(2, traits=[observed("t", "old", at, 1, "z"), observed("t", "new", at, 2, "a")]),
            person(3, traits=[observed("t", "old", at, 1, "a"), observed("t", "new", at, 1, "b")]),
            person(4, traits=[old, observed("t", "new", NOW + TICK)]),
            person(5, traits=[old, observed("t", None, at)]),
            person(6, traits=[observed("t", "new", at, 1, "b"), observed("t", "old", at, 1, "a")]),
        )
        assert ask(cursor, made, 't = "new"') == [1, 2, 3, 6]
        assert ask(cursor, made, 't = "old"') == [4]
        assert ask(cursor, made, "t missing") == [5]
        assert ask(cursor, made, 't != "new"') == [4, 5]

    def test_negatives_hold_for_missing_values(self, cursor: Cursor) -> None:
        """Peers drop customers without a value from "is not"."""
        made = stored(cursor, person(1, traits=[observed("t", "a", NOW - DAY)]), person(2),
                      person(3, traits=[observed("t", "b", NOW - DAY)]))  # fmt: skip
        for negative in ('t != "a"', 't not in ("a")', 't does not contain "a"', 'not t = "a"'):
            assert ask(cursor, made, negative) == [2, 3]
        assert ask(cursor, made, 't exists and t != "a"') == [3]

    def test_on_one_brand(self, cursor: Cursor) -> None:
        made = stored(cursor, person(1, traits=[observed("t", "a", NOW - 2 * DAY, 1),
                                                observed("t", "b", NOW - DAY, 2)]))  # fmt: skip
        assert ask(cursor, made, 't = "a"') == []
        assert ask(cursor, made, 't = "a" on brand "A"') == [1]
        assert ask(cursor, made, 't = "b" on brands ("A", "B")') == [1]

    @pytest.mark.parametrize("special", [*".+*?%_[](){}^$|@\\'\"`;:#/-", "--", "/*", "\n", "é"])
    def test_contains_takes_special_characters_as_they_are(
        self, cursor: Cursor, special: str
    ) -> None:
        made = stored(
            cursor,
            person(1, traits=[observed("t", f"x{special}y", NOW - DAY)]),
            person(2, traits=[observed("t", "xzy", NOW - DAY)]),
        )
        quoted = '"' + special.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        assert ask(cursor, made, f"t contains {quoted}") == [1]
        assert ask(cursor, made, f"t does not contain {quoted}") == [2]

    def test_texts_are_compared_letter_by_letter(self, cursor: Cursor) -> None:
        made = stored(cursor, person(1, traits=[observed("t", "Caf\xe9", NOW - DAY)]))
        assert ask(cursor, made, 't = "Cafe\u0301"') == [1]
        assert ask(cursor, made, 't = "caf\xe9"') == []


class TestMembership:
    def test_lists_follow_the_person_through_merges(self, cursor: Cursor) -> None:
        card = ("card", "1")
        made = stored(
            cursor,
            person(1, identifiers={card}, old_ids=[7], traits=[observed("t", 1, NOW - DAY)] * 2),
            person(2, identifiers={("email", "1")}),
            person(3, identifiers={card}, first_seen_at=NOW + TICK),
            lists={"vip": {card}},
        )
        assert ask(cursor, made, "in list vip") == [1]
        assert ask(cursor, made, "not in list vip") == [2]

    def test_merged_profiles_are_one(self, cursor: Cursor) -> None:
        made = stored(cursor, person(1, old_ids=[5], events=[event("E", NOW - DAY)] * 4), person(2))
        assert ask(cursor, made, 'count("E") = 4') == [1]
        assert ask(cursor, made, 'count("E") < 4') == [2]

    def test_the_universe_ends_at_as_of(self, cursor: Cursor) -> None:
        made = stored(
            cursor,
            person(1),
            person(2, first_seen_at=NOW),
            person(3, first_seen_at=NOW + TICK, events=[event("E", NOW + TICK)]),
        )
        assert ask(cursor, made, 'did not "E"') == [1, 2]

    def test_segments_in_segments(self, cursor: Cursor) -> None:
        people = [person(n, traits=[observed("t", n, NOW - DAY)]) for n in range(1, 6)]
        segments = {
            "low": {"trait": "t", "op": "<", "value": 3},
            "high": {"not": {"in_segment": "low"}},
            "odd": {"trait": "t", "op": "in", "value": [1, 3, 5]},
        }
        made = stored(cursor, *people, segments=segments)
        assert ask(cursor, made, "in segment high and in segment odd") == [3, 5]
        assert ask(cursor, made, "in segment low or in segment high and not in segment odd") == [
            1,
            2,
            4,
        ]


HOSTILE = [
    "'; drop table events; --",
    '"',
    "\\",
    "x') or (1=1",
    "ทดสอบ",
    "\u202e",
    "$1",
    "?",
    "{}",
    "\x1f",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_gets_out_of_its_quotes(cursor: Cursor, hostile: str) -> None:
    """Names and values are data wherever they stand."""
    quoted = '"' + hostile.replace("\\", "\\\\").replace('"', '\\"') + '"'
    made = stored(
        cursor,
        person(
            1,
            traits=[observed(hostile, hostile, NOW - DAY)],
            identifiers={("card", hostile)},
            events=[event(hostile, NOW - DAY, brand=hostile, coupon=hostile, **{hostile: hostile},
                          lines=[{"category": hostile, hostile: hostile}])],
        ),
        person(2),
        lists={hostile: {("card", hostile)}},
        segments={hostile: {"in_list": hostile}},
    )  # fmt: skip
    for text in (
        f"{quoted} = {quoted}",
        f"{quoted} in ({quoted}, 1)",
        f"{quoted} contains {quoted}",
        f"in list {quoted}",
        f"in segment {quoted}",
        f"did {quoted} on brand {quoted}",
        f"did {quoted} where ({quoted} = {quoted} and coupon starts with {quoted})",
        f"did {quoted} where any line ({quoted} ends with {quoted} and category = {quoted})",
    ):
        assert ask(cursor, made, text) == [1]
        assert ask(cursor, made, f"not ({text})") == [2]
    assert ask(cursor, made, f"{quoted}.{quoted} exists") == []
    assert cursor.execute("select count(*) from events").value() == 1


def test_s3_2_asian_female_engineer_30_to_40(cursor: Cursor) -> None:
    def shopper(number: int, **traits: Any) -> dict[str, Any]:
        return person(
            number, traits=[observed(name, value, NOW - DAY) for name, value in traits.items()]
        )

    made = stored(
        cursor,
        shopper(1, region="Asia", gender="female", occupation="engineer", age=30),
        shopper(2, region="Asia", gender="female", occupation="engineer", age=41),
        shopper(3, region="Asia", gender="male", occupation="engineer", age=35),
        shopper(4, region="Asia", gender="female", occupation="engineer"),
        shopper(5, region="Asia", gender="female", occupation="engineer", age=40),
        shopper(6, region="Europe", gender="female", occupation="engineer", age=35),
    )
    text = (
        'region = "Asia" and gender = "female" and occupation = "engineer"'
        " and age between 30 and 40"
    )
    assert ask(cursor, made, text) == [1, 5]


class TestAccessoryLaunch:
    """S4.6: bought the appliance in the last year; two accessories or more; read the recipes."""

    A = 'did "Order Completed" in the last 365 days where any line (sku = "MIXER-1")'
    B = 'sum(quantity of lines of "Order Completed" where category = "Mixer accessories") >= 2'
    C = 'did "Page Viewed" where (path starts with "/blog/recipes/" and tags any of ("mixer"))'

    def buyer(
        self, number: int, accessories: int, mixer_days_ago: int, read: str
    ) -> dict[str, Any]:
        lines = [{"category": "Mixer accessories", "quantity": Decimal(accessories)}]
        mixer = event("Order Completed", NOW - mixer_days_ago * DAY, lines=[{"sku": "MIXER-1"}])
        more = event("Order Completed", NOW - DAY, lines=lines)
        page = event("Page Viewed", NOW - DAY, path=read, tags=["mixer", "cake"])
        return person(number, events=[mixer, more, page])

    def test_s4_6(self, cursor: Cursor) -> None:
        made = stored(
            cursor,
            self.buyer(1, 2, 364, "/blog/recipes/cake"),
            self.buyer(2, 1, 364, "/blog/recipes/cake"),
            self.buyer(3, 2, 365, "/blog/recipes/cake"),
            self.buyer(4, 2, 364, "/shop"),
        )
        assert ask(cursor, made, self.A) == [1, 2, 4]
        assert ask(cursor, made, self.B) == [1, 3, 4]
        assert ask(cursor, made, self.C) == [1, 2, 3]
        assert ask(cursor, made, f"{self.A} and {self.B} and {self.C}") == [1]
