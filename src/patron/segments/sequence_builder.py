"""The part of the builder that is about sequences, carts, and the short forms for orders."""

# ruff: noqa: D102 - each method bears the name of the alternative in the grammar that it builds

from __future__ import annotations

from typing import Any, NamedTuple

from lark import Token
from lark.tree import Meta
from lark.visitors import v_args

from patron.segments import durations, tree
from patron.segments.phrases import Placing
from patron.segments.tree import Rule


class _Gap(NamedTuple):
    within: str


class _Without(NamedTuple):
    events: tuple[tree.Occurrence, ...]


@v_args(meta=True)
class SequenceBuilder(Placing):
    """Builds sequences, carts, and what the short forms for orders stand for."""

    # ── sequences ──

    def sequence(self, meta: Meta, parts: list[Any]) -> Rule:
        *steps, scope = parts
        return self._at(meta, tree.Sequence(tuple(steps), **scope))

    def step(self, _: Meta, parts: list[Any]) -> tree.Step:
        event, *clauses = parts
        without = clauses.pop().events if _ends_without(clauses) else ()
        return tree.Step(event, without=without, **_step_clauses(clauses))

    def absent_step(self, _: Meta, parts: list[Any]) -> tree.Step:
        event, *clauses = parts
        return tree.Step(event, absent=True, **_step_clauses(clauses))

    def gap(self, _: Meta, parts: list[Token]) -> _Gap:
        return _Gap(_span(*parts))

    def without(self, _: Meta, parts: list[tree.Occurrence]) -> _Without:
        return _Without(tuple(parts))

    def occurrence(self, _: Meta, parts: list[Any]) -> tree.Occurrence:
        event, *where = parts
        return tree.Occurrence(event, where[0].value if where else None)

    # ── carts ──

    def abandoned(self, meta: Meta, parts: list[Any]) -> Rule:
        _, amount, unit, *stage, scope = parts
        found = stage[0] if stage else None
        return self._at(meta, tree.Abandoned("cart", _span(amount, unit), found, **scope))

    def cart_left(self, meta: Meta, parts: list[Any]) -> Rule:
        _, *stage, amount, unit, scope = parts
        stage_name = str(stage[0]) if stage else tree.ANY_STAGE
        return self._expanded(meta, tree.CartLeft(stage_name, _span(amount, unit), **scope))

    def stage(self, _: Meta, parts: list[str]) -> str:
        return parts[0]

    # ── short forms ──

    def order_form(self, meta: Meta, parts: list[Any]) -> Rule:
        word, clauses, (op, value) = parts
        form: Any = tree.SHORT_FORMS["_".join(word.lower().split())]
        return self._expanded(meta, form(tree.Clauses(**clauses), op, value))

    def bought(self, meta: Meta, parts: list[Any]) -> Rule:
        _, line, clauses = parts
        return self._expanded(meta, tree.Bought(bought=line, **clauses))

    def last_order_before(self, meta: Meta, parts: list[Any]) -> Rule:
        return self._last_order(meta, "before", parts)

    def last_order_within(self, meta: Meta, parts: list[Any]) -> Rule:
        return self._last_order(meta, "within", parts)

    def _last_order(self, meta: Meta, how: Any, parts: list[Any]) -> Rule:  # noqa: ANN401
        _, amount, unit, clauses = parts
        return self._expanded(meta, tree.LastOrder(_span(amount, unit), how, **clauses))

    def _expanded(self, meta: Meta, form: tree.ShortForm) -> Rule:
        """What a short form stands for; conditions that were written keep their own place."""
        rule = form.expand()
        written = {id(node) for field in _rules_of(form) for _, node in tree.walk(field)}
        for _, node in tree.walk(rule):
            if id(node) not in written:
                self._at(meta, node)
        return rule


def _rules_of(form: Any) -> list[Rule]:  # noqa: ANN401 - any of the short forms
    fields = [getattr(form, name) for name in form.__struct_fields__]
    fields += [field.where for field in fields if isinstance(field, tree.Clauses)]
    return [field for field in fields if isinstance(field, Rule)]


def _ends_without(clauses: list[Any]) -> bool:
    return bool(clauses) and isinstance(clauses[-1], _Without)


def _step_clauses(clauses: list[Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for clause in clauses:
        name, value = ("within", clause.within) if isinstance(clause, _Gap) else clause
        if name in fields:
            raise ValueError(f"The same step says {name} twice")
        fields[name] = value
    return fields


def _span(amount: Token, unit: Token) -> str:
    return durations.span(f"{amount}{unit}")
