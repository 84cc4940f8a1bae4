"""Random rules on sets of customers: logic, shares, ranks, brands, groups and membership."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from patron.testing.differential import rules_on_events as events
from patron.testing.differential import rules_on_traits as traits
from patron.testing.differential.drawing import Draw
from patron.testing.differential.drawn_values import Rule

Drawer = Callable[[Draw], Rule]

SEGMENTS = ("first", "second", "third")
"""Names of the segments that a workspace of the test has; the later rest on the earlier."""


def in_list(draw: Draw) -> Rule:
    """On a static list."""
    return {"in_list": draw.pick(("vip", "vip", "few", "strangers"))}


def in_segment(draw: Draw) -> Rule:
    """A member of another segment."""
    return {"in_segment": draw.pick(sorted(draw.world["segments"]))}


def was_in(draw: Draw) -> Rule:
    """A member of another segment on a date."""
    return {"was_in": draw.pick(sorted(draw.world["segments"])), "at": draw.date()}


def recorded(draw: Draw) -> Rule:
    """An entry or exit on record."""
    rule = {draw.pick(("entered", "left")): draw.pick(sorted(draw.world["segments"]))}
    return {**rule, **({"in": draw.window()} if draw.maybe(0.75) else {})}


def simple(draw: Draw) -> Rule:
    """A condition on traits or events."""
    return draw.either(lambda: traits.trait(draw), lambda: events.count(draw))  # type: ignore[no-any-return]


def at_least(draw: Draw) -> Rule:
    """At least so many of some conditions."""
    parts = [negated(draw, simple) for _ in range(draw.chance.randint(1, 4))]
    return {"at_least": draw.chance.randint(1, len(parts)), "of": parts}


def share(draw: Draw) -> Rule:
    """A stable random share."""
    percent = draw.pick((10, 25, 50, 50, 75, 90, 33.3333, 66.6667, 100))
    seed = draw.pick((None, "", "spring", "é", "a:b"))
    return {"share": percent, **({} if seed is None else {"seed": seed})}


def top(draw: Draw) -> Rule:
    """Those with most of something."""
    size = {"top": draw.chance.randint(1, 25)}
    if draw.maybe(0.5):
        size = {"top_percent": draw.pick((5, 10, 25, 50, 33.3, 100))}
    return {**size, "by": events.measure(draw), **_refreshed(draw)}


def rfm(draw: Draw) -> Rule:
    """Those with some scores."""
    cells = ["".join(draw.pick("12345**") for _ in range(3)) for _ in range(draw.pick((1, 2, 4)))]
    return {"rfm": scored(draw), "in": cells, **_refreshed(draw)}


def scored(draw: Draw) -> Rule:
    """What customers are scored by."""
    rule = events.measure(draw)
    while "sum" not in rule:
        rule = events.measure(draw)
    found: Rule = rule["sum"]
    return found


def _refreshed(draw: Draw) -> Rule:
    return draw.pick(  # type: ignore[no-any-return]
        ({}, *({"refreshed": unit} for unit in ("hour", "day", "week", "month")))
    )


def on_brands(draw: Draw) -> Rule:
    """On so many brands."""
    rule: Rule = {"on_brands": _unscoped(negated(draw, simple)), "op": draw.pick((">=", "=", "<="))}
    rule["value"] = draw.pick((0, 1, 1, 2)) if rule["op"] == "=" else draw.pick((1, 1, 2))
    if draw.maybe(0.4):
        rule["of"] = draw.pick((["A", "B"], ["A"], ["B", "C"]))
    return rule


def _unscoped(rule: Rule) -> Rule:
    """The rule without brands."""
    plain = {key: value for key, value in rule.items() if key != "on_brand"}
    return {
        key: _unscoped(value)
        if isinstance(value, dict)
        else [_unscoped(one) if isinstance(one, dict) else one for one in value]
        if isinstance(value, list)
        else value
        for key, value in plain.items()
    }


def group(draw: Draw) -> Rule:
    """A trait of the customer's company or household."""
    path = draw.pick(("industry", "industry", "employees", "address.country"))
    seen: dict[str, list[Any]] = {
        "industry": ["IT", "Retail", "it", None],
        "employees": [5, 50, 500, "50"],
        "address.country": ["NL", "TH", None],
    }
    return {"group": path, **draw.comparison(seen[path]), **draw.scope()}


def negated(draw: Draw, drawer: Drawer) -> Rule:
    """What it draws, sometimes the opposite."""
    rule = drawer(draw)
    return {"not": rule} if draw.maybe(0.25) else rule


def composed(draw: Draw, drawers: list[Drawer], depth: int = 2) -> Rule:
    """Conditions of every class, in all, any and not."""
    if depth == 0 or draw.maybe(0.3):
        return negated(draw, draw.pick(drawers))
    parts = [composed(draw, drawers, depth - 1) for _ in range(draw.chance.randint(2, 3))]
    if draw.maybe(0.2):
        return {"not": {draw.pick(("all", "any")): parts}}
    return {draw.pick(("all", "any")): parts}
