"""Random rules on traits: values, dates, places, and how they were before."""

from __future__ import annotations

from typing import Any

from patron.testing.differential.drawing import Draw
from patron.testing.differential.drawn_values import Rule, dig

PATHS = (
    "plan", "plan", "age", "tier", "tier.depth", "tags", "vip", "joined", "renewal", "address",
    "address.country", "address.city", 'address."post.code"', "email",
)  # fmt: skip
DATES = ("joined", "renewal", "birthday")


def observed(draw: Draw, path: str) -> list[Any]:
    """Every value that was ever told of a trait."""
    name, _, inner = path.partition(".")
    rows = [row["value"] for one in draw.people for row in one["traits"] if row["name"] == name]
    if inner == '"post.code"':
        return [row.get("post.code") for row in rows if isinstance(row, dict)]
    return [dig(row, inner) for row in rows] if inner else rows


def trait(draw: Draw) -> Rule:
    """A comparison of a trait."""
    path = draw.pick(PATHS)
    return {"trait": path, **draw.comparison(observed(draw, path)), **draw.scope()}


def matches(draw: Draw) -> Rule:
    """A regular expression on a trait or a property."""
    pattern = draw.pick(("^p", "ro$", "[a-f]", "(?i)PRO", "e.*e", "^$", r"\d", ".", "free|team"))
    op = draw.pick(("matches", "does not match"))
    if draw.maybe(0.6):
        path = draw.pick(("plan", "tier", "joined", "address.city", "email", "tags"))
        return {"trait": path, "op": op, "value": pattern, **draw.scope()}
    event, path = draw.pick(
        (("Page Viewed", "path"), ("Quiz Taken", "level"), ("Video Played", "title"))
    )
    test = {"property": path, "op": op, "value": pattern}
    return {"count": {"event": event, "where": test}, **draw.counted()}


def about_now(draw: Draw) -> Rule:
    """A date within the last or the next so much."""
    op = draw.pick(("within last", "within next"))
    path, length = (
        draw.pick((*DATES, "tier")),
        draw.pick(("36h", "7d", "30d", "60d", "90d", "400d")),
    )
    return {"trait": path, "op": op, "value": length, **draw.scope()}


def anniversary(draw: Draw) -> Rule:
    """A day that comes again every year."""
    spans = ("1d", "7d", "30d", "60d", "366d", "in 1d", "in 30d")
    value = draw.pick(("today", "month", "month", *spans))
    path = draw.pick((*DATES, "birthday"))
    return {"trait": path, "op": "anniversary", "value": value, **draw.scope()}


def place(draw: Draw) -> Rule:
    """Where the customer is, or where something happened."""
    if draw.maybe(0.7):
        return {"trait": "location", **draw.place(), **draw.scope()}
    test = {"property": "detail.place", **draw.place()}
    return {"count": {"event": "Quiz Taken", "where": test}, **draw.counted()}


def has_been(draw: Draw) -> Rule:
    """A comparison that has held for so long."""
    path = draw.pick(PATHS)
    test = draw.comparison(observed(draw, path))
    return {"trait": path, **test, "for": draw.length(), **draw.scope()}


def changed(draw: Draw) -> Rule:
    """A change of a trait, from or to a value, in a window."""
    path = draw.pick(("plan", "plan", "plan", "age", "vip", "tier", "address.country", "tags"))
    scalars = [v for v in observed(draw, path) if isinstance(v, str | bool | int) and v != ""]
    scalars = [v for v in scalars if not (isinstance(v, int) and v >= 10**12)] or ["pro"]
    rule: Rule = {"changed": path}
    if draw.maybe(0.3):
        rule["from"] = draw.pick(scalars)
    if draw.maybe(0.4):
        rule["to"] = draw.pick(scalars)
    if draw.maybe(0.7):
        rule["in"] = draw.window()
    return {**rule, **draw.scope()}
