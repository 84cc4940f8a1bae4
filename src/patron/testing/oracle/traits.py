"""Conditions on traits: their value as of a moment, about that moment, and over time (M24)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from patron.testing.oracle.durations import after, before, duration
from patron.testing.oracle.shapes import (
    Observation,
    Question,
    Rule,
    World,
    brands_of,
    known_by,
)
from patron.testing.oracle.survivorship import value_at
from patron.testing.oracle.values import dig, fulfils, identical, moment, same, steps
from patron.testing.oracle.windows import window_of
from patron.testing.oracle.zones import local_date


class State(NamedTuple):
    """What a trait was from a moment on, until its next state began."""

    since: datetime
    value: object


def states(question: Question, path: str, brands: list[str] | None) -> list[State]:
    """What a trait was, one state after the other; of one moment only the last observation counts.

    Args:
        question: Of whom, and as of when.
        path: Name of the trait, and what lies within its value.
        brands: Whose sources count; None: all.
    """
    name, *inner = steps(path)
    brand_of = question.world["sources"]
    declared = declared_of(question.world, name)
    if declared is not None:
        told = [
            seen for seen in question.person["traits"]
            if seen["name"] == name and (brands is None or brand_of[seen["source_id"]] in brands)
        ]  # fmt: skip
        return surviving(question, declared, told, inner)
    found: list[State] = []
    for seen in known_by(question.person["traits"], question.as_of):
        if seen["name"] != name:
            continue
        if brands is not None and brand_of[seen["source_id"]] not in brands:
            continue
        if found and found[-1].since == seen["occurred_at"]:
            found.pop()
        found.append(State(seen["occurred_at"], dig(seen["value"], inner)))
    return found


def declared_of(world: World, name: str) -> dict[str, Any] | None:
    """How a trait is decided; None: the latest observation of all holds."""
    declared: dict[str, Any] | None = world.get("survivorship", {}).get(name)
    return declared or ({"rule": "most_recent"} if world.get("by_hand") else None)


def surviving(
    question: Question, declared: dict[str, Any], told: list[Observation], inner: list[str]
) -> list[State]:
    """What a trait was at each moment at which something was observed, or grew too old."""
    moments = {seen["occurred_at"] for seen in told}
    if "holds_for" in declared:
        moments |= {moment + declared["holds_for"] for moment in moments}
    return [
        State(at, dig(value_at(question.world, declared, told, at), inner))
        for at in sorted(moments)
        if at <= question.as_of
    ]


def trait_holds(question: Question, rule: Rule) -> bool:
    """Whether a condition on a trait holds, now or for at least as long as it asks."""
    known = states(question, rule["trait"], brands_of(rule))
    if "for" in rule:
        return all(
            fulfils(value, rule["op"], rule.get("value"))
            for value in values_since(known, before(question.as_of, rule["for"]))
        )
    value = known[-1].value if known else None
    if rule["op"] in ("within last", "within next"):
        return date_is_near(question, value, rule["op"], rule["value"])
    if rule["op"] == "anniversary":
        return anniversary(question, value, rule["value"])
    return fulfils(value, rule["op"], rule.get("value"))


def values_since(known: list[State], start: datetime) -> list[object]:
    """The value at a moment (None: there was none), and every value that a trait had after it."""
    then = [state.value for state in known if state.since <= start]
    later = [state.value for state in known if state.since > start]
    return [then[-1] if then else None, *later]


def changed(question: Question, rule: Rule) -> bool:
    """Whether the trait became another one in the window, from one value and to another."""
    brands = brands_of(rule)
    known = states(question, rule["changed"], brands)
    inside = window_of(question, rule, brands)
    return any(
        inside(new.since)
        and not identical(old.value, new.value)
        and ("from" not in rule or same(old.value, rule["from"]))
        and ("to" not in rule or same(new.value, rule["to"]))
        for old, new in pairwise(known)
    )


def date_is_near(question: Question, value: object, op: str, length: str) -> bool:
    """Whether a date lies so far before the moment of the question at most, or so far after it."""
    at, now = moment(value), question.as_of
    if at is None:
        return False
    if op == "within last":
        return before(now, length) < at <= now
    return now < at <= after(now, length)


def anniversary(question: Question, value: object, asked: str) -> bool:
    """Whether the day of a date comes round today, within some days, or this month.

    The day is the one written in the text, whatever zone the text names; today is the local day of
    the workspace. A date in the future has no anniversary yet; the day itself is the first.
    """
    if not isinstance(value, str) or moment(value) is None:
        return False
    day, today = date.fromisoformat(value[:10]), local_date(question.as_of, question.zone)
    if day > today:
        return False
    if asked == "month":
        return day.month == today.month
    if asked.startswith("in "):
        return recurs_on(day, today + duration(asked.removeprefix("in ")))
    ahead = 0 if asked == "today" else duration(asked).days
    return any(
        recurs_on(day, today + timedelta(days=number)) for number in range(min(ahead, 366) + 1)
    )


def recurs_on(day: date, other: date) -> bool:
    """Whether a day comes round on another; a 29 February on the 28th where there is no 29th."""
    if (day.month, day.day) == (2, 29) and not is_leap_year(other.year):
        return (other.month, other.day) == (2, 28)
    return (day.month, day.day) == (other.month, other.day)


def is_leap_year(year: int) -> bool:
    """Whether a year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
