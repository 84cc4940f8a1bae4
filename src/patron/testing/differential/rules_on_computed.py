"""Random computed traits, and rules on them and on what is calculated."""

from __future__ import annotations

from typing import Any

from patron.testing.differential import rules_on_events as events
from patron.testing.differential import rules_on_orders as orders
from patron.testing.differential import rules_on_sets as sets
from patron.testing.differential.currencies import fitting
from patron.testing.differential.drawing import Draw
from patron.testing.differential.drawn_values import METRIC_OPS, Rule

NAMES = (
    "spent",
    "often",
    "picked",
    "listed",
    "per",
    "grade",
    "mixed",
    "staged",
    "scored",
    "points",
)
"""What the computed traits of a workspace of the test are called."""

GRADES = ("gold", "silver", "Silver", 3, 2)
_CONSTANTS = (0, 1, 2, 3, -1, 0.5, 7, 100, 0.000001, 999999999999)


def draw_definitions(draw: Draw) -> dict[str, Rule]:
    """A computed trait of every kind; the later ones may rest on the earlier."""
    found: dict[str, Rule] = {"spent": measure(draw), "often": {"count": draw.selection()}}
    found["picked"] = _pick(draw)
    found["listed"] = {"list": events.valued(draw)}
    found["per"] = fitting(_arithmetic(draw, ["spent", "often"], 2), found)
    found["grade"] = _graded(draw, draw.pick(("spent", "often", "per")))
    found["mixed"] = draw.either(
        lambda: fitting(_arithmetic(draw, ["spent", "per"], 1), found),
        lambda: {"trait": draw.pick(("spent", "picked", "grade"))},
        lambda: _sorted_values(draw, _kind(found["picked"])),
    )
    found["staged"] = _staged(draw)
    found["scored"] = _scored(draw)
    found["points"] = {"points": events.programme(draw)}
    return found


def measure(draw: Draw) -> Rule:
    """A measure."""
    return events.measure(draw)


def _pick(draw: Draw) -> Rule:
    which = draw.pick(("first", "last", "most_frequent", "most_frequent"))
    found: Rule = {which: events.valued(draw)}
    if which == "most_frequent" and draw.maybe(0.5):
        found["times"] = draw.pick((2, 2, 3))
    return found


def _arithmetic(draw: Draw, names: list[str], depth: int) -> Rule:
    sign = draw.pick(("add", "subtract", "multiply", "divide", "divide", "least", "greatest"))
    return {sign: [_operand(draw, names, depth), _operand(draw, names, depth)]}


def _operand(draw: Draw, names: list[str], depth: int) -> Rule:
    forms = [lambda: {"trait": draw.pick(names)}] if names else []
    forms += [lambda: _aged(draw), lambda: _ago(draw)]
    forms += [lambda: {"number": draw.pick(_CONSTANTS)}, lambda: _number(draw)]
    if depth:
        forms.append(lambda: _arithmetic(draw, names, depth - 1))
    return draw.either(*forms)  # type: ignore[no-any-return]


def _number(draw: Draw) -> Rule:
    return draw.either(  # type: ignore[no-any-return]
        lambda: measure(draw), lambda: {"count": {"event": draw.pick(draw.events)["name"]}}
    )


def _aged(draw: Draw) -> Rule:
    """A count or a sum that decays; in hours, for so long do the worlds of the test last."""
    events_of = draw.either(
        lambda: {"count": draw.selection()},
        lambda: events.measure(draw),
        lambda: {"sum": orders.amounts(draw)},
    )
    (kind,) = events_of
    if kind not in ("count", "sum"):
        events_of = {"count": {"event": draw.pick(draw.events)["name"]}}
    ((kind, selection),) = events_of.items()
    selection = {key: value for key, value in selection.items() if key != "in"}
    steps = [
        {"after": after, "worth": worth}
        for after, worth in (("1h", 50), ("1d", 25), ("5d", 33), ("90d", 0))
        if draw.maybe(0.6)
    ]
    found = {"decayed": {kind: selection}, "steps": steps or [{"after": "7d", "worth": 0}]}
    if draw.maybe(0.5):
        unit = draw.pick(("day", "day", "week", "month"))
        found["at_most"] = {"most": draw.pick((1, 2, 7.5, 40)), "each": unit}
        if draw.maybe(0.3):
            del found["steps"]
    return found


def _ago(draw: Draw) -> Rule:
    what = draw.either(
        lambda: _aged(draw), lambda: {"count": {"event": draw.pick(draw.events)["name"]}}
    )
    return {"earlier": what, "by": draw.pick(("1h", "7d", "30d"))}


def _graded(draw: Draw, of: str) -> Rule:
    categories: list[Rule] = []
    for grade in draw.chance.sample(GRADES, draw.chance.randint(1, 4)):
        bound = draw.pick(("at_least", "at_least", "above", "below", "at_most", "in"))
        limit = draw.pick((0, 1, 2, 5, 10, 12.5, 20, -1))
        categories.append({"value": grade, bound: [limit, 1] if bound == "in" else limit})
    if draw.maybe(0.4):
        categories.append({"value": "rest"})
    return {"of": {"trait": of}, "categories": categories}


def _staged(draw: Draw) -> Rule:
    """Cases: the first whose condition holds, which often is about a computed trait alone."""
    stages = draw.chance.sample(GRADES, draw.chance.randint(1, 4))
    conditions = [_condition(draw) for _ in stages]
    if draw.maybe(0.5):
        conditions[0] = {"trait": "often", "op": ">=", "value": draw.pick((1, 2, 3))}
    return {"cases": [{"value": one, "when": when}
                      for one, when in zip(stages, conditions, strict=True)]}  # fmt: skip


def _condition(draw: Draw) -> Rule:
    rule = draw.either(
        lambda: events.count(draw),
        lambda: events.stopped(draw),
        lambda: {"trait": "often", "op": ">=", "value": draw.pick((1, 2, 3))},
    )
    return {"not": rule} if draw.maybe(0.3) else rule


def _scored(draw: Draw) -> Rule:
    """A score, or a group of scores."""
    found: Rule = {"rfm": sets.scored(draw), "take": draw.pick(_SCORES)}
    if found["take"] == "group":
        found["groups"] = [
            {"group": "gold", "recency": [draw.pick((3, 4, 5)), 5], "value": [3, 5]},
            {"group": "silver", "frequency": [2, 4], "monetary": [1, draw.pick((2, 4))]},
            *([{"group": "rest"}] if draw.maybe(0.5) else []),
        ]
    return {**found, "refreshed": draw.pick(("hour", "day", "week", "month"))}


_SCORES = ("recency", "frequency", "monetary", "group", "group")


def _kind(expression: Rule) -> str:
    """What a picked value is."""
    (events_of,) = (value for key, value in expression.items() if key != "times")
    return events.kind_of(events_of["property"], lines=events_of.get("lines", False))


def _sorted_values(draw: Draw, kind: str) -> Rule:
    """Categories of a picked value."""
    some = {"value": "some", "in": [draw.pick(_OF_KIND[kind])]}
    return {"of": {"trait": "picked"}, "categories": [some, {"value": "other"}]}


def computed(draw: Draw) -> Rule:
    """A comparison of a computed trait, of the kind that it is."""
    name = draw.pick(NAMES)
    rule: Rule = {"trait": name, **_comparison(draw, name, draw.world["computed"])}
    brands = draw.scope()
    return {**rule, **brands} if "on_brand" not in str(draw.world["computed"]) else rule


def _comparison(draw: Draw, name: str, known: dict[str, Rule]) -> Rule:
    expression = known[name]
    while "trait" in expression:
        expression = known[expression["trait"]]
    if draw.maybe(0.15):
        return {"op": draw.pick(("exists", "missing"))}
    if "list" in expression:
        values = _OF_KIND[_kind(expression)]
        some = [draw.pick(values) for _ in range(draw.chance.randint(1, 2))]
        return {"op": draw.pick(("any of", "all of", "none of")), "value": some}
    if any(key in expression for key in ("categories", "cases", "rfm")):
        return _of_category(draw)
    if any(kind in expression for kind in ("first", "last", "most_frequent")):
        kind = _kind(expression)
        return draw.comparison(list(_OF_KIND[kind]), kind=kind)
    if draw.maybe(0.2):
        return {"op": draw.pick(("in", "not in")), "value": [_near(draw), _near(draw)]}
    return draw.threshold([_near(draw), _near(draw)])


_SOME: tuple[Any, ...] = (
    "card", "cash", "SPRING", "store", "web", "Tea", "Cups", "p1", 5, 5.5, 1, 3, True, "easy", "/",
)  # fmt: skip


_OF_KIND: dict[str, tuple[Any, ...]] = {
    "any": _SOME,
    "text": tuple(one for one in _SOME if isinstance(one, str)),
    "number": (5, 5.5, 1, 3, 10, 12.5),
}


def _near(draw: Draw) -> int | float:
    return draw.pick((0, 1, 1, 2, 3, -1, 0.5, 2.5, 5, 10, 12.5, 0.333333, draw.limit("revenue")))  # type: ignore[no-any-return]


def _of_category(draw: Draw) -> Rule:
    grades = (*GRADES, "rest", "some", "other")
    return draw.either(  # type: ignore[no-any-return]
        lambda: {"op": draw.pick(("=", "!=")), "value": draw.pick(grades)},
        lambda: {"op": draw.pick(("in", "not in")), "value": draw.chance.sample(grades, 2)},
        lambda: {"op": draw.pick(("contains", "starts with", "does not contain")), "value": "s"},
        lambda: {"op": draw.pick((">=", "<")), "value": 3},
    )


def calculated(draw: Draw) -> Rule:
    """A comparison of what is calculated in the rule itself."""
    names = ["spent", "often"] if draw.maybe(0.3) else []
    op = draw.pick(METRIC_OPS)
    value: Any = sorted((_near(draw), _near(draw))) if op == "between" else _near(draw)
    expression = fitting(_arithmetic(draw, names, 2), draw.world["computed"])
    return {"calculate": expression, "op": op, "value": value}
