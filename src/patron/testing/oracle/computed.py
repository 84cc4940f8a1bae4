"""Computed traits: what they come to, and whether a comparison of one holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from patron.testing.oracle.durations import before
from patron.testing.oracle.measures import NUMERIC, PICKED, amount_of, measured, picked
from patron.testing.oracle.points import balance
from patron.testing.oracle.rfm import scored
from patron.testing.oracle.selections import rows_of
from patron.testing.oracle.sets import on_brand, scoped
from patron.testing.oracle.shapes import Question, Rule, as_list, brands_of
from patron.testing.oracle.short_forms import in_full
from patron.testing.oracle.values import COMPLEMENT, compares, exact, fulfils, scalar
from patron.testing.oracle.zones import first_day_of_unit, local_date

SIGNS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "add": lambda one, other: one + other,
    "subtract": lambda one, other: one - other,
    "multiply": lambda one, other: one * other,
    "divide": lambda one, other: one / other,
    "least": min,
    "greatest": max,
}
BOUNDS = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<", "in": "in"}


def is_computed(question: Question, name: str) -> bool:
    """Whether a trait of this name is computed and not observed."""
    return name in question.world.get("computed", {})


def computed_holds(question: Question, rule: Rule) -> bool:
    """Whether a comparison of a computed trait holds; brands limit what it is computed of."""
    expression: Rule = {"trait": rule["trait"]}
    found = value_of(question, expression, brands_of(rule))
    return value_fulfils(found, rule["op"], rule.get("value"))


def calculation_holds(question: Question, rule: Rule) -> bool:
    """Whether what is calculated in the rule itself compares so."""
    return value_fulfils(value_of(question, rule["calculate"]), rule["op"], rule["value"])


def value_of(question: Question, expression: Rule, brands: list[str] | None = None) -> Any:  # noqa: ANN401
    """What an expression comes to, exactly; None: missing.

    Args:
        question: Of whom, and as of when.
        expression: Its JSON in full.
        brands: Its events are those of these brands; None: what it says itself.
    """
    if "trait" in expression:
        named = question.world["computed"][expression["trait"]]
        return value_of(question, in_full(named), brands)
    if "cases" in expression:
        from patron.testing.oracle.rules import is_true

        for one in expression["cases"]:
            when = in_full(one["when"])
            if is_true(question, when if brands is None else scoped(when, brands)):
                return one["value"]
        return None
    if "points" in expression:
        programme = expression["points"]
        limited = programme if brands is None else on_brand(programme, brands)
        return Fraction(balance(question, limited))
    if "rfm" in expression:
        limited = {} if brands is None else {"on_brand": brands}
        return scored(question, {**expression, "rfm": {**expression["rfm"], **limited}})
    if "categories" in expression:
        return category(value_of(question, expression["of"], brands), expression["categories"])
    return _reckoned(question, expression, brands)


def _reckoned(question: Question, expression: Rule, brands: list[str] | None) -> Any:  # noqa: ANN401
    """The same, of a number, or of what is taken of events."""
    if "number" in expression:
        return Fraction(exact(expression["number"]))
    if "earlier" in expression:
        then = question.as_of_then(before(question.as_of, expression["by"]))
        return value_of(then, expression["earlier"], brands)
    if "decayed" in expression:
        return decayed(question, expression, brands)
    sign = next((sign for sign in SIGNS if sign in expression), None)
    if sign is not None:
        left, right = (value_of(question, part, brands) for part in expression[sign])
        return calculated(sign, left, right)
    if brands is not None:
        (kind,) = (key for key in expression if key != "times")
        expression = {**expression, kind: {**expression[kind], "on_brand": brands}}
    return taken(question, expression)


def decayed(question: Question, expression: Rule, brands: list[str] | None) -> Fraction:
    """A count or a sum in which each row counts for what it is worth at its age."""
    ((kind, selection),) = expression["decayed"].items()
    if brands is not None:
        selection = {**selection, "on_brand": brands}
    total = Fraction(0)
    most = expression.get("at_most")
    running: dict[date, Fraction] = {}
    for row in sorted(rows_of(question, selection), key=lambda row: row.at):
        worth = 100
        for step in expression.get("steps", ()):
            if row.at <= before(question.as_of, step["after"]):
                worth = step["worth"]
        amount = Decimal(1) if kind == "count" else amount_of(question, row, selection)
        counts = Fraction(amount or 0)
        if most is not None:
            day = first_day_of_unit(local_date(row.at, question.world["time_zone"]), most["each"])
            limit, sofar = Fraction(exact(most["most"])), running.get(day, Fraction(0))
            running[day] = sofar + counts
            counts = min(sofar + counts, limit) - min(sofar, limit)
        total += counts * worth / 100
    return total


def taken(question: Question, expression: Rule) -> Any:  # noqa: ANN401 - any value
    """A measure, one value, or the list of the different values."""
    if any(kind in expression for kind in NUMERIC):
        return measured(question, expression)
    if any(kind in expression for kind in PICKED):
        return picked(question, expression)
    selection = expression["list"]
    keys = {scalar(row.value(selection["property"])) for row in rows_of(question, selection)}
    return [key[1] for key in keys if key is not None] or None


def calculated(sign: str, left: Fraction | None, right: Fraction | None) -> Fraction | None:
    """Two numbers made one: of six places, half to even; missing when it or either is too long."""
    one, other = fitting(left), fitting(right)
    if one is None or other is None or (sign == "divide" and other == 0):
        return None
    return fitting(SIGNS[sign](one, other))


def fitting(number: Fraction | None) -> Fraction | None:
    """A number of six places, half to even; None with more than 12 digits before the point."""
    if number is None:
        return None
    millionths = round(number * 1_000_000)  # of a Fraction, half to even
    return Fraction(millionths, 1_000_000) if abs(millionths) < 10**18 else None


def category(found: Any, categories: list[Rule]) -> Any:  # noqa: ANN401 - a text or a number
    """The first category whose bounds a value fulfils; None: there is none, or no value."""
    for one in categories:
        bounds = [(op, one[name]) for name, op in BOUNDS.items() if one.get(name) is not None]
        if found is not None and all(value_fulfils(found, op, value) for op, value in bounds):
            return one["value"]
    return None


def value_fulfils(found: Any, op: str, value: Any) -> bool:  # noqa: ANN401 - any value
    """As `fulfils`; numbers of measures are exact and not rounded to be compared."""
    if not isinstance(found, Fraction):
        return fulfils(found, op, value)
    if op in COMPLEMENT:
        return not value_fulfils(found, COMPLEMENT[op], value)
    if op == "exists":
        return True
    if op in ("=", "in"):
        return any(compares(found, "=", one) for one in as_list(value))
    return compares(found, op, value)
