"""The oracle by hand: traits as of a moment, about that moment, and over time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from unit.segments.worlds import NOW, observed, person, world
from unit.testing.asked import DAY, TICK, around, ask, have, told


def trait(op: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"trait": "t", "op": op, "value": value, **more}


def lives(*histories: list[dict[str, Any]], **parts: Any) -> dict[str, Any]:
    return world(*(person(n, traits=seen) for n, seen in enumerate(histories, 1)), **parts)


def test_the_last_observation_counts_and_ties_do_not_depend_on_arrival() -> None:
    at = NOW - DAY
    made = lives(
        [observed("t", "new", at), observed("t", "old", at - TICK)],
        [observed("t", "new", at, 2, "a"), observed("t", "old", at, 1, "z")],
        [observed("t", "new", at, 1, "b"), observed("t", "old", at, 1, "a")],
        [observed("t", "old", at), observed("t", "new", NOW + TICK)],
        [observed("t", "old", at - TICK), observed("t", None, at)],
    )
    assert ask(made, trait("=", "new")) == [1, 2, 3]
    assert ask(made, trait("missing")) == [5]
    assert ask(made, trait("=", "new"), NOW + TICK) == [1, 2, 3, 4]
    assert ask(made, trait("=", "old", on_brand=["A"])) == [2, 4]


class TestAboutNow:
    def test_within_the_last(self) -> None:
        """(t - W, t], to the microsecond."""
        edges = around(NOW - 30 * DAY) + around(NOW)
        made = have(*(at.isoformat() for at in edges), "2017-12-20", None, "soon")
        assert ask(made, trait("within last", "30d")) == [3, 4, 5, 7]

    def test_within_the_next(self) -> None:
        """(t, t + W], to the microsecond."""
        edges = around(NOW) + around(NOW + 30 * DAY)
        made = have(*(at.isoformat() for at in edges), None)
        assert ask(made, trait("within next", "30d")) == [3, 4, 5]

    def test_a_day_is_its_first_moment(self) -> None:
        made = have("2018-01-01", "2018-01-02", "2017-12-31")
        assert ask(made, trait("within last", "1d")) == [1]
        assert ask(made, trait("within last", "1d"), NOW - TICK) == [3]
        assert ask(made, trait("within next", "1d")) == [2]

    def test_windows_longer_than_time(self) -> None:
        made = have("0001-01-02", "9998-12-31")
        assert ask(made, trait("within last", "99999999d")) == [1]
        assert ask(made, trait("within next", "99999999d")) == [2]


class TestAnniversaries:
    def test_today(self) -> None:
        made = have("1990-01-01", "1990-01-02", "2018-01-01", "1990-12-31", "01-01", None)
        assert ask(made, trait("anniversary", "today")) == [1, 3]

    def test_the_next_days_include_today_and_the_last(self) -> None:
        made = have("1990-01-01", "1990-01-08", "1990-01-09", "1990-12-31")
        assert ask(made, trait("anniversary", "7d")) == [1, 2]
        late = datetime(2017, 12, 28, 23, 59)
        assert ask(made, trait("anniversary", "7d"), late) == [1, 4]
        assert ask(made, trait("anniversary", "365d")) == [1, 2, 3, 4]

    def test_this_month(self) -> None:
        made = have("1990-01-31", "2018-01-01", "1990-02-01", "1990-12-01")
        assert ask(made, trait("anniversary", "month")) == [1, 2]

    def test_a_date_in_the_future_has_none_yet(self) -> None:
        made = have("2018-01-02", "2019-01-01")
        for asked in ("today", "7d", "month"):
            assert ask(made, trait("anniversary", asked)) == []

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            (datetime(2018, 2, 27), [2]),
            (datetime(2018, 2, 28), [1, 3]),
            (datetime(2018, 3, 1), [4]),
            (datetime(2016, 2, 28), [3]),
            (datetime(2016, 2, 29), [1]),
            (datetime(2000, 2, 29), [1]),
            (datetime(2100, 2, 28), [1, 3]),
        ],
    )
    def test_29_february(self, day: datetime, expected: list[int]) -> None:
        """On the 28th in years that have no 29th."""
        values = ["1992-02-29", "1992-02-27", "1992-02-28", "1992-03-01"]
        long_ago = datetime(1995, 1, 1)
        made = lives(*([observed("t", value, long_ago)] for value in values))
        for one in made["people"]:
            one["first_seen_at"] = long_ago
        assert ask(made, trait("anniversary", "today"), day) == expected

    def test_29_february_within_days(self) -> None:
        made = have("1992-02-29")
        assert ask(made, trait("anniversary", "7d"), datetime(2018, 2, 20)) == []
        assert ask(made, trait("anniversary", "7d"), datetime(2018, 2, 21)) == [1]
        assert ask(made, trait("anniversary", "1d"), datetime(2016, 2, 27)) == []

    def test_today_is_the_local_day_and_the_date_is_as_written(self) -> None:
        """In Amsterdam the 1st of January begins at 23:00 UTC."""
        made = have("1990-01-01", "1990-01-01T00:30:00+02:00", time_zone="Europe/Amsterdam")
        for at, expected in zip(around(NOW - DAY / 24), ([], [1, 2], [1, 2]), strict=True):
            assert ask(made, trait("anniversary", "today"), at) == expected
        assert ask(made, trait("anniversary", "today"), NOW + DAY * 23 / 24) == []


class TestForAtLeast:
    START = NOW - 30 * DAY

    def test_held_at_every_moment_of_the_closed_span(self) -> None:
        made = lives(*(told(("free", NOW - 99 * DAY), ("pro", at)) for at in around(self.START)))
        assert ask(made, trait("=", "pro", **{"for": "30d"})) == [1, 2]

    def test_an_interruption_counts_however_short(self) -> None:
        long_ago = NOW - 99 * DAY
        made = lives(
            told(("pro", long_ago), ("free", self.START), ("pro", self.START + TICK)),
            told(("pro", long_ago), ("free", self.START - TICK), ("pro", self.START)),
            told(("pro", long_ago), ("free", NOW - TICK), ("pro", NOW)),
            told(("pro", long_ago), ("free", NOW)),
            told(("pro", long_ago), ("free", NOW + TICK)),
            told(("pro", long_ago), ("free", NOW - DAY), ("pro", NOW - DAY)),
        )
        assert ask(made, trait("=", "pro", **{"for": "30d"})) == [2, 5, 6]

    def test_missing_fulfils_negatives_before_anything_was_told(self) -> None:
        made = lives([], told(("pro", NOW - DAY)), told(("free", NOW - DAY)))
        assert ask(made, trait("!=", "pro", **{"for": "30d"})) == [1, 3]
        assert ask(made, trait("missing", **{"for": "30d"})) == [1]
        assert ask(made, trait("exists", **{"for": "30d"})) == []

    def test_other_values_may_fulfil_it_too(self) -> None:
        made = lives(told((1, NOW - 99 * DAY), (9, NOW - DAY)))
        assert ask(made, trait(">", 0, **{"for": "30d"})) == [1]
        assert ask(made, trait("=", 9, **{"for": "30d"})) == []


class TestChanged:
    @staticmethod
    def changed(**more: Any) -> dict[str, Any]:
        return {"changed": "t", **more}

    def test_in_a_window(self) -> None:
        made = lives(*(told(("a", NOW - 99 * DAY), ("b", at)) for at in around(NOW - 7 * DAY)))
        assert ask(made, self.changed(**{"in": {"last": "7d"}})) == [3]
        assert ask(made, self.changed()) == [1, 2, 3]

    def test_from_and_to(self) -> None:
        then = NOW - 9 * DAY
        made = lives(
            told(("free", then), ("pro", NOW - DAY)),
            told(("free", then), ("basic", then + TICK), ("pro", NOW - DAY)),
            told((None, then), ("pro", NOW - DAY)),
            told(("pro", NOW - DAY)),
            told(("pro", then), ("pro", NOW - DAY)),
            told(("free", then), (None, NOW - DAY)),
        )
        assert ask(made, self.changed(to="pro")) == [1, 2, 3]
        assert ask(made, self.changed(**{"from": "free"})) == [1, 2, 6]
        assert ask(made, self.changed(**{"from": "free", "to": "pro"})) == [1]
        assert ask(made, self.changed()) == [1, 2, 3, 6]

    def test_what_another_of_the_same_moment_follows_never_was(self) -> None:
        at = NOW - DAY
        made = lives(
            told(("a", at - DAY), ("b", at), ("a", at)),
            told(("a", at), ("b", at)),
            told(("a", at - DAY), ("a", at), ("b", at)),
        )
        assert ask(made, self.changed()) == [3]

    def test_types_differ_and_numbers_are_rounded(self) -> None:
        at = NOW - DAY
        pairs = [(5, "5"), (5, 5.0), (1, True), (1.0, 1.0000001), ([1], [1.0]), ([1], [2])]
        made = lives(*(told((old, at - DAY), (new, at)) for old, new in pairs))
        assert ask(made, self.changed()) == [1, 3, 6]

    def test_a_nested_path(self) -> None:
        at = NOW - DAY
        made = lives(
            told(({"city": "X", "zip": 1}, at - DAY), ({"city": "X", "zip": 2}, at)),
            told(({"city": "X"}, at - DAY), ({"zip": 2}, at)),
            told(("nowhere", at - DAY), ("elsewhere", at)),
        )
        assert ask(made, {"changed": "t.city"}) == [2]
        assert ask(made, {"changed": "t.zip"}) == [1, 2]

    def test_on_one_brand_the_others_never_happened(self) -> None:
        made = lives(
            [
                observed("t", "a", NOW - 3 * DAY, 1),
                observed("t", "b", NOW - 2 * DAY, 2),
                observed("t", "a", NOW - DAY, 1),
            ]
        )
        assert ask(made, self.changed()) == [1]
        assert ask(made, self.changed(on_brand=["A"])) == []
