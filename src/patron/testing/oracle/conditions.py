"""Conditions on one event or one line of an order: what stands in ``where`` (M16)."""

from __future__ import annotations

from collections.abc import Callable

from patron.testing.oracle.shapes import Event, Question, Rule, known_by
from patron.testing.oracle.values import dig, fulfils, steps

NO_PROPERTIES = ("name", "occurred_at", "source_id", "message_id", "lines")
"""What an event holds beside its properties."""


def events_of(
    question: Question,
    name: str | None = None,
    where: Rule | None = None,
    brands: list[str] | None = None,
) -> list[Event]:
    """The customer's events by then, in tie order: of a name, of some brands, under a condition."""
    return [
        event
        for event in known_by(question.person["events"], question.as_of)
        if name in (None, event["name"])
        and (brands is None or event["brand"] in brands)
        and (where is None or event_holds(event, where))
    ]


def event_holds(event: Event, rule: Rule) -> bool:
    """Whether a condition holds of an event; of lines, one and the same must fulfil all of it."""
    if "any_line" in rule:
        return any(line_holds(event, line, rule["any_line"]) for line in event["lines"])
    properties = {key: value for key, value in event.items() if key not in NO_PROPERTIES}
    return logic(rule, lambda part: event_holds(event, part), properties)


def line_holds(event: Event, line: Rule, rule: Rule) -> bool:
    """Whether a condition holds of a line; within ``event`` it is about the event of that line."""
    if "event" in rule:
        return event_holds(event, rule["event"])
    return logic(rule, lambda part: line_holds(event, line, part), line)


def logic(rule: Rule, inner: Callable[[Rule], bool], properties: dict[str, object]) -> bool:
    """And, or, not, and the comparison of one property."""
    if "all" in rule:
        return all(inner(part) for part in rule["all"])
    if "any" in rule:
        return any(inner(part) for part in rule["any"])
    if "not" in rule:
        return not inner(rule["not"])
    found = dig(properties, steps(rule["property"]))
    return fulfils(found, rule["op"], rule.get("value"))
