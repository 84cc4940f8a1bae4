"""Operators: what the value behind each must be, and which are the opposites of others."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from patron.segments import durations, places, values

OPERATORS: dict[str, Callable[[Any], Any]] = {
    "=": values.scalar,
    "!=": values.scalar,
    "<": values.number,
    "<=": values.number,
    ">": values.number,
    ">=": values.number,
    "between": values.pair,
    "in": values.scalars,
    "not in": values.scalars,
    "contains": values.needle,
    "does not contain": values.needle,
    "starts with": values.needle,
    "ends with": values.needle,
    "matches": values.pattern,
    "does not match": values.pattern,
    "exists": values.nothing,
    "missing": values.nothing,
    "any of": values.scalars,
    "all of": values.scalars,
    "none of": values.scalars,
    "before": values.date,
    "after": values.date,
    "within radius": places.circle,
    "in box": places.box,
}
"""Operators on a trait or property, each with what its value must be."""

ABOUT_NOW: dict[str, Callable[[Any], Any]] = {
    "within last": durations.span,
    "within next": durations.span,
    "anniversary": durations.recurrence,
}
"""Operators that compare a trait with the moment asked for; properties do not have them."""

NEGATIVE = {
    "!=": "=",
    "not in": "in",
    "does not contain": "contains",
    "does not match": "matches",
    "missing": "exists",
    "none of": "any of",
}
"""Operators that are the exact complement of another."""

METRIC_OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "between")
"""Operators on a count, sum, average, minimum or maximum."""

PERIOD_OPERATORS = {">=": "at least", "<=": "at most", "=": "exactly"}
"""Operators on the number of weeks (and so on) in which something happened, as text says them."""

OPPOSITE = {"=": "!=", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "between": "not between"}
"""Of a comparison of numbers, the one that is true where it is false."""

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def holds(op: str, number: Any, value: Any) -> Any:  # noqa: ANN401 - of arrays, for each
    """Whether a number, or each of an array of them, fulfils a comparison.

    >>> holds("between", 0, (0, 3))
    True
    """
    if op == "between":
        return holds(">=", number, value[0]) & holds("<=", number, value[1])
    return _COMPARISONS[op](number, value)
