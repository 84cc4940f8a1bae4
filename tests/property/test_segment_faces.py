"""JSON and text are two faces of one tree: either leads to the other and back without loss."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from patron.clock import format_time, parse_time
from patron.engines.duckdb import Database
from patron.errors import RuleError
from patron.segments import tree
from patron.segments.asked import Asking
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode
from patron.segments.printer import print_rule
from patron.segments.questions import compile_question
from patron.segments.sql import compile_members
from patron.segments.text import RESERVED, parse
from patron.segments.text import spans as spans_in
from patron.warehouse.schema import migrate

FIRST, LAST = parse_time("1900-01-01"), parse_time("2199-12-31")
letters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
wild = st.text(letters, max_size=8)
odd = st.sampled_from(
    ['"', "\\", "'", "a.b", "--x", "%_", "and", "อายุ", "é", "Sum", "\n", "x y", "; drop table t"]
)
names = st.one_of(st.sampled_from(["age", "city", "_x1"]), odd, wild.filter(bool),
                  st.sampled_from(sorted(RESERVED)))  # fmt: skip
parts = st.lists(names, min_size=1, max_size=3)
paths = parts.map(lambda some: ".".join(_quoted(part) for part in some))
numbers = st.one_of(
    st.integers(-(10**12) + 1, 10**12 - 1),
    st.decimals(Decimal(-999999999), Decimal(999999999), places=6),
)
texts = st.one_of(wild, odd)
scalars = st.one_of(texts, numbers, st.booleans())
days = st.dates(FIRST.date(), LAST.date()).map(str)
moments = st.datetimes(FIRST, LAST).map(format_time)
dates = st.one_of(days, moments)
date_pairs = st.lists(days, min_size=2, max_size=2).map(sorted)
number_pairs = st.lists(numbers, min_size=2, max_size=2).map(sorted)
brands = st.lists(texts.filter(bool), max_size=2)


def _quoted(part: str) -> str:
    return msgspec.json.encode(part).decode() if set(part) & {".", '"'} else part


def _with(op: Any, value: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"op": op, "value": value})


def degrees(most: int) -> st.SearchStrategy[Any]:
    return st.integers(-most, most) | st.decimals(-most, most, places=6)


comparisons = st.one_of(
    _with(st.sampled_from(["=", "!="]), scalars),
    _with(st.sampled_from(["<", "<=", ">", ">="]), numbers),
    _with(st.just("between"), st.one_of(date_pairs, number_pairs)),
    _with(
        st.sampled_from(["in", "not in", "any of", "all of", "none of"]),
        st.lists(scalars, min_size=1, max_size=3),
    ),
    _with(
        st.sampled_from(["contains", "does not contain", "starts with", "ends with"]),
        texts.filter(bool),
    ),
    _with(st.sampled_from(["before", "after"]), dates),
    _with(
        st.sampled_from(["matches", "does not match"]),
        texts.filter(bool).map(re.escape) | st.sampled_from([r"^\d+$", "(?i)a|b", '"']),
    ),
    _with(
        st.just("within radius"),
        st.fixed_dictionaries(
            {"lat": degrees(90), "lon": degrees(180), "km": numbers.filter(lambda km: km > 0)}
        ),
    ),
    _with(
        st.just("in box"),
        st.tuples(degrees(90), degrees(90)).flatmap(
            lambda edges: st.fixed_dictionaries(
                {
                    "south": st.just(min(edges)),
                    "west": degrees(180),
                    "north": st.just(max(edges)),
                    "east": degrees(180),
                }
            )
        ),
    ),
    st.fixed_dictionaries({"op": st.sampled_from(["exists", "missing"])}),
)


spans = st.builds(
    lambda amount, unit: f"{amount}{unit}",
    st.integers(1, 9000),
    st.sampled_from(["min", "h", "d", "w"]),
)
about_now = st.one_of(
    _with(st.sampled_from(["within last", "within next"]), spans),
    _with(
        st.just("anniversary"),
        st.one_of(st.sampled_from(["today", "month"]), st.integers(1, 9000).map("{}d".format)),
    ),
)


def logical(leaves: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda some: {"all": some}),
            st.lists(inner, min_size=1, max_size=3).map(lambda some: {"any": some}),
            inner.map(lambda one: {"not": one}),
        ),
        max_leaves=5,
    )


properties = st.builds(lambda path, rest: {"property": path, **rest}, paths, comparisons)
any_line = logical(properties).map(lambda inner: {"any_line": inner})
of_event = logical(properties).map(lambda inner: {"event": inner})
zones = st.sampled_from(["Europe/Amsterdam", "Asia/Bangkok", "UTC"])
units = st.sampled_from(["day", "week", "month", "quarter", "year"])
lengths = st.builds(
    lambda amount, unit: f"{amount}{unit}",
    st.integers(1, 9000),
    st.sampled_from(["min", "h", "d", "w"]),
)
anchors = st.fixed_dictionaries(
    {}, optional={"event": texts.filter(bool), "where": logical(st.one_of(properties, any_line))}
)
windows = st.one_of(
    lengths.map(lambda length: {"last": length}),
    dates.map(lambda day: {"from": day}),
    dates.map(lambda day: {"to": day}),
    date_pairs.map(lambda pair: {"from": pair[0], "to": pair[1]}),
    st.fixed_dictionaries({"this": units}, optional={"zone": zones}),
    st.fixed_dictionaries(
        {"last_full": st.builds(lambda n, unit: f"{n} {unit}", st.integers(1, 90), units)},
        optional={"zone": zones},
    ),
    st.fixed_dictionaries({"since_event": anchors, "which": st.sampled_from(["first", "last"])}),
)


@st.composite
def selected(draw: st.DrawFn, *, window: bool = True) -> dict[str, Any]:
    lines = draw(st.booleans())
    events: dict[str, Any] = {"lines": True} if lines else {}
    optional = {
        "event": texts.filter(bool),
        "in": windows,
        "on_brand": brands,
        "currency": st.sampled_from(["EUR", "THB"]),
        "where": logical(st.one_of(properties, of_event if lines else any_line)),
    }
    for key, values in optional.items():
        if (window or key != "in") and draw(st.booleans()):
            events[key] = draw(values)
    return events


MEASURES = ["count", "count", "sum", "average", "min", "max", "distinct"]


@st.composite
def metrics(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(MEASURES))
    events = draw(selected())
    return {kind: events if kind == "count" else {**events, "property": draw(paths)}}


@st.composite
def measured(draw: st.DrawFn) -> dict[str, Any]:
    asked = draw(metrics())
    op = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "between", "metric"]))
    if op == "metric":
        op = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
        return {**asked, "op": op, "value": draw(metrics())}
    whole = bool(asked.keys() & {"count", "distinct"})
    values = st.integers(0, 10**9) if whole else numbers
    if op == "between":
        return {**asked, "op": op, "value": sorted([draw(values), draw(values)])}
    return {**asked, "op": op, "value": draw(values)}


@st.composite
def picked(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["first", "last", "most_frequent"]))
    return {kind: {**draw(selected()), "property": draw(paths)}, **draw(comparisons)}


@st.composite
def patterns(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["first_time", "resumed", "stopped", "periods"]))
    if kind == "first_time":
        return {kind: draw(selected())}
    if kind == "resumed":
        return {kind: draw(selected()), "after": draw(lengths)}
    events = {kind: draw(selected(window=False))}
    if kind == "stopped":
        return {**events, "for": draw(lengths)}
    of = draw(st.integers(1, 40))
    zone = {"zone": draw(zones)} if draw(st.booleans()) else {}
    op = draw(st.sampled_from([">=", "<=", "="]))
    value = draw(st.integers(0, of))
    return {**events, "of": of, "unit": draw(units), "op": op, "value": value, **zone}


event_filters = logical(st.one_of(properties, any_line))
spans = st.builds(
    lambda amount, unit: f"{amount}{unit}",
    st.integers(1, 9000),
    st.sampled_from(["min", "h", "d", "w"]),
)
occurrences = st.fixed_dictionaries({}, optional={"event": texts.filter(bool),
                                                  "where": event_filters})  # fmt: skip
scopes = st.fixed_dictionaries({}, optional={"in": windows, "on_brand": brands})


@st.composite
def sequences(draw: st.DrawFn) -> dict[str, Any]:
    steps = [draw(occurrences)]
    for _ in range(draw(st.integers(1, 2))):
        gap = draw(st.fixed_dictionaries({}, optional={"within": spans}))
        without = draw(st.lists(occurrences, max_size=2))
        steps.append({**draw(occurrences), **gap, "without": without})
    if draw(st.booleans()):
        steps.append({**draw(occurrences), "not": True, "within": draw(spans)})
    return {"sequence": steps, **draw(scopes)}


abandoned = st.builds(
    lambda idle, stage, scope: {"abandoned": "cart", "for": idle, **stage, **scope},
    spans,
    st.fixed_dictionaries({}, optional={"stage": st.sampled_from(["cart", "checkout", "payment"])}),
    scopes,
)

percents = st.integers(1, 1_000_000).map(lambda parts: Decimal(parts) / 10_000)


@st.composite
def ranked(draw: st.DrawFn) -> dict[str, Any]:
    """The top by a measure of events."""
    of = {key: value for key, value in draw(measured()).items() if key not in ("op", "value")}
    many = draw(
        st.one_of(
            st.integers(1, 10**6).map(lambda number: {"top": number}),
            percents.map(lambda percent: {"top_percent": percent}),
        )
    )
    refreshed = draw(st.sampled_from(["hour", "day", "week", "month"]))
    return {**many, "by": of, "refreshed": refreshed}


def _without_brand(rule: Any) -> Any:
    if isinstance(rule, list):
        return [_without_brand(one) for one in rule]
    if not isinstance(rule, dict):
        return rule
    return {key: _without_brand(one) for key, one in rule.items() if key != "on_brand"}


traits = st.builds(lambda path, rest: {"trait": path, **rest}, paths, comparisons)
on_brands = st.builds(
    lambda rule, op, value, of: {"on_brands": rule, "op": op, "value": value, "of": of},
    logical(st.one_of(traits, measured().map(_without_brand))),
    st.sampled_from([">=", "=", "<="]),
    st.integers(0, 9),
    brands,
)
sets = st.one_of(
    st.builds(lambda percent, seed: {"share": percent, "seed": seed}, percents, texts),
    ranked(),
    on_brands,
    st.builds(
        lambda path, rest, scope: {"group": path, **rest, **scope},
        paths,
        comparisons,
        st.fixed_dictionaries({}, optional={"on_brand": brands}),
    ),
    st.builds(lambda name, at: {"was_in": name, "at": at}, names, dates),
    st.builds(
        lambda key, name, window: {key: name, **({} if window is None else {"in": window})},
        st.sampled_from(["entered", "left"]),
        names,
        st.one_of(st.none(), windows),
    ),
)


def at_least(inner: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(inner, min_size=1, max_size=4).flatmap(
        lambda some: st.integers(1, len(some)).map(lambda k: {"at_least": k, "of": some})
    )


conditions = logical(
    st.one_of(
        sets,
        sequences(),
        abandoned,
        st.builds(
            lambda path, rest, brand: {"trait": path, **rest, "on_brand": brand},
            paths,
            comparisons | about_now,
            brands,
        ),
        st.builds(
            lambda path, rest, held: {"trait": path, **rest, "for": held},
            paths,
            comparisons,
            spans,
        ),
        st.builds(
            lambda path, rest: {"changed": path, **rest},
            paths,
            st.fixed_dictionaries(
                {}, optional={"from": scalars, "to": scalars, "in": windows, "on_brand": brands}
            ),
        ),
        measured(),
        picked(),
        patterns(),
        names.map(lambda name: {"in_segment": name}),
        names.map(lambda name: {"in_list": name}),
    )
)
rules = st.one_of(conditions, at_least(conditions))
_LOGIC = re.compile(r"(all|any|of)\[\d+\]|not")
calm = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def attempt(read: Any, written: Any) -> tuple[Any, RuleError | None]:
    """The rule, or the error that a person would get; any other exception fails the test."""
    try:
        return read(written), None
    except RuleError as error:
        return None, error


@calm
@given(rules)
@example({"trait": 'a."b.c"."d\\"e"', "op": "=", "value": True})
@example({"trait": "group.x", "op": "=", "value": 5})
@example({"group": "group.random", "op": "missing"})
@example({"trait": "x", "op": "in", "value": [1, True, "1", Decimal("1.5")]})
@example({"all": [{"all": [{"in_list": "a"}, {"any": [{"in_list": "in"}]}]}]})
@example(
    {"count": {"where": {"any_line": {"property": "p", "op": "exists"}}}, "op": "=", "value": 0}
)
def test_text_and_json_lead_to_the_same_tree(written: dict[str, Any]) -> None:
    rule = decode(written)
    text = print_rule(rule)
    assert tree.encode(parse(text)) == tree.encode(rule)  # bytes: 1 and true are equal in Python
    assert print_rule(parse(text)) == text
    assert decode(tree.encode(rule)) == rule
    assert tree.encode(decode(tree.as_object(rule))) == tree.encode(rule)


@calm
@given(rules)
def test_the_span_of_a_condition_reads_as_that_condition(written: dict[str, Any]) -> None:
    text = print_rule(decode(written))
    found = spans_in(text)
    told: dict[tuple[int, int], tree.Rule] = {}
    for path, node in tree.walk(parse(text)):
        start, end = found[path]
        assert 0 <= start < end <= len(text)
        if all(_LOGIC.fullmatch(step) for step in path.split(".") if step):
            told.setdefault((start, end), node)  # the outermost: `!=` stands for a `not` around it
    for (start, end), node in told.items():
        assert parse(text[start:end]) == node


@calm
@given(st.text(max_size=40))
def test_no_text_brings_anything_but_a_rule_error(text: str) -> None:
    rule, error = attempt(parse, text)
    if error is not None:
        assert error.line is not None
        assert error.column is not None
        assert error.message
    else:
        assert parse(print_rule(rule)) == rule


VOCABULARY = """
    age city did not count ( ) "Order Completed" in the last 30 days months where any line
    first most frequent since full this week for time stopped resumed after zone lines at least 2
    sum revenue of = > 5 and or between 2017-01-01 exists contains on brand segment
    sequence then within without abandoned cart for at least orders( bought last order more than ago
    changed from to for at least is today within next km matches box this month ,
    at least top by random % seed refreshed daily group . brands exactly was entered left
"""
words = st.sampled_from(VOCABULARY.split())


@calm
@given(st.lists(words, max_size=12).map(" ".join))
def test_no_jumble_of_words_brings_anything_but_a_rule_error(text: str) -> None:
    rule, error = attempt(parse, text)
    if error is not None:
        lines = text.split("\n")
        assert 1 <= (error.line or 0) <= len(lines)
        assert 1 <= (error.column or 0) <= len(lines[(error.line or 1) - 1]) + 1
    else:
        assert parse(print_rule(rule)) == rule


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [*tree.KINDS, *tree.SHORT_FORMS, "op", "value", "where", "in", "last", "from", "x"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)


@calm
@given(json_values)
def test_no_json_brings_anything_but_a_rule_error(value: Any) -> None:
    rule, error = attempt(decode, msgspec.json.encode(value))
    if error is not None:
        assert error.message
    else:
        assert decode(tree.encode(rule)) == rule


_database = Database(threads=1)
_cursor = _database.cursor()
migrate(_cursor)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules)
def test_every_rule_is_a_question_that_the_database_understands(written: dict[str, Any]) -> None:
    rule = decode(written)
    sql = compile_members(rule, as_of=parse_time("2018-01-01"), catalogue=_known(rule))
    assert _cursor.execute(sql).all() == []


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules)
def test_every_rule_can_be_asked_of_one_customer(written: dict[str, Any]) -> None:
    rule = decode(written)
    question = compile_question(rule, _known(rule))
    asking = Asking(_cursor)
    asking.gather(np.array([1]), np.array(["2018-01-01"], dtype="datetime64[us]"), [question])
    assert not asking.answer(question).any()


def _known(rule: tree.Rule) -> Catalogue:
    """The segments and lists that a rule names."""
    segments, lists = set(), set()
    for _, node in tree.walk(rule):
        match node:
            case tree.InSegment(in_segment=name) | tree.WasIn(was_in=name):
                segments.add(name)
            case tree.Entered(entered=name) | tree.Left(left=name):
                segments.add(name)
        if isinstance(node, tree.InList):
            lists.add(node.in_list)
    return Catalogue(
        segments={name: parse("a = 1") for name in segments},
        lists=frozenset(lists),
        brands=frozenset({"A", "B"}),
    )
