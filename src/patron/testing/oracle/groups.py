"""Traits of the companies and households that customers belong to."""

from __future__ import annotations

from typing import Any

from patron.testing.oracle.shapes import Question, Rule, brands_of, known_by
from patron.testing.oracle.values import COMPLEMENT, dig, fulfils, steps


def group_holds(question: Question, rule: Rule) -> bool:
    """Whether one of the customer's groups fulfils a condition; negatives are the complement."""
    if rule["op"] in COMPLEMENT:
        return not group_holds(question, {**rule, "op": COMPLEMENT[rule["op"]]})
    name, *inner = steps(rule["group"])
    calls = calls_of_everybody(question, brands_of(rule))
    return any(
        fulfils(dig(group_trait(calls, group, name), inner), rule["op"], rule.get("value"))
        for group in groups_of_customer(question, brands_of(rule))
    )


def groups_of_customer(question: Question, brands: list[str] | None) -> set[object]:
    """The groups that the customer's own group calls named by then."""
    return {call["group_id"] for call in calls_of(question, brands)}


def calls_of(question: Question, brands: list[str] | None) -> list[dict[str, Any]]:
    """The customer's group calls by then, of some brands' sources."""
    brand_of = question.world["sources"]
    return [
        call
        for call in known_by(question.person.get("groups", []), question.as_of)
        if brands is None or brand_of[call["source_id"]] in brands
    ]


def calls_of_everybody(question: Question, brands: list[str] | None) -> list[dict[str, Any]]:
    """Everybody's group calls by then, in tie order."""
    people = question.world["people"]
    calls = [call for one in people for call in calls_of(question.about(one), brands)]
    return known_by(calls, question.as_of)


def group_trait(calls: list[dict[str, Any]], group: object, name: str) -> object:
    """What a group's trait is: as the last call that named it says, None where that cleared it."""
    told = [
        call["traits"][name]
        for call in calls
        if call["group_id"] == group and name in call["traits"]
    ]
    return told[-1] if told else None
