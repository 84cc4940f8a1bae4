"""Reduces a case to what makes it differ: fewer messages, smaller ones, and a shorter rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from patron.testing.differential.cases import Case
from patron.testing.differential.drawn_values import Rule

Differs = Callable[[Case], bool]

_NEEDED = {"messageId", "timestamp", "type", "event", "groupId", "userId", "anonymousId",
           "previousId", "traits"}  # fmt: skip


def shrink(case: Case, differs: Differs, *, attempts: int = 1500) -> Case:
    """Make a case smaller as long as it still differs, greedily.

    Args:
        case: One that differs.
        differs: Tells it of any case; false also of those that make no sense.
        attempts: How often to ask `differs` at most.
    """
    left = attempts

    def still(smaller: Case) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and differs(smaller)

    before = None
    while case != before and left > 0:
        before = case
        for smaller in (_fewer_messages, _shorter_rule, _smaller_messages, _less_around):
            case = smaller(case, still)
    return case


def _fewer_messages(case: Case, still: Differs) -> Case:
    """Halves first, then quarters, down to single messages."""
    size = max(1, len(case.history.messages) // 2)
    while size:
        start = 0
        while start < len(case.history.messages):
            sent = case.history.messages
            kept = sent[:start] + sent[start + size :]
            smaller = replace(case, history=replace(case.history, messages=kept))
            if kept and still(smaller):
                case = smaller
            else:
                start += size
        size //= 2
    return case


def _shorter_rule(case: Case, still: Differs) -> Case:
    waiting = shorter(case.rule)
    for rule in waiting:
        smaller = replace(case, rule=rule)
        if still(smaller):
            return _shorter_rule(smaller, still)
    return case


def shorter(rule: Any) -> Iterator[Any]:  # noqa: ANN401 - any part of a rule
    """Parts in place of the whole, then the whole without one of its parts, then smaller parts."""
    if isinstance(rule, dict):
        for key, value in rule.items():
            if key in ("all", "any", "of") and isinstance(value, list):
                yield from (part for part in value if isinstance(part, dict))
            if key in ("not", "on_brands") and isinstance(value, dict):
                yield value
        if len(rule) > 1:
            yield from ({k: v for k, v in rule.items() if k != key} for key in rule)
        for key, value in rule.items():
            yield from ({**rule, key: smaller} for smaller in shorter(value))
    elif isinstance(rule, list):
        if len(rule) > 1:
            yield from (rule[:n] + rule[n + 1 :] for n in range(len(rule)))
        for number, value in enumerate(rule):
            for smaller in shorter(value):
                yield [*rule[:number], smaller, *rule[number + 1 :]]


def _smaller_messages(case: Case, still: Differs) -> Case:
    for number in range(len(case.history.messages)):
        for keys in list(removable(case.history.messages[number].body)):
            sent = list(case.history.messages)
            sent[number] = sent[number]._replace(body=without(sent[number].body, keys))
            smaller = replace(case, history=replace(case.history, messages=tuple(sent)))
            if still(smaller):
                case = smaller
    return case


def removable(body: Rule) -> Iterator[tuple[str, ...]]:
    """Paths to what a message can do without."""
    for key, value in body.items():
        if key not in _NEEDED:
            yield (key,)
        if key in ("traits", "properties") and len(value) > (key == "traits"):
            yield from ((key, inner) for inner in value)


def without(body: Rule, keys: tuple[str, ...]) -> Rule:
    """A message without what lies at a path."""
    first, *rest = keys
    if first not in body or (rest and rest[0] not in body[first]):
        return body
    if not rest:
        return {key: value for key, value in body.items() if key != first}
    inner = {key: value for key, value in body[first].items() if key != rest[0]}
    return {**body, first: inner} if inner or first != "traits" else body


def _less_around(case: Case, still: Differs) -> Case:
    """Without segments, lists and what is on record."""
    for number in range(len(case.history.changes), 0, -1):
        changes = case.history.changes[: number - 1] + case.history.changes[number:]
        smaller = replace(case, history=replace(case.history, changes=changes))
        if still(smaller):
            case = smaller
    for name in [*case.history.segments, *case.history.lists]:
        history = replace(
            case.history,
            segments={key: rule for key, rule in case.history.segments.items() if key != name},
            lists={key: listed for key, listed in case.history.lists.items() if key != name},
        )
        smaller = replace(case, history=history)
        if still(smaller):
            case = smaller
    return case
