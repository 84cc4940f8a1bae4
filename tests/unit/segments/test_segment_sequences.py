"""Sequences, abandoned carts and the short forms for orders: their edges, and a search by hand."""

from __future__ import annotations

import itertools
import random
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from patron.engines.duckdb import Cursor
from patron.errors import RuleError
from patron.segments import tree
from patron.segments.asked import Asking
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode
from patron.segments.durations import duration
from patron.segments.printer import print_rule
from patron.segments.query import members
from patron.segments.questions import compile_question
from patron.segments.resolve import resolve
from patron.segments.text import parse, parse_with_places
from patron.segments.values import ends, starts
from unit.segments import worlds
from unit.segments.worlds import NOW, event, person, world

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def cursor() -> Cursor:
    return worlds.open_cursor()


def ask(cursor: Cursor, made: dict[str, Any], rule: str | tree.Rule) -> list[int]:
    """The members: in bulk, which asking each customer gives too."""
    known = worlds.catalogue_of(made)
    asked = parse(rule) if isinstance(rule, str) else rule
    return worlds.members_both_ways(cursor, asked, as_of=NOW, catalogue=known)


def histories(cursor: Cursor, *people: str | list[tuple[str, datetime]]) -> dict[str, Any]:
    """Customers, each with events; of a text each letter is one, a minute after the other."""
    made = world(
        *(
            person(number, events=[event(name, at) for name, at in _spelled(events)])
            for number, events in enumerate(people, 1)
        )
    )
    worlds.store(cursor, made)
    return made


def _spelled(events: str | list[tuple[str, datetime]]) -> list[tuple[str, datetime]]:
    if not isinstance(events, str):
        return events
    start = NOW - DAY
    return [(name, start + MINUTE * n) for n, name in enumerate(events) if name != " "]


class TestSequences:
    def test_steps_follow_one_another(self, cursor: Cursor) -> None:
        made = histories(cursor, "ABC", "BAC", "AXBXC", "CBA", "AB", "")
        assert ask(cursor, made, 'sequence ("A" then "B" then "C")') == [1, 3]
        assert ask(cursor, made, 'sequence ("A" then "C")') == [1, 2, 3]
        assert ask(cursor, made, 'not sequence ("A" then "C")') == [4, 5, 6]
        assert ask(cursor, made, 'sequence (any event then "A" then any event)') == [2]

    def test_at_the_same_moment_nothing_follows(self, cursor: Cursor) -> None:
        at = NOW - HOUR
        made = histories(cursor, [("A", at), ("B", at)], [("A", at), ("B", at + TICK)], "AA", "A")
        assert ask(cursor, made, 'sequence ("A" then "B")') == [2]
        assert ask(cursor, made, 'sequence ("A" then "B" within 1 hour)') == [2]
        assert ask(cursor, made, 'sequence ("A" then "A")') == [3]

    def test_within_includes_its_end(self, cursor: Cursor) -> None:
        first = NOW - 2 * DAY
        made = histories(
            cursor,
            *([("A", first), ("B", first + HOUR + shift)] for shift in (-TICK, 0 * TICK, TICK)),
            [("A", first), ("A", first + HOUR), ("B", first + 2 * HOUR)],
        )
        assert ask(cursor, made, 'sequence ("A" then "B" within 1 hour)') == [1, 2, 4]

    def test_any_reached_event_may_lead_on(self, cursor: Cursor) -> None:
        """The latest event of a step may lead nowhere while an earlier one does."""
        made = histories(cursor, "AB  C", "AB B   C", "A B   B  C")
        text = 'sequence ("A" then "B" within 1 min then "C" within 4 min)'
        assert ask(cursor, made, text) == [1]
        text = 'sequence ("A" then "B" within 2 min then "C")'
        assert ask(cursor, made, text) == [1, 2, 3]

    def test_without_is_strictly_between(self, cursor: Cursor) -> None:
        a, b = NOW - 2 * HOUR, NOW - HOUR
        moments = (a - TICK, a, a + TICK, b - TICK, b, b + TICK)
        made = histories(cursor, *([("A", a), ("D", at), ("B", b)] for at in moments), "ADAB")
        assert ask(cursor, made, 'sequence ("A" then "B" without "D")') == [1, 2, 5, 6, 7]
        assert ask(cursor, made, 'sequence ("A" then "B" without any event)') == [1, 2, 5, 6, 7]

    def test_without_names_several_and_filters(self, cursor: Cursor) -> None:
        made = world(
            *(
                person(
                    number,
                    events=[
                        event("A", NOW - 3 * HOUR),
                        event(name, NOW - 2 * HOUR, x=x),
                        event("B", NOW - HOUR, lines=[{"sku": "1"}]),
                    ],
                )
                for number, (name, x) in enumerate([("D", 1), ("D", 2), ("E", 1), ("F", 1)], 1)
            )
        )
        worlds.store(cursor, made)
        assert ask(cursor, made, 'sequence ("A" then "B" without ("D", "E"))') == [4]
        text = 'sequence ("A" then "B" without ("D" where (x = 1), "E" where (x = 2)))'
        assert ask(cursor, made, text) == [2, 3, 4]
        text = 'sequence ("A" then any event where (x = 1) then "B" where any line (sku = "1"))'
        assert ask(cursor, made, text) == [1, 3, 4]
        assert ask(cursor, made, 'sequence ("A" then "B" where any line (sku = "2"))') == []

    def test_every_event_lies_in_the_window(self, cursor: Cursor) -> None:
        edge = NOW - 7 * DAY
        made = histories(
            cursor,
            [("A", edge), ("B", edge + HOUR)],
            [("A", edge + TICK), ("B", edge + HOUR)],
            [("A", NOW - HOUR), ("B", NOW)],
            [("A", NOW - HOUR), ("B", NOW + TICK)],
        )
        assert ask(cursor, made, 'sequence ("A" then "B") in the last 7 days') == [2, 3]
        assert ask(cursor, made, 'sequence ("A" then "B" within 1 day)') == [1, 2, 3]
        assert ask(cursor, made, 'sequence ("A" then "B") until 2017-12-26') == [1, 2]

    def test_brands(self, cursor: Cursor) -> None:
        def steps(*brands: str) -> list[dict[str, Any]]:
            names = zip("ADB", brands, (3, 2, 1), strict=True)
            return [event(name, NOW - HOUR * back, brand=brand) for name, brand, back in names]

        brands = ("AAA", "ABA", "AAB", "BBB")
        made = world(*(person(n, events=steps(*some)) for n, some in enumerate(brands, 1)))
        worlds.store(cursor, made)
        text = 'sequence ("A" then "B" without "D")'
        assert ask(cursor, made, text) == []
        assert ask(cursor, made, f'{text} on brand "A"') == [2]
        assert ask(cursor, made, 'sequence ("A" then "B") on brand "A"') == [1, 2]
        assert ask(cursor, made, 'sequence ("A" then "B") on brands ("A", "B")') == [1, 2, 3, 4]

    def test_final_absence(self, cursor: Cursor) -> None:
        start = NOW - 3 * DAY
        made = histories(
            cursor,
            [("A", start), ("B", start + HOUR)],
            [("A", start), ("B", start + HOUR), ("C", start + HOUR)],
            [("A", start), ("B", start + HOUR), ("C", start + HOUR + TICK)],
            [("A", start), ("B", start + HOUR), ("C", start + HOUR + DAY)],
            [("A", start), ("B", start + HOUR), ("C", start + HOUR + DAY + TICK)],
            [("A", start), ("B", NOW - DAY)],
            [("A", start), ("B", NOW - DAY + TICK)],
            [("A", start), ("B", start + HOUR), ("B", start + 2 * DAY - TICK), ("C", NOW - DAY)],
            [("B", start)],
        )
        text = 'sequence ("A" then "B" then not "C" within 1 day)'
        assert ask(cursor, made, text) == [1, 2, 5, 6, 8]
        assert ask(cursor, made, 'sequence ("B" then not "C" within 1 day)') == [1, 2, 5, 6, 8, 9]
        # The window holds the steps; what follows them counts also after its end.
        late = NOW - 2 * DAY
        made = histories(cursor, [("A", late - TICK), ("C", late)], [("A", late - TICK)])
        text = 'sequence ("A" then not "C" within 1 day) until 2017-12-29'
        assert ask(cursor, made, text) == [2]

    def test_a_search_through_all_events_finds_the_same(self, cursor: Cursor) -> None:
        draw = random.Random(20)
        people = [
            [
                (draw.choice("ABCD"), NOW - MINUTE * draw.choice((0, 1, 2, 3, 4, 5, 6, 9)))
                for _ in range(draw.randint(2, 9))
            ]
            for _ in range(120)
        ]
        made = histories(cursor, *people)
        found = []
        for _ in range(40):
            rule = _drawn(draw)
            expected = [n for n, events in enumerate(people, 1) if searched(rule, events)]
            assert ask(cursor, made, rule) == expected, print_rule(rule)
            found.append(len(expected))
        assert sum(0 < number < len(people) for number in found) > 30

    def test_questions_about_one_customer_at_several_moments(self, cursor: Cursor) -> None:
        """Each question sees its own moment only."""
        made = histories(cursor, "AB CAB", "ABDC", "A B D C B")
        moments = [NOW - DAY + MINUTE * minute for minute in (0, 1, 2, 3, 5, 9)]
        known = worlds.catalogue_of(made)
        for text in (
            'sequence ("A" then "B" within 2 min then not "C" within 1 min)',
            'sequence ("A" then "B" then any event without "D") in the last 3 minutes',
            "not abandoned cart for at least 1 hour",
        ):
            question = compile_question(parse(text), known)
            asking = Asking(cursor)
            ids = np.repeat(np.array([1, 2, 3], dtype=np.int64), len(moments))
            asking.gather(ids, np.array(moments * 3, dtype="datetime64[us]"), [question])
            answers = asking.answer(question).reshape(3, len(moments)).T
            for moment, answer in zip(moments, answers, strict=True):
                expected = members(cursor, parse(text), as_of=moment, catalogue=known)
                assert [number for number in (1, 2, 3) if answer[number - 1]] == expected


def _drawn(draw: random.Random) -> tree.Sequence:
    def name() -> str | None:
        return draw.choice(("A", "B", "C", "D", "A", "B", "C", None))

    def gap() -> str | None:
        return draw.choice((None, "1min", "2min", "4min"))

    def others() -> tuple[tree.Occurrence, ...]:
        return tuple(tree.Occurrence(name()) for _ in range(draw.choice((0, 0, 1, 1, 2))))

    steps = [tree.Step(name())]
    steps += [tree.Step(name(), within=gap(), without=others()) for _ in range(draw.choice((1, 2)))]
    if draw.random() < 0.4:
        steps.append(tree.Step(name(), within=draw.choice(("1min", "3min")), absent=True))
    window = draw.choice((None, None, tree.Last("4min"), tree.Dates(until="2017-12-31T23:56:00Z")))
    return tree.Sequence(tuple(steps), window)


def searched(rule: tree.Sequence, events: list[tuple[str, datetime]]) -> bool:
    """Whether any choice of one event for each step fulfils everything that is said."""
    steps = [step for step in rule.sequence if not step.absent]
    chosen = itertools.product(*([at for name, at in events if step.event in (None, name)]
                                 for step in steps))  # fmt: skip
    return any(_fits(rule, steps, moments, events) for moments in chosen)


def _fits(
    rule: tree.Sequence,
    steps: list[tree.Step],
    moments: tuple[datetime, ...],
    events: list[tuple[str, datetime]],
) -> bool:
    if not all(_in_window(rule.within, at) for at in moments):
        return False
    for step, one, two in zip(steps[1:], moments, moments[1:], strict=False):
        if not one < two or (step.within is not None and two - one > duration(step.within)):
            return False
        if any(
            one < at < two and other.event in (None, name)
            for other in step.without
            for name, at in events
        ):
            return False
    last = rule.sequence[-1]
    if not last.absent:
        return True
    over = moments[-1] + duration(last.within or "")
    return over <= NOW and not any(
        moments[-1] < at <= over and last.event in (None, name) for name, at in events
    )


def _in_window(window: Any, at: datetime) -> bool:
    if isinstance(window, tree.Last):
        return NOW - duration(window.last) < at <= NOW
    if isinstance(window, tree.Dates):
        return starts(window.since or "1900-01-01") <= at <= ends(window.until or "2199-01-01")
    return at <= NOW


CART, CHECKOUT, SHIPPING, PAYMENT, ORDER = (*tree.STAGES.values(), tree.ORDERED)


class TestCarts:
    def test_the_open_cart_is_what_happened_since_the_last_order(self, cursor: Cursor) -> None:
        order = NOW - 5 * HOUR
        made = histories(
            cursor,
            [(CART, order - HOUR)],
            [(CART, order - HOUR), (ORDER, order)],
            [(CART, order), (ORDER, order)],
            [(CART, order + TICK), (ORDER, order)],
            [(CART, order - HOUR), (ORDER, order), (CHECKOUT, order + HOUR)],
            [(ORDER, order)],
            [("Page Viewed", order)],
        )
        assert ask(cursor, made, "abandoned cart for at least 1 hour") == [1, 4, 5]
        assert ask(cursor, made, "not abandoned cart for at least 1 hour") == [2, 3, 6, 7]

    def test_it_is_left_when_nothing_happened_for_so_long(self, cursor: Cursor) -> None:
        edge = NOW - HOUR
        made = histories(
            cursor,
            *([(CART, NOW - DAY), (CHECKOUT, edge + shift)] for shift in (-TICK, 0 * TICK, TICK)),
            [(CART, NOW - DAY), ("Page Viewed", NOW - TICK)],
            [(CART, NOW - DAY), (CART, NOW + TICK)],
        )
        assert ask(cursor, made, "abandoned cart for at least 1 hour") == [1, 2, 4, 5]
        text = "abandoned cart for at least 1 hour in the last 2 hours"
        assert ask(cursor, made, text) == [1, 2]
        assert ask(cursor, made, "abandoned cart for at least 1 hour until 2017-12-30") == []
        text = "abandoned cart for at least 1 hour until 2017-12-31T12:00:00Z"
        assert ask(cursor, made, text) == [4, 5]

    def test_a_window_is_about_the_last_event_of_the_cart(self, cursor: Cursor) -> None:
        start = NOW - 7 * DAY
        made = histories(
            cursor,
            [(CHECKOUT, start - DAY), (CART, start)],
            [(CHECKOUT, start - DAY), (CART, start + TICK)],
            [(CHECKOUT, start - 2 * DAY), (ORDER, start - DAY), (CART, start + DAY)],
            [(CART, start + DAY), (ORDER, start + 2 * DAY)],
            [(CART, start + DAY), (CHECKOUT, NOW - MINUTE)],
        )
        text = "abandoned cart for at least 1 hour"
        assert ask(cursor, made, f"{text} in the last 7 days") == [2, 3]
        assert ask(cursor, made, f'{text} at "checkout" in the last 7 days') == [2]
        assert ask(cursor, made, f'{text} at "cart" in the last 7 days') == [3]

    def test_its_stage_is_the_furthest_since_the_last_order(self, cursor: Cursor) -> None:
        """S2.3: whether the cart was abandoned, and at which stage."""

        def at(*names: str) -> list[tuple[str, datetime]]:
            return [(name, NOW - DAY + HOUR * n) for n, name in enumerate(names)]

        made = histories(
            cursor,
            at(CART),
            at(CART, CHECKOUT),
            at(CHECKOUT, CART),
            at(PAYMENT, CART),
            at(CART, CHECKOUT, PAYMENT, ORDER, CART),
            at(CART, CHECKOUT, ORDER, CART, CHECKOUT),
            at(PAYMENT),
            at(PAYMENT, ORDER),
        )
        stages = {"cart": [1, 5], "checkout": [2, 3, 6], "payment": [4, 7]}
        for stage, expected in stages.items():
            text = f'abandoned cart for at least 1 hour at "{stage}"'
            assert ask(cursor, made, text) == expected

    def test_on_a_brand_only_its_events_count(self, cursor: Cursor) -> None:
        events = [event(CART, NOW - DAY), event(ORDER, NOW - HOUR, brand="B")]
        made = world(person(1, events=events), person(2, events=events[:1]))
        worlds.store(cursor, made)
        assert ask(cursor, made, "abandoned cart for at least 30 minutes") == [2]
        assert ask(cursor, made, 'abandoned cart for at least 30 minutes on brand "A"') == [1, 2]
        assert ask(cursor, made, 'abandoned cart for at least 30 minutes on brand "B"') == []


SHORT_FORMS = [
    (
        "orders(in the last 30 days where payment_method = \"card\") >= 3",
        {"orders": {"in": {"last": "30d"},
                    "where": {"property": "payment_method", "op": "=", "value": "card"}},
         "op": ">=", "value": 3},
        'count("Order Completed" in the last 30 days where payment_method = "card") >= 3',
    ),
    (
        "orders() between 2 and 5",
        {"orders": {}, "op": "between", "value": [2, 5]},
        'count("Order Completed") between 2 and 5',
    ),
    (
        'Revenue (in EUR on brand "A") > 500.5',
        {"revenue": {"currency": "EUR", "on_brand": ["A"]}, "op": ">", "value": 500.5},
        'sum(revenue of "Order Completed" in EUR on brand "A") > 500.5',
    ),
    (
        "average order value(since 2017-01-01) >= 50",
        {"average_order_value": {"in": {"from": "2017-01-01"}}, "op": ">=", "value": 50},
        'average(revenue of "Order Completed" since 2017-01-01) >= 50',
    ),
    (
        "returns(in the last 90 days) = 0",
        {"returns": {"in": {"last": "90d"}}, "op": "=", "value": 0},
        'did not returns in the last 90 days',
    ),
    (
        'units(where event (channel = "store")) >= 2',
        {"units": {"where": {"event": {"property": "channel", "op": "=", "value": "store"}}},
         "op": ">=", "value": 2},
        'sum(quantity of lines of "Order Completed" where event (channel = "store")) >= 2',
    ),
    (
        "bought (price between 10 and 20) in the last 30 days",
        {"bought": {"property": "price", "op": "between", "value": [10, 20]},
         "in": {"last": "30d"}},
        'did "Order Completed" in the last 30 days where any line (price between 10 and 20)',
    ),
    (
        'bought(sku = "1") where (channel = "web") on brand "A"',
        {"bought": {"property": "sku", "op": "=", "value": "1"}, "on_brand": "A",
         "where": {"property": "channel", "op": "=", "value": "web"}},
        'did "Order Completed" where (any line (sku = "1") and channel = "web") on brand "A"',
    ),
    (
        "last order within the last 60 days",
        {"last_order": "60d", "is": "within"},
        'did "Order Completed" in the last 60 days',
    ),
]  # fmt: skip


class TestShortForms:
    @pytest.mark.parametrize(("short", "written", "long"), SHORT_FORMS)
    def test_they_are_read_as_what_they_stand_for(
        self, short: str, written: dict[str, Any], long: str
    ) -> None:
        assert parse(short) == decode(written) == parse(long)
        assert print_rule(parse(short)) == long
        assert decode({"not": written}) == tree.Not(parse(long))

    def test_the_last_order_long_ago(self, cursor: Cursor) -> None:
        edge = NOW - 60 * DAY
        made = histories(
            cursor, *([(ORDER, edge + shift)] for shift in (-TICK, 0 * TICK, TICK)), "A"
        )
        assert ask(cursor, made, "last order more than 60 days ago") == [1, 2]
        assert ask(cursor, made, "last order within the last 60 days") == [3]
        assert ask(cursor, made, 'last order more than 60 days ago on brand "B"') == []
        written = {"last_order": "60d", "is": "before", "on_brand": "B"}
        assert decode(written) == parse('last order more than 60 days ago on brand "B"')

    def test_they_hold_of_orders(self, cursor: Cursor) -> None:
        """S4.14: spend level, purchase history and frequency, in-store against web purchase."""
        made = world(
            person(1, events=[
                event(ORDER, NOW - DAY, channel="store", revenue=80, payment_method="cash",
                      lines=[{"category": "Tea", "price": 8, "quantity": 10}]),
                event(ORDER, NOW - 2 * DAY, revenue=20, payment_method="card",
                      lines=[{"category": "Cups", "price": 20, "quantity": 1}]),
            ]),
            person(2, events=[
                event(ORDER, NOW - 99 * DAY, revenue=70, payment_method="card",
                      lines=[{"category": "Tea", "price": 35, "quantity": 2}]),
                event("Order Refunded", NOW - 90 * DAY),
            ]),
            person(3),
        )  # fmt: skip
        worlds.store(cursor, made)
        expected = {
            "orders() >= 2": [1],
            "orders() = 0": [3],
            'orders(where payment_method = "card") >= 1': [1, 2],
            'orders(where channel = "store") >= 1': [1],
            "revenue() >= 70": [1, 2],
            "revenue(in the last 30 days) = 0": [2, 3],
            "average order value() between 40 and 60": [1],
            "returns() >= 1": [2],
            'units(where category = "Tea") between 1 and 5': [2],
            "bought (price between 10 and 20)": [1],
            'bought (category = "Tea") where (channel = "web")': [2],
            'not bought (category = "Tea")': [3],
            "last order more than 60 days ago": [2],
        }
        assert {text: ask(cursor, made, text) for text in expected} == expected

    @pytest.mark.parametrize(
        "name", ["orders", "revenue", "units", "returns", "bought", "abandoned", "cart", "then"]
    )
    def test_their_words_are_still_names(self, name: str) -> None:
        if name != "then":
            assert parse(f"{name} = 3") == tree.Trait(name, "=", 3)
        rule = parse(f'sum("{name}" of "X") > 1 and did "X" where ("{name}" exists)')
        assert parse(print_rule(rule)) == rule

    def test_every_condition_has_its_place(self) -> None:
        text = 'orders() > 1 and\n bought (sku = "1") where (a = 1)\n and bought (sku = "2")'
        places = parse_with_places(text).places
        assert places["all[0]"] == (1, 1)
        assert places["all[1]"] == places["all[1].count.where.all[0]"] == (2, 2)
        assert places["all[1].count.where.all[0].any_line"] == (2, 10)
        assert places["all[1].count.where.all[1]"] == (2, 28)


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ('sequence ("A")', 14, "Expected then"),
        ('sequence ("A" within 3 days then "B")', 1, "The first step"),
        ('sequence ("A" then not "B" then "C")', 20, "within which time"),
        ('sequence ("A" then not "B" within 1 day then "C")', 1, "Only the last step"),
        ('sequence ("A" then "B" within 1 day within 2 days)', 20, "says within twice"),
        ('sequence ("A" then "B" within 3 months)', 24, "no fixed length"),
        ('sequence ("A" the "B")', 15, "Did you mean then?"),
        ("sequence (" + " then ".join(['"A"'] * 21) + ")", 1, "from 2 to 20 steps"),
        ('abandoned cart for at least 1 hour at "chekout"', 1, "no stage of a cart"),
        ("abandoned cart", 15, "expected for"),
        ("last order", 11, "more or within"),
        ("orders() > 1.5", 1, "whole number"),
        ('bought (any line (sku = "1"))', 9, "no meaning"),
    ],
)
def test_errors_of_texts(text: str, column: int, message: str) -> None:
    with pytest.raises(RuleError) as raised:
        parse(text)
    assert message in raised.value.message
    assert (raised.value.line, raised.value.column) == (1, column)


@pytest.mark.parametrize(
    ("written", "field", "message"),
    [
        ({"sequence": [{"event": "A"}]}, None, "from 2 to 20"),
        ({"sequence": [{}, {"not": True}]}, "sequence[1]", "within which time"),
        ({"sequence": [{}, {"not": True, "within": "1d", "without": [{}]}]}, "sequence[1]",
         "no without"),
        ({"sequence": [{}, {"within": "1 month"}]}, "sequence[1]", "no fixed length"),
        ({"sequence": [{}, {"without": [{"where": {"trait": "a", "op": "exists"}}]}]},
         "sequence[1].without[0].where", "belongs outside"),
        ({"abandoned": "basket", "for": "1h"}, "abandoned", "basket"),
        ({"abandoned": "cart", "for": "1h", "stage": "x"}, None, "checkout, shipping, payment"),
        ({"order": {}, "op": "=", "value": 1}, None, "did you mean 'orders'"),
        ({"not": {"orders": {"in": {"last": "1y"}}, "op": "=", "value": 1}}, "not.orders.in",
         "no fixed length"),
        ({"not": {"orders": {}, "op": "~", "value": 1}}, "not", "no operator"),
        ({"last_order": "60d", "is": "after"}, "is", "after"),
    ],
)  # fmt: skip
def test_errors_of_json(written: dict[str, Any], field: str | None, message: str) -> None:
    with pytest.raises(RuleError) as raised:
        decode(written)
    assert message in raised.value.message
    assert raised.value.field == field


KNOWN = Catalogue(
    events={"A": frozenset({"x"}), "Product Added": frozenset()}, brands=frozenset({"Orchid"})
)


@pytest.mark.parametrize(
    ("text", "column", "message", "field"),
    [
        ('sequence ("A" then "B")', 1, "No event is called 'B'", "sequence[1]"),
        ('sequence ("A" then "A" without "B")', 1, "'B'", "sequence[1].without[0]"),
        ('sequence ("A" then "A" where (y = 1))', 31, "property is called 'y'",
         "sequence[1].where"),
        ('sequence ("A" then "A" where (revenue = "x"))', 31, "revenue is a number",
         "sequence[1].where"),
        ('sequence ("A" then "A") on brand "Orkid"', 1, "Orchid", None),
        ('abandoned cart for at least 1 hour on brand "x"', 1, "No brand", None),
        ('abandoned cart for at least 1 hour at "checkout"', 1, "'Checkout Started'", None),
    ],
)  # fmt: skip
def test_unknown_names_have_a_place(
    text: str, column: int, message: str, field: str | None
) -> None:
    parsed = parse_with_places(text)
    with pytest.raises(RuleError) as raised:
        resolve(parsed.rule, KNOWN, places=parsed.places)
    assert message in raised.value.message
    assert (raised.value.line, raised.value.column) == (1, column)
    assert raised.value.field == field


def test_an_abandoned_cart_needs_one_known_stage() -> None:
    resolve(parse("abandoned cart for at least 1 hour"), KNOWN)
    with pytest.raises(RuleError, match="'Product Added'"):
        resolve(parse("abandoned cart for at least 1 hour"), Catalogue())
