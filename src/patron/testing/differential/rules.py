"""Random rules, by class of operators."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from patron.testing.differential import rules_on_computed as computed
from patron.testing.differential import rules_on_events as events
from patron.testing.differential import rules_on_orders as orders
from patron.testing.differential import rules_on_sets as sets
from patron.testing.differential import rules_on_traits as traits
from patron.testing.differential.drawing import Draw
from patron.testing.differential.drawn_values import Rule
from patron.testing.differential.histories import LENGTHS, TICKS, Recorded, length
from patron.testing.differential.worlds import World

Drawer = Callable[[Draw], Rule]

_ORDER = {"event": "Order Completed"}

_EVERY: dict[str, tuple[Drawer, Rule]] = {
    "traits": (traits.trait, {"trait": "plan", "op": "=", "value": "pro"}),
    "matches": (traits.matches, {"trait": "plan", "op": "matches", "value": "^p"}),
    "trait dates": (traits.about_now, {"trait": "joined", "op": "within last", "value": "30d"}),
    "anniversaries": (traits.anniversary, {"trait": "born", "op": "anniversary", "value": "today"}),
    "places": (
        traits.place,
        {"trait": "home", "op": "within radius", "value": {"lat": 52, "lon": 5, "km": 1}},
    ),
    "trait for": (traits.has_been, {"trait": "plan", "op": "=", "value": "pro", "for": "30d"}),
    "trait changed": (traits.changed, {"changed": "plan", "to": "pro"}),
    "counts": (events.count, {"count": _ORDER, "op": ">=", "value": 1}),
    "amounts": (events.amount, {"sum": {**_ORDER, "property": "n"}, "op": ">", "value": 1}),
    "distinct": (events.distinct, {"distinct": {**_ORDER, "property": "n"}, "op": ">", "value": 1}),
    "first and last": (
        events.picked,
        {"most_frequent": {**_ORDER, "property": "n"}, "op": "exists"},
    ),
    "metric against metric": (
        events.metrics,
        {"count": _ORDER, "op": ">", "value": {"count": {"event": "Order Refunded"}}},
    ),
    "calendar windows": (
        events.calendar,
        {"count": {**_ORDER, "in": {"last_full": "3 weeks", "zone": "UTC"}}, "op": ">", "value": 1},
    ),
    "since event": (
        events.since_event,
        {
            "count": {**_ORDER, "in": {"since_event": {"event": "Quiz Taken"}, "which": "last"}},
            "op": ">",
            "value": 1,
        },
    ),
    "first time": (events.first_time, {"first_time": {**_ORDER, "in": {"last": "30d"}}}),
    "periods": (
        events.periods,
        {"periods": _ORDER, "of": 4, "unit": "week", "op": ">=", "value": 3},
    ),
    "points": (
        events.points,
        {"points": {"earning": [{"earn": 1, "for": _ORDER}]}, "op": ">", "value": 1},
    ),
    "stopped": (events.stopped, {"stopped": _ORDER, "for": "60d"}),
    "resumed": (events.resumed, {"resumed": {**_ORDER, "in": {"last": "7d"}}, "after": "60d"}),
    "sequences": (events.sequence, {"sequence": [_ORDER, {**_ORDER, "within": "3d"}]}),
    "final absence": (
        events.absence,
        {"sequence": [_ORDER, {"not": True, "event": "Order Refunded", "within": "1d"}]},
    ),
    "carts": (events.cart, {"abandoned": "cart", "for": "1h"}),
    "orders": (events.orders, {"last_order": "60d", "is": "before"}),
    "orders as they stand": (
        orders.standing,
        {"sum": {"orders": True, "property": "net"}, "op": ">", "value": 1},
    ),
    "conversions": (
        orders.converted,
        {"sum": {**_ORDER, "property": "revenue", "convert": "EUR"}, "op": ">", "value": 1},
    ),
    "at least": (
        sets.at_least,
        {"at_least": 1, "of": [{"trait": "plan", "op": "=", "value": "pro"}]},
    ),
    "share": (sets.share, {"share": 10, "seed": "spring"}),
    "top": (sets.top, {"top": 100, "by": {"count": _ORDER}, "refreshed": "day"}),
    "rfm": (
        sets.rfm,
        {"rfm": {**_ORDER, "property": "revenue"}, "in": ["5**"], "refreshed": "week"},
    ),
    "brands": (
        sets.on_brands,
        {"on_brands": {"count": _ORDER, "op": ">", "value": 1}, "op": ">=", "value": 2},
    ),
    "groups": (sets.group, {"group": "industry", "op": "=", "value": "IT"}),
    "was in": (sets.was_in, {"was_in": "first", "at": "2017-06-30"}),
    "recorded": (sets.recorded, {"entered": "first", "in": {"last": "7d"}}),
    "in segment": (sets.in_segment, {"in_segment": "first"}),
    "lists": (sets.in_list, {"in_list": "vip"}),
    "computed traits": (computed.computed, {"trait": "spent", "op": "exists"}),
    "calculations": (
        computed.calculated,
        {"calculate": {"divide": [{"count": _ORDER}, 2]}, "op": ">", "value": 1},
    ),
}

PROBES: dict[str, Rule] = {name: probe for name, (_, probe) in _EVERY.items()}
"""A rule of each class: an engine that reads it knows the class."""


def classes(known: Iterable[str]) -> dict[str, Drawer]:
    """Drawers by class, for the classes that are known and for compositions of them."""
    drawers = {name: _EVERY[name][0] for name in _EVERY if name in set(known)}
    every = list(drawers.values())

    def composed(draw: Draw) -> Rule:
        return sets.composed(draw, every)

    return {**drawers, "composed": composed}


CLASSES: dict[str, Drawer] = classes(_EVERY)
"""Drawers of all classes: each draws a random rule, as JSON."""


def draw_segments(chance: random.Random, world: World) -> dict[str, Rule]:
    """Three segments, of which the later may rest on the earlier."""
    draw = Draw(chance, world, frozenset())
    found: dict[str, Rule] = {}
    for name in sets.SEGMENTS:
        own = list(found)
        parts = [sets.negated(draw, sets.simple) for _ in range(draw.chance.randint(1, 2))]
        if own and draw.maybe(0.6):
            parts.append({"in_segment": draw.pick(own)})
        found[name] = {draw.pick(("all", "any")): parts}
    return found


def draw_computed(chance: random.Random, world: World) -> dict[str, Rule]:
    """Computed traits, of which the later may rest on the earlier."""
    return computed.draw_definitions(Draw(chance, world, frozenset()))


def draw_changes(chance: random.Random, world: World) -> list[Recorded]:
    """Who entered and left those segments, as if it had been recorded."""
    draw = Draw(chance, world, frozenset())
    found = []
    for person in world["people"]:
        for name in sets.SEGMENTS:
            moments = sorted(
                draw.pick(draw.moments) + length(draw.pick(LENGTHS)) * draw.pick((0, 0, 1))
                + draw.pick(TICKS)
                for _ in range(draw.pick((0, 0, 1, 1, 2, 3)))
            )  # fmt: skip
            for number, at in enumerate(moments):
                kind = ("entered", "left")[number % 2]
                found.append(Recorded(name, person["key"], kind, at))
    return found
