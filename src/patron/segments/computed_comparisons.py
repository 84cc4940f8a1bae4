"""Comparisons of what computed traits are computed of, as conditions on it.

Each takes an expression without names, an operator and what it asks for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, NoReturn

from patron.errors import RuleError
from patron.segments import operators, tree
from patron.segments.tree import Expression, Rule

_MEASURES: dict[str, Callable[[Any, str, Any], Rule]] = {
    "sum": tree.Sum,
    "average": tree.Average,
    "min": tree.Min,
    "max": tree.Max,
}
_ON_TEXT: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, wanted: wanted in text,
    "starts with": str.startswith,
    "ends with": str.endswith,
}

Compare = Callable[[str, Any], Rule]
"""Makes a condition of an operator and what it asks for."""


def refuse(name: str, why: str) -> NoReturn:
    """Say that a comparison makes no sense of a computed trait."""
    raise RuleError(f"{name} {why}.")


def comparing(expression: Expression, name: str) -> Compare:
    """What compares the value of an expression; each negative is made of its positive."""
    positive = _positive(expression, name)

    def compare(op: str, value: Any) -> Rule:  # noqa: ANN401 - what the operator takes
        if op in operators.ABOUT_NOW:
            refuse(name, "is computed, and not compared with now")
        if op in operators.NEGATIVE:
            return tree.Not(positive(operators.NEGATIVE[op], value))
        return positive(op, value)

    return compare


def _positive(expression: Expression, name: str) -> Compare:
    match expression:
        case tree.Categories():
            return lambda op, value: _category(expression, op, value, name)
        case tree.Cases():
            return lambda op, value: _case(expression, op, value, name)
        case tree.RfmScore():
            return lambda op, value: _rfm_score(expression, op, value, name)
        case tree.Balance(points=programme):
            return lambda op, value: _number(
                lambda *said: tree.Points(programme, *said), op, value, name
            )
        case tree.Preferred():
            return lambda op, value: tree.Favourite(expression, op, value)
        case tree.Taken():
            kind, events = expression.taken()
            if kind in tree.NUMBERS:
                return lambda op, value: _number(_measure(kind, events), op, value, name)
            assert isinstance(events, tree.Amounts)  # noqa: S101 - but for counts, all are
            if kind == "list":
                return lambda op, value: _list(events, op, value, name)
            return lambda op, value: _pick(expression, events, op, value)

    def calculate(op: str, value: Any) -> Rule:  # noqa: ANN401
        return calculation(expression, op, value)

    return lambda op, value: _number(calculate, op, value, name)


def calculation(expression: Expression, op: str, value: Any) -> Rule:  # noqa: ANN401
    """A comparison of what is calculated.

    Raises:
        RuleError: It is no number to calculate with.
    """
    try:
        return tree.Calculate(expression, op, value)
    except ValueError as error:
        raise RuleError(f"{error}.") from None


def _measure(kind: str, events: tree.Events) -> Compare:
    if kind == "count":
        return lambda op, value: _whole(lambda *said: tree.Count(events, *said), op, value)
    if kind == "distinct":
        assert isinstance(events, tree.Amounts)  # noqa: S101 - only counts are of none
        return lambda op, value: _whole(lambda *said: tree.Distinct(events, *said), op, value)
    return lambda op, value: _MEASURES[kind](events, op, value)


def _number(measure: Compare, op: str, value: Any, name: str) -> Rule:  # noqa: ANN401
    """A positive comparison of a number."""
    if op == "exists":
        return tree.AnyOf((measure(">=", 0), measure("<", 0)))
    wanted = value if isinstance(value, tuple) else (value,)
    fits = op in (*operators.METRIC_OPERATORS, "in")
    if not fits or any(isinstance(one, str | bool) for one in wanted):
        refuse(name, f"is a number, and {op} compares it with something else")
    if op == "in":
        return tree.AnyOf(tuple(measure("=", one) for one in wanted))
    return measure(op, value)


def _whole(count: Compare, op: str, value: Any) -> Rule:  # noqa: ANN401
    """A comparison of a count, which is compared with whole numbers from 0 up."""
    if op == "between":
        low, high = math.ceil(value[0]), math.floor(value[1])
        return count("<", 0) if high < max(low, 0) else count("between", (max(low, 0), high))
    if op == "=":
        return count("=", value) if value >= 0 and value == int(value) else count("<", 0)
    if value < 0:
        return count(">=", 0) if op in (">", ">=") else count("<", 0)
    return count(op, math.ceil(value) if op in ("<", ">=") else math.floor(value))


def _pick(taken: tree.Taken, amounts: tree.Amounts, op: str, value: Any) -> Rule:  # noqa: ANN401
    match taken.taken()[0]:
        case "first":
            return tree.FirstValue(amounts, op, value)
        case "last":
            return tree.LastValue(amounts, op, value)
    return tree.MostFrequent(amounts, op, value, taken.times)


def _list(amounts: tree.Amounts, op: str, value: Any, name: str) -> Rule:  # noqa: ANN401
    """A positive comparison of the different values of a property: some row has the value."""
    if op == "exists":
        return tree.Distinct(amounts, ">=", 1)
    if op not in ("any of", "all of"):
        refuse(name, f"is a list, and {op} compares one value")
    groups = [value] if op == "any of" else [(one,) for one in value]
    parts = tuple(_one_has(amounts, group) for group in groups)
    return parts[0] if len(parts) == 1 else tree.All(parts)


def _one_has(amounts: tree.Amounts, wanted: tuple[Any, ...]) -> Rule:
    has: Rule = tree.Property(amounts.property, "in", wanted)
    where = has if amounts.where is None else tree.All((amounts.where, has))
    return tree.Count(
        tree.Events(
            amounts.event,
            lines=amounts.lines,
            where=where,
            within=amounts.within,
            on_brand=amounts.on_brand,
            currency=amounts.currency,
            orders=amounts.orders,
            convert=amounts.convert,
        ),
        ">=",
        1,
    )


def _category(found: tree.Categories, op: str, value: Any, name: str) -> Rule:  # noqa: ANN401
    """A positive comparison of a category: the value lies in one that fulfils it, and none before.

    Categories before it that fulfil it too need not be left out.
    """
    compare = comparing(found.of, name)
    ways = _first_that_fit(
        [(category.value, _inside(compare, category)) for category in found.categories],
        op, value, name,
    )  # fmt: skip
    return ways or _nobody(compare("exists", None))


def _case(found: tree.Cases, op: str, value: Any, name: str) -> Rule:  # noqa: ANN401
    """A positive comparison of cases: as of categories."""
    ways = _first_that_fit([(one.value, one.when) for one in found.cases], op, value, name)
    return ways or _nobody(tree.AnyOf(tuple(one.when for one in found.cases)))


def _rfm_score(found: tree.RfmScore, op: str, value: Any, name: str) -> Rule:  # noqa: ANN401
    """A positive comparison of a score, or of a group of scores: some cells fulfil it."""
    cells = [
        cell
        for cell in tree.CELLS
        if (own := found.of(cell)) is not None and _fulfils(own, op, value, name)
    ]
    return found.being(cells) if cells else _nobody(found.being(tree.CELLS))


def _first_that_fit(
    choices: Iterable[tuple[Any, Rule]],
    op: str,
    value: Any,  # noqa: ANN401
    name: str,
) -> Rule | None:
    """That the first choice whose condition holds has a value that fulfils the operator."""
    ways: list[Rule] = []
    others: list[Rule] = []
    for choice, inside in choices:
        if _fulfils(choice, op, value, name):
            own = inside.all if isinstance(inside, tree.All) else (inside,)
            ways.append(tree.All((*own, *map(tree.Not, others))) if others else inside)
        else:
            others.append(inside)
    if len(ways) > 1:
        return tree.AnyOf(tuple(ways))
    return ways[0] if ways else None


def _nobody(rule: Rule) -> Rule:
    """True of nobody, and read from what a rule is read from."""
    return tree.All((rule, tree.Not(rule)))


def _inside(compare: Compare, category: tree.Category) -> Rule:
    parts = tuple(compare(op, value) for op, value in category.bounds())
    if not parts:
        return compare("exists", None)
    return parts[0] if len(parts) == 1 else tree.All(parts)


def classes(expression: tree.Expression) -> tuple[Any, ...]:
    """The values that an expression may have; none where these are not named."""
    match expression:
        case tree.Categories(categories=named) | tree.Cases(cases=named):
            return tuple(one.value for one in named)
        case tree.RfmScore(groups=groups):
            return tuple(one.group for one in groups)
    return ()


def choices(expression: tree.Categories | tree.Cases) -> list[tuple[Any, Rule]]:
    """Each value with the condition that it is so, whatever those before it say."""
    if isinstance(expression, tree.Cases):
        return [(one.value, one.when) for one in expression.cases]
    compare = comparing(expression.of, "The value")
    return [(one.value, _inside(compare, one)) for one in expression.categories]


def _fulfils(category: Any, op: str, value: Any, name: str) -> bool:  # noqa: ANN401
    """Whether a category fulfils a positive operator; types are never mixed."""
    text = isinstance(category, str)
    if op == "exists":
        return True
    if op in ("=", "in"):
        wanted = value if isinstance(value, tuple) else (value,)
        return any(
            not isinstance(one, bool) and isinstance(one, str) == text and one == category
            for one in wanted
        )
    if op in _ON_TEXT:
        return text and _ON_TEXT[op](category, value)
    if op in operators.METRIC_OPERATORS and not _dates(value):
        return not text and bool(operators.holds(op, Decimal(category), value))
    refuse(name, f"is one of some categories, and {op} is not asked of such")


def _dates(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, tuple) and isinstance(value[0], str)
