"""Reduces a script to what makes live membership differ: fewer rules, acts and messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from patron.testing.differential.following import LiveDifference, LiveEngine, follow
from patron.testing.differential.harness import Oracle
from patron.testing.differential.histories import Sent
from patron.testing.differential.scripts import Act, Script
from patron.testing.differential.shrink import removable, shorter, without

Differs = Callable[[Script], bool]
_Part = TypeVar("_Part")


def reduced_live(
    found: LiveDifference, engine: LiveEngine, oracle: Oracle, *, attempts: int = 600
) -> LiveDifference:
    """The smallest script that greedy steps find to differ in the same kind.

    Args:
        found: What differs.
        engine: What is tested.
        oracle: What tells the truth.
        attempts: How many scripts to follow at most.
    """
    best = found

    def differs(script: Script) -> bool:
        nonlocal best, attempts
        attempts -= 1
        if attempts < 0:
            return False
        try:
            every = follow(script, engine, oracle).differences
        except Exception:  # noqa: BLE001 - a script that makes no sense to the engine
            return False
        same = next((other for other in every if other.kind == found.kind), None)
        best = same or best
        return same is not None

    script, before = found.script, None
    while script != before and attempts > 0:
        before = script
        for smaller in _STEPS:
            script = smaller(script, differs)
    return best


def _fewer_rules(script: Script, differs: Differs) -> Script:
    names = _fewer(list(script.rules), lambda kept: differs(_with_rules(script, kept)), fewest=1)
    return _with_rules(script, names)


def _with_rules(script: Script, names: Sequence[str]) -> Script:
    gone = script.rules.keys() - set(names)
    acts = tuple(act for act in script.acts if act.kind != "define" or act.told[0] not in gone)
    return replace(script, rules={name: script.rules[name] for name in names}, acts=acts)


def _fewer_acts(script: Script, differs: Differs) -> Script:
    def with_acts(acts: list[Act]) -> Script:
        return replace(script, acts=tuple(acts))

    return with_acts(_fewer(list(script.acts), lambda acts: differs(with_acts(acts)), fewest=1))


def _fewer_messages(script: Script, differs: Differs) -> Script:
    for number in reversed(range(len(script.acts))):
        if script.acts[number].kind == "send":
            script = _fewer_of(script, number, differs)
    return script


def _fewer_of(script: Script, number: int, differs: Differs) -> Script:
    def with_messages(told: list[Sent]) -> Script:
        return _with_act(script, number, script.acts[number]._replace(told=tuple(told)))

    told = list(script.acts[number].told)
    return with_messages(_fewer(told, lambda kept: differs(with_messages(kept)), fewest=1))


def _with_act(script: Script, number: int, act: Act) -> Script:
    acts = script.acts
    return replace(script, acts=(*acts[:number], act, *acts[number + 1 :]))


def _fewer(parts: list[_Part], still: Callable[[list[_Part]], bool], *, fewest: int) -> list[_Part]:
    """Halves first, then quarters, down to single ones."""
    size = max(1, len(parts) // 2)
    while size:
        start = 0
        while start < len(parts):
            kept = parts[:start] + parts[start + size :]
            if len(kept) >= fewest and still(kept):
                parts = kept
            else:
                start += size
        size //= 2
    return parts


def _shorter_rules(script: Script, differs: Differs) -> Script:
    for name, rule in script.rules.items():
        for smaller in shorter(rule):
            other = replace(script, rules={**script.rules, name: smaller})
            if isinstance(smaller, dict) and differs(other):
                return _shorter_rules(other, differs)
    return script


def _smaller_messages(script: Script, differs: Differs) -> Script:
    for smaller in list(_each_smaller(script)):
        number, place, keys = smaller
        act = script.acts[number]
        told = list(act.told)
        told[place] = told[place]._replace(body=without(told[place].body, keys))
        other = _with_act(script, number, act._replace(told=tuple(told)))
        if differs(other):
            script = other
    return script


def _each_smaller(script: Script) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    for number, act in enumerate(script.acts):
        if act.kind == "send":
            for place, sent in enumerate(act.told):
                for keys in removable(sent.body):
                    yield number, place, keys


def _less_around(script: Script, differs: Differs) -> Script:
    history = script.history
    for name in history.segments:
        segments = {key: rule for key, rule in script.history.segments.items() if key != name}
        other = replace(script, history=replace(script.history, segments=segments))
        script = other if differs(other) else script
    for name in history.lists:
        lists = {key: listed for key, listed in script.history.lists.items() if key != name}
        other = replace(script, history=replace(script.history, lists=lists))
        script = other if differs(other) else script
    return script


_STEPS = (_fewer_rules, _fewer_acts, _fewer_messages, _less_around, _shorter_rules,
          _smaller_messages)  # fmt: skip
