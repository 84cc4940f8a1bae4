"""Measures, single values, windows and patterns of events, each at its exact edges."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from patron.clock import parse_time
from patron.engines.duckdb import Cursor
from patron.segments.text import parse
from patron.segments.tree import as_object
from patron.testing import oracle
from unit.segments import worlds
from unit.segments.worlds import NOW, event, person, world

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def cursor() -> Cursor:
    return worlds.open_cursor()


class Asked:
    """A world in the tables, to ask rules of."""

    def __init__(self, cursor: Cursor, *people: dict[str, Any], **parts: Any) -> None:
        self.cursor = cursor
        self.made = world(*people, **parts)
        self.as_of = NOW
        worlds.store(cursor, self.made)

    def __call__(self, text: str, *, as_of: datetime | None = None) -> list[int]:
        """The members, over all customers and one by one; not is checked to be all others."""
        known, rule = worlds.catalogue_of(self.made), parse(text)
        ask: dict[str, Any] = {"as_of": as_of or self.as_of, "catalogue": known}
        found = worlds.members_both_ways(self.cursor, rule, **ask)
        assert found == sorted(oracle.members(self.made, as_object(rule), ask["as_of"])), text
        others = worlds.members_both_ways(self.cursor, parse(f"not ({text})"), **ask)
        everybody = {one["id"] for one in self.made["people"]}
        assert set(others) == everybody - set(found), text
        return found


def happened(*moments: datetime, name: str = "E", **properties: Any) -> list[dict[str, Any]]:
    return [event(name, at, **properties) for at in moments]


def valued(*values: Any, name: str = "E") -> list[dict[str, Any]]:
    """One event a value, a minute apart, the last one a minute ago."""
    first = NOW - len(values) * timedelta(minutes=1)
    return [
        event(name, first + number * timedelta(minutes=1), p=value)
        for number, value in enumerate(values)
    ]


class TestDistinct:
    def test_types_differ_and_numbers_are_rounded(self, cursor: Cursor) -> None:
        ask = Asked(
            cursor,
            person(1, events=valued(5, 5.0, 5.0000001)),
            person(2, events=valued(5, "5", True, "true", False)),
            person(3, events=valued(["a"], {"x": 1}, None, 10**13)),
            person(4),
            person(5, events=valued("a", "A", "a ")),
            person(6, events=valued('"a', "a", 0, -0.0)),
        )
        assert ask('distinct(p of "E") = 1') == [1]
        assert ask('distinct(p of "E") = 5') == [2]
        assert ask('distinct(p of "E") = 0') == [3, 4]
        assert ask('distinct(p of "E") between 2 and 3') == [5, 6]
        assert ask('distinct(p of "E") != 5') == [1, 3, 4, 5, 6]
        assert ask('distinct(p of "E") < 3') == [1, 3, 4]
        assert ask('distinct(p of "E") = 3 and count("E") = 4') == [6]

    def test_of_columns_and_lines(self, cursor: Cursor) -> None:
        one = event("O", NOW, coupon="x", lines=[{"sku": "a"}, {"sku": "b"}, {}, {"sku": "a"}])
        ask = Asked(cursor, person(1, events=[one, {**one, "coupon": "y"}]), person(2))
        assert ask('distinct(sku of lines of "O") = 2') == [1]
        assert ask('distinct(coupon of "O") = 2') == [1]
        assert ask('distinct(sku of lines of "O" where sku != "a") = 1') == [1]
        assert ask('distinct(sku of lines of "O") <= 2') == [1, 2]


class TestPicks:
    def test_first_last_and_most_frequent(self, cursor: Cursor) -> None:
        ask = Asked(
            cursor,
            person(1, events=valued("a", "b", "c")),
            person(2, events=valued(None, "a", "b", "b", None)),
            person(3, events=valued(None)),
            person(4),
            person(5, events=valued("b", "a", "c", "a", "b")),
        )
        assert ask('first(p of "E") = "a"') == [1, 2]
        assert ask('first(p of "E") != "a"') == [3, 4, 5]
        assert ask('last(p of "E") = "b"') == [2, 5]
        assert ask('last(p of "E") in ("c", 1)') == [1]
        assert ask('last(p of "E") missing') == [3, 4]
        assert ask('last(p of "E") exists') == [1, 2, 5]
        assert ask('most frequent(p of "E") = "b"') == [2, 5]
        assert ask('most frequent(p of "E") = "c"') == [1]
        assert ask('most frequent(p of "E") = "a"') == []
        assert ask('most frequent(p of "E") missing') == [3, 4]
        assert ask('most frequent(p of "E") not in ("b")') == [1, 3, 4]
        assert ask('most frequent(p of "E") starts with "b"') == [2, 5]
        # All on the same rows: one scan.
        assert ask('first(p of "E") = "a" and last(p of "E") = "c" and count("E") = 3') == [1]

    def test_values_of_every_type(self, cursor: Cursor) -> None:
        ask = Asked(
            cursor,
            person(1, events=valued(1, True)),
            person(2, events=valued("1", ["x"])),
            person(3, events=valued({"deep": 2}, 2.0000004)),
            person(4, events=valued("x", "2017-06-30")),
        )
        assert ask('first(p of "E") = 1') == [1]
        assert ask('first(p of "E") = "1"') == [2]
        assert ask('last(p of "E") = true') == [1]
        assert ask('last(p of "E") any of ("x")') == [2]
        assert ask('first(p.deep of "E") = 2') == [3]
        assert ask('last(p of "E") = 2') == [3]
        assert ask('last(p of "E") before 2017-07-01') == [4]
        # Lists and objects are no values that are counted.
        assert ask('most frequent(p of "E") = "1"') == [2]
        assert ask('most frequent(p of "E") = 2') == [3]

    def test_the_most_frequent_of_mixed_types(self, cursor: Cursor) -> None:
        ask = Asked(
            cursor,
            person(1, events=valued(5, "5", 5.0, "5", 5.00000001)),
            person(2, events=valued("5", 5, "5")),
            person(3, events=valued(True, "true", "true", True, True)),
        )
        assert ask('most frequent(p of "E") = 5') == [1]
        assert ask('most frequent(p of "E") = "5"') == [2]
        assert ask('most frequent(p of "E") = true') == [3]

    @pytest.mark.parametrize("lines", [False, True])
    def test_ties_go_by_source_and_then_by_message(self, cursor: Cursor, lines: bool) -> None:
        def at_once(*told: tuple[int, str, str]) -> list[dict[str, Any]]:
            return [
                event(
                    "E", NOW - DAY, source_id=source, message_id=message, p=value,
                    lines=[{"p": value}],
                )
                for source, message, value in told
            ]  # fmt: skip

        ask = Asked(
            cursor,
            person(1, events=at_once((1, "b", "x"), (1, "a", "y"))),
            person(2, events=at_once((2, "a", "x"), (1, "b", "y"))),
            person(3, events=at_once((1, "B", "y"), (1, "a", "x"))),
            person(4, events=at_once((1, "10", "y"), (1, "9", "x"))),
            person(5, events=at_once((2, "a", "y"), (10, "a", "x"))),
            person(6, events=[*at_once((9, "z", "y")), event("E", NOW, p="x", lines=[{"p": "x"}])]),
        )
        rows = 'p of lines of "E"' if lines else 'p of "E"'
        for pick in ("last", "most frequent"):
            assert ask(f'{pick}({rows}) = "x"') == [1, 2, 3, 4, 5, 6]
        assert ask(f'first({rows}) = "y"') == [1, 2, 3, 4, 5, 6]
        assert ask(f'first({rows}) = "x"') == []

    def test_lines_go_by_their_number(self, cursor: Cursor) -> None:
        lines = [{"sku": "a"}, {"sku": "b"}, {"category": "Tea"}]
        ask = Asked(
            cursor,
            person(1, events=[event("O", NOW - DAY, lines=lines, channel="store")]),
            person(2, events=[event("O", NOW - DAY, lines=lines[::-1])]),
            person(3, events=[event("O", NOW - DAY, lines=[{}])]),
        )
        assert ask('first(sku of lines of "O") = "a"') == [1]
        assert ask('last(sku of lines of "O") = "a"') == [2]
        assert ask('most frequent(sku of lines of "O") = "b"') == [1]
        assert ask('last(sku of lines of "O") missing') == [3]
        assert ask('last(category of lines of any event where event (channel = "store")) exists'
                   ) == [1]  # fmt: skip

    def test_only_what_is_selected_is_seen(self, cursor: Cursor) -> None:
        rows = [
            event("E", NOW - 3 * DAY, p="old"),
            event("E", NOW - DAY, p="other brand", brand="B"),
            event("E", NOW - DAY, p="other money", currency="THB"),
            event("E", NOW + TICK, p="not yet"),
            event("F", NOW, p="other"),
        ]
        ask = Asked(cursor, person(1, events=rows), person(2))
        assert ask('last(p of "E" on brand "B") = "other brand"') == [1]
        assert ask('last(p of "E" in THB) = "other money"') == [1]
        assert ask('first(p of "E" in the last 2 days) = "old"') == []
        assert ask('last(p of any event) = "other"') == [1]
        assert ask('last(p of "E") = "not yet"', as_of=NOW + TICK) == [1]


class TestAgainstAnotherMetric:
    def test_counts_of_different_rows(self, cursor: Cursor) -> None:
        ask = Asked(
            cursor,
            person(1, events=happened(NOW, NOW) + happened(NOW, name="F")),
            person(2, events=happened(NOW) + happened(NOW, name="F")),
            person(3, events=happened(NOW, name="F")),
            person(4, events=happened(NOW)),
            person(5),
        )
        assert ask('count("E") > count("F")') == [1, 4]
        assert ask('count("E") >= count("F")') == [1, 2, 4, 5]
        assert ask('count("E") = count("F")') == [2, 5]
        assert ask('count("E") != count("F")') == [1, 3, 4]
        assert ask('count("E") < count("F")') == [3]
        assert ask('count("E") <= count("F")') == [2, 3, 5]

    def test_windows_against_each_other(self, cursor: Cursor) -> None:
        old, new = NOW - 40 * DAY, NOW - DAY
        ask = Asked(cursor, person(1, events=happened(old, new, new)),
                    person(2, events=happened(old, old, new)))  # fmt: skip
        text = 'count("E" in the last 30 days) > count("E" until 2017-12-01)'
        assert ask(text) == [1]

    def test_what_is_missing_compares_with_nothing(self, cursor: Cursor) -> None:
        ask = Asked(
            cursor,
            person(1, events=[event("E", NOW, p=3), event("F", NOW, q=2)]),
            person(2, events=[event("E", NOW, p=3)]),
            person(3, events=[event("F", NOW, q="2")]),
            person(4, events=[event("F", NOW, q=0)]),
            person(5),
        )
        assert ask('max(p of "E") > min(q of "F")') == [1]
        assert ask('max(p of "E") != min(q of "F")') == [1, 2, 3, 4, 5]
        assert ask('max(p of "E") = min(q of "F")') == []
        # A sum is never missing, a minimum may be.
        assert ask('sum(p of "E") >= min(q of "F")') == [1, 4]
        assert ask('sum(p of "E") = min(q of "F")') == [4]
        assert ask('min(q of "F") < sum(p of "E")') == [1]
        assert ask('sum(p of "E") = sum(q of "F")') == [3, 4, 5]
        assert ask('distinct(p of "E") > count("F")') == [2]

    def test_averages_are_never_divided(self, cursor: Cursor) -> None:
        """1/3 is no decimal: the thirds of both sides are one and the same number."""
        dime = 0.1
        ask = Asked(
            cursor,
            person(1, events=[event("E", NOW, p=p, q=3 * p) for p in (dime, dime, 2 * dime)]),
            person(2, events=[event("E", NOW, p=1), event("E", NOW, p=0), event("E", NOW, p=0),
                              *(event("F", NOW, p=p) for p in (2, 0, 0, 0, 0, 0))]),
            person(3, events=[event("E", NOW, p=1), event("F", NOW, p=0.999999)]),
        )  # fmt: skip
        assert ask('average(p of "E") = average(p of "F")') == [2]
        assert ask('average(p of "E") > average(p of "F")') == [3]
        assert ask('average(q of "E") = max(p of "E")') == []
        assert ask('average(q of "E") > max(p of "E")') == [1]
        assert ask('sum(p of "E") = average(q of "E")') == [1]
        assert ask('average(p of "E") <= count("E")') == [1, 2, 3]

    def test_the_same_rows_are_read_once(self, cursor: Cursor) -> None:
        ask = Asked(
            cursor,
            person(1, events=[event("E", NOW, p=1, q=2)]),
            person(2, events=[event("E", NOW, p="1")]),
            person(3),
        )
        assert ask('sum(p of "E") < sum(q of "E")') == [1]
        assert ask('sum(p of "E") = sum(q of "E")') == [2, 3]
        assert ask('sum(p of "E") >= sum(q of "E")') == [2, 3]
        assert ask('sum(p of "E") = count("E")') == [1, 3]
        assert ask('max(p of "E") >= min(p of "E")') == [1]
        assert ask('count(lines of "E") < count("E")') == [1, 2]


def edges(start: str, end: str) -> list[dict[str, Any]]:
    """Customers just before, at, just before the end of, and at the end of a span."""
    first, last = parse_time(start), parse_time(end)
    moments = (first - TICK, first, last - TICK, last)
    return [person(number, events=happened(at)) for number, at in enumerate(moments, 1)]


class TestCalendar:
    @pytest.mark.parametrize(
        ("window", "start", "end"),
        [
            ("in the last 1 full day", "2018-03-25T00:00:00Z", "2018-03-26T00:00:00Z"),
            ("yesterday", "2018-03-25T00:00:00Z", "2018-03-26T00:00:00Z"),
            ("in the last 3 full weeks", "2018-03-05T00:00:00Z", "2018-03-26T00:00:00Z"),
            ("in the last full month", "2018-02-01T00:00:00Z", "2018-03-01T00:00:00Z"),
            ("in the last 2 full quarters", "2017-07-01T00:00:00Z", "2018-01-01T00:00:00Z"),
            ("in the last 2 full years", "2016-01-01T00:00:00Z", "2018-01-01T00:00:00Z"),
            # Summer began at one in the morning UTC: that Sunday has 23 hours in Amsterdam.
            ('in the last 1 full day in zone "Europe/Amsterdam"',
             "2018-03-24T23:00:00Z", "2018-03-25T22:00:00Z"),
            ('in the last 1 full week in zone "Europe/Amsterdam"',
             "2018-03-18T23:00:00Z", "2018-03-25T22:00:00Z"),
            ('in the last full month in zone "Asia/Bangkok"',
             "2018-01-31T17:00:00Z", "2018-02-28T17:00:00Z"),
        ],
    )  # fmt: skip
    def test_full_units(self, cursor: Cursor, window: str, start: str, end: str) -> None:
        ask = Asked(cursor, *edges(start, end))
        ask.as_of = parse_time("2018-03-26T12:00:00Z")
        assert ask(f'did "E" {window}') == [2, 3]

    @pytest.mark.parametrize(
        ("window", "start"),
        [
            ("today", "2018-03-25T00:00:00Z"),
            ("this day", "2018-03-25T00:00:00Z"),
            ("this week", "2018-03-19T00:00:00Z"),
            ("this month", "2018-03-01T00:00:00Z"),
            ("this quarter", "2018-01-01T00:00:00Z"),
            ("this year", "2018-01-01T00:00:00Z"),
            ('this month in zone "Europe/Amsterdam"', "2018-02-28T23:00:00Z"),
            ('today in zone "America/New_York"', "2018-03-25T04:00:00Z"),
        ],
    )
    def test_the_unit_that_has_begun(self, cursor: Cursor, window: str, start: str) -> None:
        now = parse_time("2018-03-25T12:00:00Z")
        ask = Asked(cursor, *edges(start, "2018-03-25T12:00:00.000001Z"))
        assert ask(f'did "E" {window}', as_of=now) == [2, 3]

    def test_the_zone_of_the_workspace_counts_unless_one_is_named(self, cursor: Cursor) -> None:
        people = edges("2018-02-28T23:00:00Z", "2018-03-01T00:00:00Z")
        ask = Asked(cursor, *people, time_zone="Europe/Amsterdam")
        ask.as_of = parse_time("2018-03-25T12:00:00Z")
        assert ask('did "E" this month') == [2, 3, 4]
        assert ask('did "E" this month in zone "UTC"') == [4]

    def test_a_day_without_a_midnight(self, cursor: Cursor) -> None:
        """In São Paulo the clocks went from midnight to one when summer began."""
        ask = Asked(cursor, *edges("2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"))
        ask.as_of = parse_time("2018-11-05T12:00:00Z")
        assert ask('did "E" yesterday in zone "America/Sao_Paulo"') == [2, 3]


class TestSinceAnotherEvent:
    def test_strictly_after_the_last_or_the_first(self, cursor: Cursor) -> None:
        at, later = NOW - 5 * DAY, NOW - 2 * DAY

        def after(offset: timedelta) -> list[dict[str, Any]]:
            return happened(at, later, name="B") + happened(later + offset)

        ask = Asked(
            cursor,
            person(1, events=after(TICK)),
            person(2, events=after(timedelta())),
            person(3, events=happened(at, name="B") + happened(at)),
            person(4, events=happened(at)),
            person(5, events=happened(at, NOW + TICK, name="B") + happened(later)),
        )
        assert ask('did "E" since last "B"') == [1, 5]
        assert ask('did "E" since first "B"') == [1, 2, 5]
        assert ask('did not "E" since last "B"') == [2, 3, 4]
        assert ask('count("E" since last "B") < count("E")') == [2, 3, 4]
        assert ask('first(p of "E" since last "B") missing') == [1, 2, 3, 4, 5]
        assert ask('did "E" since last "B"', as_of=NOW + TICK) == [1]

    def test_filters_and_brands_of_the_other_event(self, cursor: Cursor) -> None:
        rows = [
            event("B", NOW - 5 * DAY, p=1),
            event("E", NOW - 3 * DAY, lines=[{"sku": "a"}]),
            event("B", NOW - 2 * DAY, p=2, brand="B", lines=[{"sku": "x"}]),
        ]
        ask = Asked(cursor, person(1, events=rows), person(2, events=rows[1:2]))
        assert ask('did "E" since last "B"') == []
        assert ask('did "E" since last ("B" where p = 1)') == [1]
        assert ask('did "E" since last "B" on brand "A"') == [1]
        assert ask('did "E" since last ("B" where any line (sku = "x"))') == []
        assert ask('count("E" since first "B" where any line (sku = "a")) = 1') == [1]
        assert ask('did "E" since first any event') == [1]
        assert ask('sum(price of lines of "E" since last ("B" where p = 1)) = 0') == [1, 2]
        assert ask('count(lines of "E" since last ("B" where p = 1)) = 1') == [1]


class TestFirstTime:
    def test_the_earliest_of_all_lies_in_the_window(self, cursor: Cursor) -> None:
        edge = NOW - 30 * DAY
        ask = Asked(
            cursor,
            person(1, events=happened(edge)),
            person(2, events=happened(edge + TICK, NOW)),
            person(3, events=happened(edge - 100 * DAY, NOW)),
            person(4, events=happened(NOW)),
            person(5, events=happened(NOW + TICK)),
            person(6),
        )
        assert ask('did "E" for the first time in the last 30 days') == [2, 4]
        assert ask('did not "E" for the first time in the last 30 days') == [1, 3, 5, 6]
        assert ask('did "E" for the first time until 2017-11-01') == [3]
        assert ask('did "E" for the first time') == [1, 2, 3, 4]

    def test_first_of_those_that_match(self, cursor: Cursor) -> None:
        rows = [
            event("E", NOW - 50 * DAY, p=1),
            event("B", NOW - 4 * DAY),
            event("E", NOW - 3 * DAY, p=2, brand="B", lines=[{"sku": "a"}]),
        ]
        ask = Asked(cursor, person(1, events=rows), person(2, events=rows[1:]))
        assert ask('did "E" for the first time in the last 30 days') == [2]
        assert ask('did "E" for the first time in the last 30 days where (p = 2)') == [1, 2]
        assert ask('did "E" for the first time in the last 30 days on brand "B"') == [1, 2]
        assert ask('did "E" where any line (sku = "a") for the first time in the last 30 days'
                   ) == [1, 2]  # fmt: skip
        assert ask('did "E" for the first time since last "B"') == [2]
        assert ask('did lines of "E" for the first time this year') == []
        assert ask('did lines of "E" for the first time in the last 1 full year') == [1, 2]


class TestPeriods:
    # NOW is Monday, 2018-01-01: the last full week begins on 2017-12-25.
    WEEKS = (datetime(2017, 12, 4), datetime(2017, 12, 11), datetime(2017, 12, 18),
             datetime(2017, 12, 25))  # fmt: skip

    def test_full_weeks_before_the_current_one(self, cursor: Cursor) -> None:
        a, b, c, d = self.WEEKS
        ask = Asked(
            cursor,
            person(1, events=happened(a, b, c, d)),
            person(2, events=happened(b - TICK, b, d - TICK)),
            person(3, events=happened(a - TICK, NOW)),
            person(4, events=happened(d, d + DAY, NOW - TICK)),
            person(5),
        )
        ask.as_of = NOW + 3 * DAY
        assert ask('did "E" in at least 1 of the last 4 weeks') == [1, 2, 4]
        assert ask('did "E" in at least 3 of the last 4 weeks') == [1, 2]
        assert ask('did "E" in exactly 4 of the last 4 weeks') == [1]
        assert ask('did "E" in exactly 0 of the last 4 weeks') == [3, 5]
        assert ask('did "E" in at most 1 of the last 4 weeks') == [3, 4, 5]
        assert ask('did "E" in at least 0 of the last 4 weeks') == [1, 2, 3, 4, 5]
        assert ask('did "E" in at least 1 of the last 1 week') == [1, 4]
        assert ask('did not "E" in at least 3 of the last 4 weeks') == [3, 4, 5]

    def test_other_units_and_zones(self, cursor: Cursor) -> None:
        midnight = parse_time("2017-12-31T23:00:00Z")  # in Amsterdam
        ask = Asked(
            cursor,
            person(1, events=happened(midnight - TICK, midnight)),
            person(2, events=happened(midnight - 40 * DAY, midnight - TICK)),
        )
        ask.as_of = parse_time("2018-02-01T12:00:00Z")
        amsterdam = 'in zone "Europe/Amsterdam"'
        assert ask('did "E" in at least 2 of the last 3 months') == [2]
        assert ask(f'did "E" in at least 2 of the last 3 months {amsterdam}') == [1, 2]
        assert ask(f'did "E" in exactly 1 of the last 1 year {amsterdam}') == [1, 2]
        assert ask('did "E" in at least 1 of the last 4 quarters where (p = 1)') == []
        assert ask('did "E" in at least 2 of the last 80 days') == [2]
        assert ask(f'did "E" in at least 2 of the last 80 days {amsterdam}') == [1, 2]

    def test_days_of_23_and_25_hours(self, cursor: Cursor) -> None:
        summer, winter = parse_time("2018-03-24T23:00:00Z"), parse_time("2018-10-27T22:00:00Z")
        hour = timedelta(hours=1)
        ask = Asked(
            cursor,
            person(1, events=happened(summer, summer + 23 * hour - TICK)),
            person(2, events=happened(summer, summer + 23 * hour)),
            person(3, events=happened(winter, winter + 25 * hour - TICK)),
            person(4, events=happened(winter, winter + 25 * hour)),
            time_zone="Europe/Amsterdam",
        )
        assert ask('did "E" in exactly 2 of the last 3 days', as_of=summer + 2 * DAY) == [2]
        assert ask('did "E" in exactly 2 of the last 3 days', as_of=winter + 3 * DAY) == [4]

    def test_every_day_of_a_year(self, cursor: Cursor) -> None:
        days = [NOW - number * DAY for number in range(1, 366)]
        ask = Asked(
            cursor,
            person(1, events=happened(*days)),
            person(2, events=happened(*days[:-1], days[0] + TICK)),
        )
        assert ask('did "E" in exactly 365 of the last 365 days') == [1]
        assert ask('did "E" in at least 364 of the last 365 days') == [1, 2]


class TestStoppedAndResumed:
    def test_stopped(self, cursor: Cursor) -> None:
        edge = NOW - 60 * DAY
        ask = Asked(
            cursor,
            person(1, events=happened(edge - TICK)),
            person(2, events=happened(edge, NOW + TICK)),
            person(3, events=happened(edge + TICK)),
            person(4, events=happened(edge - DAY, NOW)),
            person(5),
            person(6, events=happened(edge - DAY) + happened(NOW, brand="B", lines=[{"sku": "a"}])),
        )
        assert ask('stopped "E" for 60 days') == [1, 2]
        assert ask('stopped "E" for 60 days on brand "A"') == [1, 2, 6]
        assert ask('stopped "E" for 60 days where any line (sku = "a")') == []
        assert ask('not stopped "E" for 60 days') == [3, 4, 5, 6]
        assert ask('stopped "E" for 60 days', as_of=NOW + TICK) == [1, 3]

    def test_resumed(self, cursor: Cursor) -> None:
        week, pause = NOW - 7 * DAY, 60 * DAY
        ask = Asked(
            cursor,
            person(1, events=happened(NOW - pause, NOW)),
            person(2, events=happened(NOW - pause + TICK, NOW)),
            person(3, events=happened(week - pause, week)),
            person(4, events=happened(week + TICK - pause, week + TICK)),
            person(5, events=happened(NOW)),
            person(6, events=happened(NOW - 100 * DAY, NOW - 3 * DAY, NOW)),
            person(7, events=happened(NOW - 100 * DAY, NOW, NOW)),
            person(8, events=happened(NOW - 100 * DAY, NOW - 8 * DAY, NOW)),
            person(9, events=happened(NOW - 100 * DAY, NOW + TICK)),
        )
        assert ask('resumed "E" after 60 days in the last 7 days') == [1, 4, 6, 7]
        assert ask('resumed "E" after 60 days') == [1, 3, 4, 6, 7, 8]
        assert ask('resumed "E" after 60 days until 2017-12-24') == [8]
        assert ask('not resumed "E" after 60 days this day') == [2, 3, 4, 5, 6, 8, 9]
        assert ask('resumed "E" after 1 hour this day') == [1, 2, 6, 7, 8]

    def test_resumed_since_another_event(self, cursor: Cursor) -> None:
        rows = [*happened(NOW - 90 * DAY), event("B", NOW - 20 * DAY), *happened(NOW - DAY)]
        ask = Asked(
            cursor,
            person(1, events=rows),
            person(2, events=rows[:1] + rows[2:]),
            person(3, events=[*rows, *happened(NOW - 30 * DAY)]),
            person(4, events=[*rows, event("B", NOW)]),
        )
        assert ask('resumed "E" after 60 days since last "B"') == [1]
        assert ask('resumed "E" after 60 days since first "B"') == [1, 4]
        assert ask('resumed "E" after 20 days since last "B"') == [1, 3]


def test_sets_within_sets_keep_their_names_apart(cursor: Cursor) -> None:
    """Picked values and pauses are found in steps that have names in the SQL."""
    ask = Asked(
        cursor,
        person(1, events=happened(NOW - 90 * DAY, NOW, p="a")),
        person(2, events=happened(NOW, p="b")),
        person(3),
    )
    last, first = 'last(p of "E") = "a"', 'first(p of "E") = "b"'
    resumed = 'resumed "E" after 60 days this week'
    assert ask(f"{last} or {first} or {resumed}") == [1, 2]
    assert ask(f"{resumed} or {last} or did not any event") == [1, 3]
    assert ask(f"({last} and {resumed}) or ({last} and {first}) or {first}") == [1, 2]
    assert ask(f"{last} and not {first} and {resumed}") == [1]
