"""Explanations by hand: verdicts, values, rows, and when they change."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from patron.engines.duckdb import Cursor
from patron.segments import explain_when
from patron.segments.codec import decode
from patron.segments.explain import Explained, Explanation, explain
from patron.segments.explain_found import MOST
from patron.segments.text import parse
from unit.segments import worlds
from unit.segments.worlds import NOW, event, observed, person

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def cursor() -> Cursor:
    return worlds.open_cursor()


def explained(
    cursor: Cursor, rule: str, *, as_of: datetime = NOW, profile_id: int = 1, **parts: Any
) -> Explanation:
    """Why a customer with these parts is in, in a world with one other."""
    known = {key: parts.pop(key) for key in ("segments", "lists") if key in parts}
    made = worlds.world(person(1, **parts), person(2), **known)
    worlds.store(cursor, made)
    return explain(
        cursor, parse(rule), profile_id, as_of=as_of, catalogue=worlds.catalogue_of(made)
    )


def only(found: Explanation) -> tuple[bool, Any, int]:
    """Verdict, value and number of rows of a rule that is one condition."""
    evidence = found.condition.evidence
    assert evidence is not None
    assert len(evidence.rows) == min(evidence.total, MOST)
    return found.member, found.condition.value, evidence.total


def verdicts(condition: Explained) -> dict[str, bool]:
    """Every condition by its text."""
    told = {condition.asked: condition.holds}
    for inner in condition.conditions:
        told |= verdicts(inner)
    return told


SPENT = [
    event("Bought", NOW - 3 * DAY, revenue=Decimal("2.5"), size=4),
    event("Bought", NOW - 2 * DAY, revenue=Decimal(5), size="large"),
    event("Bought", NOW - 1 * DAY, size=1),
    event("Seen", NOW - 4 * DAY),
]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('did "Bought"', (True, 3, 3)),
        ('did not "Bought"', (False, 3, 3)),
        ('did "Bought" in the last 36 hours', (True, 1, 1)),
        ('count("Bought" ever) >= 4', (False, 3, 3)),
        ("count(any event ever) = 4", (True, 4, 4)),
        ('sum(revenue of "Bought") > 7', (True, Decimal("7.5"), 3)),
        ('sum(revenue of "Seen") = 0', (True, Decimal(0), 1)),
        ('sum(revenue of "Sold") = 0', (True, Decimal(0), 0)),
        ('average(revenue of "Bought") > 3', (True, Decimal("3.75"), 3)),
        ('average(revenue of "Seen") > 3', (False, None, 1)),
        ('average(size of "Bought" ever) < 3', (True, Decimal("2.5"), 3)),
        ('min(revenue of "Bought") < 2.5', (False, Decimal("2.5"), 3)),
        ('max(revenue of "Bought" in the last 36 hours) > 0', (False, None, 1)),
    ],
)
def test_measures_say_what_was_found(cursor: Cursor, rule: str, expected: Any) -> None:
    assert only(explained(cursor, rule, events=SPENT)) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('distinct(size of "Bought") = 3', (True, 3, 3)),
        ('distinct(size of "Sold") > 0', (False, 0, 0)),
        ("first(size of any event) = 4", (True, 4, 3)),
        ('last(revenue of "Bought") = 5', (True, 5, 2)),
        ('last(size of "Bought" until 2017-12-30) = "large"', (True, "large", 2)),
        ('first(size of "Seen") missing', (True, None, 0)),
        ('most frequent(size of "Bought") = 1', (True, 1, 3)),
        ('count("Bought") > count("Seen")', (True, 3, 3)),
        ('sum(revenue of "Bought") > count("Bought")', (True, Decimal("7.5"), 3)),
        ('count("Bought" since last "Seen") = 3', (True, 3, 3)),
        ('count("Bought" since last "Bought") = 0', (True, 0, 0)),
        ('count("Bought" this week) = 0', (True, 0, 0)),
        ('did "Bought" for the first time in the last 3 full days', (True, NOW - 3 * DAY, 3)),
        ('did "Bought" for the first time since first "Seen"', (True, NOW - 3 * DAY, 4)),
        ('did "Bought" in exactly 3 of the last 3 days', (True, 3, 3)),
        ('stopped "Bought" for 1 hour', (True, 86_400, 3)),
        ('resumed "Bought" after 2 days', (False, 86_400, 3)),
    ],
)
def test_all_that_is_said_of_events_has_rows_behind_it(
    cursor: Cursor, rule: str, expected: Any
) -> None:
    assert only(explained(cursor, rule, events=SPENT)) == expected


@pytest.mark.parametrize(
    ("rule", "when"),
    [
        ('did "Bought" yesterday', NOW + DAY),
        ('did "Bought" in at least 2 of the last 3 weeks', None),
        ('did "Bought" in at least 1 of the last 3 weeks', NOW + 21 * DAY),
        ('stopped "Bought" for 3 days', NOW + 2 * DAY),
        ('did "Bought" for the first time in the last 4 days', NOW + DAY),
        ('resumed "Bought" after 1 day in the last 36 hours', NOW + DAY / 2),
    ],
)
def test_the_calendar_and_pauses_say_when_they_change(
    cursor: Cursor, rule: str, when: datetime | None
) -> None:
    assert explained(cursor, rule, events=SPENT).changes_at == when


def test_an_average_is_rounded_half_even_to_six_places(cursor: Cursor) -> None:
    amounts = [Decimal("0.000001"), Decimal("0.000002")]
    events = [event("Bought", NOW - DAY, revenue=amount) for amount in amounts]
    found = explained(cursor, 'average(revenue of "Bought") > 1', events=events)
    assert found.condition.value == Decimal("0.000002")


def test_the_newest_rows_stand_first_and_carry_what_was_read(cursor: Cursor) -> None:
    found = explained(cursor, 'sum(revenue of "Bought") > 7', events=SPENT)
    rows = found.condition.evidence.rows  # type: ignore[union-attr]
    assert [(row.position, row.occurred_at, row.value) for row in rows] == [
        (1002, NOW - DAY, None),
        (1001, NOW - 2 * DAY, Decimal(5)),
        (1000, NOW - 3 * DAY, Decimal("2.5")),
    ]


def test_at_most_twenty_rows_are_shown_with_their_total(cursor: Cursor) -> None:
    events = [event("Seen", NOW - number * MINUTE) for number in range(30)]
    found = explained(cursor, 'did "Seen"', events=events)
    evidence = found.condition.evidence
    assert evidence is not None
    assert evidence.total == 30
    assert [row.occurred_at for row in evidence.rows] == [NOW - n * MINUTE for n in range(20)]


def test_lines_are_the_evidence_of_conditions_on_lines(cursor: Cursor) -> None:
    tea, cake = {"category": "Tea", "price": 3}, {"category": "Cake", "price": 4}
    events = [event("Order Completed", NOW - DAY, lines=[tea, cake, tea])]
    found = explained(
        cursor, 'count("Order Completed" where any line (category = "Tea")) >= 1', events=events
    )
    assert only(found) == (True, 1, 2)
    assert [row.line for row in found.condition.evidence.rows] == [2, 0]  # type: ignore[union-attr]
    priced = explained(cursor, 'sum(price of lines of "Order Completed") > 9', events=events)
    assert only(priced) == (True, Decimal(10), 3)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("city = Utrecht", (False, "Delft", 1)),
        ('city = "Delft"', (True, "Delft", 1)),
        ('city != "Delft"', (False, "Delft", 1)),
        ('address.zip starts with "26"', (True, "2611", 1)),
        ("address.street exists", (False, None, 1)),
        ("gone missing", (True, None, 1)),
        ("age >= 18", (False, None, 0)),
        ('city = "Utrecht" on brand "B"', (True, "Utrecht", 1)),
    ],
)
def test_the_trait_that_holds_is_shown(cursor: Cursor, rule: str, expected: Any) -> None:
    traits = [
        observed("city", "Utrecht", NOW - 2 * DAY, source=2),
        observed("city", "Delft", NOW - DAY),
        observed("city", "Leiden", NOW + DAY),
        observed("address", {"zip": "2611"}, NOW - DAY),
        observed("gone", "x", NOW - 2 * DAY),
        observed("gone", None, NOW - DAY),
    ]
    rule = rule.replace("= Utrecht", '= "Utrecht"')
    assert only(explained(cursor, rule, traits=traits)) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('plan changed from "free" to "pro" in the last 7 days', (True, "pro", 3)),
        ("plan changed in the last 1 day", (False, "pro", 3)),
        ('plan = "pro" for at least 1 day', (True, "pro", 3)),
        ('plan = "pro" for at least 3 days', (False, "pro", 3)),
    ],
)
def test_the_history_of_a_trait_is_shown(cursor: Cursor, rule: str, expected: Any) -> None:
    told = [(30, "trial"), (9, "free"), (2, "pro")]
    traits = [observed("plan", value, NOW - days * DAY) for days, value in told]
    assert only(explained(cursor, rule, traits=traits)) == expected


def test_the_identifiers_on_a_list_are_shown(cursor: Cursor) -> None:
    lists = {"vip": {("email", "a@x"), ("email", "z@x")}}
    ids = {("email", "a@x"), ("phone", "z@x")}
    assert only(explained(cursor, "in list vip", lists=lists, identifiers=ids)) == (True, "a@x", 1)
    assert only(explained(cursor, "in list vip", lists=lists)) == (False, None, 0)


def test_the_tree_is_followed_into_segments_once(cursor: Cursor) -> None:
    segments = {
        "adults": {"trait": "age", "op": ">=", "value": 18},
        "buyers": {"all": [{"in_segment": "adults"}, decode_text('did "Bought"')]},
    }
    found = explained(
        cursor, "in segment buyers and not in segment adults and not (a exists or b exists)",
        segments=segments, events=SPENT, traits=[observed("age", 20, NOW - DAY)],
    )  # fmt: skip
    assert not found.member
    assert verdicts(found.condition) == {
        found.condition.asked: False,
        "in segment buyers": True,
        'in segment adults and did "Bought"': True,
        "in segment adults": True,
        "age >= 18": True,
        'did "Bought"': True,
        "not in segment adults": False,
        "not (a exists or b exists)": True,
        "a exists or b exists": False,
        "a exists": False,
        "b exists": False,
    }
    again = found.condition.conditions[1].conditions[0]
    assert (again.kind, again.field, again.conditions) == ("in_segment", "all[1].not", ())


def decode_text(rule: str) -> Any:
    """The JSON of a rule's text."""
    from patron.segments.tree import as_object

    return as_object(parse(rule))


def test_it_leaves_when_the_last_row_leaves_the_window(cursor: Cursor) -> None:
    events = [event("Seen", NOW - 9 * DAY), event("Seen", NOW - 2 * DAY)]
    found = explained(cursor, 'did "Seen" in the last 10 days', events=events)
    assert (found.member, found.changes_at) == (True, NOW + 8 * DAY)
    twice = explained(cursor, 'count("Seen" in the last 10 days) >= 2', events=events)
    assert (twice.member, twice.changes_at) == (True, NOW + DAY)


def test_rows_of_the_future_enter_by_time_alone(cursor: Cursor) -> None:
    found = explained(
        cursor, 'plan = "pro" and did "Seen" in the last 1 day',
        events=[event("Seen", NOW + 5 * DAY)], traits=[observed("plan", "pro", NOW + 3 * DAY)],
    )  # fmt: skip
    assert (found.member, found.changes_at) == (False, NOW + 5 * DAY)
    plan, seen = found.condition.conditions
    assert (plan.changes_at, seen.changes_at) == (NOW + 3 * DAY, NOW + 5 * DAY)
    assert plan.evidence is not None
    assert plan.evidence.total == 0


def test_what_never_changes_says_how_far_was_looked(cursor: Cursor) -> None:
    found = explained(cursor, 'did "Seen"', events=[event("Seen", NOW - DAY)])
    assert (found.changes_at, found.looked_until) == (None, NOW + explain_when.AHEAD)
    long = explained(cursor, 'did "Seen" in the last 2000 days', events=[event("Seen", NOW - DAY)])
    assert (long.changes_at, long.looked_until) == (NOW + 1999 * DAY, NOW + 2000 * DAY)


def test_of_many_moments_the_first_that_differs_is_found(
    cursor: Cursor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain_when, "AT_ONCE", 7)
    events = [event("Seen", NOW - number * MINUTE) for number in range(100)]
    events += [event("Sold", NOW + 2 * DAY)]
    found = explained(
        cursor, 'count("Seen" in the last 1 day) > 3 and did not "Sold"', events=events
    )
    assert found.changes_at == NOW + DAY - 3 * MINUTE
    assert found.condition.conditions[1].changes_at == NOW + 2 * DAY
    monkeypatch.setattr(explain_when, "MOST", 50)
    less = explained(cursor, 'count("Seen" in the last 1 day) > 3', events=events)
    assert less.changes_at is None
    assert less.looked_until == NOW + DAY - 50 * MINUTE


def test_before_the_customer_was_seen_nothing_holds(cursor: Cursor) -> None:
    found = explained(
        cursor, 'did not "Sold" or a missing', as_of=NOW - 20 * DAY,
        first_seen_at=NOW - 10 * DAY, events=[event("Seen", NOW - 10 * DAY)],
    )  # fmt: skip
    assert set(verdicts(found.condition).values()) == {False}
    assert found.changes_at == NOW - 10 * DAY
    assert explained(cursor, "a missing", profile_id=99).first_seen_at is None


def test_rows_that_wait_under_a_merged_profile_count(cursor: Cursor) -> None:
    parts = {"events": SPENT, "old_ids": [8], "traits": [observed("city", "Delft", NOW - DAY)]}
    assert only(explained(cursor, 'did "Bought"', **parts)) == (True, 3, 3)
    assert only(explained(cursor, 'city = "Delft"', **parts)) == (True, "Delft", 1)


def test_a_sequence_shows_the_events_of_its_steps(cursor: Cursor) -> None:
    rule = 'sequence ("Seen" then "Bought" within 2 days) in the last 10 days'
    found = explained(cursor, rule, events=SPENT)
    assert only(found) == (True, 2, 4)
    assert found.changes_at == NOW + 6 * DAY


def test_other_questions_can_be_asked_on_the_same_cursor(cursor: Cursor) -> None:
    explained(cursor, 'did "Seen" in the last 10 days', events=SPENT)
    rule, known = parse('did "Seen"'), worlds.catalogue_of(worlds.world())
    assert worlds.members_both_ways(cursor, rule, as_of=NOW, catalogue=known) == [1]
    assert decode(decode_text('did "Seen"')) == rule
