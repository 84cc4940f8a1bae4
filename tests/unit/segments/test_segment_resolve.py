"""What a well-formed rule can still get wrong: names, types, circles, currencies."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from patron.errors import RuleError
from patron.segments import codec, tree
from patron.segments.catalogue import Catalogue
from patron.segments.resolve import resolve
from patron.segments.text import parse, parse_with_places

KNOWN = Catalogue(
    events={"Order Completed": frozenset({"store"}), "Page Viewed": frozenset({"url"})},
    traits=frozenset({"age", "city", "address"}),
    line_properties=frozenset({"department"}),
    group_traits=frozenset({"industry"}),
    segments={
        "big": parse('sum(revenue of "Order Completed") > 5'),
        "bad": parse("in segment big"),
    },
    lists=frozenset({"vip"}),
    brands=frozenset({"Orchid", "Lotus"}),
    currencies=frozenset({"THB"}),
)


@pytest.mark.parametrize(
    ("text", "nearest", "column"),
    [
        ('city = "x" and agee = 3', "age", 16),
        ("adress.city exists", "address", 1),
        ('did "order complete"', "Order Completed", 1),
        ('did "Order Completed" where (stores = "1")', "store", 30),
        ('did "Order Completed" where any line (departmnt = "x")', "department", 39),
        ('sum(revenu of "Order Completed") > 4', "revenue", 1),
        ('age = 3 on brand "Orchyd"', "Orchid", 1),
        ('did any event on brand "Lotos"', "Lotus", 1),
        ('group.indusry.code = "IT"', "industry", 1),
        ('on at least 1 of brands ("Lotus", "Orchyd") (age = 3)', "Orchid", 1),
        ('on at least 1 brand (did "order complete")', "Order Completed", 22),
        ('top 5 by count("order complete")', "Order Completed", 1),
        ('top 5 by sum(revenu of "Order Completed")', "revenue", 1),
        ('top 5 by count("Order Completed" where any line (departmnt = "x"))', "department", 50),
        ("at least 1 of (age = 3, agee = 3)", "age", 25),
        ('age = 3 or distinct(uri of "Page Viewed") > 2', "url", 12),
        ('count("Page Viewed") > sum(revenue of "Order Complete")', "Order Completed", 1),
        ('first(departmen of lines of "Order Completed") = "x"', "department", 1),
        ('stopped "Page View" for 3 days', "Page Viewed", 1),
        ('resumed "Page Viewed" after 3 days where (urls = "x")', "url", 43),
        ('did "Page Viewed" since last "Order Complete"', "Order Completed", 1),
        ('did "Page Viewed" since last ("Order Completed" where stores = "1")', "store", 55),
    ],
)
def test_unknown_names_are_errors_or_warnings(text: str, nearest: str, column: int) -> None:
    rule, places = parse_with_places(text)
    with pytest.raises(RuleError) as raised:
        resolve(rule, KNOWN, places=places)
    assert raised.value.suggestions == (nearest,)
    assert (raised.value.line, raised.value.column) == (1, column)
    warnings = resolve(rule, KNOWN, unknown="warn", places=places).warnings
    assert [(one.suggestions, one.column) for one in warnings] == [((nearest,), column)]


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("in segment bigg", "big"),
        ('in list "vp"', "vip"),
        ("was in segment bigg on 2017-06-30", "big"),
        ("entered segment bigg in the last 7 days", "big"),
        ("at least 1 of (age = 3, left segment bigg)", "big"),
    ],
)
def test_unknown_segments_and_lists_are_always_errors(text: str, nearest: str) -> None:
    with pytest.raises(RuleError) as raised:
        resolve(parse(text), KNOWN, unknown="warn")
    assert nearest in raised.value.suggestions


def test_known_names_pass() -> None:
    text = (
        'age = 3 and in segment bad and in list vip and did "Order Completed" where'
        ' (store = "1" and coupon exists and any line (department = "x" and price > 5))'
        ' and did any event where (url contains "x") on brand "Lotus"'
    )
    found = resolve(parse(text), KNOWN)
    assert found.warnings == ()
    assert found.segments == ("big", "bad")
    assert found.lists == ("vip",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('did "Order Completed" where (coupon = 5)', "coupon is a text"),
        ('did "Order Completed" where (revenue = "5")', "revenue is a number"),
        ('did "Order Completed" where (revenue contains "5")', "revenue is a number"),
        ('did "Order Completed" where (coupon > 5)', "coupon is a text"),
        ('did "Order Completed" where (coupon any of ("x"))', "no list"),
        ('did "Order Completed" where (revenue = true)', "revenue is a number"),
        ('did "Order Completed" where any line (category in ("x", 5))', "category is a text"),
        ('sum(coupon of "Order Completed") > 5', "has no sum"),
        ('count("Order Completed") > sum(coupon of "Order Completed")', "has no sum"),
        ('last(coupon of "Order Completed") = 5', "coupon is a text"),
        ('first(revenue of "Order Completed") contains "5"', "revenue is a number"),
        ('most frequent(sku of lines of "Order Completed") any of ("5")', "no list"),
        ('did any event since last ("Order Completed" where coupon = 5)', "coupon is a text"),
    ],
)
def test_values_of_another_type_are_errors(text: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        resolve(parse(text), KNOWN)


class TestCircles:
    def segments(self, **rules: str) -> Catalogue:
        return Catalogue(segments={name: parse(text) for name, text in rules.items()})

    def test_the_path_is_named(self) -> None:
        known = self.segments(a="in segment b", b="not in segment c", c="x = 1 or in segment a")
        with pytest.raises(RuleError, match="a → b → c → a"):
            resolve(known.segments["a"], known, unknown="warn", name="a")
        with pytest.raises(RuleError, match="b → c → a → b"):
            resolve(parse("y = 1 and in segment b"), known, unknown="warn")

    def test_through_the_segment_being_edited(self) -> None:
        known = self.segments(a="x = 1", b="in segment a")
        rule, places = parse_with_places("x = 1 or\n in segment b")
        with pytest.raises(RuleError, match="a → b → a") as raised:
            resolve(rule, known, unknown="warn", name="a", places=places)
        assert (raised.value.line, raised.value.column) == (2, 2)

    def test_itself(self) -> None:
        with pytest.raises(RuleError, match="a → a"):
            resolve(parse("in segment a"), self.segments(a="x = 1"), name="a")

    @pytest.mark.parametrize(
        "text",
        [
            "was in segment a on 2017-06-30",
            "entered segment a in the last 7 days",
            "left segment a",
            "at least 1 of (x = 1, in segment a)",
        ],
    )
    def test_through_what_was_and_what_was_recorded(self, text: str) -> None:
        known = self.segments(a="in segment b", b=text)
        with pytest.raises(RuleError, match="a → b → a"):
            resolve(known.segments["a"], known, unknown="warn", name="a")

    def test_twice_is_no_circle(self) -> None:
        known = self.segments(a="x = 1", b="in segment a", c="in segment a or in segment b")
        found = resolve(parse("in segment c and in segment a"), known, unknown="warn")
        assert found.segments == ("a", "b", "c")

    def test_missing_below(self) -> None:
        with pytest.raises(RuleError, match="'b' rests on 'gone'"):
            resolve(parse("in segment b"), self.segments(b="in segment gone"))

    def test_too_deep(self) -> None:
        chain = {f"s{n}": f"in segment s{n + 1}" for n in range(200)} | {"s200": "x = 1"}
        with pytest.raises(RuleError, match="at most 50 deep"):
            resolve(parse("in segment s0"), self.segments(**chain), unknown="warn")


@pytest.mark.parametrize(
    "measure", ["sum", "average", "min", "max", "distinct", "first", "last", "most frequent"]
)
def test_money_of_several_currencies_needs_one_named(measure: str) -> None:
    known: dict[str, Any] = {"events": {"O": frozenset()}, "currencies": frozenset({"EUR", "THB"})}
    with pytest.raises(RuleError, match="EUR, THB") as raised:
        resolve(parse(f'{measure}(revenue of "O") > 5'), Catalogue(**known))
    assert f'{measure}(revenue of "…" in EUR)' in (raised.value.hint or "")
    resolve(parse(f'{measure}(revenue of "O" in THB) > 5'), Catalogue(**known))
    resolve(parse(f'{measure}(quantity of lines of "O") > 5'), Catalogue(**known))
    if measure not in ("first", "last", "most frequent"):
        with pytest.raises(RuleError, match="EUR, THB"):
            resolve(parse(f'top 5 by {measure}(revenue of "O")'), Catalogue(**known))
    known["currencies"] = frozenset({"EUR"})
    resolve(parse(f'{measure}(revenue of "O") > 5'), Catalogue(**known))


def test_measures_that_compare_are_of_one_currency() -> None:
    known = Catalogue(events={"O": frozenset()}, currencies=frozenset({"EUR", "THB"}))
    for wrong in (
        'count("O") > sum(revenue of "O")',
        'sum(revenue of "O" in EUR) > max(total of "O" in THB)',
    ):
        with pytest.raises(RuleError, match="THB"):
            resolve(parse(wrong), known)
    for right in (
        'sum(revenue of "O" in EUR) > max(total of "O" in EUR)',
        'sum(revenue of "O" in EUR) > count("O" in THB)',
        'first(revenue of "O") exists',
        'distinct(coupon of "O") > 3',
    ):
        resolve(parse(right), known)


def test_money_is_refused_inside_other_segments_too() -> None:
    known = Catalogue(
        segments={"big": parse('sum(revenue of "O") > 5')}, currencies=frozenset({"EUR", "THB"})
    )
    with pytest.raises(RuleError, match=r"big.*EUR, THB"):
        resolve(parse("in segment big"), known, unknown="warn")


CLASSES = msgspec.structs.replace(
    KNOWN,
    computed={
        "stage": codec.decode_expression(
            {"cases": [{"value": one, "when": {"trait": "city", "op": "=", "value": one}}
                       for one in ("lead", "active")]}),
        "level": codec.decode_expression(
            {"of": {"revenue": {}},
             "categories": [{"value": "gold", "at_least": 9}, {"value": "no"}]}),
        "group": tree.RfmScore(
            tree.Amounts("Order Completed", property="revenue"), "group",
            (tree.RfmGroup("best", recency=(4, 5)), tree.RfmGroup("others"))),
    },
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('stage = "Active"', "stage is never 'Active'. Did you mean active?"),
        ('stage in ("lead", "nobody")', "stage is never 'nobody'. It is lead, active."),
        ('not level != "golden"', "level is never 'golden'. Did you mean gold?"),
        ('group not in ("Best")', "group is never 'Best'. Did you mean best?"),
    ],
)
def test_a_class_that_there_is_not_is_named_with_those_that_there_are(text: str, said: str) -> None:
    with pytest.raises(RuleError) as refused:
        resolve(parse(text), CLASSES)
    assert refused.value.message == said
    warned = resolve(parse(text), CLASSES, unknown="warn").warnings
    assert [one.message for one in warned] == [said]


@pytest.mark.parametrize(
    "text", ['stage = "lead"', 'stage contains "ti"', 'level = "no"', 'group in ("best", "others")']
)
def test_classes_that_there_are_raise_no_doubt(text: str) -> None:
    assert resolve(parse(text), CLASSES).warnings == ()
