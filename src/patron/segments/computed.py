"""Computed traits in rules: a condition on one is another condition, made here.

Who compares a computed trait asks what that is computed of: `lifetime_value >= 500`, where that is
`revenue()`, is `sum(revenue of "Order Completed") >= 500`. So plans, live membership, previews,
explanations and history know nothing of computed traits but this.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

from patron.errors import RuleError
from patron.segments import operators, paths, tree
from patron.segments.tree import Expression, Rule
from patron.segments.tree.scope import brands_named, on_brands

Computed = Mapping[str, Expression]
"""What computed traits are computed of, by their names."""

MAX_NESTED = 50
MAX_PARTS = 500
"""An expression has at most so many parts, those of the computed traits that it names included."""

_ZERO_OF_NOTHING = frozenset({"count", "sum", "distinct"})
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


def expanded(node: Rule, computed: Computed) -> Rule | None:
    """The condition that one on a computed trait stands for; None for one that is on none.

    Args:
        node: A condition. Those inside it come on their own.
        computed: The computed traits.

    Raises:
        RuleError: What is asked makes no sense of this trait.

    >>> from patron.segments.printer import print_rule
    >>> from patron.segments.text import parse, parse_expression
    >>> spent = {"spent": parse_expression("revenue()")}
    >>> print_rule(expanded(parse('spent between 5 and 10 on brand "Tea"'), spent))
    'sum(revenue of "Order Completed" on brand "Tea") between 5 and 10'
    """
    match node:
        case tree.Trait(trait=trait) | tree.Changed(changed=trait):
            name, *inner = paths.split(trait)
            if name not in computed:
                return None
            if inner:
                _refuse(name, "is one value, with nothing inside it")
            if isinstance(node, tree.Changed) or node.held is not None:
                _refuse(name, "is computed anew for every moment: for at least and changed are of "
                        "what was observed")  # fmt: skip
            return _scoped(name, node, inlined(tree.Named(name), computed))
        case tree.Calculate(calculate=expression) if node.names():
            return _calculation(inlined(expression, computed), node.op, node.value)
    return None


def used(rule: Rule, computed: Computed) -> frozenset[str]:
    """The computed traits that a rule rests on, directly or through others."""
    found: set[str] = set()
    if not computed:
        return frozenset()
    for _, node in tree.walk(rule):
        found |= named(node) & computed.keys()
    return frozenset(found | beneath(found, computed))


def names_asked(rule: Rule) -> frozenset[str]:
    """All names in a rule that may be those of computed traits."""
    return frozenset(name for _, node in tree.walk(rule) for name in named(node))


def named(node: Rule) -> frozenset[str]:
    """The names in one condition that may be those of computed traits."""
    match node:
        case tree.Trait(trait=trait) | tree.Changed(changed=trait):
            return frozenset([paths.split(trait)[0]])
        case tree.Calculate(calculate=expression):
            return tree.names_in(expression)
    return frozenset()


def beneath(names: Iterable[str], computed: Computed) -> set[str]:
    """The computed traits that some rest on."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        expression = computed.get(waiting.pop())
        more = (set() if expression is None else rests_on(expression, computed)) - found
        found |= more
        waiting += more
    return found


def rests_on(expression: Expression, computed: Collection[str]) -> set[str]:
    """The computed traits that an expression names, as a part of it or in the rule of a case."""
    found = set(tree.names_in(expression))
    for _, part in tree.expressions(expression):
        if isinstance(part, tree.Cases):
            asked = {name for case in part.cases for name in names_asked(case.when)}
            found |= asked & set(computed)
    return found


def check(name: str, computed: Computed) -> None:
    """Whether a computed trait can hold beside the others.

    Raises:
        RuleError: It rests on itself, or on what there is none of or makes no sense of.
    """
    _check_circle(name, computed)
    condition(inlined(tree.Named(name), computed))


def condition(expression: Expression) -> Rule:
    """A condition that reads all that an expression without names reads: that there is a value."""
    return _comparing(expression, "The value")("exists", None)


def is_number(expression: Expression) -> bool:
    """Whether an expression without names is a measure or calculated of such."""
    if isinstance(expression, tree.Taken):
        return expression.taken()[0] in tree.NUMBERS
    return not isinstance(expression, tree.Categories | tree.Cases | tree.Scores | tree.Balance)


def inlined(expression: Expression, computed: Computed) -> Expression:
    """An expression in which the computed traits that it names stand written out.

    Raises:
        RuleError: One of them is unknown, or the whole becomes too large.
    """
    left = [MAX_PARTS]

    def write_out(part: Any, depth: int) -> Any:  # noqa: ANN401 - any part of an expression
        if isinstance(part, tuple):
            return tuple(write_out(one, depth) for one in part)
        if not isinstance(part, Expression):
            return part
        left[0] -= 1
        if left[0] < 0 or depth > MAX_NESTED:
            raise RuleError(
                f"A computed trait has at most {MAX_PARTS} parts, with those that it rests on, "
                f"which are nested {MAX_NESTED} deep at most."
            )
        if isinstance(part, tree.Named):
            if part.trait not in computed:
                raise _unknown(part.trait, computed)
            return write_out(computed[part.trait], depth + 1)
        if isinstance(part, tree.Taken | tree.Constant):
            return part
        fields = msgspec.structs.asdict(part)  # type: ignore[arg-type]
        inner = {name: write_out(one, depth) for name, one in fields.items()}
        return msgspec.structs.replace(part, **inner)  # type: ignore[type-var]

    found: Expression = write_out(expression, 0)
    return found


def _unknown(name: str, computed: Collection[str]) -> RuleError:
    from patron.segments.resolve import nearest

    near = nearest(name, computed)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return RuleError(f"No computed trait is called {name!r}.{hint}", suggestions=near)


def _check_circle(name: str, computed: Computed) -> None:
    done: set[str] = set()

    def visit(current: str, trail: tuple[str, ...]) -> None:
        if current not in computed:
            raise _unknown(current, computed)
        for other in sorted(rests_on(computed[current], computed)):
            if other in trail:
                circle = " → ".join([*trail[trail.index(other) :], other])
                raise RuleError(
                    f"Computed traits may not rest on each other in a circle: {circle}."
                )
            if len(trail) > MAX_NESTED:
                raise RuleError(f"Computed traits rest on each other at most {MAX_NESTED} deep.")
            if other not in done:
                visit(other, (*trail, other))
                done.add(other)

    visit(name, (name,))


def _scoped(name: str, node: tree.Trait, expression: Expression) -> Rule:
    """The comparison, on the brands that the condition names."""
    found = _comparing(expression, name)(node.op, node.value)
    if not node.on_brand:
        return found
    if any(brands_named(found)) or any(
        isinstance(part, tree.OnBrands) for _, part in tree.walk(found)
    ):
        _refuse(name, "names brands of its own, so that no condition on it can name others")
    return on_brands(found, tuple(node.on_brand))


def scoped_expression(expression: Expression, brands: tuple[str, ...]) -> Expression:
    """An expression that names no brand, asked of some brands; of none given, as it is."""
    return on_brands(expression, brands) if brands else expression


def _refuse(name: str, why: str) -> NoReturn:
    raise RuleError(f"{name} {why}.")


# ── comparing ──


def _comparing(expression: Expression, name: str) -> Compare:
    """What compares the value of an expression; each negative is made of its positive."""
    positive = _positive(expression, name)

    def compare(op: str, value: Any) -> Rule:  # noqa: ANN401 - what the operator takes
        if op in operators.ABOUT_NOW:
            _refuse(name, "is computed, and not compared with now")
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
        case tree.Scores():
            return lambda op, value: _scored(expression, op, value, name)
        case tree.Balance(points=programme):
            return lambda op, value: _number(
                lambda *said: tree.Points(programme, *said), op, value, name
            )
        case tree.Taken():
            kind, events = expression.taken()
            if kind in tree.NUMBERS:
                return lambda op, value: _number(_measure(kind, events), op, value, name)
            assert isinstance(events, tree.Amounts)  # noqa: S101 - but for counts, all are
            if kind == "list":
                return lambda op, value: _list(events, op, value, name)
            return lambda op, value: _pick(expression, events, op, value)

    def calculate(op: str, value: Any) -> Rule:  # noqa: ANN401
        return _calculation(expression, op, value)

    return lambda op, value: _number(calculate, op, value, name)


def _calculation(expression: Expression, op: str, value: Any) -> Rule:  # noqa: ANN401
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
        _refuse(name, f"is a number, and {op} compares it with something else")
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
        _refuse(name, f"is a list, and {op} compares one value")
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
    compare = _comparing(found.of, name)
    ways = _first_that_fit(
        [(category.value, _inside(compare, category)) for category in found.categories],
        op, value, name,
    )  # fmt: skip
    return ways or _nobody(compare("exists", None))


def _case(found: tree.Cases, op: str, value: Any, name: str) -> Rule:  # noqa: ANN401
    """A positive comparison of cases: as of categories."""
    ways = _first_that_fit([(one.value, one.when) for one in found.cases], op, value, name)
    return ways or _nobody(tree.AnyOf(tuple(one.when for one in found.cases)))


def _scored(found: tree.Scores, op: str, value: Any, name: str) -> Rule:  # noqa: ANN401
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


def choices(expression: tree.Categories | tree.Cases) -> list[tuple[Any, Rule]]:
    """Each value with the condition that it is so, whatever those before it say."""
    if isinstance(expression, tree.Cases):
        return [(one.value, one.when) for one in expression.cases]
    compare = _comparing(expression.of, "The value")
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
    _refuse(name, f"is one of some categories, and {op} is not asked of such")


def _dates(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, tuple) and isinstance(value[0], str)
