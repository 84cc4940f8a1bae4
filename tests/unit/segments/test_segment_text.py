"""The text form: what it reads, and what it says of what it cannot read."""

from __future__ import annotations

from typing import Any

import pytest

from patron.errors import RuleError
from patron.segments import tree
from patron.segments.printer import print_rule
from patron.segments.text import parse, parse_with_places
from patron.segments.tree import Count, Dates, Events, Last


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("AGE BETWEEN 30 AND 40", "AGE between 30 and 40"),
        ('count("X" in the last 60 days) = 0', 'did not "X" in the last 60 days'),
        ('count("X") >= 1', 'did "X"'),
        ('did "X" at least 3 times ever', 'count("X") >= 3'),
        ('did "X" exactly 2 times', 'count("X") = 2'),
        ('did "X" at most 2 times', 'count("X") <= 2'),
        ('did any event in the last 90 min', "did any event in the last 90 minutes"),
        ('avg(total of "X") ≥ 2.50', 'average(total of "X") >= 2.5'),
        ('plan ≠ "free" -- paying', 'plan != "free"'),
        ('(a = 1 and (b = 2)) or c = 3', "a = 1 and b = 2 or c = 3"),
        ("not (a = 1 or b = 2)", "not (a = 1 or b = 2)"),
        ("all (a = 1, b = 2 or c = 3)", "a = 1 and (b = 2 or c = 3)"),
        ('did "X" where (coupon exists)', 'did "X" where (coupon exists)'),
        ('did "X" on brand "A" in EUR since 2017-01-01',
         'did "X" in EUR since 2017-01-01 on brand "A"'),
        ('"max" exists and "a b"."c.d" missing', '"max" exists and "a b"."c.d" missing'),
        ("at least 2 of (a = 1, (b = 2 and c = 3), d = 4 or e = 5)",
         "at least 2 of (a = 1, b = 2 and c = 3, d = 4 or e = 5)"),
        ('RANDOM 2.50 % SEED "x"', 'random 2.5 % seed "x"'),
        ('random 5% seed ""', "random 5 %"),
        ('random = 5 and "random".x = 5', "random = 5 and random.x = 5"),
        ('top 3 by avg(total of "X")', 'top 3 by average(total of "X") refreshed daily'),
        ('top 2.5% by count(lines of any event) refreshed HOURLY',
         "top 2.5 % by count(lines of any event) refreshed hourly"),
        ("on at least 1 brands (a = 1 or b = 2)", "on at least 1 brand (a = 1 or b = 2)"),
        ('on exactly 0 of brands ("B", "A") (not did "X")',
         'on exactly 0 of brands ("B", "A") (not did "X")'),
        ("group . a.b exists", "group.a.b exists"),
        ('"group".a = 1 and group = 2', '"group".a = 1 and group = 2'),
        ("not was in segment a on 2017-06-30", "not was in segment a on 2017-06-30"),
        ("left segment a ever or entered segment b until 2017-06-30",
         "left segment a or entered segment b until 2017-06-30"),
        ('distinct(p of "X") > COUNT("Y")', 'distinct(p of "X") > count("Y")'),
        ('Most  Frequent(p of any event) missing', 'most frequent(p of any event) missing'),
        ('did "X" today', 'did "X" this day'),
        ('did "X" yesterday', 'did "X" in the last 1 full day'),
        ('did "X" in the last full week', 'did "X" in the last 1 full week'),
        ('did "X" in zone "UTC" in the last 2 full months in EUR',
         'did "X" in EUR in the last 2 full months in zone "UTC"'),
        ('count("X" where a = 1 since first ("Y" where b = 2)) = 2',
         'count("X" since first ("Y" where b = 2) where a = 1) = 2'),
        ('did "X" where (a = 1) for the first time this week',
         'did "X" for the first time this week where (a = 1)'),
        ('did not "X" for the first time', 'not did "X" for the first time'),
        ('did not "X" in exactly 1 of the last 1 month',
         'not did "X" in exactly 1 of the last 1 month'),
        ('did "X" where (a = 1) in at most 2 of the last 4 weeks in zone "UTC"',
         'did "X" in at most 2 of the last 4 weeks in zone "UTC" where (a = 1)'),
        ('stopped "X" on brand "B" for 9 weeks', 'stopped "X" for 9 weeks on brand "B"'),
        ('resumed "X" this week after 1 day', 'resumed "X" after 1 day this week'),
        ('did lines of "X"', 'count(lines of "X") >= 1'),
        ('t = "\\u0041\\n\\"\\\\"', 't = "A\\n\\"\\\\"'),
    ],
)  # fmt: skip
def test_prints_the_one_way_to_say_it(text: str, printed: str) -> None:
    assert print_rule(parse(text)) == printed
    assert parse(printed) == parse(text)


def test_words_that_begin_like_keywords_are_names() -> None:
    for name in ("android", "order", "notes", "summary", "counter", "island", "minutes", "segment"):
        assert parse(f"{name} = 1") == tree.Trait(name, "=", 1)


@pytest.mark.parametrize(
    ("clause", "window"),
    [
        ("in the last 30 days", Last("30d")),
        ("in the last 1 hour", Last("1h")),
        ("in the last 2 weeks", Last("2w")),
        ("between 2017-01-01 and 2017-06-30", Dates("2017-01-01", "2017-06-30")),
        ("since 2017-01-01T10:00:00+07:00", Dates(since="2017-01-01T10:00:00+07:00")),
        ("until 2017-06-30", Dates(until="2017-06-30")),
        ("this quarter", tree.This("quarter")),
        ('this YEAR in zone "Asia/Bangkok"', tree.This("year", "Asia/Bangkok")),
        ("in the last 3 full weeks", tree.LastFull("3 weeks")),
        ('since last "Y"', tree.SinceEvent(tree.Anchor("Y"), "last")),
        ("since first any event", tree.SinceEvent(tree.Anchor(), "first")),
        ("ever", None),
        ("", None),
    ],
)
def test_windows(clause: str, window: Any) -> None:
    assert parse(f'did "X" {clause}') == Count(Events("X", within=window), ">=", 1)


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "suggestion"),
    [
        ("age betwen 30 and 40", 1, 5, "Expected an operator", "between"),
        ('city = "x" adn age = 3', 1, 12, "Expected and", "and"),
        ('coun("X") > 4', 1, 5, "found '('", "count"),
        ("in segmnt big", 1, 4, "Expected list or segment", "segment"),
        ("age = 3\n  and\n  plan was 5", 3, 8, "Expected an operator", None),
        ("plan is 5", 1, 9, "Expected in, this, today or within", None),
        ("age = 3 and", 1, 12, "ends too early", None),
        ("", 1, 1, "ends too early", None),
        ("city = 'x'", 1, 8, "text in double quotes", None),
        ("did \"X\" in the last 3 months", 1, 9, "month has no fixed length", None),
        ("did \"X\" in the last 1 year", 1, 9, "365 days", None),
        ("did \"X\" in the last 3 moons", 1, 9, "moons is no unit", None),
        ("did \"X\" since 2017-01-01 ever", 1, 1, "twice", None),
        ("age between 40 and 30", 1, 5, "smaller value first", None),
        ("age = 1.1234567", 1, 7, "too many digits", None),
        ("age > 1000000000000", 1, 7, "too many digits", None),
        ("born before 2017-02-30", 1, 6, "no date", None),
        ('count("X") > 1.5', 1, 1, "whole number", None),
        ("tags any of ()", 1, 14, "Expected a text in double quotes", None),
        ('x contains ""', 1, 3, "text to look for is empty", None),
        ('x = "a\\qb"', 1, 5, "backslash", None),
        ("in segment all", 1, 12, "word of the language", None),
        ('count("X" in euro) = 1', 1, 1, "three capital letters", None),
        ('x = "\\u0000"', 1, 5, "U+0000", None),
        ('count("X" where any line (any line (a = 1))) = 1', 1, 27, "no meaning", None),
        ("at most 2 of (a = 1)", 1, 4, "Expected least", None),
        ("at least 3 of (a = 1, b = 2)", 1, 1, "from 1 to 2", None),
        ("random 101 %", 1, 1, "at most 100", None),
        ('top 5 by count("X") refreshed yearly', 1, 21, "say hourly, daily", None),
        ('a = 1 and top 0 by count("X")', 1, 11, "at least 1 customer", None),
        ('on at least 2 brands (did "X" on brand "A")', 1, 1, "no brand of its own", None),
        ("on at least 2 brands (in list x)", 1, 1, "traits, groups and events", None),
        ('first(p of "X" = 1', 1, 16, "found '='", None),
        ('firts(p of "X") = 1', 1, 6, "found '('", "first"),
        ('did "X" since lst "Y"', 1, 15, "first or last", "last"),
        ('did "X" this moth', 1, 9, "moth is no unit of the calendar", None),
        ('did "X" in the last 0 full days', 1, 9, "say 1 to", None),
        ('did "X" this day in zone "Mars"', 1, 18, "'Mars' is no time zone", None),
        ('did "X" since 2017-01-01 in zone "UTC"', 1, 1, "A zone belongs to", None),
        ('did "X" in zone "UTC" in zone "UTC"', 1, 1, "a zone twice", None),
        ('did "X" for the first time for the first time', 1, 1, "first time twice", None),
        ('did "X" at least 2 times for the first time', 1, 1, "Say one of", None),
        ('did "X" in at least 1 of the last 900 days', 1, 1, "Look at 1 to 400 days", None),
        ('did "X" in at least 1 of the last 4 hours', 1, 9, "hours is no unit", None),
        ('did "X" in at least 1 of the last 4 weeks ever this week', 1, 1, "a time (", None),
        ('did "X" in at least 1 of the last 4 weeks this week', 1, 1, "no window", None),
        ('stopped "X" for 60 days this week', 1, 1, "no window", None),
        ('stopped "X" for 2 months', 1, 17, "no fixed length", None),
        ('stopped "X" this week', 1, 22, "ends too early", None),
        ('count("X") between count("Y") and 3', 1, 20, "Expected a number", None),
        ('distinct(p of "X") > 1.5', 1, 1, "whole number", None),
        ("(" * 5000 + "a = 1" + ")" * 5000, 1, 1, "60 deep", None),
        ("not " * 200 + "a = 1", 1, 1, "60 deep", None),
    ],
)  # fmt: skip
def test_errors_name_the_place_and_the_way_out(
    text: str, line: int, column: int, message: str, suggestion: str | None
) -> None:
    with pytest.raises(RuleError) as raised:
        parse(text)
    error = raised.value
    assert message in error.message
    assert (error.line, error.column) == (line, column)
    assert (error.suggestions or (None,))[0] == suggestion


@pytest.mark.parametrize(
    "name",
    ["count", "sum", "average", "min", "max", "distinct", "first", "last", "all", "any", "event"],
)
def test_a_misspelt_function_is_named_rightly(name: str) -> None:
    with pytest.raises(RuleError) as raised:
        parse(f'{name[:-1]}(p of "X") = 1')
    assert raised.value.suggestions[0] == name


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("city = Bangkok", '"Bangkok"'),
        ("city = 'x'", "double quotes"),
        ("age == 3", "One = is enough"),
        ("in segment big-spenders", 'double quotes: "big-spenders"'),
        ('city = "x', "closing quotation mark"),
        ('did "X" where coupon exists', "brackets"),
        ("max = 4", '("max")'),
        ("top = 4", '("top")'),
        ("left exists", '("left")'),
        ("born > 2017-01-01", "before, after and between"),
    ],
)
def test_frequent_mistakes_get_a_hint(text: str, hint: str) -> None:
    with pytest.raises(RuleError) as raised:
        parse(text)
    assert hint in (raised.value.hint or "")


def test_a_filter_behind_did_cannot_swallow_the_next_condition() -> None:
    rule = parse('did "X" where (a = 1) and b = 2')
    assert isinstance(rule, tree.All)
    assert rule.all[1] == tree.Trait("b", "=", 2)


def test_every_condition_has_its_place() -> None:
    parsed = parse_with_places('age = 3 and\n  (plan = "x" or did "X" where any line (a = 1))')
    assert parsed.places["all[0]"] == (1, 1)
    assert parsed.places["all[1].any[0]"] == (2, 4)
    assert parsed.places["all[1].any[1].count.where.any_line"] == (2, 42)


def test_text_is_kept_in_normal_form_c() -> None:
    decomposed = "Cafe\u0301"
    assert parse(f'"{decomposed}" = "{decomposed}"') == tree.Trait("Caf\xe9", "=", "Caf\xe9")
