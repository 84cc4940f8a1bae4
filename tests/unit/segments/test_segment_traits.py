"""Traits about now, on the earth, by pattern, and over time: at the exact edges (S4.6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from patron.clock import parse_time
from patron.engines.duckdb import Cursor
from patron.errors import RuleError
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode
from patron.segments.conditions import DIALECT
from patron.segments.frames import Bulk
from patron.segments.moments import AS_OF, Before
from patron.segments.plan import Planner
from patron.segments.printer import print_rule
from patron.segments.resolve import resolve
from patron.segments.sql import Printer, compile_members
from patron.segments.text import parse
from patron.segments.tree import encode
from unit.segments import worlds
from unit.segments.worlds import NOW, event, observed, person, world

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def cursor() -> Cursor:
    return worlds.open_cursor()


def ask(cursor: Cursor, text: str, as_of: datetime = NOW, zone: str = "UTC") -> list[int]:
    """The members over all customers, and by asking each of them, which have to agree."""
    catalogue = Catalogue(time_zone=zone)
    return worlds.members_both_ways(cursor, parse(text), as_of=as_of, catalogue=catalogue)


def store(cursor: Cursor, *histories: list[tuple[Any, ...]]) -> None:
    """A customer for each history of trait ``t``: (value, at, source, message)."""
    worlds.store(
        cursor,
        world(
            *(
                person(number, traits=[observed("t", *seen) for seen in history])
                for number, history in enumerate(histories, 1)
            )
        ),
    )


def store_values(cursor: Cursor, values: list[Any]) -> None:
    """A customer for each value of trait ``t``, with an event and a line that hold it too."""
    worlds.store(
        cursor,
        world(
            *(
                person(
                    number,
                    traits=[observed("t", value, NOW - DAY)],
                    events=[event("E", NOW - DAY, p=value, lines=[{"q": value}])],
                )
                for number, value in enumerate(values, 1)
            )
        ),
    )


def picked(cursor: Cursor, values: list[Any], comparison: str) -> list[Any]:
    """The values that fulfil a comparison: as a trait, a property, and a property of a line."""
    found = ask(cursor, f"t {comparison}")
    assert ask(cursor, f'did "E" where (p {comparison})') == found
    assert ask(cursor, f'did "E" where any line (q {comparison})') == found
    return [values[number - 1] for number in found]


class TestPatterns:
    VALUES: tuple[Any, ...] = ("red", "Red", "a red b", "a\nred", "r.d", 5, "5", True, ["red"],
                               {"red": "red"}, None, "", "ré")  # fmt: skip

    @pytest.mark.parametrize(
        ("pattern", "matching"),
        [
            ("red", ["red", "a red b", "a\nred"]),
            ("^red", ["red"]),
            ("(?m)^red$", ["red", "a\nred"]),
            ("(?i)^RED$", ["red", "Red"]),
            (r"^r\\.d$", ["r.d"]),
            ("a.red", ["a red b"]),  # a dot is no new line
            ("^[0-9]$", ["5"]),
            ("true|5|red.*:", ["5"]),
            ("r\u00e9", ["ré"]),
            ("^$", [""]),
        ],
    )
    def test_a_text_in_which_it_is_found(
        self, cursor: Cursor, pattern: str, matching: list[Any]
    ) -> None:
        values = list(self.VALUES)
        store_values(cursor, values)
        assert picked(cursor, values, f'matches "{pattern}"') == matching
        others = picked(cursor, values, f'does not match "{pattern}"')
        assert others == [value for value in values if value not in matching]

    @pytest.mark.parametrize("pattern", ["(", "(?=a)", "a**", "[[:no:]]", "x{1001}"])
    def test_what_the_engine_cannot_read_is_refused(self, pattern: str) -> None:
        with pytest.raises(RuleError, match="no regular expression") as raised:
            decode({"not": {"trait": "t", "op": "matches", "value": pattern}})
        assert raised.value.field == "not"

    def test_typed_columns(self, cursor: Cursor) -> None:
        one = person(1, events=[event("E", NOW, coupon="SPRING-17", revenue=5)])
        worlds.store(cursor, world(one))
        assert ask(cursor, r'did "E" where (coupon matches "^[A-Z]+-\\d+$")') == [1]
        with pytest.raises(RuleError, match="revenue is a number"):
            resolve(parse('did "E" where (revenue matches "5")'), Catalogue(), unknown="warn")


class TestDatesAboutNow:
    def test_within_the_last_and_next_are_exact_to_the_microsecond(self, cursor: Cursor) -> None:
        edges = [NOW - 30 * DAY, NOW, NOW + 30 * DAY]
        moments = [edge + shift for edge in edges for shift in (-TICK, 0 * TICK, TICK)]
        store(cursor, *([(f"{at.isoformat()}Z", NOW - DAY)] for at in moments))
        assert ask(cursor, "t within the last 30 days") == [3, 4, 5]
        assert ask(cursor, "t within the next 30 days") == [6, 7, 8]
        assert ask(cursor, "t within the next 30 days", NOW + TICK) == [7, 8, 9]
        assert ask(cursor, "t within the last 43200 minutes") == [3, 4, 5]

    def test_a_day_is_its_first_moment_and_zones_count(self, cursor: Cursor) -> None:
        values = ["2018-01-01", "2017-12-31", "2018-01-01T06:00:00+07:00", "2018-01-01T06:00:00",
                  "20180101", 5, None, "soon", "2017-02-30", ["2018-01-01"]]  # fmt: skip
        store(cursor, *([(value, NOW - DAY)] for value in values))
        assert ask(cursor, "t within the last 2 days") == [1, 2, 3]
        assert ask(cursor, "t within the last 1 day") == [1, 3]
        assert ask(cursor, "t within the next 1 hour") == []
        assert ask(cursor, "t within the next 1 day") == [4]

    def test_only_the_last_observation_counts(self, cursor: Cursor) -> None:
        store(
            cursor,
            [("2017-12-31", NOW - 2 * DAY), ("2000-01-01", NOW - DAY)],
            [("2000-01-01", NOW - 2 * DAY), ("2017-12-31", NOW - DAY)],
        )
        assert ask(cursor, "t within the last 5 days") == [2]

    @pytest.mark.parametrize("comparison", ["is today", "within the last 3 days"])
    def test_events_have_no_now(self, comparison: str) -> None:
        with pytest.raises(RuleError, match="about now"):
            parse(f'did "E" where (p {comparison})')


class TestAnniversaries:
    @pytest.mark.parametrize(
        ("today", "rules_of"),
        [
            ("2018-03-10", {
                "1980-03-10": "today 1d 7d month",
                "1980-03-11": "1d 7d month",
                "1980-03-17": "7d month",
                "1980-03-18": "month",
                "1980-03-09": "month",
                "1980-04-01": "",
                "2018-03-10": "today 1d 7d month",
                "2018-03-12": "",  # nothing recurs before it was; then the day itself counts
                "2019-03-10": "",
                "2019-03-12": "",
                # As written, whatever the moment is in UTC.
                "1980-03-10T00:30:00+07:00": "today 1d 7d month",
                "1980-03-09T23:30:00-07:00": "month",
                "1980-02-30": "",
                "10 March": "",
            }),
            ("2018-12-28", {"1990-01-04": "7d", "1990-01-05": "", "2019-01-04": "",
                            "2020-01-04": "", "1990-12-28": "today 1d 7d month"}),
            # The 29th of February falls on the 28th where there is none.
            ("2018-02-28", {"2016-02-29": "today 1d 7d month"}),
            ("2018-02-27", {"2016-02-29": "1d 7d month"}),
            ("2018-03-01", {"2016-02-29": ""}),
            ("2020-02-28", {"2016-02-29": "1d 7d month"}),
            ("2020-02-29", {"2016-02-29": "today 1d 7d month", "2016-02-28": "month",
                            "2020-02-29": "today 1d 7d month", "2024-02-29": ""}),
            ("2020-02-22", {"2016-02-29": "7d month"}),
            ("2020-02-21", {"2016-02-29": "month"}),
            ("2100-02-28", {"2016-02-29": "today 1d 7d month"}),
        ],
    )  # fmt: skip
    def test_days_that_come_back(
        self, cursor: Cursor, today: str, rules_of: dict[str, str]
    ) -> None:
        store(cursor, *([(written, parse_time("2000-01-01"))] for written in rules_of))
        words = {"today": "is today", "month": "is this month",
                 "1d": "is within the next 1 day", "7d": "is within the next 7 days"}  # fmt: skip
        for as_of in (parse_time(today), parse_time(today) + DAY - TICK):
            for name, said in words.items():
                found = [list(rules_of)[number - 1] for number in ask(cursor, f"t {said}", as_of)]
                assert found == [day for day, rules in rules_of.items() if name in rules.split()]

    def test_the_day_is_that_of_the_zone(self, cursor: Cursor) -> None:
        store(cursor, [("1980-01-01", NOW - 9 * DAY)], [("1980-12-31", NOW - 9 * DAY)])
        midnight = parse_time("2017-12-31T17:00:00Z")  # in Bangkok
        assert ask(cursor, "t is today", midnight - TICK, "Asia/Bangkok") == [2]
        assert ask(cursor, "t is today", midnight, "Asia/Bangkok") == [1]
        assert ask(cursor, "t is this month", midnight, "Asia/Bangkok") == [1]
        assert ask(cursor, "t is today", midnight) == [2]
        assert ask(cursor, "t is within the next 1 day", midnight) == [1, 2]

    def test_a_year_ahead_is_every_day_that_has_come(self, cursor: Cursor) -> None:
        store(cursor, *([(day, NOW)] for day in ("1980-01-01", "2017-12-31", "2016-02-29",
                                                 "2018-01-02")))  # fmt: skip
        assert ask(cursor, "t is within the next 363 days") == [1, 3]
        assert ask(cursor, "t is within the next 364 days") == [1, 2, 3]
        assert ask(cursor, "t is within the next 365 days") == [1, 2, 3]
        assert ask(cursor, "t is within the next 520 weeks") == [1, 2, 3]
        spring = parse_time("2018-03-20")
        assert ask(cursor, "t is within the next 310 days", spring) == [1, 2, 4]
        assert ask(cursor, "t is within the next 344 days", spring) == [1, 2, 4]
        assert ask(cursor, "t is within the next 345 days", spring) == [1, 2, 3, 4]
        assert ask(cursor, "t is within the next 360 days", spring) == [1, 2, 3, 4]

    def test_only_whole_days(self) -> None:
        with pytest.raises(RuleError, match="whole days"):
            parse("t is within the next 36 hours")

    def test_the_day_changes_where_clocks_do(self, cursor: Cursor) -> None:
        """In São Paulo the 4th of November 2018 began at 01:00."""
        store(cursor, [("1980-11-04", NOW)], [("1980-11-03", NOW)])
        first = parse_time("2018-11-04T03:00:00Z")
        assert ask(cursor, "t is today", first - TICK, "America/Sao_Paulo") == [2]
        assert ask(cursor, "t is today", first, "America/Sao_Paulo") == [1]


class TestPlaces:
    VALUES: tuple[Any, ...] = (
        {"lat": 52.09, "lon": 5.12},
        {"latitude": 52.37, "longitude": 4.9, "name": "Amsterdam"},
        {"lat": -17, "lng": 179.5},
        {"lat": -17.5, "lng": -179.9},
        {"lat": 91, "lon": 0},
        {"lat": 0, "lon": 181},
        {"lat": "52.09", "lon": "5.12"},
        {"lat": 52.09},
        {"lat": True, "lon": 5},
        [52.09, 5.12],
        "52.09,5.12",
        None,
        {"lat": 90, "lon": 0},
        {"lat": 0, "lon": 0},
        {"lat": None, "latitude": 0.5, "lon": "x", "lng": 0.5},
    )

    def picked(self, cursor: Cursor, comparison: str) -> list[int]:
        values = list(self.VALUES)
        store_values(cursor, values)
        return [values.index(value) for value in picked(cursor, values, comparison)]

    def test_within_a_radius(self, cursor: Cursor) -> None:
        assert self.picked(cursor, "within 10 km of (52.09, 5.12)") == [0]
        assert self.picked(cursor, "within 34.5 km of (52.09, 5.12)") == [0]
        assert self.picked(cursor, "within 34.6 km of (52.09, 5.12)") == [0, 1]
        assert self.picked(cursor, "within 0.001 km of (52.09, 5.12)") == [0]

    def test_a_circle_crosses_the_date_line_and_the_pole(self, cursor: Cursor) -> None:
        assert self.picked(cursor, "within 100 km of (-17.2, 180)") == [2, 3]
        assert self.picked(cursor, "within 100 km of (-17.2, -180)") == [2, 3]
        assert self.picked(cursor, "within 200 km of (89, 180)") == [12]

    def test_coordinates_keep_the_places_that_they_have(self, cursor: Cursor) -> None:
        store(cursor, [({"lat": 52.0907374, "lon": 5.1214201}, NOW)])
        assert ask(cursor, "t in box (52.0907374, 5.1214201, 52.0907374, 5.1214201)") == [1]
        assert ask(cursor, "t in box (52.0907375, 5.1214201, 52.1, 5.1214201)") == []
        assert ask(cursor, "t within 0.00001 km of (52.0907374, 5.1214201)") == [1]
        box = {"south": -7.799999999999997, "west": 1e-7, "north": 90.0, "east": 179.99999999999997}
        rule = decode({"trait": "t", "op": "in box", "value": box})
        assert parse(print_rule(rule)) == rule == decode(encode(rule))

    def test_a_quarter_of_the_globe(self, cursor: Cursor) -> None:
        """A quarter of a great circle is 6371.0088 · π / 2 = 10007.5572 km."""
        assert 13 not in self.picked(cursor, "within 10007.557 km of (90, 0)")
        assert 13 in self.picked(cursor, "within 10007.558 km of (90, 0)")

    def test_within_a_box_edges_included(self, cursor: Cursor) -> None:
        assert self.picked(cursor, "in box (52.09, 5.12, 52.09, 5.12)") == [0]
        assert self.picked(cursor, "in box (50, 4.9, 52.37, 6)") == [0, 1]
        assert self.picked(cursor, "in box (-20, 179, -10, -179)") == [2, 3]
        assert self.picked(cursor, "in box (-20, -179, -10, 179)") == []
        assert self.picked(cursor, "in box (-90, -180, 90, 180)") == [0, 1, 2, 3, 12, 13, 14]

    @pytest.mark.parametrize(
        ("op", "value", "message"),
        [
            ("within radius", {"lat": 91, "lon": 0, "km": 1}, "from -90 to 90"),
            ("within radius", {"lat": 0, "lon": 181, "km": 1}, "from -180 to 180"),
            ("within radius", {"lat": 0, "lon": 0, "km": -1}, "less than nothing"),
            ("within radius", {"lat": 0, "lon": 0}, "lat, lon, km"),
            ("within radius", {"lat": "0", "lon": 0, "km": 1}, "Expected a number"),
            ("within radius", [0, 0, 1], "got a list"),
            ("in box", {"south": 1, "west": 0, "north": 0, "east": 0}, "south edge comes first"),
        ],
    )
    def test_areas_that_are_none(self, op: str, value: Any, message: str) -> None:
        with pytest.raises(RuleError, match=message) as raised:
            decode({"all": [{"trait": "t", "op": op, "value": value}]})
        assert raised.value.field == "all[0]"

    def test_a_column_is_no_place(self) -> None:
        rule = parse('did "E" where (coupon in box (0, 0, 1, 1))')
        with pytest.raises(RuleError, match="no place"):
            resolve(rule, Catalogue(), unknown="warn")


class TestForAtLeast:
    BEGIN = NOW - 30 * DAY

    def test_every_moment_of_the_closed_span_counts(self, cursor: Cursor) -> None:
        begin = self.BEGIN
        store(
            cursor,
            [("pro", begin - DAY)],
            [("pro", begin)],
            [("pro", begin + TICK)],
            [("pro", begin - DAY), ("free", begin + DAY), ("pro", begin + 2 * DAY)],
            [("pro", begin - DAY), ("free", begin)],
            [("pro", begin - DAY), ("free", NOW)],
            [("pro", begin - DAY), ("free", NOW + TICK)],
            [("pro", begin - DAY), (None, begin + DAY), ("pro", begin + 2 * DAY)],
            [("pro", begin - DAY), ("pro", begin + DAY)],
            [],
            [("free", begin - DAY), ("pro", begin - TICK)],
        )
        assert ask(cursor, 't = "pro" for at least 30 days') == [1, 2, 7, 9, 11]
        assert ask(cursor, 't = "pro" for at least 30 days', NOW + TICK) == [1, 2, 3, 9, 11]
        assert ask(cursor, 't != "free" for at least 30 days') == [1, 2, 3, 7, 8, 9, 10, 11]
        assert ask(cursor, "t exists for at least 30 days") == [1, 2, 4, 5, 6, 7, 9, 11]
        assert ask(cursor, "t missing for at least 30 days") == [10]

    def test_of_one_moment_only_the_last_in_tie_order_was_a_state(self, cursor: Cursor) -> None:
        begin, later = self.BEGIN, self.BEGIN + DAY
        store(
            cursor,
            [("pro", begin, 1, "b"), ("free", begin, 1, "a")],
            [("pro", begin, 1, "a"), ("free", begin, 1, "b")],
            [("pro", begin), ("free", later, 1, "z"), ("pro", later, 2, "a")],
            [
                ("pro", begin),
                ("pro", later, 1, "z"),
                ("free", later, 2, "a"),
                ("pro", later + TICK),
            ],
        )
        assert ask(cursor, 't = "pro" for at least 30 days') == [1, 3]
        assert ask(cursor, 't != "free" for at least 30 days') == [1, 3]

    def test_brands_have_states_of_their_own(self, cursor: Cursor) -> None:
        store(cursor, [("pro", self.BEGIN, 1), ("free", NOW - DAY, 2)])
        assert ask(cursor, 't = "pro" for at least 30 days on brand "A"') == [1]
        assert ask(cursor, 't = "pro" on brand "A" for at least 30 days') == [1]
        assert ask(cursor, 't = "pro" for at least 30 days on brands ("A", "B")') == []

    def test_paths_and_other_operators(self, cursor: Cursor) -> None:
        store(
            cursor,
            [({"a": 5, "b": 1}, self.BEGIN), ({"a": 7, "b": 2}, NOW - DAY)],
            [({"a": 5}, self.BEGIN), ({"b": 7}, NOW - DAY), ({"a": 5}, NOW - DAY / 2)],
        )
        assert ask(cursor, "t.a between 5 and 7 for at least 30 days") == [1]
        assert ask(cursor, "t.a missing for at least 12 hours") == []
        assert ask(cursor, "t.b missing for at least 12 hours") == [2]

    @pytest.mark.parametrize(
        "comparison", ["is today", "within the last 3 days", "within the next 3 days"]
    )
    def test_what_is_about_now_cannot_hold(self, comparison: str) -> None:
        with pytest.raises(RuleError, match="about now"):
            parse(f"t {comparison} for at least 3 days")


class TestChanged:
    def test_a_state_that_differs_from_the_one_before(self, cursor: Cursor) -> None:
        store(
            cursor,
            [("free", NOW - DAY)],
            [("free", NOW - DAY), ("pro", NOW)],
            [("free", NOW - DAY), ("free", NOW)],
            [("free", NOW - DAY), (None, NOW)],
            [(None, NOW - DAY), ("free", NOW)],
            [(None, NOW - DAY), (None, NOW)],
            [("free", NOW - DAY), ("pro", NOW + TICK)],
            [("free", NOW - 2 * DAY), ("pro", NOW - DAY), ("free", NOW)],
            [],
        )
        assert ask(cursor, "t changed") == [2, 4, 5, 8]
        assert ask(cursor, 't changed from "free" to "pro"') == [2, 8]
        assert ask(cursor, 't changed from "free"') == [2, 4, 8]
        assert ask(cursor, 't changed to "free"') == [5, 8]
        assert ask(cursor, 't changed from "pro" ever') == [8]
        assert ask(cursor, 't changed from "free" to "free"') == []
        assert ask(cursor, "t changed", NOW + TICK) == [2, 4, 5, 7, 8]

    def test_the_change_lies_in_the_window_and_what_was_before_anywhere(
        self, cursor: Cursor
    ) -> None:
        edge = NOW - 30 * DAY
        store(
            cursor,
            [("free", edge - DAY), ("pro", edge)],
            [("free", edge - DAY), ("pro", edge + TICK)],
            [("free", edge - 999 * DAY), ("pro", edge + DAY)],
            [("free", edge - 2 * DAY), ("pro", edge - DAY), ("pro", edge + DAY)],
            [("free", edge + DAY)],
            [("free", edge + DAY), ("pro", edge + 2 * DAY)],
        )
        assert ask(cursor, "t changed in the last 30 days") == [2, 3, 6]
        assert ask(cursor, 't changed to "pro" in the last 30 days') == [2, 3, 6]
        assert ask(cursor, 't changed from "free" in the last 30 days') == [2, 3, 6]
        assert ask(cursor, "t changed until 2017-12-02") == [1, 2, 4]
        assert ask(cursor, "t changed until 2017-12-01") == [4]
        assert ask(cursor, "t changed between 2017-12-02 and 2017-12-02") == [1, 2]
        assert ask(cursor, "t changed since 2017-12-03") == [3, 6]

    def test_of_one_moment_only_the_last_in_tie_order_was_a_state(self, cursor: Cursor) -> None:
        store(
            cursor,
            [("free", NOW - DAY, 1, "a"), ("pro", NOW - DAY, 1, "b")],
            [("free", NOW - DAY), ("pro", NOW, 1, "a"), ("free", NOW, 1, "b")],
            [("free", NOW - DAY), ("pro", NOW, 1, "b"), ("free", NOW, 1, "a")],
            [("free", NOW - DAY), ("pro", NOW, 2, "a"), ("free", NOW, 1, "b")],
        )
        assert ask(cursor, "t changed") == [3, 4]
        assert ask(cursor, 't changed to "pro"') == [3, 4]
        assert ask(cursor, 't changed to "free"') == []

    @pytest.mark.parametrize(
        ("one", "other", "differ"),
        [
            (5, 5.0, False), (5, "5", True), (1, True, True), (0.1, 0.1000000001, False),
            (0.1, 0.100001, True), (10**13, 10**13 + 1, True), (10**13, 1e13, False),
            ([0.1, {"x": -2.5e-7}], [0.1000000001, {"x": 0}], False),
            (False, None, True), ("", None, True), ([], None, True), ([1], [1.0], False),
            (["1.0"], ["1"], True), ([1.05], [1.0], True), ([10**17], [10**17 + 1], True),
            ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False), ({"a": 1}, {"a": 2}, True),
            ([1, 2], [2, 1], True), ("null", None, True),
            ("[1]", [1], True), ("a", "A", True), ('"\\"1.0', '"\\"1', True), (-5, -5.0, False),
        ],
    )  # fmt: skip
    def test_what_differs(self, cursor: Cursor, one: Any, other: Any, differ: bool) -> None:
        store(cursor, [(one, NOW - DAY), (other, NOW)], [(other, NOW - DAY), (one, NOW)])
        assert ask(cursor, "t changed") == ([1, 2] if differ else [])

    def test_values_are_compared_as_what_they_are(self, cursor: Cursor) -> None:
        store(cursor, [(5, NOW - DAY), ("5", NOW)], [(True, NOW - DAY), (1, NOW)])
        assert ask(cursor, "t changed from 5") == [1]
        assert ask(cursor, 't changed to "5"') == [1]
        assert ask(cursor, "t changed from true to 1") == [2]
        assert ask(cursor, "t changed from 1") == []

    def test_a_path_changes_only_when_what_lies_there_does(self, cursor: Cursor) -> None:
        store(
            cursor,
            [({"city": "Bangkok", "zip": 1}, NOW - DAY), ({"city": "Bangkok", "zip": 2}, NOW)],
            [({"city": "Bangkok"}, NOW - DAY), ({"city": "Phuket"}, NOW)],
            [({"zip": 1}, NOW - DAY), ({"city": "Phuket"}, NOW)],
        )
        assert ask(cursor, "t changed") == [1, 2, 3]
        assert ask(cursor, "t.city changed") == [2, 3]
        assert ask(cursor, 't.city changed from "Bangkok"') == [2]
        assert ask(cursor, "t.nothing changed") == []

    def test_brands_have_states_of_their_own(self, cursor: Cursor) -> None:
        store(cursor, [("free", NOW - 2 * DAY, 1), ("pro", NOW - DAY, 2), ("free", NOW, 1)])
        assert ask(cursor, "t changed") == [1]
        assert ask(cursor, 't changed on brand "A"') == []
        assert ask(cursor, 't changed to "pro" on brands ("A", "B") in the last 2 days') == [1]

    @pytest.mark.parametrize("value", [None, [1], {"a": 1}])
    def test_it_changes_from_one_plain_value_to_another(self, value: Any) -> None:
        with pytest.raises(RuleError, match="Expected a text, a number, true or false"):
            decode({"changed": "t", "from": value})


def test_merged_customers_have_one_history(cursor: Cursor) -> None:
    """S1.8: a change that half the story would not show."""
    seen = [observed("t", "free", NOW - 40 * DAY), observed("t", "pro", NOW - 35 * DAY)]
    worlds.store(cursor, world(person(7, old_ids=[3, 5], traits=seen)))
    assert ask(cursor, 't changed from "free" to "pro"') == [7]
    assert ask(cursor, 't = "pro" for at least 30 days') == [7]
    assert ask(cursor, 't = "pro" for at least 36 days') == []


@pytest.mark.parametrize(
    "text",
    ["t is today", "t is this month", "t within the last 3 days", "t within the next 3 days",
     't matches "-01-0"', "t in box (1, 1, 2, 2)", 't = "x" for at least 1 day',
     't != "x" for at least 3 days', "t changed", 't changed from "x" in the last 1 day'],
)  # fmt: skip
def test_not_is_everybody_else(cursor: Cursor, text: str) -> None:
    """The unknown, the undated and those who never had the trait are all in one of the two."""
    dates = [NOW + days * DAY for days in range(-6, 7)]
    store(cursor, [], [(None, NOW)], [(5, NOW)], [({"lat": 1, "lon": 1.5}, NOW)],
          *([("x", at - 4 * DAY), (f"{at:%Y-%m-%d}", at - 2 * DAY)] for at in dates))  # fmt: skip
    found = ask(cursor, text)
    assert 0 < len(found) < 17
    assert sorted([*found, *ask(cursor, f"not ({text})")]) == list(range(1, 18))


@pytest.mark.parametrize(
    "text",
    ["t is today", "t within the last 3 days", "t within the next 3 days", "t exists",
     't != "2018-01-01" for at least 3 days', "t changed in the last 1 day"],
)  # fmt: skip
def test_a_rule_can_be_asked_as_of_another_moment(cursor: Cursor, text: str) -> None:
    dates = [NOW + days * DAY for days in range(-6, 7)]
    store(cursor, *([("x", at - 4 * DAY), (f"{at:%Y-%m-%d}", at - 2 * DAY)] for at in dates))
    signed = Planner(Catalogue(), Before(AS_OF, 2 * DAY)).plan(parse(text))
    shifted = Printer(Bulk(NOW + 2 * DAY)).members(signed).sql(DIALECT)
    plain = compile_members(parse(text), as_of=NOW, catalogue=Catalogue())
    found = cursor.execute(f"from ({shifted}) order by profile_id").all()
    assert found == cursor.execute(f"from ({plain}) order by profile_id").all()
    assert 0 < len(found) < len(dates)


def test_unknown_traits_and_brands_are_named() -> None:
    known = Catalogue(traits=frozenset({"plan"}), brands=frozenset({"Orchid"}))
    for text, name in (("plam changed", "plan"), ('plan changed on brand "Orchd"', "Orchid")):
        with pytest.raises(RuleError) as raised:
            resolve(parse(text), known)
        assert raised.value.suggestions == (name,)
