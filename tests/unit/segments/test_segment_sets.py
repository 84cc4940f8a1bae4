"""At least k of, shares, ranks, scope over brands, groups, and past membership, at their edges."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import md5
from typing import Any

import numpy as np
import pytest

from patron.clock import parse_time
from patron.engines.duckdb import Cursor
from patron.segments.asked import Asking
from patron.segments.frames import CURRENT
from patron.segments.query import is_member, members
from patron.segments.questions import compile_question
from patron.segments.sql import compile_members
from patron.segments.text import parse
from patron.segments.tree import as_object
from patron.testing import oracle
from unit.segments import worlds
from unit.segments.worlds import NOW, event, group_call, observed, person, world

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def cursor() -> Cursor:
    return worlds.open_cursor()


def ask(cursor: Cursor, made: dict[str, Any], text: str, *, as_of: datetime = NOW) -> list[int]:
    """The members as the oracle has them, both ways and alone; "not" gives all the others."""
    catalogue = worlds.catalogue_of(made)
    rule = parse(text)
    found = worlds.members_both_ways(cursor, rule, as_of=as_of, catalogue=catalogue)
    others = worlds.members_both_ways(
        cursor, parse(f"not ({text})"), as_of=as_of, catalogue=catalogue
    )
    assert found == sorted(oracle.members(made, as_object(rule), as_of)), text
    seen = [one["id"] for one in made["people"] if one["first_seen_at"] <= as_of]
    assert sorted([*found, *others]) == seen
    for one in seen[-2:]:
        alone = is_member(cursor, rule, one, as_of=as_of, catalogue=catalogue)
        assert alone == (one in found), one
    return found


def stored(cursor: Cursor, *people: dict[str, Any], **parts: Any) -> dict[str, Any]:
    made = world(*people, **parts)
    worlds.store(cursor, made)
    return made


# ── at least k of ──


def with_letters(number: int) -> dict[str, Any]:
    """Customer n has trait a, b, c, and event D, as the bits of n say."""
    traits = [observed(name, 1, NOW - DAY) for bit, name in enumerate("abc") if number >> bit & 1]
    events = [event("D", NOW - DAY)] if number & 8 else []
    return person(number, traits=traits, events=events)


CONDITIONS = ("a = 1", "b = 1", "c missing", 'did not "D"', "not a = 1", "in list vip")


def test_at_least_k_of_counts_what_holds(cursor: Cursor) -> None:
    lists = {"vip": {("email", "3"), ("email", "12")}}
    people = [with_letters(number) for number in range(1, 16)]
    for one in people:
        one["identifiers"] = {("email", str(one["id"]))}
    made = stored(cursor, *people, lists=lists)
    alone = {text: set(ask(cursor, made, text)) for text in CONDITIONS}
    picked = [some for size in (2, 3, 4, 6) for some in itertools.combinations(CONDITIONS, size)]
    for turn, some in enumerate(picked[::2]):
        number = turn % len(some) + 1
        expected = [
            one for one in range(1, 16) if sum(one in alone[text] for text in some) >= number
        ]
        found = worlds.members_both_ways(
            cursor,
            parse(f"at least {number} of ({', '.join(some)})"),
            as_of=NOW,
            catalogue=worlds.catalogue_of(made),
        )
        assert found == expected, (number, some)


def test_the_same_condition_counts_as_often_as_it_is_said(cursor: Cursor) -> None:
    made = stored(cursor, *(with_letters(number) for number in range(1, 16)))
    with_a = [number for number in range(1, 16) if number & 1]
    assert ask(cursor, made, "at least 2 of (a = 1, a = 1, b = 7)") == with_a
    assert ask(cursor, made, "at least 2 of (a = 1, not a = 1, b = 7)") == []
    assert ask(cursor, made, "at least 2 of (a = 1, not a = 1, b != 7)") == list(range(1, 16))


def test_conditions_on_the_same_rows_are_counted_in_one_scan() -> None:
    sql = compile_members(
        parse("at least 2 of (a = 1, b = 1, c = 1)"),
        as_of=NOW,
        catalogue=worlds.catalogue_of(world()),
    )
    assert sql.count("FROM") == 1


# ── a random share ──


def test_a_share_is_of_everybody_who_was_seen_and_always_the_same(cursor: Cursor) -> None:
    people = [person(number) for number in range(1, 400)]
    people[3]["first_seen_at"] = NOW + TICK
    people[4]["first_seen_at"] = NOW
    made = stored(cursor, *people)
    seen = [number for number in range(1, 400) if number != 4]

    def chosen(percent: float, seed: str = "") -> list[int]:
        return [
            number
            for number in seen
            if int(md5(f"{seed}:{number}".encode()).hexdigest()[:8], 16) * 10**6
            < round(percent * 10**4) * 2**32
        ]

    for percent in (0.25, 33.3333, 99.9999, 100):
        assert ask(cursor, made, f"random {percent} %") == chosen(percent)
    assert ask(cursor, made, 'random 10 % seed "spring"') == chosen(10, "spring")
    assert chosen(10) != chosen(10, "spring")
    assert set(chosen(10)) <= set(chosen(50))


def test_the_edge_of_a_share_is_exact(cursor: Cursor) -> None:
    """The share whose limit is just a customer's number leaves that customer out."""
    made = stored(cursor, *(person(number) for number in range(1, 2000)))
    for number in (1, 77, 1234):
        hashed = int(md5(f":{number}".encode()).hexdigest()[:8], 16)
        below = hashed * 10**6 // 2**32
        inside = worlds.members_both_ways(
            cursor,
            parse(f"random {(below + 1) / 10**4:.4f} %"),
            as_of=NOW,
            catalogue=worlds.catalogue_of(made),
        )
        outside = worlds.members_both_ways(
            cursor,
            parse(f"random {below / 10**4:.4f} %"),
            as_of=NOW,
            catalogue=worlds.catalogue_of(made),
        )
        assert number in inside
        assert number not in outside


# ── ranks ──


def buyer(number: int, *amounts: Any, at: datetime = NOW - DAY) -> dict[str, Any]:
    return person(number, events=[event("O", at, revenue=amount) for amount in amounts])


def test_the_highest_come_first_and_of_equals_the_smaller_id(cursor: Cursor) -> None:
    made = stored(
        cursor, buyer(1, 5), buyer(2, 3, 4), buyer(3, 7), buyer(4), buyer(5, -1), buyer(6, None)
    )

    def top(said: str) -> list[int]:
        return ask(cursor, made, f"top {said}")

    assert top('1 by sum(revenue of "O")') == [2]
    assert top('2 by sum(revenue of "O")') == [2, 3]
    assert top('3 by sum(revenue of "O")') == [1, 2, 3]
    # A sum over a row without a value is 0; without any row there is no sum.
    assert top('4 by sum(revenue of "O")') == [1, 2, 3, 6]
    assert top('99 by sum(revenue of "O")') == [1, 2, 3, 5, 6]
    assert top('99 by max(revenue of "O")') == [1, 2, 3, 5]
    assert top('1 by max(revenue of "O")') == [3]
    assert top('3 by min(revenue of "O")') == [1, 2, 3]
    assert top('2 by count("O")') == [1, 2]
    assert top('2 by average(revenue of "O")') == [1, 3]
    assert top('1 by sum(revenue of "O" where revenue < 6)') == [2]
    assert top('50 % by max(revenue of "O")') == [1, 3]
    assert top('50.0001 % by max(revenue of "O")') == [1, 2, 3]
    assert top('0.0001 % by max(revenue of "O")') == [3]
    assert top('100 % by max(revenue of "O")') == [1, 2, 3, 5]
    assert top('5 by count("Nothing")') == []


def test_averages_are_ranked_exactly(cursor: Cursor) -> None:
    """Thirds and their neighbours, below zero too; a sum is never divided in decimals."""
    made = stored(
        cursor,
        buyer(1, 1, 0, 0),
        buyer(2, Decimal("0.333333")),
        buyer(3, Decimal("0.333334")),
        buyer(4, 2, 0, 0, 0, 0, 0),
        buyer(5, -1, 0, 0),
        buyer(6, Decimal("-0.333333")),
        buyer(7, Decimal("-0.333334")),
    )
    order = []
    for number in range(1, 8):
        first = ask(cursor, made, f'top {number} by average(revenue of "O")')
        order += [one for one in first if one not in order]
    assert order == [3, 1, 4, 2, 6, 5, 7]


def test_a_ranking_by_lines_and_by_any_line(cursor: Cursor) -> None:
    lines = [{"quantity": 2, "category": "Tea"}, {"quantity": 1, "category": "Tea"}]
    made = stored(
        cursor,
        person(1, events=[event("O", NOW - DAY, lines=lines)]),
        person(2, events=[event("O", NOW - DAY, lines=lines[:1])] * 2),
        person(3, events=[event("O", NOW - DAY, lines=[])] * 9),
    )
    assert ask(cursor, made, 'top 1 by sum(quantity of lines of "O")') == [2]
    assert ask(cursor, made, 'top 1 by count(lines of "O")') == [1]
    assert ask(cursor, made, 'top 1 by count("O" where any line (category = "Tea"))') == [2]


@pytest.mark.parametrize(
    ("often", "zone", "as_of", "made_for"),
    [
        ("hourly", "UTC", "2018-01-01T10:59:59Z", "2018-01-01T10:00:00Z"),
        ("daily", "UTC", "2018-01-01T10:59:59Z", "2018-01-01T00:00:00Z"),
        ("daily", "Europe/Amsterdam", "2018-01-01T22:59:59Z", "2017-12-31T23:00:00Z"),
        ("daily", "Europe/Amsterdam", "2018-01-01T23:00:00Z", "2018-01-01T23:00:00Z"),
        ("hourly", "Asia/Kolkata", "2018-01-01T10:59:59Z", "2018-01-01T10:30:00Z"),
        ("weekly", "UTC", "2018-01-07T23:59:59Z", "2018-01-01T00:00:00Z"),
        ("weekly", "UTC", "2018-01-08T00:00:00Z", "2018-01-08T00:00:00Z"),
        ("monthly", "Europe/Amsterdam", "2018-03-31T21:00:00Z", "2018-02-28T23:00:00Z"),
        ("monthly", "Europe/Amsterdam", "2018-03-31T22:00:00Z", "2018-03-31T22:00:00Z"),
    ],
)
def test_a_ranking_is_that_of_the_latest_refresh(
    cursor: Cursor, often: str, zone: str, as_of: str, made_for: str
) -> None:
    edge = parse_time(made_for)
    made = stored(
        cursor,
        buyer(1, 1, at=edge - DAY),
        person(2, events=[event("O", edge - DAY)] * 2),
        person(3, events=[event("O", edge)] * 3),
        person(4, events=[event("O", edge + TICK)] * 4),
        time_zone=zone,
    )
    rule = f'top 1 by count("O") refreshed {often}'
    assert ask(cursor, made, rule, as_of=parse_time(as_of)) == [3]


def test_the_window_of_a_ranking_ends_at_its_refresh(cursor: Cursor) -> None:
    noon = NOW + timedelta(hours=12)
    made = stored(cursor, buyer(1, 1, at=NOW - DAY + TICK), buyer(2, 9, at=NOW - DAY))
    rule = 'top 1 by sum(revenue of "O" in the last 1 day)'
    assert ask(cursor, made, rule, as_of=noon) == [1]


def test_questions_about_several_moments_read_the_ranking_of_each(cursor: Cursor) -> None:
    made = stored(cursor, buyer(1, 5, at=NOW - 3 * DAY), buyer(2, 9, at=NOW - DAY))
    question = compile_question(parse('top 1 by sum(revenue of "O")'), worlds.catalogue_of(made))
    moments = [NOW - 2 * DAY, NOW - DAY, NOW, NOW + DAY]
    asking = Asking(cursor)
    asking.gather(
        np.array([1, 2] * 4, dtype=np.int64),
        np.repeat(np.array(moments, dtype="datetime64[us]"), 2),
        [question],
    )
    assert asking.answer(question).tolist() == [True, False, False, True] + [False, True] * 2


# ── scope over brands ──


def test_the_number_of_brands_where_a_condition_holds(cursor: Cursor) -> None:
    """S5.20: very active on two sites or more, on exactly one, on none."""

    def active(number: int, **times: int) -> dict[str, Any]:
        events = [event("V", NOW - DAY, brand=b) for b, n in times.items() for _ in range(n)]
        return person(number, events=events)

    made = stored(
        cursor,
        active(1),
        active(2, A=2),
        active(3, A=3),
        active(4, A=3, B=2),
        active(5, A=3, B=4),
        active(6, A=2, B=2, C=2),
        active(7, A=3, B=3, C=3, Elsewhere=3),
        sources={1: "A", 2: "B", 3: "C"},
    )

    def on(said: str, condition: str = 'count("V") >= 3') -> list[int]:
        return ask(cursor, made, f"on {said} ({condition})")

    assert on("at least 2 brands") == [5, 7]
    assert on("exactly 1 brand") == [3, 4]
    assert on("exactly 0 brands") == [1, 2, 6]
    assert on("at most 1 brand") == [1, 2, 3, 4, 6]
    assert on("exactly 3 brands") == [7]
    assert on("at least 4 brands") == []
    assert on("at least 0 brands") == [1, 2, 3, 4, 5, 6, 7]
    assert on('at least 1 of brands ("B", "C")') == [5, 7]
    assert on('exactly 1 of brands ("B", "B")') == [5, 7]
    assert on('at least 1 of brands ("Elsewhere")') == [7]
    # Conditions that are true of who did nothing there.
    assert on("exactly 3 brands", 'did not "V"') == [1]
    assert on("at least 2 brands", 'did not "V"') == [1, 2, 3]
    assert on("at most 1 brand", 'count("V") <= 2') == [5, 7]
    # Conditions that are more than one scan.
    assert on("at least 2 brands", 'did "V" and count("V") != 3') == [6]
    assert on("at least 1 brand", 'did "V" and a missing and count("V") < 3') == [2, 4, 6]
    assert on("exactly 2 brands", 'at least 2 of (did "V", count("V") > 2, a = 1)') == [5]


def test_traits_on_so_many_brands(cursor: Cursor) -> None:
    def seen(number: int, *brands: int) -> dict[str, Any]:
        return person(number, traits=[observed("a", 1, NOW - DAY, source=b) for b in brands])

    made = stored(cursor, seen(1), seen(2, 1), seen(3, 1, 2), seen(4, 2))
    assert ask(cursor, made, "on at least 2 brands (a = 1)") == [3]
    assert ask(cursor, made, "on exactly 1 brand (a = 1)") == [2, 4]
    assert ask(cursor, made, "on exactly 1 brand (a missing)") == [2, 4]


def test_without_any_brand_none_is_counted(cursor: Cursor) -> None:
    made = stored(cursor, person(1, events=[event("V", NOW - DAY)]), sources={})
    assert ask(cursor, made, 'on at least 1 brand (did "V")') == []
    assert ask(cursor, made, 'on at most 0 brands (did "V")') == [1]


# ── groups ──


def test_a_customer_has_the_traits_of_every_group(cursor: Cursor) -> None:
    made = stored(
        cursor,
        person(1, groups=[group_call("acme", NOW - 3 * DAY, industry="IT", size=5)]),
        person(
            2, groups=[group_call("acme", NOW - 2 * DAY), group_call("home", NOW - DAY, size=2)]
        ),
        person(3, groups=[group_call("shop", NOW - DAY, industry="Retail", seat={"city": "Kyiv"})]),
        person(4),
        person(5, groups=[group_call("acme", NOW + TICK, industry="Food")]),
        person(
            6, old_ids=[60, 61], groups=[group_call("none", NOW - DAY), group_call("shop", NOW)]
        ),
    )
    assert ask(cursor, made, 'group.industry = "IT"') == [1, 2]
    assert ask(cursor, made, 'group.industry != "IT"') == [3, 4, 5, 6]
    assert ask(cursor, made, "group.size < 3") == [2]
    assert ask(cursor, made, "group.size > 3") == [1, 2]
    assert ask(cursor, made, "group.size exists") == [1, 2]
    assert ask(cursor, made, "group.industry missing") == [4, 5]
    assert ask(cursor, made, 'group.seat.city = "Kyiv"') == [3, 6]
    # Each condition may be fulfilled by another group.
    assert ask(cursor, made, 'group.industry = "IT" and group.size = 2') == [2]
    assert ask(cursor, made, 'at least 2 of (group.industry = "IT", group.size = 2, a = 1)') == [2]


def test_the_last_observation_of_a_group_counts_whoever_made_it(cursor: Cursor) -> None:
    late = NOW - DAY
    made = stored(
        cursor,
        person(1, groups=[group_call("g", late, source=1, message="b", plan="gold", tier=1)]),
        person(2, groups=[group_call("g", late, source=1, message="c", plan="silver", tier=None)]),
        person(3, groups=[group_call("g", late - TICK, source=9, message="z", plan="iron")]),
        person(4, groups=[group_call("g", NOW + TICK, source=9, message="z", plan="later")]),
    )
    assert ask(cursor, made, 'group.plan = "silver"') == [1, 2, 3]
    assert ask(cursor, made, 'group.plan = "later"', as_of=NOW + TICK) == [1, 2, 3, 4]
    assert ask(cursor, made, "group.tier exists") == []
    assert ask(cursor, made, 'group.plan = "iron"', as_of=late - TICK) == [3]


def test_groups_on_a_brand_are_those_that_its_sources_told_of(cursor: Cursor) -> None:
    made = stored(
        cursor,
        person(1, groups=[group_call("g", NOW - DAY, source=1, message="a", plan="gold")]),
        person(2, groups=[group_call("g", NOW - DAY, source=2, message="b", plan="iron")]),
        person(3, groups=[group_call("h", NOW - DAY, source=2, message="c")]),
        person(4, groups=[group_call("h", NOW - DAY, source=1, message="d", plan="gold")]),
        person(5),
        sources={1: "A", 2: "B"},
    )
    assert ask(cursor, made, 'group.plan = "gold"') == [3, 4]
    assert ask(cursor, made, 'group.plan = "gold" on brand "A"') == [1, 4]
    assert ask(cursor, made, 'group.plan = "iron" on brand "B"') == [2]
    assert ask(cursor, made, 'group.plan != "iron" on brand "B"') == [1, 3, 4, 5]
    assert ask(cursor, made, 'group.plan exists on brands ("A", "B")') == [1, 2, 3, 4]
    assert ask(cursor, made, "on at least 1 brands (group.plan exists)") == [1, 2, 4]


# ── past membership ──


VIP = {"count": {"event": "O", "in": {"last": "10d"}}, "op": ">=", "value": 2}
QUIET = {"not": {"in_segment": "vip"}}


def test_who_was_a_member_then(cursor: Cursor) -> None:
    then = parse_time("2017-06-30T23:59:59.999999Z")
    twice = [event("O", then), event("O", then - 10 * DAY + TICK)]
    made = stored(
        cursor,
        person(1, events=twice),
        person(2, events=[twice[0], event("O", then - 10 * DAY)]),
        person(3, events=[twice[0], event("O", then + TICK)]),
        person(4, events=[event("O", NOW - DAY)] * 2),
        person(5, first_seen_at=then),
        person(6, first_seen_at=then + TICK),
        segments={"vip": VIP, "quiet": QUIET},
    )
    assert ask(cursor, made, "in segment vip") == [4]
    assert ask(cursor, made, "was in segment vip on 2017-06-30") == [1]
    assert ask(cursor, made, "was in segment vip on 2017-06-30T23:59:59.999998Z") == []
    # Who had not been seen by then was in no segment, be it a negative one.
    assert ask(cursor, made, "was in segment quiet on 2017-06-30") == [2, 3, 4, 5]
    assert ask(cursor, made, "was in segment quiet on 2017-07-01") == [1, 2, 4, 5, 6]
    # A date that lies ahead is today.
    assert ask(cursor, made, "was in segment vip on 2199-01-01") == [4]
    assert ask(cursor, made, "was in segment vip on 2017-06-30", as_of=then - TICK) == []
    assert ask(cursor, made, "in segment vip and was in segment vip on 2017-06-30") == []


def test_past_membership_rests_on_past_membership(cursor: Cursor) -> None:
    day = parse_time("2017-03-01")
    made = stored(
        cursor,
        buyer(1, 1, at=day),
        buyer(2, 1, at=day + 5 * DAY),
        person(3, identifiers={("email", "c")}, first_seen_at=day + 5 * DAY),
        buyer(4, 1, 1, at=day),
        segments={
            "bought": {"count": {"event": "O"}, "op": ">=", "value": 1},
            "early": {"was_in": "bought", "at": "2017-03-03"},
            "on_list": {"in_list": "l"},
            "busiest": {"top": 1, "by": {"count": {"event": "O"}}},
        },
        lists={"l": {("email", "c")}},
    )
    assert ask(cursor, made, "in segment early") == [1, 4]
    assert ask(cursor, made, "was in segment early on 2017-03-01") == [1, 4]
    assert ask(cursor, made, "was in segment early on 2017-02-28") == []
    assert ask(cursor, made, "was in segment bought on 2017-03-05") == [1, 4]
    assert ask(cursor, made, "was in segment on_list on 2017-03-05") == []
    assert ask(cursor, made, "was in segment on_list on 2017-03-06") == [3]
    assert ask(cursor, made, "was in segment busiest on 2017-03-02") == [4]
    assert ask(cursor, made, "was in segment busiest on 2017-02-28") == []


def test_recorded_entries_and_exits(cursor: Cursor) -> None:
    edge = NOW - 7 * DAY
    changes = [
        (1, "entered", edge),
        (2, "entered", edge + TICK),
        (4, "entered", NOW),
        (4, "left", NOW),
        (5, "entered", NOW + TICK),
        (7, "left", edge),
        (7, "left", edge),
    ]
    made = stored(
        cursor,
        *(person(number, old_ids=[70] if number == 7 else []) for number in range(1, 8)),
        segments={"vip": VIP, "other": QUIET},
        changes={"vip": changes, "other": [(6, "entered", NOW)]},
    )
    # A member when the segment was made did not enter it.
    cursor.execute(
        "insert into membership_changes by name select * replace (3 as profile_id, "
        "true as first_fill) from membership_changes where profile_id = 2"
    )
    cursor.execute("update membership_changes set profile_id = 70 where profile_id = 7")
    # Who was merged into another did not leave it.
    cursor.execute(
        "insert into membership_changes by name select * replace (1 as profile_id, "
        "'left' as kind, 'merged' as reason) from membership_changes where profile_id = 2"
    )
    assert ask(cursor, made, "entered segment vip in the last 7 days") == [2, 4]
    assert ask(cursor, made, "entered segment vip") == [1, 2, 4]
    assert ask(cursor, made, "left segment vip") == [4, 7]
    assert ask(cursor, made, "left segment vip since 2018-01-01") == [4]
    assert ask(cursor, made, "entered segment vip until 2017-12-25") == [1, 2]


def test_who_was_not_seen_by_then_did_not_enter(cursor: Cursor) -> None:
    """After a split, a profile can have a record of a time before it was seen (M11)."""
    made = stored(
        cursor,
        person(1, first_seen_at=NOW - DAY),
        person(2, first_seen_at=NOW + TICK),
        segments={"vip": VIP},
        changes={"vip": [(1, "entered", NOW - DAY), (2, "entered", NOW - DAY)]},
    )
    assert ask(cursor, made, "entered segment vip") == [1]
    assert ask(cursor, made, "not entered segment vip") == []


def test_a_rank_follows_merges_that_wait_for_compaction(cursor: Cursor) -> None:
    made = stored(
        cursor,
        person(1, events=[event("O", NOW - DAY)] * 3),
        person(2, old_ids=[20], events=[event("O", NOW - DAY)] * 4),
    )
    rule = parse('top 1 by count("O")')
    assert ask(cursor, made, 'top 1 by count("O")') == [2]
    sql = compile_members(rule, as_of=NOW, catalogue=worlds.catalogue_of(made), relations=CURRENT)
    assert cursor.execute(sql).all() == [(2,)]
    assert members(cursor, rule, as_of=NOW, catalogue=worlds.catalogue_of(made)) == [2]
