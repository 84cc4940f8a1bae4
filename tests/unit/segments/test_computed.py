"""A condition on a computed trait is the condition that it stands for; arithmetic is exact."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.engines.duckdb import Database
from patron.errors import RuleError
from patron.segments import computed, tree
from patron.segments.calculations import Formula, Leaf, Numbers, rounded
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode, decode_expression
from patron.segments.concerns import concerns
from patron.segments.plan import Planner
from patron.segments.printer import print_expression, print_rule
from patron.segments.sql import compile_members
from patron.segments.text import parse, parse_expression
from unit.segments.worlds import NOW, event, open_cursor, person, store, world

TIERS: dict[str, Any] = {
    "of": "spent",
    "categories": [
        {"value": "gold", "at_least": 1000},
        {"value": "silver", "above": 100, "at_most": 900},
        {"value": "rest"},
    ],
}
KNOWN = {
    name: decode_expression(written)
    for name, written in {
        "spent": "revenue()",
        "often": "orders(in the last 90 days)",
        "mean": 'average(score of "Quiz Taken")',
        "favourite": 'most frequent(category of lines of "Order Completed") at least 2 times',
        "entry": 'first(channel of "Order Completed")',
        "coupons": 'list(coupon of "Order Completed")',
        "tier": TIERS,
        "again": "tier",
        "typical": "spent / often",
    }.items()
}
CATALOGUE = Catalogue(computed=KNOWN, brands=frozenset({"A", "B"}))
SUM = 'sum(revenue of "Order Completed")'
MEAN = 'average(score of "Quiz Taken")'
COUNT = 'count("Order Completed" in the last 90 days)'


@pytest.mark.parametrize(
    ("rule", "by_hand"),
    [
        ("spent >= 500", f"{SUM} >= 500"),
        ("spent != 500", f"not {SUM} = 500"),
        ("spent in (1, 2.5)", f"{SUM} = 1 or {SUM} = 2.5"),
        ("spent not in (1, 2.5)", f"not ({SUM} = 1 or {SUM} = 2.5)"),
        ("spent between 1 and 2 on brand \"A\"",
         'sum(revenue of "Order Completed" on brand "A") between 1 and 2'),
        ("often > 2.5", f"{COUNT} > 2"),
        ("often >= 2.5", f"{COUNT} >= 3"),
        ("often < 2.5", f"{COUNT} < 3"),
        ("often <= 2.5", f"{COUNT} <= 2"),
        ("often > -1", f"{COUNT} >= 0"),
        ("often < -1", f"{COUNT} < 0"),
        ("often = 2.5", f"{COUNT} < 0"),
        ("often between -3 and 2.5", f"{COUNT} between 0 and 2"),
        ("often between 2.1 and 2.9", f"{COUNT} < 0"),
        ("mean exists", f"{MEAN} >= 0 or {MEAN} < 0"),
        ("favourite = \"Tea\"",
         'most frequent(category of lines of "Order Completed") at least 2 times = "Tea"'),
        ("favourite missing",
         'not most frequent(category of lines of "Order Completed") at least 2 times exists'),
        ("entry starts with \"st\" on brands (\"A\", \"B\")",
         'first(channel of "Order Completed" on brands ("A", "B")) starts with "st"'),
        ("coupons any of (\"a\", \"b\")",
         'did "Order Completed" where (coupon in ("a", "b"))'),
        ("coupons none of (\"a\")", 'not did "Order Completed" where (coupon in ("a"))'),
        ("coupons exists", 'distinct(coupon of "Order Completed") >= 1'),
        ("tier = \"gold\"", f"{SUM} >= 1000"),
        ("tier = \"silver\"", f"{SUM} > 100 and {SUM} <= 900 and not {SUM} >= 1000"),
        ("again in (\"gold\", \"silver\")", f"{SUM} >= 1000 or ({SUM} > 100 and {SUM} <= 900)"),
        ("typical < 20", f"calculate({SUM} / {COUNT}) < 20"),
        ("calculate(typical * 2) < 20", f"calculate({SUM} / {COUNT} * 2) < 20"),
        ("on at least 2 brands (spent > 5)", f"on at least 2 brands ({SUM} > 5)"),
    ],
)  # fmt: skip
def test_what_it_stands_for_is_what_one_writes_by_hand(rule: str, by_hand: str) -> None:
    """S4.4."""
    asked, written = parse(rule), parse(by_hand)
    compiled = [compile_members(one, as_of=NOW, catalogue=CATALOGUE) for one in (asked, written)]
    assert compiled[0] == compiled[1]
    assert concerns(asked, CATALOGUE) == concerns(written, CATALOGUE)
    found = computed.expanded(asked, KNOWN)
    if found is not None:
        assert parse(print_rule(found)) == found


@pytest.mark.parametrize("written", [print_expression(one) for one in KNOWN.values()][:6])
def test_expressions_read_the_same_in_both_faces(written: str) -> None:
    expression = parse_expression(written)
    assert decode_expression(json.loads(tree.encode(expression))) == expression


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"sum": {"event": "X", "property": "n"}, "count": {"event": "X"}}, "Take one value"),
        ({"first": {"event": "X", "property": "n"}, "times": 2}, "Only the most frequent"),
        ({"most_frequent": {"event": "X", "property": "n"}, "times": 0}, "at least 1 time"),
        ({"divided": [1, 2]}, "did you mean 'divide'"),
        ({"of": 1, "categories": []}, "Name 1 to 50"),
        ({"of": 1, "categories": [{"value": True}]}, "a text or a number"),
        ({"add": [1]}, "length"),
        ("revenue() +", "."),
        ("5 5", "."),
        ({"count": {"event": "X", "where": {"trait": "a", "op": "exists"}}}, "where"),
    ],
)
def test_what_is_no_expression_is_refused(written: Any, said: str) -> None:
    with pytest.raises(RuleError, match=said):
        decode_expression(written)


def test_computed_traits_may_not_grow_without_bound() -> None:
    doubling = {f"d{n}": parse_expression(f"d{n - 1} + d{n - 1}") for n in range(1, 12)}
    with pytest.raises(RuleError, match="at most 500 parts"):
        computed.check("d11", {"d0": parse_expression("orders()"), **doubling})


SIGNS = ("+", "-", "*", "/", "least", "greatest")
NUMBERS = st.integers(-(10**18) + 1, 10**18 - 1) | st.integers(-(10**7), 10**7)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5),
    st.sampled_from(["+", "-", "*", "/", "least", "greatest"]),
)
def test_operations_on_arrays_are_those_of_fractions(
    pairs: list[tuple[int, int]], sign: str
) -> None:
    left = np.array([one for one, _ in pairs])
    right = np.array([other for _, other in pairs])
    there = np.ones(len(pairs), dtype=bool)
    given_ = {"left": Numbers(left, there), "right": Numbers(right, there)}
    expression = parse_expression(written(sign, 'count("left")', 'count("right")'))
    formula = Formula.of(expression, Planner(Catalogue()))

    def take(leaf: Leaf) -> Numbers:
        return given_["".join(leaf.scan.events)]

    found = formula.evaluate(take, len(pairs))
    for at, (one, other) in enumerate(pairs):
        expected = exactly(sign, Fraction(one, 10**6), Fraction(other, 10**6))
        assert bool(found.there[at]) == (expected is not None)
        if expected is not None:
            assert int(found.over[at]) == expected


def written(sign: str, one: str, other: str) -> str:
    return f"{one} {sign} {other}" if sign in "+-*/" else f"{sign}({one}, {other})"


def exactly(sign: str, one: Fraction, other: Fraction) -> int | None:
    if sign == "/" and other == 0:
        return None
    made = {"+": one + other, "-": one - other, "*": one * other,
            "least": min(one, other), "greatest": max(one, other)}  # fmt: skip
    result = round((made[sign] if sign in made else one / other) * 10**6)
    return result if abs(result) < 10**18 else None


def test_sql_rounds_as_arrays_do() -> None:
    """Halves, both signs, and what does not fit."""
    some = [-7, -5, -3, -1, 0, 1, 3, 5, 7, 999_999_999_999]
    numbers = [Decimal(one) / 10 for one in some]
    pairs = list(product(numbers, numbers))
    people = [
        person(number, events=[event("X", NOW, one=float(one), other=float(other))])
        for number, (one, other) in enumerate(pairs, 1)
    ]
    cursor = open_cursor()
    store(cursor, world(*people))
    for sign in SIGNS[:-1]:
        text = written(sign, 'sum(one of "X")', '(sum(other of "X") * 0.000005)')
        for op in ("=", "exists"):
            for number in (1, 37, 68, 81):
                one, other = pairs[number - 1]
                scaled = exactly("*", Fraction(other), Fraction(5, 10**6))
                assert scaled is not None
                expected = exactly(sign, Fraction(one), Fraction(scaled, 10**6))
                asked = f"calculate({text}) {_compared(op, expected)}"
                sql = compile_members(parse(asked), as_of=NOW, catalogue=Catalogue())
                found = {row[0] for row in cursor.execute(sql).all()}
                assert (number in found) == (expected is not None), (asked, one, other)


def _compared(op: str, expected: int | None) -> str:
    if op == "exists" or expected is None or abs(expected) >= 10**18:
        return "between -999999999999 and 999999999999"
    return f"= {Decimal(expected).scaleb(-6):f}"


def test_halves_go_to_the_even_neighbour() -> None:
    tens = np.full(6, 10)
    assert rounded(np.array([5, 15, 25, -5, -15, 14]), tens).tolist() == [0, 2, 2, 0, -2, 1]
    cursor = Database(threads=1).cursor()
    assert cursor.execute("select (-7)::hugeint // 2::hugeint").value() == -3  # cut towards zero


def test_rules_hold_calculations_of_their_own() -> None:
    rule = decode({"calculate": "orders() * 2", "op": ">", "value": 3})
    assert print_rule(rule) == 'calculate(count("Order Completed") * 2) > 3'


def test_a_long_calculation_is_asked_in_time_in_proportion_to_its_length() -> None:
    """Columns that name one another in one SELECT are written out again and again."""
    cursor = open_cursor()
    store(cursor, world(person(1, events=[event("X", NOW, one=3)])))
    text = "/ 3 * 3 " * 12
    rule = parse(f'calculate(sum(one of "X") {text}) > 2.9')
    sql = compile_members(rule, as_of=NOW, catalogue=Catalogue())
    assert cursor.execute(sql).all() == [(1,)]


@pytest.mark.parametrize(
    ("first", "by_hand"),
    [
        ({"trait": "often", "op": ">=", "value": 2}, f"{COUNT} >= 2"),
        ({"trait": "again", "op": "=", "value": "gold"}, f"{SUM} >= 1000"),
        ({"calculate": "spent", "op": ">", "value": 5}, f"calculate({SUM}) > 5"),
    ],
)
def test_a_case_may_be_a_comparison_of_another_computed_trait(
    first: dict[str, Any], by_hand: str
) -> None:
    """The comparison that is left may be one of a computed trait itself, and be all that is."""
    cases = {"cases": [{"value": "first", "when": first}]}
    catalogue = Catalogue(computed={**KNOWN, "stage": decode_expression(cases)})
    asked = Planner(catalogue).plan(parse('stage = "first"'))
    assert str(asked) == str(Planner(catalogue).plan(parse(by_hand)))
