"""Random rules on what customers did: measures, windows, patterns, sequences, carts and orders."""

from __future__ import annotations

from typing import Any

from patron.testing.differential.drawing import SHELF_KINDS, UNITS, Draw
from patron.testing.differential.drawn_values import ORDERINGS, Rule

MEASURED = ("sum", "average", "min", "max")
COMPARED = ("=", "!=", *ORDERINGS)
STEPS = ("30min", "2h", "36h", "3d", "7d", "30d", "60d")


def count(draw: Draw) -> Rule:
    """How many events or lines."""
    return {"count": draw.selection(), **draw.counted()}


def amount(draw: Draw) -> Rule:
    """The sum, average, smallest or largest of a property."""
    measure, events = draw.pick(MEASURED), draw.amounts()
    if measure == "sum":
        return {measure: events, **draw.totalled(events["property"])}
    limits = [draw.limit(events["property"]) for _ in "abc"]
    return {measure: events, **draw.threshold(limits)}


def measure(draw: Draw) -> Rule:
    """A measure alone, without a comparison."""
    kinds = ["count", "count", *MEASURED] + ["distinct"] * ("distinct" in draw.known)
    kind = draw.pick(kinds)
    if kind == "count":
        return {kind: draw.selection()}
    return {kind: valued(draw) if kind == "distinct" else draw.amounts()}


def distinct(draw: Draw) -> Rule:
    """How many different values."""
    return {"distinct": valued(draw), **draw.counted()}


def picked(draw: Draw) -> Rule:
    """The first, last or most frequent value."""
    events = valued(draw)
    rows = draw.of_event(events.get("event"))
    lines = events.get("lines", False)
    if lines:
        rows = [line for event in rows for line in event["lines"]]
    which = draw.pick(("first", "last", "most_frequent"))
    kind = kind_of(events["property"], lines=lines)
    compared = draw.comparison(_values(rows, events["property"]), kind=kind)
    if which == "most_frequent" and draw.maybe(0.3):
        compared["times"] = draw.pick((2, 3))
    return {which: events, **compared}


def kind_of(path: str, *, lines: bool) -> str:
    """What a property holds: ``text`` or ``number`` where it has a column, else ``any``."""
    if path in SHELF_KINDS:
        return SHELF_KINDS[path]
    if path in ("price", "quantity") and lines:
        return "number"
    if path == "revenue":
        return "number"
    return "text" if path in ("coupon", "channel", "category", "product_id") else "any"


def _values(rows: list[Rule], path: str) -> list[Any]:
    found = []
    for row in rows:
        value: Any = row
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        found.append(value)
    return found


def valued(draw: Draw) -> Rule:
    """A selection with a property of any type."""
    lines = draw.maybe(0.25)
    event, paths = draw.pick(
        (
            (
                "Order Completed",
                ("category", "product_id", "size", "price", "shelf.side"),
            ),
            ("Product Added", ("category", "size", "price", "shelf.height", "shelf.tags")),
        )
        if lines
        else (
            ("Order Completed", ("payment_method", "coupon", "revenue", "channel", "shelf.side")),
            ("Quiz Taken", ("score", "level", "answers", "detail.depth")),
            ("Page Viewed", ("path", "seconds", "shelf.height")),
            ("Video Played", ("seconds", "title")),
        )
    )
    found = draw.selection(lines=lines, event=event)
    path = draw.pick(paths)
    if path in ("revenue", "price"):
        found["currency"] = draw.pick(("EUR", "THB"))
    return {**found, "property": path}


def metrics(draw: Draw) -> Rule:
    """A measure compared with another one."""
    left, right = measure(draw), measure(draw)
    if draw.maybe(0.4) and "count" in left:
        right = {"count": {**left["count"], "in": draw.window()}}
    (one,), (other,) = left.values(), right.values()
    if "currency" in one and "currency" in other:
        other["currency"] = one["currency"]  # amounts of different currencies do not compare
    return {**left, "op": draw.pick(COMPARED), "value": right}


def calendar(draw: Draw) -> Rule:
    """Events or amounts in a window of the calendar."""
    rule = draw.either(lambda: count(draw), lambda: count(draw), lambda: amount(draw))
    return _within(rule, draw.calendar())


def since_event(draw: Draw) -> Rule:
    """Events or amounts since another event."""
    rule = draw.either(lambda: count(draw), lambda: count(draw), lambda: amount(draw))
    return _within(rule, draw.since())


def _within(rule: Rule, window: Rule) -> Rule:
    kind = next(key for key in ("count", *MEASURED) if key in rule)
    return {**rule, kind: {**rule[kind], "in": window}}


def first_time(draw: Draw) -> Rule:
    """Did for the first time in a window."""
    return {"first_time": draw.selection(window=True)}


def periods(draw: Draw) -> Rule:
    """In at least so many of the last full weeks, months and so on."""
    of = draw.pick((1, 2, 3, 4, 6, 12))
    rule = {"periods": draw.selection(window=False), "of": of, "unit": draw.pick(UNITS)}
    if draw.maybe(0.3):
        rule["zone"] = draw.other_zone()
    return {**rule, "op": draw.pick((">=", ">=", "<=", "=")), "value": draw.pick((1, 1, 2, 3))}


def points(draw: Draw) -> Rule:
    """A comparison of points."""
    limit = draw.pick((0, 1, 5, 10, 20, 50))
    return {"points": programme(draw), **draw.threshold([limit, draw.pick((0, 3, 12, 100))])}


def programme(draw: Draw) -> Rule:
    """What earns and burns points, and how long they hold."""
    found: Rule = {"earning": [_earning(draw) for _ in range(draw.pick((1, 1, 2)))]}
    if draw.maybe(0.6):
        found["burning"] = _summed(draw)
    if draw.maybe(0.8):
        found["expire_after"] = draw.length()
    return found


def _earning(draw: Draw) -> Rule:
    if draw.maybe(0.4):
        return {"earn": draw.pick((1, 5, 10.9)), "for": draw.selection(window=False, lines=False)}
    return {"earn": draw.pick((1, 0.1, 2.5)), "per": _summed(draw)}


def _summed(draw: Draw) -> Rule:
    found = {"lines": True}
    while "lines" in found:
        rule = measure(draw)
        found = rule.get("sum", {"lines": True})
    return {key: value for key, value in found.items() if key != "in"}


def stopped(draw: Draw) -> Rule:
    """Did once, and not for so long."""
    return {"stopped": draw.selection(window=False), "for": draw.length()}


def resumed(draw: Draw) -> Rule:
    """Did again after a pause."""
    after = draw.pick(("2h", "36h", "3d", "7d", "30d", "60d"))
    return {"resumed": draw.selection(), "after": after}


# ── sequences, carts and orders ──


def sequence(draw: Draw, *, absence: bool = False) -> Rule:
    """One thing after another."""
    steps = [_step(draw) for _ in range(draw.pick((1, 2) if absence else (2, 2, 2, 3)))]
    for step in steps[1:]:
        if draw.maybe(0.5):
            step["within"] = draw.pick(STEPS)
        if draw.maybe(0.4):
            step["without"] = [_step(draw) for _ in range(draw.pick((1, 1, 2)))]
    if absence:
        steps.append({"not": True, **_step(draw), "within": draw.pick(STEPS)})
    rule: Rule = {"sequence": steps}
    if draw.maybe(0.5):
        rule["in"] = draw.window()
    return {**rule, **draw.scope()}


def _step(draw: Draw) -> Rule:
    event = draw.event_name()
    step: Rule = {} if event is None else {"event": event}
    if draw.maybe(0.2):
        step["where"] = draw.event_filter(event, 1)
    return step


def absence(draw: Draw) -> Rule:
    """A sequence whose last step did not come in time."""
    return sequence(draw, absence=True)


def cart(draw: Draw) -> Rule:
    """An abandoned cart."""
    stage = draw.pick(("cart", "checkout", "shipping", "payment"))
    rule: Rule = {"abandoned": "cart", "for": draw.pick(STEPS)}
    if draw.maybe(0.3):
        rule = {"cart_left": draw.pick((stage, "any")), "for": draw.pick(STEPS)}
    elif draw.maybe(0.4):
        rule["stage"] = stage
    if draw.maybe(0.4):
        rule["in"] = {"last": draw.length()} if draw.maybe(0.7) else draw.window()
    return {**rule, **draw.scope()}


def orders(draw: Draw) -> Rule:
    """Short forms for orders."""
    form = draw.pick(("orders", "revenue", "average_order_value", "returns", "units", "bought",
                      "last_order"))  # fmt: skip
    if form == "last_order":
        return {form: draw.length(), "is": draw.pick(("before", "within"))}
    clauses: Rule = {"in": draw.window()} if draw.maybe(0.6) else {}
    clauses |= draw.scope()
    if form == "bought":
        return {form: draw.line_filter(depth=1), **clauses}
    if form == "units":
        wanted = {"where": draw.line_filter(depth=1)} if draw.maybe(0.6) else {}
        return {form: {**wanted, **clauses}, **draw.totalled("quantity")}
    if draw.maybe(0.4):
        name = "Order Refunded" if form == "returns" else "Order Completed"
        clauses["where"] = draw.event_filter(name, 1)
    if form in ("orders", "returns"):
        return {form: clauses, **draw.counted()}
    clauses["currency"] = draw.pick(("EUR", "EUR", "THB"))
    limits = [draw.limit("revenue") for _ in "abc"]
    compared = draw.totalled("revenue") if form == "revenue" else draw.threshold(limits)
    return {form: clauses, **compared}
