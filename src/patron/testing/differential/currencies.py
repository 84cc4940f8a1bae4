"""The currencies of drawn expressions: amounts in several are neither added nor compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from patron.testing.differential.drawing import MONEY
from patron.testing.differential.drawn_values import Rule
from patron.testing.differential.rules_on_events import MEASURED
from patron.testing.differential.rules_on_orders import WORTH

ALIKE = ("add", "subtract", "least", "greatest")
"""What takes two amounts in one currency."""


def fitting(expression: Rule, known: Mapping[str, Rule]) -> Rule:
    """An expression that makes sense: the same one, if its amounts fit each other.

    Otherwise that in one currency, or a part of it where what it names does not fit even so.

    Args:
        expression: Of arithmetic.
        known: The computed traits that it may name, each of which makes sense.
    """
    tried: list[Rule] = [expression, *(_all_in(expression, one) for one in ("EUR", "THB"))]
    for one in tried:
        if currencies(one, known) is not None:
            return one
    left: Rule = next(iter(expression.values()))[0]
    return fitting(left, known)


def currencies(expression: Rule, known: Mapping[str, Rule]) -> frozenset[str] | None:
    """The currencies that an expression is in; None where it mixes them.

    >>> euros = {"sum": {"property": "revenue", "currency": "EUR"}}
    >>> bahts = {"sum": {"property": "revenue", "currency": "THB"}}
    >>> sorted(currencies({"multiply": [euros, bahts]}, {}))
    ['EUR', 'THB']
    >>> currencies({"add": [euros, {"trait": "spent"}]}, {"spent": bahts}) is None
    True
    """
    if "trait" in expression:
        return currencies(known[expression["trait"]], known)
    for name, told in expression.items():
        if name in MEASURED:
            said = told.get("convert") or told.get("currency")
            money = told["property"] in {*MONEY, *WORTH}
            return frozenset([said] if said and money else [])
        if name in ("decayed", "earlier", "of"):
            return currencies(told, known)
        if isinstance(told, list) and name in (*ALIKE, "multiply", "divide"):
            return _of_two(name, [currencies(part, known) for part in told])
    return frozenset()


def _of_two(sign: str, parts: list[frozenset[str] | None]) -> frozenset[str] | None:
    left, right = parts
    if left is None or right is None:
        return None
    if sign == "divide" and right:
        return frozenset()
    return None if sign in ALIKE and len(left | right) > 1 else left | right


def _all_in(told: Any, currency: str) -> Any:  # noqa: ANN401 - any part of an expression
    """The same, with all its amounts in one currency."""
    if isinstance(told, list):
        return [_all_in(one, currency) for one in told]
    if not isinstance(told, dict):
        return told
    return {
        name: currency if name in ("currency", "convert") else _all_in(one, currency)
        for name, one in told.items()
    }
