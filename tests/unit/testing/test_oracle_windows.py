"""The oracle by hand: windows, and the instants at their edges."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from patron.testing.oracle.zones import first_moment_of_day, start_of_hour, start_of_unit
from unit.segments.worlds import NOW, event
from unit.testing.asked import DAY, HOUR, TICK, around, ask, did, did_at

AMSTERDAM = "Europe/Amsterdam"


def in_window(window: dict[str, Any], name: str = "E") -> dict[str, Any]:
    return {"count": {"event": name, "in": window}, "op": ">=", "value": 1}


@pytest.mark.parametrize(
    ("window", "length"),
    [
        ("30min", timedelta(minutes=30)),
        ("20min", timedelta(minutes=20)),
        ("12h", 12 * HOUR),
        ("60d", 60 * DAY),
        ("2w", 14 * DAY),
    ],
)
def test_peers_err_windows_of_n_days_that_are_n_calendar_days(
    window: str, length: timedelta
) -> None:
    """(t - W, t] to the microsecond: peers cut to whole days, or count n + 1 of them."""
    made = did_at(around(NOW - length) + around(NOW))
    assert ask(made, in_window({"last": window})) == [3, 4, 5]
    noon = datetime(2018, 1, 1, 12, 34, 56, 789)
    made = did_at(around(noon - length))
    assert ask(made, in_window({"last": window}), noon) == [3]


def test_a_rolling_day_is_24_hours_across_daylight_saving() -> None:
    monday = datetime(2018, 3, 25, 10)
    made = did_at(around(monday - 24 * HOUR), time_zone=AMSTERDAM)
    assert ask(made, in_window({"last": "1d"}), monday) == [3]


def test_a_window_longer_than_time() -> None:
    assert ask(did_at([NOW]), in_window({"last": "99999999d"})) == [1]


def test_dates_are_days_in_utc_and_include_the_last() -> None:
    made = did_at(
        around(datetime(2017, 12, 22)) + around(datetime(2017, 12, 24) - TICK), time_zone=AMSTERDAM
    )
    assert ask(made, in_window({"from": "2017-12-22", "to": "2017-12-23"})) == [2, 3, 4, 5]
    assert ask(made, in_window({"from": "2017-12-22"})) == [2, 3, 4, 5, 6]
    assert ask(made, in_window({"to": "2017-12-23"})) == [1, 2, 3, 4, 5]
    assert ask(made, in_window({"to": "2017-12-23T23:59:59.999998Z"})) == [1, 2, 3, 4]
    assert ask(made, in_window({"from": "2099-01-01"})) == []


def test_nothing_later_than_the_question_is_seen() -> None:
    made = did_at(around(NOW))
    for window in ({}, {"from": "2017-01-01"}, {"to": "2099-01-01"}, {"this": "year"}):
        assert 3 not in ask(made, in_window(window))
    assert ask(made, in_window({})) == [1, 2]


class TestCalendar:
    WEDNESDAY = datetime(2018, 5, 16, 15)

    @pytest.mark.parametrize(
        ("unit", "start"),
        [
            ("day", datetime(2018, 5, 16)),
            ("week", datetime(2018, 5, 14)),
            ("month", datetime(2018, 5, 1)),
            ("quarter", datetime(2018, 4, 1)),
            ("year", datetime(2018, 1, 1)),
        ],
    )
    def test_this_unit(self, unit: str, start: datetime) -> None:
        made = did_at(around(start) + around(self.WEDNESDAY))
        assert ask(made, in_window({"this": unit}), self.WEDNESDAY) == [2, 3, 4, 5]

    @pytest.mark.parametrize(
        ("units", "start", "end"),
        [
            ("1 day", datetime(2018, 5, 15), datetime(2018, 5, 16)),
            ("3 weeks", datetime(2018, 4, 23), datetime(2018, 5, 14)),
            ("5 months", datetime(2017, 12, 1), datetime(2018, 5, 1)),
            ("2 quarters", datetime(2017, 10, 1), datetime(2018, 4, 1)),
            ("1 year", datetime(2017, 1, 1), datetime(2018, 1, 1)),
        ],
    )
    def test_the_last_full_units_leave_out_the_current_one(
        self, units: str, start: datetime, end: datetime
    ) -> None:
        made = did_at(around(start) + around(end))
        assert ask(made, in_window({"last_full": units}), self.WEDNESDAY) == [2, 3, 4]

    def test_a_unit_begins_with_its_first_moment(self) -> None:
        made = did_at([NOW])
        assert ask(made, in_window({"this": "year"}), NOW) == [1]
        assert ask(made, in_window({"last_full": "1 year"}), NOW) == []

    def test_iso_weeks_across_the_turn_of_the_year(self) -> None:
        made = did_at(around(datetime(2018, 12, 31)))
        assert ask(made, in_window({"this": "week"}), datetime(2019, 1, 3)) == [2, 3]

    def test_the_zone_is_that_of_the_window_else_of_the_workspace(self) -> None:
        midnights = {
            "UTC": NOW,
            AMSTERDAM: NOW - HOUR,
            "Asia/Bangkok": NOW - 7 * HOUR,
            "America/New_York": NOW + 5 * HOUR,
        }
        noon = NOW + 12 * HOUR
        for zone, midnight in midnights.items():
            here = did_at(around(midnight), time_zone=zone)
            assert ask(here, in_window({"this": "day"}), noon) == [2, 3]
            assert ask(here, in_window({"last_full": "1 day"}), noon) == [1]
            abroad = did_at(around(midnight), time_zone="Asia/Tokyo")
            assert ask(abroad, in_window({"this": "day", "zone": zone}), noon) == [2, 3]

    def test_the_day_that_clocks_go_forward_has_23_hours(self) -> None:
        """Amsterdam, Sunday 2018-03-25."""
        start, end = datetime(2018, 3, 24, 23), datetime(2018, 3, 25, 22)
        made = did_at(around(start) + around(end), time_zone=AMSTERDAM)
        yesterday = in_window({"last_full": "1 day"})
        assert ask(made, yesterday, datetime(2018, 3, 26, 8)) == [2, 3, 4]
        assert ask(made, in_window({"this": "day"}), end - TICK) == [2, 3, 4]
        assert ask(made, in_window({"this": "day"}), end) == [5]

    def test_the_day_that_clocks_go_back_has_25_hours(self) -> None:
        """Amsterdam, Sunday 2018-10-28."""
        start, end = datetime(2018, 10, 27, 22), datetime(2018, 10, 28, 23)
        made = did_at(around(start) + around(end), time_zone=AMSTERDAM)
        yesterday = in_window({"last_full": "1 day"})
        assert ask(made, yesterday, datetime(2018, 10, 29, 8)) == [2, 3, 4]
        week = in_window({"this": "week"})
        assert ask(made, week, end - TICK) == [1, 2, 3, 4]
        assert ask(made, week, end) == [5]

    def test_months_across_daylight_saving(self) -> None:
        start, end = datetime(2018, 2, 28, 23), datetime(2018, 3, 31, 22)
        made = did_at(around(start) + around(end), time_zone=AMSTERDAM)
        month = in_window({"last_full": "1 month"})
        assert ask(made, month, datetime(2018, 4, 15)) == [2, 3, 4]


class TestFirstMoments:
    @pytest.mark.parametrize(
        ("day", "zone", "at"),
        [
            (date(2018, 11, 4), "America/Sao_Paulo", datetime(2018, 11, 4, 3)),  # 00:00 is skipped
            (date(2018, 2, 18), "America/Sao_Paulo", datetime(2018, 2, 18, 3)),  # 23:00 came twice
            (date(2018, 11, 4), "America/Havana", datetime(2018, 11, 4, 4)),  # 00:00 comes twice
            (date(1919, 3, 31), "America/Toronto", datetime(1919, 3, 31, 4, 30)),  # 23:30 to 00:30
            (date(2011, 12, 31), "Pacific/Apia", datetime(2011, 12, 30, 10)),  # no 30th there
            (date(2011, 12, 30), "Pacific/Apia", datetime(2011, 12, 30, 10)),
            (date(2018, 1, 1), "Asia/Kathmandu", datetime(2017, 12, 31, 18, 15)),
        ],
    )
    def test_across_changes_of_the_clock(self, day: date, zone: str, at: datetime) -> None:
        assert first_moment_of_day(day, zone) == at

    def test_hours(self) -> None:
        at = datetime(2018, 10, 28, 1, 30)  # the second half past two of that night
        assert start_of_hour(at, AMSTERDAM) == datetime(2018, 10, 28, 1)
        assert start_of_hour(at, "Asia/Kathmandu") == datetime(2018, 10, 28, 1, 15)

    def test_no_unit_begins_before_all_messages(self) -> None:
        for unit in ("day", "week", "month", "quarter", "year"):
            assert start_of_unit(NOW, unit, "UTC", back=99999999) == datetime(1800, 1, 1)


class TestSinceAnother:
    @staticmethod
    def since(which: str, **more: Any) -> dict[str, Any]:
        return in_window({"since_event": {"event": "B", **more}, "which": which})

    def test_strictly_later_than_the_last_or_first(self) -> None:
        first, last = NOW - 9 * DAY, NOW - 3 * DAY
        beginnings = [event("B", first), event("B", last)]
        edges = [*around(first), *around(last)]
        made = did(*([*beginnings, event("E", at)] for at in edges), [event("E", NOW)])
        assert ask(made, self.since("last")) == [6]
        assert ask(made, self.since("first")) == [3, 4, 5, 6]

    def test_without_such_an_event_the_window_is_empty(self) -> None:
        made = did([event("E", NOW)], [event("B", NOW + TICK), event("E", NOW)])
        assert ask(made, self.since("last")) == []
        assert ask(made, {"not": self.since("first")}) == [1, 2]

    def test_under_a_condition(self) -> None:
        history = [
            event("B", NOW - 3 * DAY, p=1), event("E", NOW - 2 * DAY), event("B", NOW - DAY, p=2)
        ]  # fmt: skip
        made = did(history)
        where = {"property": "p", "op": "=", "value": 1}
        assert ask(made, self.since("last", where=where)) == [1]
        assert ask(made, self.since("last")) == []

    def test_of_the_brands_of_the_selection(self) -> None:
        history = [
            event("B", NOW - 3 * DAY), event("E", NOW - 2 * DAY), event("B", NOW - DAY, brand="B")
        ]  # fmt: skip
        rule = self.since("last")
        assert ask(did(history), rule) == []
        rule["count"]["on_brand"] = ["A"]
        assert ask(did(history), rule) == [1]
