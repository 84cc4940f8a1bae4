"""Shares of the customers, the top of a ranking, and conditions on a number of brands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from hashlib import md5
from math import ceil

from patron.testing.oracle.measures import NUMERIC, PICKED, kind_of, measured
from patron.testing.oracle.selections import rows_of
from patron.testing.oracle.shapes import Question, Rule
from patron.testing.oracle.values import compares, exact
from patron.testing.oracle.zones import start_of_hour, start_of_unit

ABOUT_EVENTS = (*NUMERIC, *PICKED, "first_time", "periods", "stopped", "resumed", "rfm")
"""The words of conditions under which a selection of events stands."""


def share(question: Question, rule: Rule) -> bool:
    """Whether the customer is in a random share: always the same for a seed and a profile id."""
    text = f"{rule.get('seed', '')}:{question.person['id']}"
    drawn = int(md5(text.encode(), usedforsecurity=False).hexdigest()[:8], 16)
    return Fraction(drawn, 2**32) < Fraction(exact(rule["share"])) / 100


def top(question: Question, rule: Rule) -> bool:
    """Whether the customer stood among the first of the ranking when it was last refreshed."""
    then = last_refresh(question, rule.get("refreshed", "day"))
    ranked = []
    for person in question.world["people"]:
        found = ranked_amount(Question(question.world, person, then), rule["by"])
        if found is not None:
            ranked.append((-found, person["id"]))
    if "top" in rule:
        places = rule["top"]
    else:
        places = ceil(len(ranked) * Fraction(exact(rule["top_percent"])) / 100)
    return question.person["id"] in [number for _, number in sorted(ranked)[:places]]


def last_refresh(question: Question, unit: str) -> datetime:
    """When a ranking was last refreshed: as the local hour, day, ISO week or month began."""
    if unit == "hour":
        return start_of_hour(question.as_of, question.zone)
    return start_of_unit(question.as_of, unit, question.zone)


def ranked_amount(question: Question, by: Rule) -> Fraction | None:
    """What a customer is ranked by; None: not seen by then, or there is nothing to measure."""
    kind = next(kind for kind in NUMERIC if kind in by)
    if not question.seen or not rows_of(question, by[kind]):
        return None
    return measured(question, by)


def on_brands(question: Question, rule: Rule, holds: Callable[[Rule], bool]) -> bool:
    """Of how many brands a condition holds when it is about one of them alone."""
    brands = rule.get("of", sorted(set(question.world["sources"].values())))
    number = sum(holds(scoped(rule["on_brands"], brand)) for brand in set(brands))
    return compares(exact(number), rule["op"], rule["value"])


def on_brand(programme: Rule, brand: str | list[str]) -> Rule:
    """How points come and go, of the events of one brand or some alone."""
    limited: Rule = {
        "earning": [
            {word: {**told, "on_brand": brand} if isinstance(told, dict) else told
             for word, told in one.items()}
            for one in programme["earning"]
        ]
    }  # fmt: skip
    if "burning" in programme:
        limited["burning"] = {**programme["burning"], "on_brand": brand}
    return {**programme, **limited}


def scoped(rule: Rule, brand: str | list[str]) -> Rule:
    """A condition, limited to one brand or some in everything it says of traits and events."""
    for word in ("all", "any"):
        if word in rule:
            return {word: [scoped(part, brand) for part in rule[word]]}
    if "at_least" in rule:
        return {**rule, "of": [scoped(part, brand) for part in rule["of"]]}
    if "not" in rule:
        return {"not": scoped(rule["not"], brand)}
    if "points" in rule:
        return {**rule, "points": on_brand(rule["points"], brand)}
    if any(word in rule for word in ("trait", "changed", "group", "sequence", "abandoned")):
        return {**rule, "on_brand": brand}
    limited = dict(rule)
    for kind in ABOUT_EVENTS:
        if kind in limited:
            limited[kind] = {**limited[kind], "on_brand": brand}
    if isinstance(rule.get("value"), dict) and kind_of(rule["value"]) is not None:
        limited["value"] = scoped(limited["value"], brand)
    if not any(kind in rule for kind in ABOUT_EVENTS):
        raise ValueError(f"no condition that can be limited to a brand: {rule}")
    return limited
