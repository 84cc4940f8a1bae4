"""Computed traits in rules: a condition on one is another condition, made here.

Who compares a computed trait asks what that is computed of: `lifetime_value >= 500`, where that is
`revenue()`, is `sum(revenue of "Order Completed") >= 500`. So plans, live membership, previews,
explanations and history know nothing of computed traits but this.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from patron.errors import RuleError, unknown
from patron.segments import paths, tree
from patron.segments.computed_comparisons import calculation, comparing, refuse
from patron.segments.known_names import nearest
from patron.segments.tree import Expression, Rule
from patron.segments.tree.scope import names_brands, on_brands

Computed = Mapping[str, Expression]
"""What computed traits are computed of, by their names."""

MAX_NESTED = 50
MAX_PARTS = 500
"""An expression has at most so many parts, those of the computed traits that it names included."""


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
                refuse(name, "is one value, with nothing inside it")
            if isinstance(node, tree.Changed) or node.held is not None:
                refuse(name, "is computed anew for every moment: for at least and changed are of "
                        "what was observed")  # fmt: skip
            return _scoped(name, node, inlined(tree.Named(name), computed))
        case tree.Calculate(calculate=expression) if node.names():
            return calculation(inlined(expression, computed), node.op, node.value)
    return None


def written_out(node: Rule, computed: Computed) -> Rule:
    """A condition without a comparison of a computed trait, but for those inside it.

    What a comparison stands for may be one of a computed trait itself.

    >>> from patron.segments.printer import print_rule
    >>> from patron.segments.text import parse, parse_expression
    >>> cases = tree.Cases((tree.Case("rich", parse("spent > 5")),))
    >>> known = {"spent": parse_expression("revenue()"), "stage": cases}
    >>> print_rule(written_out(parse('stage = "rich"'), known))
    'sum(revenue of "Order Completed") > 5'
    """
    while (stands_for := expanded(node, computed)) is not None:
        node = stands_for
    return node


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
    return comparing(expression, "The value")("exists", None)


def is_number(expression: Expression) -> bool:
    """Whether an expression without names is a measure or calculated of such."""
    if isinstance(expression, tree.Taken):
        return expression.taken()[0] in tree.NUMBERS
    return expression.NUMBER


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
        if isinstance(part, tree.Affinity):
            return write_out(affinity(part, computed), depth + 1)
        if isinstance(part, tree.Taken | tree.Constant | tree.Preferred):
            return part
        fields = msgspec.structs.asdict(part)  # type: ignore[arg-type]
        inner = {name: write_out(one, depth) for name, one in fields.items()}
        return msgspec.structs.replace(part, **inner)  # type: ignore[type-var]

    found: Expression = write_out(expression, 0)
    return found


def affinity(node: tree.Affinity, computed: Computed) -> Expression:
    """What an affinity is calculated of: what speaks for the value, of what speaks for any.

    Raises:
        RuleError: There is no such preference.
    """
    if node.affinity not in computed:
        raise _unknown(node.affinity, computed)
    preferred = computed[node.affinity]
    while isinstance(preferred, tree.Named) and preferred.trait in computed:
        preferred = computed[preferred.trait]
    if not isinstance(preferred, tree.Preferred):
        refuse(node.affinity, "is no preference, so that nothing has an affinity to its values")
    every = _weight(preferred, [one for one in preferred.preferred if one.weight > 0], None)
    return tree.Divide((_weight(preferred, preferred.preferred, node.to), every))


def _weight(preferred: tree.Preferred, kinds: Iterable[tree.Weighed], to: Any) -> Expression:  # noqa: ANN401
    """How much speaks for a value; for any, where it is None."""
    terms: list[Expression] = []
    for one in kinds:
        events = preferred.naming(one, to)
        if events is None:
            continue
        measured: Expression = tree.Taken(count=events)
        if one.steps:
            measured = tree.Decayed(measured, one.steps)
        terms.append(tree.Multiply((tree.Constant(one.weight), measured)))
    return added(terms) if terms else tree.Constant(0)


def added(terms: Sequence[Expression]) -> Expression:
    """The sum of one or more, of pairs of pairs, which is less deep than one after the other."""
    while len(terms) > 1:
        pairs = [terms[at : at + 2] for at in range(0, len(terms), 2)]
        terms = [tree.Add((pair[0], pair[1])) if len(pair) > 1 else pair[0] for pair in pairs]
    return terms[0]


def _unknown(name: str, computed: Collection[str]) -> RuleError:
    near = nearest(name, computed)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return RuleError(
        f"No computed trait is called {name!r}.{hint}",
        suggestions=near,
        told=unknown("computed_trait", name, near),
    )


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
    found = comparing(expression, name)(node.op, node.value)
    if not node.on_brand:
        return found
    if names_brands(found):
        refuse(name, "names brands of its own, so that no condition on it can name others")
    return on_brands(found, tuple(node.on_brand))


def names_own_brands(name: str, computed: Computed) -> bool:
    """Whether a computed trait, or one that it rests on, names brands of its own."""
    expression = computed[name]
    return names_brands(expression) or any(
        names_own_brands(other, computed) for other in rests_on(expression, computed)
    )


def scoped_expression(expression: Expression, brands: tuple[str, ...]) -> Expression:
    """An expression asked of some brands; of none given, as it is.

    Raises:
        RuleError: It names brands of its own.
    """
    if not brands:
        return expression
    if names_brands(expression):
        raise RuleError("It names brands of its own, so that it is not asked of others.")
    return on_brands(expression, brands)
