"""The part of the builder that is about what computed traits are computed of."""

# ruff: noqa: D102 - each method bears the name of the alternative in the grammar that it builds

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from typing import Any, NamedTuple

from lark import Token
from lark.tree import Meta
from lark.visitors import v_args

from patron.segments import tree, values
from patron.segments.phrases import Placing
from patron.segments.tree import Expression, Rule

_NAMES = {"avg": "average", "most frequent": "most_frequent"}


class Expiry(NamedTuple):
    """How long points hold."""

    after: str


@v_args(meta=True)
class CalculationBuilder(Placing):
    """Builds expressions, and the condition that compares one."""

    def calculate(self, meta: Meta, parts: list[Any]) -> Rule:
        _, expression, (op, value) = parts
        if isinstance(value, tree.Metric):
            raise ValueError("What is calculated is compared with a number")
        return self._at(meta, tree.Calculate(expression, op, value))

    def add(self, _: Meta, parts: list[Expression]) -> Expression:
        return tree.Add((parts[0], parts[1]))

    def subtract(self, _: Meta, parts: list[Expression]) -> Expression:
        return tree.Subtract((parts[0], parts[1]))

    def multiply(self, _: Meta, parts: list[Expression]) -> Expression:
        return tree.Multiply((parts[0], parts[1]))

    def divide(self, _: Meta, parts: list[Expression]) -> Expression:
        return tree.Divide((parts[0], parts[1]))

    def better(self, _: Meta, parts: list[Any]) -> Expression:
        word, *others = parts
        kind = tree.Least if word.lower() == "least" else tree.Greatest
        found: Expression = reduce(lambda one, other: kind((one, other)), others)
        return found

    def affinity(self, _: Meta, parts: list[Any]) -> Expression:
        return tree.Affinity(parts[1], parts[2])

    def has_affinity(self, meta: Meta, parts: list[Any]) -> Rule:
        _, name, value, (op, wanted) = parts
        if isinstance(wanted, tree.Metric):
            raise ValueError("An affinity is compared with a number")
        return self._at(meta, tree.Calculate(tree.Affinity(name, value), op, wanted))

    def decayed(self, _: Meta, parts: list[Any]) -> Expression:
        _, expression, *others = parts
        most = next((one for one in others if isinstance(one, tree.Most)), None)
        steps = tuple(one for one in others if isinstance(one, tree.Worth))
        return tree.Decayed(expression, steps, most)

    def most(self, _: Meta, parts: list[Any]) -> tree.Most:
        number, unit = parts
        return tree.Most(Decimal(number), str(unit))

    def worth(self, _: Meta, parts: list[Token]) -> tree.Worth:
        percent, amount, unit = parts
        return tree.Worth(f"{amount}{unit}", values.whole(Decimal(percent)))

    def earlier(self, _: Meta, parts: list[Any]) -> Expression:
        _, expression, amount, unit = parts
        return tree.Earlier(expression, f"{amount}{unit}")

    def constant(self, _: Meta, parts: list[Any]) -> Expression:
        return tree.Constant(parts[0])

    def computed(self, _: Meta, parts: list[str]) -> Expression:
        return tree.Named(parts[0])

    def taken_count(self, _: Meta, parts: list[Any]) -> Expression:
        return tree.Taken(count=tree.Events(**parts[0]))

    def taken(self, _: Meta, parts: list[Any]) -> Expression:
        word, path, selected, *often = parts
        name = " ".join(word.lower().split())
        amounts = tree.Amounts(property=path, **selected)
        said: dict[str, Any] = {_NAMES.get(name, name): amounts}
        return tree.Taken(**said, **({"times": often[0]} if often else {}))

    def taken_order(self, meta: Meta, parts: list[Any]) -> Expression:
        word, clauses = parts
        form: Any = tree.SHORT_FORMS["_".join(word.lower().split())]
        rule = form(tree.Clauses(**clauses), ">=", 0).expand()
        for _, node in tree.walk(rule):
            if id(node) not in self.places:
                self._at(meta, node)
        name, events = tree.measure(rule)
        said: dict[str, Any] = {name: events}
        return tree.Taken(**said)

    def points(self, meta: Meta, parts: list[Any]) -> Rule:
        programme, (op, value) = parts
        if isinstance(value, tree.Metric):
            raise ValueError("Points are compared with a number")
        return self._at(meta, tree.Points(programme, op, value))

    def balance(self, _: Meta, parts: list[tree.Programme]) -> Expression:
        return tree.Balance(parts[0])

    def programme(self, _: Meta, parts: list[Any]) -> tree.Programme:
        earning = tuple(one for one in parts[1:] if isinstance(one, tree.Earning))
        burning = next((one for one in parts if isinstance(one, tree.Amounts)), None)
        expiry = next((one for one in parts[1:] if isinstance(one, Expiry)), None)
        return tree.Programme(earning, burning, None if expiry is None else expiry.after)

    def earning_per(self, _: Meta, parts: list[Any]) -> tree.Earning:
        number, path, selected = parts
        return tree.Earning(Decimal(number), sum=tree.Amounts(property=path, **selected))

    def earning_for(self, _: Meta, parts: list[Any]) -> tree.Earning:
        number, selected = parts
        return tree.Earning(Decimal(number), count=tree.Events(**selected))

    def burning(self, _: Meta, parts: list[Any]) -> tree.Amounts:
        path, selected = parts
        return tree.Amounts(property=path, **selected)

    def expiry(self, _: Meta, parts: list[str]) -> Expiry:
        return Expiry(parts[0])

    def often(self, _: Meta, parts: list[Token]) -> int:
        return values.whole(Decimal(parts[0]))
