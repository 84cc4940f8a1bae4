"""Whether a rule is true of a customer as of a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from patron.testing.oracle import (
    computed,
    groups,
    measures,
    patterns,
    points,
    rfm,
    sequences,
    sets,
    traits,
)
from patron.testing.oracle.shapes import Person, Question, Rule, World
from patron.testing.oracle.short_forms import in_full
from patron.testing.oracle.values import last_moment, steps
from patron.testing.oracle.windows import window_of


def members(world: World, rule: Rule, as_of: datetime) -> set[int]:
    """The ids of everybody of whom a rule is true.

    Args:
        world: Everybody and everything, as the package describes it.
        rule: The rule in JSON.
        as_of: The moment of the question, naive, in UTC.

    Returns:
        Profile ids. Who was first seen after the moment is not among them (M11).
    """
    written = in_full(rule)
    everybody = [Question(world, person, as_of) for person in world["people"]]
    return {one.person["id"] for one in everybody if one.seen and is_true(one, written)}


def holds(world: World, person: Person, rule: Rule, as_of: datetime) -> bool:
    """Whether a rule is true of one customer, whether or not already seen by then.

    Args:
        world: Everybody and everything, as the package describes it.
        person: One of the world's people.
        rule: The rule in JSON.
        as_of: The moment of the question, naive, in UTC.
    """
    return is_true(Question(world, person, as_of), in_full(rule))


def is_true(question: Question, rule: Rule) -> bool:
    """Whether a rule that is written in full is true; every condition is true or false (M1)."""
    if "all" in rule:
        return all(is_true(question, part) for part in rule["all"])
    if "any" in rule:
        return any(is_true(question, part) for part in rule["any"])
    if "not" in rule:
        return not is_true(question, rule["not"])
    if "at_least" in rule:
        return sum(is_true(question, part) for part in rule["of"]) >= int(rule["at_least"])
    if "on_brands" in rule:
        return sets.on_brands(question, rule, lambda part: is_true(question, part))
    if "calculate" in rule:
        return computed.calculation_holds(question, rule)
    if "trait" in rule and computed.is_computed(question, steps(rule["trait"])[0]):
        return computed.computed_holds(question, rule)
    if measures.kind_of(rule) is not None:
        return measures.measure_holds(question, rule)
    word = next(word for word in CONDITIONS if word in rule)
    return CONDITIONS[word](question, rule)


def in_list(question: Question, rule: Rule) -> bool:
    """Whether the list names one of the customer's identifiers (M21)."""
    entries = question.world.get("lists", {})[rule["in_list"]]
    return bool(set(question.person["identifiers"]) & set(entries))


def in_segment(question: Question, rule: Rule) -> bool:
    """Whether the rule of a segment is true now."""
    return is_true(question, segment(question, rule["in_segment"]))


def was_in(question: Question, rule: Rule) -> bool:
    """Whether the customer was seen by then and the rule was true, by what is known today (M19)."""
    then = question.as_of_then(min(question.as_of, last_moment(rule["at"])))
    return then.seen and is_true(then, segment(question, rule["was_in"]))


def segment(question: Question, name: str) -> Rule:
    """The rule of a segment, in full."""
    rule: Rule = in_full(question.world["segments"][name])
    return rule


def recorded(word: str) -> Callable[[Question, Rule], bool]:
    """What tells whether the customer entered or left a segment in a window, as recorded (M20)."""

    def was_recorded(question: Question, rule: Rule) -> bool:
        inside = window_of(question, rule, None)
        return any(
            profile == question.person["id"] and kind == word and inside(at)
            for profile, kind, at in question.world.get("changes", {}).get(rule[word], [])
        )

    return was_recorded


CONDITIONS: dict[str, Callable[[Question, Rule], bool]] = {
    "trait": traits.trait_holds,
    "changed": traits.changed,
    "first_time": patterns.first_time,
    "periods": patterns.periods,
    "stopped": patterns.stopped,
    "resumed": patterns.resumed,
    "sequence": sequences.sequence,
    "abandoned": sequences.abandoned,
    "share": sets.share,
    "top": sets.top,
    "top_percent": sets.top,
    "rfm": rfm.among,
    "points": points.holds,
    "group": groups.group_holds,
    "in_list": in_list,
    "in_segment": in_segment,
    "was_in": was_in,
    "entered": recorded("entered"),
    "left": recorded("left"),
}
"""How each kind of condition is answered, by the word of its JSON that nothing else has."""
