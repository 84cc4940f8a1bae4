"""The JSON face: what it reads, and the path of what it cannot read."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from patron.errors import RuleError
from patron.segments import tree
from patron.segments.codec import decode
from patron.segments.text import parse


def test_numbers_keep_every_digit() -> None:
    written = b'{"trait":"t","op":"=","value":123456789012.123456}'
    assert decode(written) == tree.Trait("t", "=", Decimal("123456789012.123456"))
    assert tree.encode(decode(written)) == written


def test_equal_values_are_written_alike() -> None:
    for value in ("40", "40.0", "4e1"):
        assert tree.encode(decode(f'{{"trait":"t","op":"=","value":{value}}}')) == (
            b'{"trait":"t","op":"=","value":40}'
        )


def test_yaml_dates_are_dates() -> None:
    rule = {"count": {"in": {"from": date(2017, 1, 1)}}, "op": ">=", "value": 1}
    assert decode(rule) == tree.Count(tree.Events(within=tree.Dates("2017-01-01")), ">=", 1)


def test_a_path_may_hold_dots_in_quotes() -> None:
    assert decode({"trait": 'a."b.c"', "op": "exists"}) == tree.Trait('a."b.c"', "exists")
    assert decode({"trait": 'a."b c"', "op": "exists"}) == tree.Trait("a.b c", "exists")


@pytest.mark.parametrize(
    ("written", "field", "message"),
    [
        ("[", None, "no JSON"),
        ("5", None, "Expected an object"),
        ('{"trat": "age"}', None, "did you mean 'trait'"),
        ('{"trait": "age", "op": "=", "value": 1, "x": 1}', None, "unknown field `x`"),
        ('{"trait": "age"}', None, "missing required field `op`"),
        ('{"all": []}', None, "at least one"),
        ('{"all": [{"in_list": 5}]}', "all[0].in_list", "Expected `str`"),
        ('{"any": [{"not": {"trait": "a", "op": "=~"}}]}', "any[0].not", "no operator"),
        ('{"not": {"trait": "a", "op": "=", "value": null}}', "not", "got nothing"),
        ('{"not": {"trait": "a", "op": "in", "value": []}}', "not", "empty"),
        ('{"not": {"trait": "a", "op": "<", "value": "5"}}', "not", "Expected a number"),
        ('{"not": {"trait": "a", "op": "exists", "value": 5}}', "not", "no value"),
        ('{"not": {"trait": "a..b", "op": "exists"}}', "not", "joined by single dots"),
        ('{"count": {"in": {"last": "3 months"}}, "op": "=", "value": 1}', "count.in", "month"),
        ('{"count": {"in": {"last": "0d"}}, "op": "=", "value": 1}', "count.in", "longer"),
        ('{"count": {"in": {"days": 3}}, "op": "=", "value": 1}', "count.in", "Expected"),
        ('{"count": {"on_brand": [1]}, "op": "=", "value": 1}', "count.on_brand[0]", "`str`"),
        ('{"count": {"in": {"this": "moon"}}, "op": "=", "value": 1}', "count.in", "moon"),
        ('{"count": {"in": {"last_full": "3"}}, "op": "=", "value": 1}', "count.in", "3 weeks"),
        ('{"count": {"in": {"this": "day", "zone": "M"}}, "op": "=", "value": 1}', "count.in",
         "no time zone"),
        ('{"count": {"in": {"since_event": {}, "which": "next"}}, "op": "=", "value": 1}',
         "count.in.which", "next"),
        ('{"count": {}, "op": "=", "value": {"sum": {}}}', "value.sum", "`property`"),
        ('{"not": {"count": {}, "op": "=", "value": {"count": {"in": {"last": "3m"}}}}}',
         "not.value.count.in", "minutes"),
        ('{"count": {}, "op": "between", "value": {"count": {}}}', None, "Two measures"),
        ('{"count": {}, "op": "=", "value": {}}', "value", "Compare with one measure: count"),
        ('{"first": {"property": "p"}, "op": "~", "value": 1}', None, "no operator"),
        ('{"periods": {}, "of": 4, "unit": "week", "op": ">", "value": 1}', None, "no number of"),
        ('{"stopped": {"in": {"last": "3d"}}, "for": "60d"}', None, "no window"),
        ('{"resumed": {}, "after": "0d"}', None, "longer than nothing"),
        ('{"first_time": {"in": {"which": "last", "since_event": {"where": {"in_list": "x"}}}}}',
         "first_time.in.since_event.where", "belongs outside"),
        ('{"sum": {"event": "x"}, "op": "=", "value": 1}', "sum", "`property`"),
        ('{"all": [{"count": {"where": {"trait": "x", "op": "exists"}}, "op": "=", "value": 1}]}',
         "all[0].count.where", "belongs outside"),
        ('{"all": [{"property": "x", "op": "exists"}]}', "all[0]", "inside the where"),
        ('{"at_least": 3, "of": [{"in_list": "a"}]}', None, "from 1 to 1"),
        ('{"at_least": 0, "of": [{"in_list": "a"}]}', None, "from 1 to 1"),
        ('{"at_least": 1, "of": []}', None, "at least one"),
        ('{"not": {"share": 0}}', "not", "more than 0"),
        ('{"not": {"share": 100.5}}', "not", "at most 100"),
        ('{"not": {"share": 0.00001}}', "not", "4 digits"),
        ('{"top": 0, "by": {"count": {}}}', None, "at least 1 customer"),
        ('{"top": 5, "top_percent": 5, "by": {"count": {}}}', None, "top or top_percent"),
        ('{"top": 5, "by": {}}', "by", "one number"),
        ('{"top": 5, "by": {"count": {}, "sum": {"property": "x"}}}', "by", "one number"),
        ('{"top": 5, "by": {"count": {}}, "refreshed": "year"}', "refreshed", "Invalid enum"),
        ('{"top": 5, "by": {"count": {"where": {"trait": "x", "op": "exists"}}}}',
         "by.count.where", "belongs outside"),
        ('{"on_brands": {"in_segment": "x"}, "op": ">=", "value": 1}', None,
         "traits, groups and events"),
        ('{"on_brands": {"top": 5, "by": {"count": {}}}, "op": ">=", "value": 1}', None,
         "traits, groups and events"),
        ('{"on_brands": {"trait": "x", "op": "exists", "on_brand": "A"}, "op": "=", "value": 1}',
         None, "no brand of its own"),
        ('{"on_brands": {"trait": "x", "op": "exists"}, "op": "<", "value": 1}', "op", "enum"),
        ('{"not": {"was_in": "x", "at": "yesterday"}}', "not", "Expected a date"),
        ('{"entered": "x", "in": {"last": "1 month"}}', "in", "no fixed length"),
        ('{"count": {"where": {"share": 5}}, "op": "=", "value": 1}', "count.where",
         "belongs outside"),
    ],
)  # fmt: skip
def test_errors_name_the_path(written: str, field: str | None, message: str) -> None:
    with pytest.raises(RuleError) as raised:
        decode(written)
    assert message in raised.value.message
    assert raised.value.field == field


@pytest.mark.parametrize("depth", [60, 200, 100_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    with pytest.raises(RuleError, match="deep"):
        decode('{"not":' * depth + '{"in_list": "x"}' + "}" * depth)


def test_too_many_conditions_are_refused() -> None:
    parts = [{"trait": "a", "op": "=", "value": value} for value in range(tree.MAX_NODES)]
    with pytest.raises(RuleError, match="at most 5000 conditions"):
        decode({"any": parts})


def test_numbers_that_are_none_are_refused() -> None:
    values: list[Any] = [float("nan"), float("inf"), 1e300]
    for value in values:
        with pytest.raises(RuleError):
            decode({"trait": "a", "op": "=", "value": value})
        with pytest.raises(RuleError):
            decode(json.dumps({"trait": "a", "op": "=", "value": value}))


@pytest.mark.parametrize(
    ("rule", "written", "code"),
    [
        ({"trait": "plan", "op": "matches", "value": "("}, 'plan matches "("', "no_pattern"),
        ({"all": [{"count": {"event": "x", "in": {"last": "3 months"}}, "op": ">=", "value": 1}]},
         'did "x" in the last 3 months', "no_fixed_length"),
        ({"count": {"event": "x", "where": {"property": "p", "op": "between", "value": [9, 3]}},
          "op": ">=", "value": 1},
         'did "x" where (p between 9 and 3)', "low_first"),
    ],
)  # fmt: skip
def test_a_refusal_has_its_code_as_json_and_as_text(rule: Any, written: str, code: str) -> None:
    """However deep it lies: the console says it in its language."""
    for read, form in ((decode, rule), (parse, written)):
        with pytest.raises(RuleError) as refused:
            read(form)
        assert refused.value.told is not None
        assert refused.value.told.code == code
