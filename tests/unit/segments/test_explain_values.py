"""What explanations say beyond verdicts: of each class of conditions, on a history made by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from patron.engines.duckdb import Cursor
from patron.segments import explain_values as values
from patron.segments.explain import Explained, explain
from patron.segments.text import parse
from unit.segments import worlds
from unit.segments.worlds import NOW, event, group_call, observed, person

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def cursor() -> Cursor:
    return worlds.open_cursor()


def told(
    cursor: Cursor, rule: str, *, others: Any = (), as_of: datetime = NOW, **parts: Any
) -> Explained:
    """Why customer 1 with these parts is in, or is not; there may be other customers."""
    known = {key: parts.pop(key) for key in ("segments", "changes", "time_zone") if key in parts}
    made = worlds.world(person(1, **parts), *others, **known)
    worlds.store(cursor, made)
    catalogue = worlds.catalogue_of(made)
    return explain(cursor, parse(rule), 1, as_of=as_of, catalogue=catalogue).condition


def ids(*rows: values.Row | None) -> list[str | None]:
    """The message ids of rows, None for a row that is not there."""
    return [None if row is None else row.message_id for row in rows]


# ── sequences ──

SEEN = [
    event("A", NOW - 9 * DAY, message_id="a1"),
    event("B", NOW - 8 * DAY, message_id="b1"),
    event("A", NOW - 5 * DAY, message_id="a2"),
    event("X", NOW - 4 * DAY, message_id="x1"),
    event("B", NOW - 3 * DAY, message_id="b2", size=2),
    event("C", NOW - 1 * DAY, message_id="c1"),
]


@pytest.mark.parametrize(
    ("rule", "value", "run", "stop", "by"),
    [
        ('"A" then "B" then "C"', 3, ["a2", "b2", "c1"], None, None),
        ('"A" then "B" within 2 days then "C"', 3, ["a2", "b2", "c1"], None, None),
        ('"A" then "B" within 1 day then "C"', 3, ["a1", "b1", "c1"], None, None),
        ('"A" then "B" then "C" within 1 day', 2, ["a2", "b2", None], "late", "c1"),
        ('"A" then "B" within 1 day without "X"', 2, ["a1", "b1"], None, None),
        ('"B" where (size = 2) then "A"', 1, ["b2", None], "missing", None),
        ('"Z" then "A"', 0, [None, None], "missing", None),
        ('"A" then "X" then "C" without "B"', 2, ["a2", "x1", None], "between", "b2"),
        ('"A" then "X" then "C" without ("Z", "B")', 2, ["a2", "x1", None], "between", "b2"),
        ('"A" then "B" then not "C" within 3 days', 3, ["a1", "b1", None], None, None),
        ('"A" then "B" where (size = 2) then not "C" within 2 days', 2, ["a2", "b2", None], "came",
         "c1"),
    ],
)  # fmt: skip
def test_a_sequence_says_how_far_it_came_and_why_no_further(
    cursor: Cursor, rule: str, value: int, run: list[str | None], stop: str | None, by: str | None
) -> None:
    found = told(cursor, f"sequence ({rule})", events=SEEN)
    detail = found.detail
    assert isinstance(detail, values.Steps)
    assert found.holds == (stop is None)
    assert (found.value, detail.stop, ids(detail.row)) == (value, stop, [by])
    assert ids(*(step.row for step in detail.steps)) == run
    assert [step.reached for step in detail.steps] == [at < value for at in range(len(run))]


def test_a_sequence_that_waits_says_until_when(cursor: Cursor) -> None:
    rule = 'sequence ("A" then "C" then not "B" within 3 days)'
    found = told(cursor, rule, events=SEEN)
    assert isinstance(found.detail, values.Steps)
    assert (found.holds, found.value, found.detail.stop) == (False, 2, "waiting")
    assert found.detail.until == found.changes_at == NOW + 2 * DAY
    assert found.detail.steps[2].asked == 'not "B" within 3 days'


def test_of_a_sequence_only_what_lies_in_the_window_is_told(cursor: Cursor) -> None:
    rule = 'sequence ("A" then "B" then "C" within 5 days) in the last 4 days on brand "A"'
    found = told(cursor, rule, events=SEEN)
    assert isinstance(found.detail, values.Steps)
    assert (found.value, found.detail.stop) == (0, "missing")


# ── carts ──

CART = [
    event("Product Added", NOW - 9 * DAY, message_id="p0"),
    event("Order Completed", NOW - 8 * DAY, message_id="o1"),
    event("Product Added", NOW - 5 * HOUR, message_id="p1"),
    event("Checkout Started", NOW - 4 * HOUR, message_id="k1"),
    event("Product Added", NOW - 3 * HOUR, message_id="p2"),
]


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("abandoned cart for at least 3 hours", True),
        ("abandoned cart for at least 4 hours", False),
        ('abandoned cart for at least 1 hour at "payment"', False),
        ('abandoned cart for at least 1 hour at "checkout" in the last 2 hours', False),
    ],
)
def test_a_cart_says_its_stage_and_when_it_was_last_touched(
    cursor: Cursor, rule: str, holds: bool
) -> None:
    found = told(cursor, rule, events=CART)
    assert isinstance(found.detail, values.Cart)
    assert (found.holds, found.value, found.detail.events) == (holds, "checkout", 3)
    assert ids(found.detail.touched, found.detail.ordered) == ["p2", "o1"]
    assert found.detail.touched is not None
    assert found.detail.touched.occurred_at == NOW - 3 * HOUR


def test_an_empty_cart_names_the_order_that_emptied_it(cursor: Cursor) -> None:
    found = told(cursor, "abandoned cart for at least 1 hour", events=CART[:2])
    assert found.value is None
    assert isinstance(found.detail, values.Cart)
    assert ids(found.detail.touched, found.detail.ordered) == [None, "o1"]
    elsewhere = told(cursor, 'abandoned cart for at least 1 hour on brand "B"', events=CART)
    assert elsewhere.detail == values.Cart(0, None, None)


# ── patterns ──

BOUGHT = [
    event("Bought", NOW - 40 * DAY, message_id="b1"),
    event("Bought", NOW - 38 * DAY, message_id="b2"),
    event("Bought", NOW - 12 * DAY, message_id="b3"),
    event("Bought", NOW - 11 * DAY, message_id="b4"),
]


@pytest.mark.parametrize(("window", "inside"), [("in the last 41 days", True), ("today", False)])
def test_the_first_time_is_told_inside_the_window_or_not(
    cursor: Cursor, window: str, inside: bool
) -> None:
    found = told(cursor, f'did "Bought" for the first time {window}', events=BOUGHT)
    assert isinstance(found.detail, values.First)
    assert (found.holds, found.detail.inside) == (inside, inside)
    assert (found.value, ids(found.detail.row)) == (NOW - 40 * DAY, ["b1"])
    never = told(cursor, f'did "Sold" for the first time {window}', events=BOUGHT)
    assert (never.value, never.detail) == (None, values.First(None, inside=False))


def test_periods_say_how_many_and_which(cursor: Cursor) -> None:
    # 1 January 2018 is a Monday; in Amsterdam it began an hour before it did in UTC.
    rule = 'did "Bought" in at least 3 of the last 6 weeks in zone "Europe/Amsterdam"'
    found = told(cursor, rule, events=BOUGHT)
    assert (found.holds, found.value) == (False, 2)
    assert isinstance(found.detail, values.Periods)
    first, second = found.detail.periods
    assert (first.first_day, first.events, second.first_day, second.events) == (
        "2017-11-20", 2, "2017-12-18", 2,
    )  # fmt: skip
    assert (second.start, second.end) == (datetime(2017, 12, 17, 23), datetime(2017, 12, 24, 23))
    assert told(cursor, rule, events=[]).detail == values.Periods(())


def test_a_pause_that_lasts_names_the_last_event(cursor: Cursor) -> None:
    found = told(cursor, 'stopped "Bought" for 10 days', events=BOUGHT)
    assert (found.holds, found.value) == (True, 11 * 86_400)
    assert isinstance(found.detail, values.Pause)
    assert ids(found.detail.before, found.detail.after) == ["b4", None]
    never = told(cursor, 'stopped "Sold" for 10 days', events=BOUGHT)
    assert (never.value, never.detail) == (None, values.Pause(None, None))


@pytest.mark.parametrize(
    ("rule", "holds", "days", "rows"),
    [
        ('resumed "Bought" after 20 days in the last 30 days', True, 26, ["b2", "b3"]),
        ('resumed "Bought" after 20 days in the last 270 hours', False, 1, ["b3", "b4"]),
        ('resumed "Bought" after 20 days in the last 10 days', False, None, [None, None]),
    ],
)
def test_the_longest_pause_that_ended_in_the_window_is_told(
    cursor: Cursor, rule: str, holds: bool, days: int | None, rows: list[str | None]
) -> None:
    found = told(cursor, rule, events=BOUGHT)
    assert isinstance(found.detail, values.Pause)
    assert (found.holds, found.value) == (holds, None if days is None else days * 86_400)
    assert ids(found.detail.before, found.detail.after) == rows


# ── two measures, values that were picked ──


def test_two_measures_of_different_rows_are_both_told(cursor: Cursor) -> None:
    events = [*BOUGHT, event("Seen", NOW - DAY, message_id="s1", price=2.5)]
    rule = 'count("Bought" in the last 39 days) > sum(price of "Seen")'
    found = told(cursor, rule, events=events)
    assert (found.holds, found.value) == (True, 3)
    assert found.evidence is not None
    assert ids(*found.evidence.rows) == ["b4", "b3", "b2"]
    assert isinstance(found.detail, values.Compared)
    assert (found.detail.value, found.detail.evidence.total) == (Decimal("2.5"), 1)
    assert [(row.message_id, row.value) for row in found.detail.evidence.rows] == [("s1", 2.5)]
    missing = told(cursor, 'max(price of "Seen") > count("Bought")', events=BOUGHT)
    assert isinstance(missing.detail, values.Compared)
    assert (missing.value, missing.detail.value) == (None, 4)


def test_two_measures_of_the_same_rows_are_both_told(cursor: Cursor) -> None:
    events = [event("Seen", NOW - DAY, price=3), event("Seen", NOW - DAY, price=4)]
    found = told(cursor, 'average(price of "Seen") > count("Seen")', events=events)
    assert isinstance(found.detail, values.Compared)
    assert (found.value, found.detail.value) == (Decimal("3.5"), 2)


def test_the_most_frequent_value_says_how_often(cursor: Cursor) -> None:
    sizes = ["M", "L", 4, "L", "M", None, ["S"]]
    events = [event("Seen", NOW - (9 - at) * DAY, size=size) for at, size in enumerate(sizes)]
    found = told(cursor, 'most frequent(size of "Seen") = "M"', events=events)
    assert (found.holds, found.value, found.detail) == (True, "M", values.Frequent(2, 5))


def test_the_first_and_last_line_with_a_value_are_told(cursor: Cursor) -> None:
    lines = [{"sku": "a"}, {"price": 3}, {"sku": "c"}]
    events = [
        event("Order Completed", NOW - DAY, lines=lines, message_id="o1"),
        # Of the same moment; by its message id it is the later one, though it came in before.
        event("Order Completed", NOW - 2 * DAY, lines=[{"sku": "z"}], message_id="n2"),
        event("Order Completed", NOW - 2 * DAY, lines=[{"sku": "y"}], message_id="n1"),
    ]
    for which, value in (("first", "y"), ("last", "c")):
        rule = f'{which}(sku of lines of "Order Completed") = "{value}"'
        found = told(cursor, rule, events=events)
        assert (found.holds, found.value) == (True, value)
        assert found.detail == values.Frequent(1, 4)


# ── groups, shares, ranks ──


def test_groups_are_told_with_their_values_and_calls(cursor: Cursor) -> None:
    calls = [
        group_call("acme", NOW - 3 * DAY, message="g1", industry="IT"),
        group_call("home", NOW - 2 * DAY, message="g2"),
    ]
    colleague = person(2, groups=[group_call("acme", NOW - DAY, message="g3", industry="Tea")])
    found = told(cursor, 'group.industry = "Tea"', groups=calls, others=[colleague])
    assert (found.holds, found.value) == (True, "Tea")
    assert isinstance(found.detail, values.Groups)
    acme, home = found.detail.groups
    assert (acme.group_id, acme.holds, ids(acme.row)) == ("acme", True, ["g3"])
    assert (home.group_id, home.holds, home.row) == ("home", False, None)
    before = told(
        cursor, 'group.industry != "Tea"', groups=calls, others=[colleague], as_of=NOW - 2 * DAY
    )
    assert (before.holds, before.value) == (True, "IT")
    assert told(cursor, "group.industry exists").detail == values.Groups(())


@pytest.mark.parametrize(
    ("brands", "holds", "rows"),
    [
        ("", True, {"acme": "g3", "club": "g2"}),
        ('on brand "A"', False, {"acme": "g1"}),
        ('on brand "B"', True, {"club": "g2"}),
        ('on brands ("A", "B")', True, {"acme": "g3", "club": "g2"}),
    ],
)
def test_groups_on_a_brand_are_told_by_the_calls_of_its_sources_alone(
    cursor: Cursor, brands: str, holds: bool, rows: dict[str, str]
) -> None:
    a, b = 1, 2  # sources of the brands "A" and "B"
    calls = [
        group_call("acme", NOW - 3 * DAY, a, "g1", industry="IT"),
        group_call("club", NOW - 2 * DAY, b, "g2", industry="Tea"),
    ]
    colleague = person(2, groups=[group_call("acme", NOW - DAY, b, "g3", industry="Tea")])
    found = told(cursor, f'group.industry = "Tea" {brands}', groups=calls, others=[colleague])
    assert isinstance(found.detail, values.Groups)
    told_by = {one.group_id: one.row.message_id for one in found.detail.groups if one.row}
    assert (found.holds, told_by) == (holds, rows)
    assert any(one.holds for one in found.detail.groups) == holds


def test_a_share_tells_the_number_that_was_drawn(cursor: Cursor) -> None:
    # md5(":1") begins with 3558193c, which is 20.8375527… % of 2 ** 32.
    drawn = Decimal("20.837552")
    for limit, holds in (("20.8375", False), ("20.8376", True)):
        found = told(cursor, f"random {limit} %")
        assert (found.holds, found.value) == (holds, drawn)
        assert found.detail == values.Drawn(Decimal(limit))
    assert told(cursor, 'random 50 % seed "spring"').value == Decimal("78.741145")
    assert told(cursor, "random 100 %").holds


def ranked(*numbers: int) -> list[dict[str, Any]]:
    """Customers 2, 3, … with so many events the day before."""
    return [
        person(at, events=[event("Seen", NOW - DAY, price=number)] * 1)
        for at, number in enumerate(numbers, 2)
    ]


@pytest.mark.parametrize(
    ("top", "holds", "last"),
    [("2", False, (2, 7)), ("3", True, (3, 5)), ("50 %", True, (3, 5)), ("99", True, (5, 1))],
)
def test_a_ranking_tells_the_place_and_what_would_be_enough(
    cursor: Cursor, top: str, holds: bool, last: tuple[int, int]
) -> None:
    rule = f'top {top} by sum(price of "Seen")'
    own = [event("Seen", NOW - DAY, price=5), event("Seen", NOW + HOUR, price=100)]
    found = told(cursor, rule, events=own, others=ranked(9, 5, 1, 7), as_of=NOW + 2 * HOUR)
    assert (found.holds, found.value) == (holds, Decimal(5))
    assert found.detail == values.Rank(NOW, 3, 5, last[0], Decimal(last[1]))


def test_a_ranking_by_an_average_tells_averages(cursor: Cursor) -> None:
    own = [event("Seen", NOW - DAY, price=price) for price in (4, 7)]
    better = person(2, events=[event("Seen", NOW - DAY, price=price) for price in (9, 9, 10)])
    found = told(cursor, 'top 1 by average(price of "Seen")', events=own, others=[better])
    assert found.value == Decimal("5.5")
    assert found.detail == values.Rank(NOW, 2, 2, 1, Decimal("9.333333"))


def test_who_is_not_ranked_has_no_place(cursor: Cursor) -> None:
    rule = 'top 1 by average(price of "Seen") refreshed monthly'
    found = told(cursor, rule, others=ranked(9, 5), as_of=NOW + 3 * DAY)
    assert (found.value, found.detail) == (None, values.Rank(NOW, None, 2, 1, Decimal(9)))
    assert told(cursor, rule).detail == values.Rank(NOW, None, 0, 0, None)


# ── membership ──

CHANGES = {
    "vip": [
        (1, "entered", NOW - 9 * DAY),
        (1, "left", NOW - 5 * DAY),
        (1, "entered", NOW - 2 * DAY),
    ]
}
VIP = {"vip": {"trait": "city", "op": "exists"}}
LIVES = [observed("city", "Delft", NOW - 20 * DAY)]


def test_a_membership_tells_since_when_by_the_record(cursor: Cursor) -> None:
    parts: Any = {"segments": VIP, "changes": CHANGES, "traits": LIVES}
    found = told(cursor, "in segment vip", **parts)
    assert (found.holds, found.value) == (True, NOW - 2 * DAY)
    assert isinstance(found.detail, values.Recorded)
    (change,) = found.detail.changes
    assert (change.change_id, change.kind, change.reason) == (2, "entered", "data")
    assert found.conditions[0].value == "Delft"
    was = told(cursor, "was in segment vip on 2017-12-28", **parts)
    assert isinstance(was.detail, values.Recorded)
    assert [(one.change_id, one.kind, one.at) for one in was.detail.changes] == [
        (1, "left", NOW - 5 * DAY)
    ]
    # By what is known today the customer fulfilled the rule then, whatever was on record.
    assert (was.holds, was.value) == (True, None)
    assert told(cursor, "in segment vip", segments=VIP).detail == values.Recorded(())


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("entered segment vip in the last 30 days", [2, 0]),
        ("entered segment vip in the last 3 days", [2]),
        ("left segment vip ever", [1]),
        ("left segment vip today", []),
    ],
)
def test_entries_and_exits_that_count_are_named(
    cursor: Cursor, rule: str, changes: list[int]
) -> None:
    found = told(cursor, rule.replace(" ever", ""), segments=VIP, changes=CHANGES)
    assert isinstance(found.detail, values.Recorded)
    assert (found.holds, found.value) == (bool(changes), len(changes))
    assert [change.change_id for change in found.detail.changes] == changes


@pytest.mark.parametrize(
    ("rule", "days_ago", "holds", "until"),
    [
        ("entered segment vip", 10, False, 9),
        ("left segment vip", 6, False, 5),
        ("entered segment vip in the last 2 days", 4, False, 2),
        ("entered segment vip in the last 2 days", 8, True, 7),
        ("not left segment vip", 4, False, None),
    ],
)
def test_what_was_recorded_after_the_moment_is_ahead_of_it(
    cursor: Cursor, rule: str, days_ago: int, holds: bool, until: int | None
) -> None:
    as_of = NOW - days_ago * DAY
    found = told(cursor, rule, as_of=as_of, segments=VIP, changes=CHANGES)
    assert found.holds == holds
    assert found.changes_at == (None if until is None else NOW - until * DAY)


@pytest.mark.parametrize(
    ("rule", "changes", "until"),
    [
        ('entered segment vip since first "Bought"', [2, 0], None),
        ('entered segment vip since last "Bought"', [2], None),
        ('left segment vip since last "Bought"', [], None),
        ('left segment vip since last "Sold"', [], None),
        ("entered segment vip in the last 3 days", [2], NOW + DAY),
    ],
)
def test_entries_and_exits_since_an_event_are_told(
    cursor: Cursor, rule: str, changes: list[int], until: datetime | None
) -> None:
    bought = [event("Bought", NOW - days * DAY) for days in (10, 4)]
    found = told(cursor, rule, segments=VIP, changes=CHANGES, events=bought)
    assert isinstance(found.detail, values.Recorded)
    assert (found.holds, found.value) == (bool(changes), len(changes))
    assert [change.change_id for change in found.detail.changes] == changes
    assert found.changes_at == until


# ── sets ──


def test_at_least_tells_how_many_hold(cursor: Cursor) -> None:
    rule = 'at least 2 of (did "Bought", did "Seen", did not "Seen")'
    found = told(cursor, rule, events=BOUGHT)
    assert (found.holds, found.value, found.detail) == (True, 2, values.Parts(3))
    assert [inner.value for inner in found.conditions] == [4, 0, 0]


def test_each_brand_is_told_with_its_verdict_and_value(cursor: Cursor) -> None:
    events = [*BOUGHT, event("Bought", NOW - DAY, brand="B", message_id="other")]
    found = told(cursor, 'on exactly 1 brand (count("Bought") >= 2)', events=events)
    assert (found.holds, found.value) == (True, 1)
    verdicts = (values.BrandVerdict("A", holds=True), values.BrandVerdict("B", holds=False))
    assert found.detail == values.Brands(verdicts)
    assert [inner.value for inner in found.conditions] == [4, 1]


@pytest.mark.parametrize("number", [2_000_000, 123_456_789_012, -999_999_999_999])
@pytest.mark.parametrize("measure", ["sum", "average", "min", "max"])
def test_numbers_of_twelve_digits_are_told_whole(cursor: Cursor, measure: str, number: int) -> None:
    events = [event("Seen", NOW - DAY, price=number)]
    found = told(cursor, f'{measure}(price of "Seen") > 0', events=events)
    assert (found.holds, found.value) == (number > 0, number)
    top = told(cursor, f'top 1 by {measure}(price of "Seen")', events=events)
    assert (top.holds, top.value) == (True, number)


def test_a_step_may_be_about_lines_and_another_about_events(cursor: Cursor) -> None:
    events = [
        event("A", NOW - 3 * DAY, message_id="a1"),
        event(
            "B", NOW - 2 * DAY, message_id="b1", lines=[{"category": "Tea"}, {"category": "Tea"}]
        ),
        event("B", NOW - DAY, message_id="b2", lines=[{"category": "Ink"}]),
    ]
    rule = 'sequence ("A" then "B" where any line (category = "Tea"))'
    found = told(cursor, rule, events=events)
    assert isinstance(found.detail, values.Steps)
    assert ids(*(step.row for step in found.detail.steps)) == ["a1", "b1"]
    assert found.evidence is not None
    assert (found.evidence.table, ids(*found.evidence.rows)) == ("events", ["b1", "a1"])
