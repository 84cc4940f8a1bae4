"""What the oracle finds of a condition, for comparison with what an explanation says of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from hashlib import md5
from itertools import pairwise
from typing import Any

from patron.segments.explain import Explained
from patron.segments.explain_values import (
    Cart,
    Compared,
    Groups,
    Period,
    Periods,
    Rank,
    Recorded,
    Steps,
)
from patron.segments.text import parse
from patron.segments.tree import as_object
from patron.testing.oracle import computed, groups, measures, patterns, sequences, sets, traits
from patron.testing.oracle.conditions import events_of
from patron.testing.oracle.rules import is_true
from patron.testing.oracle.shapes import Question, Rule, brands_of
from patron.testing.oracle.values import dig, identical, scalar, steps
from patron.testing.oracle.windows import window_of
from patron.testing.oracle.zones import local_date, start_of_unit

HALF_A_MILLIONTH = Fraction(1, 2_000_000)
ON_EVENTS = (*measures.NUMERIC, *measures.PICKED)


def check(told: Explained, question: Question) -> str | None:
    """Compare the value of a condition with what the oracle finds; its kind where it could."""
    rule = json.loads(json.dumps(as_object(parse(told.asked)), default=float))
    kind = kind_of(rule)
    if kind is not None:
        CHECKS[kind](told, question, rule)
    return kind


def kind_of(rule: Rule) -> str | None:
    """The word by which a condition's value is checked; None for one whose value is not."""
    kind = next((kind for kind in CHECKS if kind in rule), None)
    return None if kind == "trait" and "for" in rule else kind


def _trait(told: Explained, question: Question, rule: Rule) -> None:
    if computed.is_computed(question, rule["trait"]):
        computed_alike(told.value, computed.value_of(question, rule, brands_of(rule)))
        return
    known = traits.states(question, rule["trait"], brands_of(rule))
    alike(told.value, known[-1].value if known else None)


def _calculate(told: Explained, question: Question, rule: Rule) -> None:
    computed_alike(told.value, computed.value_of(question, rule["calculate"]))


def computed_alike(found: Any, expected: Any) -> None:
    """Numbers are shown to six places; of equal values of a list one is shown."""
    if isinstance(expected, Fraction):
        assert Fraction(Decimal(found)) == Fraction(round(expected * 1_000_000), 1_000_000)
    elif isinstance(expected, list) and all(scalar(one) for one in expected):
        assert {scalar(one) for one in found} == {scalar(one) for one in expected}
        assert len(found) == len(expected)
    else:
        alike(found, expected)


def alike(value: object, expected: object) -> None:
    """A value as it was sent, or as its number is read."""
    assert scalar(value) == scalar(expected), (value, expected)
    if scalar(expected) is None:
        assert (value is None) == (expected is None) or identical(value, expected)


def _measure(told: Explained, question: Question, rule: Rule) -> None:
    kind = measures.kind_of(rule)
    if kind in measures.PICKED:
        alike(told.value, measures.picked(question, rule))
        return
    _number(told.value, question, rule)
    if isinstance(rule["value"], dict):
        assert isinstance(told.detail, Compared)
        _number(told.detail.value, question, rule["value"])


def _number(value: Any, question: Question, rule: Rule) -> None:
    found = measures.measured(question, rule)
    if found is None or value is None:
        assert found == value
    elif "average" in rule:
        assert abs(Fraction(value) - found) <= HALF_A_MILLIONTH
    else:
        assert Fraction(value) == found


# ── patterns ──


def _first_time(told: Explained, question: Question, rule: Rule) -> None:
    assert told.value == min(patterns.moments_ever(question, rule["first_time"]), default=None)


def _periods(told: Explained, question: Question, rule: Rule) -> None:
    zone, unit = rule.get("zone", question.zone), rule["unit"]
    happened = patterns.moments_ever(question, rule["periods"])
    held = []
    for back in range(rule["of"], 0, -1):
        start = start_of_unit(question.as_of, unit, zone, back)
        end = start_of_unit(question.as_of, unit, zone, back - 1)
        events = sum(start <= at < end for at in happened)
        if events:
            held.append(Period(local_date(start, zone).isoformat(), start, end, events))
    assert isinstance(told.detail, Periods)
    _same_events(told, held)
    assert told.value == len(held)


def _same_events(told: Explained, held: list[Period]) -> None:
    """An event with several lines that fit may be counted once or for each of them."""
    assert isinstance(told.detail, Periods)
    found = told.detail.periods
    assert [(one.first_day, one.start, one.end) for one in found] == [
        (one.first_day, one.start, one.end) for one in held
    ]
    assert all(one.events >= other.events for one, other in zip(found, held, strict=True))


def _stopped(told: Explained, question: Question, rule: Rule) -> None:
    happened = patterns.moments_ever(question, rule["stopped"])
    last = max(happened, default=None)
    assert told.value == (None if last is None else (question.as_of - last).total_seconds())


def _resumed(told: Explained, question: Question, rule: Rule) -> None:
    selection = rule["resumed"]
    happened = sorted(set(patterns.moments_ever(question, selection)))
    inside = window_of(question, selection, brands_of(selection))
    pauses = [
        (later - earlier).total_seconds() for earlier, later in pairwise(happened) if inside(later)
    ]
    longest = max(pauses, default=None)
    assert told.value == longest


# ── sequences and carts ──


def _sequence(told: Explained, question: Question, rule: Rule) -> None:
    reached = 0
    for number_of_steps in range(1, len(rule["sequence"]) + 1):
        part = {**rule, "sequence": rule["sequence"][:number_of_steps]}
        if not sequences.sequence(question, part):
            break
        reached = number_of_steps
    assert told.value == reached
    assert isinstance(told.detail, Steps)
    assert [step.reached for step in told.detail.steps] == [
        at < reached for at in range(len(rule["sequence"]))
    ]
    _check_run(told.detail, question, rule)


def _check_run(found: Steps, question: Question, rule: Rule) -> None:
    """Whether the events that are shown follow one another as the rule says."""
    happened = events_of(question, brands=brands_of(rule))
    by_id = {(event["message_id"], event["occurred_at"]): event for event in happened}
    last = None
    for step, asked in zip(found.steps, rule["sequence"], strict=True):
        if step.row is None:
            continue
        event = by_id[step.row.message_id, step.row.occurred_at]
        assert sequences.fulfils_step(event, asked)
        assert last is None or sequences.follows(happened, last, event, asked)
        last = event


def _abandoned(told: Explained, question: Question, rule: Rule) -> None:
    brands = brands_of(rule)
    orders = [one["occurred_at"] for one in events_of(question, "Order Completed", None, brands)]
    last = max(orders, default=datetime.min)  # noqa: DTZ901 - naive UTC
    cart = [
        event
        for event in events_of(question, brands=brands)
        if event["name"] in sequences.STAGES and event["occurred_at"] > last
    ]
    assert isinstance(told.detail, Cart)
    assert told.detail.events == len(cart)
    stages = [stage for name, stage in sequences.STAGES.items()
              if any(event["name"] == name for event in cart)]  # fmt: skip
    assert told.value == (stages[-1] if stages else None)
    if cart:
        assert told.detail.touched is not None
        assert told.detail.touched.message_id == cart[-1]["message_id"]


# ── sets ──


def _share(told: Explained, question: Question, rule: Rule) -> None:
    text = f"{rule.get('seed', '')}:{question.person['id']}"
    drawn = int(md5(text.encode(), usedforsecurity=False).hexdigest()[:8], 16)
    exactly = Decimal(drawn) * 100 / Decimal(2**32)
    assert told.value == exactly.quantize(Decimal("0.000001"), ROUND_DOWN)


def _top(told: Explained, question: Question, rule: Rule) -> None:
    then = sets.last_refresh(question, rule.get("refreshed", "day"))
    ranked = []
    for person in question.world["people"]:
        asked = Question(question.world, person, then)
        found = sets.ranked_amount(asked, rule["by"])
        if found is not None:
            ranked.append((-found, person["id"], asked))
    ranked.sort(key=lambda one: one[:2])
    places = [person for _, person, _ in ranked]
    own = question.person["id"]
    assert isinstance(told.detail, Rank)
    assert told.detail.ranked == len(places)
    assert told.detail.place == (places.index(own) + 1 if own in places else None)
    if told.detail.place is not None:
        assert told.holds == (told.detail.place <= told.detail.last_place)
        _number(told.value, question.as_of_then(then), rule["by"])
    if places:
        _number(told.detail.last_value, ranked[told.detail.last_place - 1][2], rule["by"])


def _at_least(told: Explained, question: Question, rule: Rule) -> None:
    assert told.value == sum(is_true(question, part) for part in rule["of"])


def _on_brands(told: Explained, question: Question, rule: Rule) -> None:
    brands = set(rule.get("of", question.world["sources"].values()))
    inner = rule["on_brands"]
    assert told.value == sum(is_true(question, sets.scoped(inner, brand)) for brand in brands)


def _group(told: Explained, question: Question, rule: Rule) -> None:
    name, *inner = steps(rule["group"])
    calls = groups.calls_of_everybody(question, brands_of(rule))
    own = groups.groups_of_customer(question, brands_of(rule))
    expected = {group: dig(groups.group_trait(calls, group, name), inner) for group in own}
    assert isinstance(told.detail, Groups)
    found = {one.group_id: one.row.value if one.row else None for one in told.detail.groups}
    assert found.keys() == expected.keys()
    for group, value in found.items():
        alike(value, expected[group])
    negative = rule["op"] in groups.COMPLEMENT
    assert any(one.holds for one in told.detail.groups) == (told.holds != negative)


def _recorded(told: Explained, question: Question, rule: Rule) -> None:
    word = "entered" if "entered" in rule else "left"
    inside = window_of(question, rule, None)
    changes = question.world.get("changes", {}).get(rule[word], [])
    expected = [at for profile, kind, at in changes
                if profile == question.person["id"] and kind == word and inside(at)]  # fmt: skip
    assert isinstance(told.detail, Recorded)
    assert told.value == len(expected)
    assert sorted(change.at for change in told.detail.changes) == sorted(expected)


CHECKS: dict[str, Callable[[Explained, Question, Rule], None]] = {
    "trait": _trait,
    "calculate": _calculate,
    **dict.fromkeys(ON_EVENTS, _measure),
    "first_time": _first_time,
    "periods": _periods,
    "stopped": _stopped,
    "resumed": _resumed,
    "sequence": _sequence,
    "abandoned": _abandoned,
    "share": _share,
    "top": _top,
    "top_percent": _top,
    "at_least": _at_least,
    "on_brands": _on_brands,
    "group": _group,
    "entered": _recorded,
    "left": _recorded,
}
"""How the value of each kind of condition is checked."""
