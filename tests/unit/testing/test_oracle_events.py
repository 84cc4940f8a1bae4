"""The oracle by hand: measures of events and patterns in time."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from unit.segments.worlds import NOW, event
from unit.testing.asked import DAY, TICK, around, ask, did, did_at


def prop(*values: Any, **more: Any) -> list[dict[str, Any]]:
    """Events E one day after the other, the last one a day ago, with these values of p."""
    first = NOW - len(values) * DAY
    return [
        event("E", first + n * DAY, **({} if value is None else {"p": value}), **more)
        for n, value in enumerate(values)
    ]


def of_p(kind: str, op: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {kind: {"event": "E", "property": "p", **more}, "op": op, "value": value}


def count(name: str = "E", **more: Any) -> dict[str, Any]:
    return {"count": {"event": name, **more}}


class TestMeasures:
    def test_of_nothing(self) -> None:
        """Count, sum and distinct are 0; average, min, max, first and last are missing (M15)."""
        made = did([])
        assert ask(made, {**count(), "op": "=", "value": 0}) == [1]
        for kind in ("sum", "distinct"):
            assert ask(made, of_p(kind, "=", 0)) == [1]
        for kind in ("average", "min", "max"):
            assert ask(made, of_p(kind, "between", [-9, 9])) == []
            assert ask(made, of_p(kind, "!=", 5)) == [1]
        for kind in ("first", "last", "most_frequent"):
            assert ask(made, of_p(kind, "exists")) == []
            assert ask(made, of_p(kind, "!=", 5)) == [1]
            assert ask(made, of_p(kind, "not in", [5])) == [1]

    def test_sums_and_averages_are_exact(self) -> None:
        made = did(prop(*[0.1] * 10), prop(1, 0, 0), prop(99999999.999999, 0.1, -99999999.999999))
        assert ask(made, of_p("sum", "=", 1)) == [1, 2]
        assert ask(made, of_p("sum", "=", 0.1)) == [3]
        assert ask(made, of_p("average", ">", 0.333333)) == [2]
        assert ask(made, of_p("average", "<", 0.333334)) == [1, 2, 3]

    def test_what_is_no_number_takes_no_part(self) -> None:
        made = did(prop("9", True, None, [5], 10**12, 4))
        for kind in ("sum", "average", "min", "max"):
            assert ask(made, of_p(kind, "=", 4)) == [1]

    def test_lines_and_their_events(self) -> None:
        tea = {"category": "Tea", "quantity": Decimal(2)}
        mug = {"category": "Mug", "quantity": Decimal(5)}
        made = did(
            [event("E", NOW, lines=[tea, mug], currency="EUR")],
            [event("E", NOW, lines=[tea, tea], channel="store")],
        )
        is_tea = {"property": "category", "op": "=", "value": "Tea"}
        many = {"property": "quantity", "op": ">", "value": 4}
        lines = {"lines": True, "where": is_tea}
        assert ask(made, {**count(**lines), "op": "=", "value": 2}) == [2]
        assert ask(made, {**count(where={"any_line": is_tea}), "op": "=", "value": 1}) == [1, 2]
        one_line = {"any_line": {"all": [is_tea, many]}}
        assert ask(made, {**count(where=one_line), "op": ">=", "value": 1}) == []
        two_lines = {"all": [{"any_line": is_tea}, {"any_line": many}]}
        assert ask(made, {**count(where=two_lines), "op": ">=", "value": 1}) == [1]
        in_store = {"event": {"property": "channel", "op": "=", "value": "store"}}
        assert ask(made, {**count(lines=True, where=in_store), "op": ">", "value": 0}) == [2]
        summed = {"event": "E", "property": "quantity", "lines": True}
        assert ask(made, {"sum": summed, "op": "=", "value": 7}) == [1]
        assert ask(made, {"sum": {**summed, "currency": "EUR"}, "op": ">", "value": 0}) == [1]

    def test_distinct(self) -> None:
        made = did(
            prop("a", "a", "b"), prop(1, 1.0, 1.0000001, "1", True), prop(None, [1], {"a": 1}),
            prop(10**12, "A", "a"),
        )  # fmt: skip
        assert ask(made, of_p("distinct", "=", 2)) == [1, 4]
        assert ask(made, of_p("distinct", ">=", 3)) == [2]
        assert ask(made, of_p("distinct", "=", 0)) == [3]

    def test_first_and_last_that_has_a_value(self) -> None:
        made = did(prop(None, "a", "b", None), prop("b"), prop(None), prop(["x"], 5))
        assert ask(made, of_p("first", "=", "a")) == [1]
        assert ask(made, of_p("last", "=", "b")) == [1, 2]
        assert ask(made, of_p("last", "!=", "b")) == [3, 4]
        assert ask(made, of_p("first", "missing")) == [3]
        assert ask(made, of_p("first", "any of", ["x"])) == [4]
        assert ask(made, of_p("last", "between", [5, 6])) == [4]
        assert ask(made, of_p("first", "contains", "a")) == [1]
        assert ask(made, of_p("first", "does not contain", "a")) == [2, 3, 4]

    def test_ties_go_by_source_and_message_and_line(self) -> None:
        def tie(source: int, message: str, value: Any) -> dict[str, Any]:
            return event("E", NOW, p=value, source_id=source, message_id=message)

        made = did(
            [tie(1, "b", "x"), tie(1, "a", "y")],
            [tie(2, "a", "x"), tie(1, "z", "y")],
            [event("E", NOW, lines=[{"p": "y"}, {"p": "x"}])],
        )
        lines = {"event": "E", "property": "p", "lines": True}
        assert ask(made, of_p("last", "=", "x")) == [1, 2]
        assert ask(made, of_p("first", "=", "y")) == [1, 2]
        assert ask(made, {"last": lines, "op": "=", "value": "x"}) == [3]
        assert ask(made, {"first": lines, "op": "=", "value": "y"}) == [3]

    def test_most_frequent(self) -> None:
        made = did(
            prop("a", "a", "b"),
            prop("a", "b", "b", "a"),
            prop("b", "a", "a", "b"),
            prop([1], [1], "a"),
            prop(5, 5.0, "5", "5", 5),
        )
        assert ask(made, of_p("most_frequent", "=", "a")) == [1, 2, 4]
        assert ask(made, of_p("most_frequent", "=", "b")) == [3]
        assert ask(made, of_p("most_frequent", ">", 4)) == [5]
        assert ask(made, of_p("most_frequent", "missing")) == []


class TestAgainstAnotherMeasure:
    def test_counts_of_two_windows(self) -> None:
        made = did_at([NOW - DAY, NOW - 40 * DAY], name="E")
        rule = {**count(**{"in": {"last": "30d"}}), "op": ">",
                "value": count(**{"in": {"to": "2017-12-01"}})}  # fmt: skip
        assert ask(made, rule) == [1]
        assert ask(made, {**rule, "op": "<"}) == [2]

    def test_averages_are_exact_and_may_be_missing(self) -> None:
        thirds = [*prop(1, 0, 0), *(event("F", NOW, p=p) for p in (2, 0, 0, 0, 0, 0))]
        made = did(thirds, prop(1), [event("F", NOW, p=1)], [])
        value = {"average": {"event": "F", "property": "p"}}
        for op, expected in {"=": [1], "<": [], ">=": [1], "!=": [2, 3, 4]}.items():
            assert ask(made, {**of_p("average", op), "value": value}) == expected

    def test_of_missing_only_unequal_holds(self) -> None:
        made = did(prop("no number"))
        for op in ("=", "<", "<=", ">", ">=", "!="):
            rule = {**count(), "op": op, "value": {"min": {"event": "E", "property": "p"}}}
            assert ask(made, rule) == ([1] if op == "!=" else [])


class TestFirstTime:
    RULE = {"first_time": {"event": "E", "in": {"last": "30d"}}}  # noqa: RUF012 - never changed

    def test_the_earliest_ever_lies_in_the_window(self) -> None:
        made = did_at(around(NOW - 30 * DAY))
        assert ask(made, self.RULE) == [3]
        again = did(
            [event("E", NOW - 99 * DAY), event("E", NOW - DAY)],
            [event("E", NOW - 2 * DAY), event("E", NOW - DAY)],
            [],
        )
        assert ask(again, self.RULE) == [2]

    def test_ever_means_of_those_that_match(self) -> None:
        made = did([event("E", NOW - 99 * DAY, brand="B"), event("E", NOW - DAY)])
        assert ask(made, self.RULE) == []
        on_a = {"first_time": {**self.RULE["first_time"], "on_brand": "A"}}
        assert ask(made, on_a) == [1]


class TestPeriods:
    WEDNESDAY = datetime(2018, 5, 16, 15)

    def rule(self, op: str, value: int, **more: Any) -> dict[str, Any]:
        return {
            "periods": {"event": "E"}, "of": 4, "unit": "week", "op": op, "value": value, **more
        }  # fmt: skip

    def test_full_weeks_that_hold_an_event(self) -> None:
        """The last four full weeks run from 16 April to 13 May 2018."""
        first, end = datetime(2018, 4, 16), datetime(2018, 5, 14)
        weekly = [event("E", first + 7 * n * DAY) for n in range(4)]
        made = did(
            weekly,
            weekly[:3],
            [event("E", first)] * 9,
            [*weekly[1:], event("E", first - TICK)],
            [*weekly[1:], event("E", end)],
            [*weekly[:3], event("E", end - TICK)],
        )
        assert ask(made, self.rule(">=", 4), self.WEDNESDAY) == [1, 6]
        assert ask(made, self.rule(">=", 3), self.WEDNESDAY) == [1, 2, 4, 5, 6]
        assert ask(made, self.rule("=", 1), self.WEDNESDAY) == [3]
        assert ask(made, self.rule("<=", 1), self.WEDNESDAY) == [3]

    def test_in_a_zone(self) -> None:
        midnight = datetime(2018, 5, 13, 22)  # of the 14th, in Amsterdam
        made = did_at(around(midnight))
        assert ask(made, self.rule("=", 1, zone="Europe/Amsterdam"), self.WEDNESDAY) == [1]
        assert ask(made, self.rule("=", 1), self.WEDNESDAY) == [1, 2, 3]

    @pytest.mark.parametrize("unit", ["day", "month", "quarter", "year"])
    def test_other_units(self, unit: str) -> None:
        made = did_at([NOW, NOW - TICK])
        assert ask(made, self.rule("=", 1, unit=unit), NOW) == [2]


class TestStoppedAndResumed:
    def test_stopped(self) -> None:
        made = did(*([event("E", at)] for at in around(NOW - 60 * DAY)), [], prop(1))
        assert ask(made, {"stopped": {"event": "E"}, "for": "60d"}) == [1, 2]

    def test_stopped_looks_at_the_last(self) -> None:
        made = did([event("E", NOW - 99 * DAY), event("E", NOW - DAY)])
        assert ask(made, {"stopped": {"event": "E"}, "for": "60d"}) == []

    def test_resumed_after_a_pause(self) -> None:
        back = NOW - DAY
        rule = {"resumed": {"event": "E", "in": {"last": "7d"}}, "after": "60d"}
        made = did(
            *([event("E", at), event("E", back)] for at in around(back - 60 * DAY)),
            [event("E", back)],
            [event("E", back - 99 * DAY), event("E", back - DAY), event("E", back)],
            [event("E", back - 99 * DAY), event("E", back), event("E", back)],
            [event("E", back - 99 * DAY), event("E", NOW - 8 * DAY), event("E", back)],
        )
        assert ask(made, rule) == [1, 2, 5, 6]

    def test_resumed_within_the_window_only(self) -> None:
        rule = {"resumed": {"event": "E", "in": {"last": "7d"}}, "after": "60d"}
        made = did(*([event("E", NOW - 99 * DAY), event("E", at)] for at in around(NOW - 7 * DAY)))
        assert ask(made, rule) == [3]
